"""The base of all forms: Chinese messages, no time limit on the token."""

import re
from collections.abc import Callable
from typing import Any, ClassVar, TypeVar

from flask_wtf import FlaskForm
from wtforms import Field
from wtforms.validators import DataRequired, InputRequired, Length

from tracker.kernel.errors import DomainError, NotVisibleError, StaleVersionError
from tracker.web.database import db

Value = TypeVar("Value")


class ChineseForm(FlaskForm):
    """A form whose built-in messages are Chinese. `is_stale`: somebody else saved meanwhile."""

    is_stale = False

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
        form.is_stale = isinstance(error, StaleVersionError)
        return False
    return True


def status_of(form: FlaskForm) -> int:
    """Return the status of a page with a form: 422 when it was refused, 409 when it was stale."""
    if getattr(form, "is_stale", False):
        return 409
    return 422 if form.errors or form.form_errors else 200


def given(value: Value | None) -> Value:
    """Return what a compulsory field holds; its validator has asked for it already."""
    if value is None:
        raise DomainError("表单不完整，请刷新后重新填写。")
    return value


def seen(form: FlaskForm) -> int:
    """Return the row version a form was filled in from; 0, which no row has, when it is missing."""
    value = str(form["version"].data or "")
    return int(value) if re.fullmatch(r"[0-9]{1,9}", value) else 0
