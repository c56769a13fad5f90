"""Remarks of the reader about a row: what was doubtful, assumed or left out. Nothing goes unsaid."""

from dataclasses import dataclass
from enum import StrEnum


class Weight(StrEnum):
    """How much a note weighs: `doubt` wants a person's eye, `info` only tells."""

    INFO = "info"
    DOUBT = "doubt"


@dataclass(frozen=True)
class Note:
    """`code` is stable; `detail` is a Chinese sentence; `column` is the file's own header, or ""."""

    code: str
    detail: str
    weight: Weight = Weight.DOUBT
    column: str = ""


def doubt(code: str, detail: str, column: str = "") -> Note:
    """Return a note that makes its row doubtful."""
    return Note(code, detail, Weight.DOUBT, column)


def info(code: str, detail: str, column: str = "") -> Note:
    """Return a note that only tells."""
    return Note(code, detail, Weight.INFO, column)
