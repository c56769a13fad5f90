"""Enumerations whose members carry the Chinese word that screens show."""

from enum import StrEnum
from typing import Self


class LabelledEnum(StrEnum):
    """A closed set of codes: `Member = "code", "中文"`; `.label` is the Chinese word."""

    label: str

    def __new__(cls, value: str, label: str = "") -> Self:
        """Make a member from its stored code and its label."""
        member = str.__new__(cls, value)
        member._value_ = value
        member.label = label
        return member

    @classmethod
    def choices(cls) -> dict[str, str]:
        """Return labels by code, in order, as form fields and filters take them."""
        return {member.value: member.label for member in cls}
