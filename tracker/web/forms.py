"""The base of all forms: Chinese messages, no time limit on the token."""

from typing import Any, ClassVar

from flask_wtf import FlaskForm
from wtforms import Field
from wtforms.validators import DataRequired, InputRequired, Length


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
