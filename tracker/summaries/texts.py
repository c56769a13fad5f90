"""The words that ship, one file per purpose in templates/messages/summaries."""

from functools import cache
from pathlib import Path

from tracker.summaries.rules import Purpose

FOLDER = Path(__file__).parents[2] / "templates" / "messages" / "summaries"


@cache
def shipped(purpose: Purpose) -> str:
    """Return the template an office starts with."""
    return (FOLDER / f"{purpose.value}.txt").read_text(encoding="utf-8").strip()
