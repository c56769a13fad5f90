"""What a pass asks for, and what it gets: objects that a rule may speak about."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from typing import Any

from tracker.reminders.rules import Anchor

KINDS = TASK, DOCUMENT, MILESTONE, LETTER, SUBMISSION, EXTENSION = (
    "task",
    "unit_document",
    "milestone",
    "letter",
    "county_submission",
    "extension",
)


@dataclass(frozen=True, kw_only=True)
class Candidate:
    """One object that a rule may speak about; `name` is what people call it, never its text.

    It is a unit's to act, or where there is none the office's of `place`.
    """

    object_type: str
    object_id: int
    reopen_count: int
    region_id: int
    unit_id: int | None
    name: str
    place: str = ""
    anchor: Anchor
    round_id: int | None = None


@dataclass(frozen=True)
class Wanted:
    """Which objects to look at: of which kinds and regions, or given ones; due up to a day, None =
    as far ahead as the rules look."""

    until: date | None
    region_ids: Collection[int] | None = None
    object_ids: Collection[int] | None = None
    kinds: Collection[str] = KINDS

    def is_of(self, region_id: int) -> bool:
        """Return whether a region is one of those asked for."""
        return self.region_ids is None or region_id in self.region_ids

    def of(self, object_id: Any, region_id: Any) -> list[Any]:
        """Return the conditions on a query of one kind."""
        conditions = []
        if self.region_ids is not None:
            conditions.append(region_id.in_(self.region_ids))
        if self.object_ids is not None:
            conditions.append(object_id.in_(self.object_ids))
        return conditions
