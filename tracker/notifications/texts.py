"""The words people read in chat, rendered from templates/messages by a plain Jinja environment."""

from collections.abc import Sequence
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape

from tracker.notifications.digest import neutral

FOLDER = Path(__file__).parents[2] / "templates" / "messages"


@cache
def _lines() -> Any:
    environment = Environment(
        loader=FileSystemLoader(FOLDER),
        undefined=StrictUndefined,
        autoescape=select_autoescape(),  # none for plain text
    )
    return environment.get_template("digest/lines.txt").module


class DigestTexts:
    """The texts of a digest."""

    def head(self, *, number: str, part_no: int, part_count: int, today: date) -> str:
        """Return the first line, with the visible number and the mark of a part."""
        return str(_lines().head(number, part_no, part_count, today))

    def heading(self, *, heading: str, count: int, is_continued: bool) -> str:
        """Return the line above a group of entries."""
        return str(_lines().heading(heading, count, is_continued))

    def summary(self, *, counts: Sequence[tuple[str, int]], rest: int) -> str:
        """Return the counts that a shared group reads; `rest` is under no heading of its own."""
        return str(_lines().summary(counts, rest))

    def more(self, *, count: int) -> str:
        """Return the line that counts the entries left unsaid."""
        return str(_lines().more(count))

    def link(self, *, url: str) -> str:
        """Return the line with the link."""
        return str(_lines().link(url))


def trial_text(*, name: str, number: str) -> str:
    """Return the clearly marked message of the test button."""
    return str(_lines().trial(neutral(name), number))


def trial_letter(name: str, number: str) -> str:
    """Return the clearly marked message of the test button of a way to persons."""
    return str(_lines().trial_letter(neutral(name), number))
