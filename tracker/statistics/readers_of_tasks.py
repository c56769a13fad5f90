"""Overdue tasks against the Sunday before and how long the oldest is; units by what is closed."""

from collections import Counter
from dataclasses import dataclass

from sqlalchemy.orm import Session

from tracker.statistics.bands import WeekPart, band_of
from tracker.statistics.queries.query import FigureQuery
from tracker.statistics.readers import Counted, Known, Selection, sums_of
from tracker.statistics.rules import Part, Reading, Side


@dataclass(frozen=True, kw_only=True)
class WeekOnWeek(Counted):
    """A stock on the day over what it was on the Sunday before: last + new - cleared = now.

    The denominator's rows fall into `cleared` and those that are kept.
    """

    denominator: Selection
    new: Selection
    cleared: Selection

    def read(self, session: Session, query: FigureQuery, known: Known | None = None, /) -> Reading:
        """Return the stock now over then, and how the one became the other."""
        known = {} if known is None else known
        now = sum(sums_of(session, query, self.numerator, known).values())
        then = sums_of(session, query, self.denominator, known)
        last, cleared = sum(then.values()), then.get(WeekPart.CLEARED.value, 0)
        found = {
            WeekPart.LAST: last,
            WeekPart.NEW: now - (last - cleared),
            WeekPart.CLEARED: cleared,
            WeekPart.NOW: now,
        }
        parts = tuple(
            Part(key=part.value, label=part.label, numerator=found[part]) for part in WeekPart
        )
        return Reading(numerator=now, denominator=last, parts=parts)

    def behind(self, side: Side, part: str | None) -> tuple[Selection, str | None] | None:
        """Return the rows of a part; each part has rows of its own."""
        if part is None:
            return super().behind(side, None)
        rows = {
            WeekPart.LAST.value: self.denominator,
            WeekPart.NEW.value: self.new,
            WeekPart.CLEARED.value: self.cleared,
            WeekPart.NOW.value: self.numerator,
        }
        return (rows[part], None) if part in rows else None


@dataclass(frozen=True, kw_only=True)
class LongestOverdue(Counted):
    """Calendar days that the oldest due date lies back; 0 when nothing is overdue."""

    by_due: Selection

    def read(self, session: Session, query: FigureQuery, known: Known | None = None, /) -> Reading:
        """Return the days."""
        found = sums_of(session, query, self.by_due, {} if known is None else known)
        return Reading(numerator=max(((query.as_of - due).days for due in found), default=0))


@dataclass(frozen=True, kw_only=True)
class Banded(Counted):
    """Units by the share of their tasks that is closed, from sums by unit already read."""

    closed: Selection
    issued: Selection

    def read(self, session: Session, query: FigureQuery, known: Known | None = None, /) -> Reading:
        """Return how many units fall into each band."""
        known = {} if known is None else known
        issued = sums_of(session, query, self.issued, known)
        closed = sums_of(session, query, self.closed, known)
        found = Counter(band_of(closed.get(unit, 0), every) for unit, every in issued.items())
        return Reading(numerator=found.total(), parts=self._parts(dict(found), None))
