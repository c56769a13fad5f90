"""What a weekly report is: its days, and how a task stood on a day. Pure."""

from bisect import bisect_right
from calendar import SUNDAY
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Protocol

from tracker.kernel.labels import LabelledEnum
from tracker.rectification.rules.court import court_of, is_with_unit
from tracker.rectification.rules.words import (
    OPEN_STATES,
    UNCOUNTED_STATES,
    Court,
    DocumentEventKind,
    DueChangeKind,
    TaskState,
)
from tracker.statistics.rules import AGEING_LIMITS, Ageing

WEEK = timedelta(days=7)
FORTNIGHT = timedelta(days=14)
LONG_OVERDUE_DAYS = 30
UNDER_WAY = OPEN_STATES - {TaskState.DRAFT}
# 长期整改 follows its review dates, not a due date.
CAN_BE_OVERDUE = frozenset(
    state for state in UNDER_WAY - {TaskState.LONG_TERM} if is_with_unit(state)
)
UNSEEN = UNCOUNTED_STATES | {TaskState.DRAFT}


class ReportKind(LabelledEnum):
    """What kind of report a run made."""

    WEEKLY = "weekly", "整改工作周报"


class ReportState(LabelledEnum):
    """Internal until the lead issues it."""

    INTERNAL = "internal", "内部稿"
    ISSUED = "issued", "已签发"


class Calendar(Protocol):
    """What the rules ask of the calendar of working days."""

    def next_workday(self, day: date) -> date:
        """Return the first working day on or after the day."""
        ...


def issuing_day(day: date, calendar: Calendar) -> date | None:
    """Return the Monday of the day's week, or the next working day of that week.

    None when nobody works that week: the next week's edition then covers it.
    """
    monday = day - timedelta(days=day.weekday())
    found = calendar.next_workday(monday)
    return found if found - monday < WEEK else None


def sunday_before(day: date) -> date:
    """Return the last Sunday before a day; a Sunday's own is a week earlier."""
    return day - timedelta(days=(day.weekday() - SUNDAY) % 7 or 7)


def edition_due(now_day: date, calendar: Calendar) -> tuple[date, date] | None:
    """Return (issuing day, as-of day T) of this week's edition once its day has come, else None."""
    issue_on = issuing_day(now_day, calendar)
    if issue_on is None or now_day < issue_on:
        return None
    return issue_on, sunday_before(issue_on)


def next_edition(made: Iterable[int]) -> int:
    """Return the number of the next edition of a region and round: 1, 2, 3…"""
    return max(made, default=0) + 1


@dataclass(frozen=True)
class Move:
    """One step of a task's history."""

    occurred_on: date
    state: TaskState


@dataclass(frozen=True)
class DueMove:
    """One change of a due date."""

    occurred_on: date
    kind: DueChangeKind
    old: date | None
    new: date | None


def state_on(moves: Sequence[Move], day: date) -> TaskState | None:
    """Return the state at the end of a day; None before the task existed.

    `moves` stand in the order of (day, entry).
    """
    place = bisect_right(moves, day, key=lambda move: move.occurred_on)
    return moves[place - 1].state if place else None


def due_on(changes: Sequence[DueMove], current: date | None, day: date) -> date | None:
    """Return the due date as it stood at the end of a day.

    The last change by the day; else what the first later change replaced; else today's.
    """
    place = bisect_right(changes, day, key=lambda change: change.occurred_on)
    if place:
        return changes[place - 1].new
    return changes[0].old if changes else current


def original_on(changes: Sequence[DueMove], current: date | None, day: date) -> date | None:
    """Return the original due date as far as it was fixed at the end of a day."""
    fixed = [change for change in changes if change.kind is DueChangeKind.FIXED]
    return due_on(fixed, current, day)


def days_late(state: TaskState | None, due: date | None, day: date) -> int:
    """Return calendar days past the due date of a task with its unit; 0 when it is not overdue."""
    if state not in CAN_BE_OVERDUE or due is None:
        return 0
    return max((day - due).days, 0)


def is_due_within(state: TaskState | None, due: date | None, day: date, *, span: timedelta) -> bool:
    """Return whether a task with its unit falls due from the day on within the span."""
    return state in CAN_BE_OVERDUE and due is not None and day <= due <= day + span


def court_on(
    state: TaskState, plan_events: Sequence[tuple[date, DocumentEventKind]], day: date
) -> Court:
    """Return whose turn it was at the end of a day; `plan_events` in order of entry."""
    known = [kind for on, kind in plan_events if on <= day]
    return court_of(state, known[-1] if known else None)


def ageing_of(days: int) -> Ageing:
    """Return the band of a number of days overdue, 1 or more."""
    return next((band for band, limit in AGEING_LIMITS if days <= limit), Ageing.LONGER)


@dataclass(frozen=True)
class Balance:
    """A stock from one Sunday to the next: last + new - gone = now."""

    last: int
    new: int
    gone: int

    @property
    def now(self) -> int:
        """Return the stock at the end."""
        return self.last + self.new - self.gone

    @property
    def change(self) -> int:
        """Return by how much it grew (negative: shrank)."""
        return self.new - self.gone

    @classmethod
    def between(cls, before: Iterable[int], after: Iterable[int]) -> "Balance":
        """Compare two sets of ids."""
        then, now = set(before), set(after)
        return cls(len(then), len(now - then), len(then - now))
