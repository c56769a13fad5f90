"""The base of all forms: Chinese messages, no time limit on the token."""

from collections.abc import Callable
from typing import Any, ClassVar

from flask_wtf import FlaskForm
from wtforms import Field
from wtforms.validators import DataRequired, InputRequired, Length

from tracker.kernel.errors import DomainError, NotVisibleError
from tracker.web.database import db


class ChineseForm(FlaskForm):
    """A form whose built-in messages are Chinese."""

    class Meta(FlaskForm.Meta):
        """WTForms' own translations."""

        locales: ClassVar = ["zh"]


class ActionForm(ChineseForm):
    """A form that is only a button."""


def required(what: str) -> DataRequired:
    """Return a validator that says what to fill in."""
    return DataRequired(message=f"请填写{what}。")


def chosen(what: str) -> InputRequired:
    """Return a validator that says what to choose."""
    return InputRequired(message=f"请选择{what}。")


def at_most(characters: int) -> Length:
    """Return a validator for a text's length, in characters."""
    return Length(max=characters, message=f"最多 {characters} 个字，请精简。")


def stripped(value: Any) -> Any:
    """Trim a text; a filter for fields."""
    return value.strip() if isinstance(value, str) else value


def without_nul(_form: Any, field: Field) -> None:
    """Refuse NUL characters, which PostgreSQL cannot store."""
    if isinstance(field.data, str) and "\x00" in field.data:
        field.data = field.data.replace("\x00", "")


def accepted(form: FlaskForm, do: Callable[[], object]) -> bool:
    """Do what the form asks; a refusal is rolled back and shown on the form, nothing typed is lost."""
    try:
        do()
    except NotVisibleError:
        raise
    except DomainError as error:
        db().rollback()
        form.form_errors.append(str(error))
        return False
    return True


def status_of(form: FlaskForm) -> int:
    """Return the status of a page with a form: 422 when the form was refused."""
    return 422 if form.errors or form.form_errors else 200
