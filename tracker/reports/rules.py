"""What a weekly report is: its days, and how a task stood on a day. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Protocol

from tracker.kernel.labels import LabelledEnum
from tracker.rectification.rules.court import CAN_BE_OVERDUE
from tracker.rectification.rules.words import OPEN_STATES, UNCOUNTED_STATES, TaskState
from tracker.statistics.bands import sunday_before as sunday_before
from tracker.statistics.rules import AGEING_LIMITS, Ageing

WEEK = timedelta(days=7)
FORTNIGHT = timedelta(days=14)
LONG_OVERDUE_DAYS = 30
UNDER_WAY = OPEN_STATES - {TaskState.DRAFT}
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


def edition_due(now_day: date, calendar: Calendar) -> tuple[date, date] | None:
    """Return (issuing day, as-of day T) of this week's edition once its day has come, else None."""
    issue_on = issuing_day(now_day, calendar)
    if issue_on is None or now_day < issue_on:
        return None
    return issue_on, sunday_before(issue_on)


def next_edition(made: Iterable[int]) -> int:
    """Return the number of the next edition of a region and round: 1, 2, 3…"""
    return max(made, default=0) + 1


def is_due_within(state: TaskState | None, due: date | None, day: date, *, span: timedelta) -> bool:
    """Return whether a task with its unit falls due from the day on within the span."""
    return state in CAN_BE_OVERDUE and due is not None and day <= due <= day + span


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
