"""A kept form's fields under the labels the person knows, taken from the form classes themselves."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from wtforms import (
    BooleanField,
    DateField,
    DecimalField,
    HiddenField,
    IntegerField,
    SelectField,
    SelectMultipleField,
    StringField,
    SubmitField,
    TextAreaField,
)
from wtforms.fields.core import UnboundField

from tracker.web.forms import ChineseForm

TYPED = (StringField, IntegerField, DecimalField)
REMARK = "remark-"
ROW = re.compile(r"^t[0-9]+-")  # one form in several rows of a page


@dataclass(frozen=True)
class KeptField:
    """One field as the page shows it. kind: long, short, date (to be edited), told (`words` only
    says what was chosen), hidden (travels along unseen)."""

    name: str
    value: str
    kind: str = "hidden"
    label: str = ""
    words: str = ""


def readable(fields: Sequence[tuple[str, str]]) -> list[KeptField]:
    """Return the fields in their order; what nobody typed or could read is hidden."""
    known = _fields_of(_best_form({ROW.sub("", name) for name, _ in fields}))
    return [_readable(name, value, known.get(ROW.sub("", name))) for name, value in fields]


def _best_form(names: set[str]) -> type[ChineseForm]:
    """Return the form that has the most of these names, the smallest of equals."""

    def fit(form: type[ChineseForm]) -> tuple[int, int]:
        own = _fields_of(form).keys()
        return len(names & own), -len(own)

    return max(_forms(ChineseForm), key=fit)


def _forms(base: type[ChineseForm]) -> Iterator[type[ChineseForm]]:
    yield base
    for form in base.__subclasses__():
        yield from _forms(form)


def _fields_of(form: type[ChineseForm]) -> dict[str, Any]:
    return {
        name: value for name in dir(form) if isinstance(value := getattr(form, name), UnboundField)
    }


def _readable(name: str, value: str, field: Any | None) -> KeptField:
    if not value.strip():
        return KeptField(name, value)
    if field is None:
        return _unknown(name, value)
    label = str(field.args[0]) if field.args else str(field.kwargs.get("label", ""))
    if words := _chosen_words(field, value):
        return KeptField(name, value, "told", label, words)
    return KeptField(name, value, _kind(field.field_class), label)


def _unknown(name: str, value: str) -> KeptField:
    """A remark on one item of a plan has the item's number in its name."""
    if name.startswith(REMARK):
        return KeptField(name, value, "long", "对这一项的意见")
    return KeptField(name, value, "hidden" if value.isascii() else "long", "填写的内容")


def _kind(field_class: type[Any]) -> str:
    if issubclass(field_class, HiddenField | SubmitField):
        return "hidden"
    if issubclass(field_class, TextAreaField):
        return "long"
    if issubclass(field_class, DateField):
        return "date"
    return "short" if issubclass(field_class, TYPED) else "hidden"


def _chosen_words(field: Any, value: str) -> str:
    """Return what a tick or a choice from a fixed list reads; nothing when only the page knew."""
    kind = field.field_class
    if issubclass(kind, BooleanField) and not issubclass(kind, SubmitField):
        return "是"
    if not issubclass(kind, SelectField) or issubclass(kind, SelectMultipleField):
        return ""
    choices = field.kwargs.get("choices")
    return str(choices.get(value, "")) if isinstance(choices, dict) else ""
