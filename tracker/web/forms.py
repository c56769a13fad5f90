"""The base of all forms: Chinese messages, no time limit on the token."""

import hashlib
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Any, ClassVar, TypeVar

from flask_wtf import FlaskForm
from wtforms import (
    Field,
    FileField,
    HiddenField,
    SelectFieldBase,
    SelectMultipleField,
    SubmitField,
)
from wtforms.validators import DataRequired, InputRequired, Length
from wtforms.widgets import CheckboxInput, ListWidget

from tracker.kernel.db import Versioned, check_version
from tracker.kernel.errors import DomainError, NotVisibleError, StaleVersionError
from tracker.web.database import db
from tracker.web.refusals import tell_step

Value = TypeVar("Value")


@dataclass(frozen=True)
class Difference:
    """One field of a stale form: what this person typed, and what somebody else saved meanwhile."""

    label: str
    mine: str
    stored: str


class ChineseForm(FlaskForm):
    """A form whose built-in messages are Chinese. `is_stale`: somebody else saved meanwhile."""

    is_stale = False
    stored_names: frozenset[str] = frozenset()

    class Meta(FlaskForm.Meta):
        """WTForms' own translations."""

        locales: ClassVar = ["zh"]

    def process(
        self, formdata: Any = None, obj: Any = None, data: Any = None, **kwargs: Any
    ) -> None:
        """Fill the fields, and remember which of them show a row that is stored."""
        super().process(formdata, obj, data, **kwargs)
        given_names = {*(data or {}), *kwargs}
        self.stored_names = frozenset(
            name for name in self._fields if name in given_names or hasattr(obj, name)
        )

    def compare_with(self, stored: Mapping[str, object]) -> None:
        """Name what is stored now of fields that are not filled in from it."""
        for name, value in stored.items():
            self[name].object_data = value
        self.stored_names |= stored.keys()

    def differences(self) -> list[Difference]:
        """Return what a stale form's page puts side by side."""
        return self.changes() if self.is_stale else []

    def changes(self) -> list[Difference]:
        """Return the fields that read otherwise than what is stored."""
        pairs = [
            Difference(
                field.label.text, _words(field, field.data), _words(field, field.object_data)
            )
            for name, field in self._fields.items()
            if name in self.stored_names
            and not isinstance(field, HiddenField | SubmitField | FileField)
        ]
        return [pair for pair in pairs if pair.mine != pair.stored]


class VersionedForm(ChineseForm):
    """A form that changes a row: it carries the version of the row it was filled in from."""

    version = HiddenField()


class ManyField(SelectMultipleField):
    """Several of a list, as checkboxes."""

    widget = ListWidget(prefix_label=False)
    option_widget = CheckboxInput()


class ActionForm(ChineseForm):
    """A form that is only a button."""


NOTHING = "（空）"


def _words(field: Field, value: object) -> str:
    """Return a field's value as a person reads it."""
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, list | tuple | set | frozenset):
        return "、".join(sorted(_words(field, each) for each in value)) or NOTHING
    if isinstance(field, SelectFieldBase):
        return _choice_words(field, value)
    return _plain_words(value) or NOTHING


def _choice_words(field: SelectFieldBase, value: object) -> str:
    code = _plain_words(value)
    labels = (option.label.text for option in field if str(option.data) == code)
    return str(next(labels, code or NOTHING))


def _plain_words(value: object) -> str:
    if isinstance(value, StrEnum):
        return str(value.value)
    if isinstance(value, Decimal):
        return f"{value.normalize():f}"
    if isinstance(value, date):
        return value.isoformat()
    return "" if value is None else str(value).replace("\r\n", "\n").strip()


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


def accepted(form: FlaskForm, do: Callable[[], object], *, at: Field | None = None) -> bool:
    """Do what the form asks; a refusal is rolled back, audited, and shown on the form or `at` one
    of its fields, nothing typed is lost."""
    try:
        do()
    except NotVisibleError:
        raise
    except DomainError as error:
        db().rollback()
        tell_step(error)
        if at is None:
            form.form_errors.append(str(error))
        else:
            at.errors = [*at.errors, str(error)]
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


def version_of(*shown: object) -> int:
    """Return a version of what has no row of its own, as a list kept whole: its number changes
    whenever its words do."""
    return int(hashlib.sha256(repr(shown).encode()).hexdigest()[:7], 16)


def check_shown(form: FlaskForm, version: int, what: str) -> None:
    """Refuse to save over what somebody else has kept since the form was shown."""
    if seen(form) != version:
        raise StaleVersionError(what)


def seen(form: FlaskForm) -> int:
    """Return the row version a form was filled in from; 0, which no row has, when it is missing."""
    value = str(form["version"].data or "")
    return int(value) if re.fullmatch(r"[0-9]{1,9}", value) else 0


def refusal_of_press(row: Versioned, what: str, do: Callable[[], object]) -> str | None:
    """Do what a button of a row's page says; return why not, or None when it is done.

    The button carries the row version its page showed: who pressed has read what is decided.
    """
    form = VersionedForm()

    def press() -> None:
        check_version(row, seen(form), what)
        do()

    if accepted(form, press):
        return None
    if form.is_stale:
        return f"{what}在您打开后有变化，没有办理。请核对最新内容后再办理。"
    return str(form.form_errors[0])
