"""Working days after the State Council's yearly notice (调休 included), and deadline arithmetic."""

import calendar
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import accumulate

from tracker.kernel.labels import LabelledEnum

ONE_DAY = timedelta(days=1)
# 《全国年节及纪念日放假办法》 art. 2: the days that fall on the same date every year (month, day).
FIXED_STATUTORY_DAYS = frozenset({(1, 1), (5, 1), (5, 2), (10, 1), (10, 2), (10, 3)})


class DayKind(LabelledEnum):
    """What a day named in the calendar is."""

    WORKDAY = "workday", "上班"
    DAY_OFF = "day_off", "放假"


class DaySource(LabelledEnum):
    """Where the calendar knows a day from."""

    NOTICE = "notice", "国务院通知"
    ESTIMATE = "estimate", "推算"
    MANUAL = "manual", "人工维护"


class WorkCalendar:
    """Answers questions about working days for any year; a year without a notice is 推算."""

    def __init__(
        self, special: Mapping[date, DayKind] | None = None, known_years: Collection[int] = ()
    ) -> None:
        """Take the days that differ from the plain week, and the years a notice covers."""
        self._special = dict(special or {})
        self._known_years = frozenset(known_years)
        self._counts: dict[int, list[int]] = {}

    @property
    def known_years(self) -> frozenset[int]:
        """Return the years a notice covers."""
        return self._known_years

    def is_workday(self, day: date) -> bool:
        """Return whether people work on the day."""
        kind = self._special.get(day)
        if kind is not None:
            return kind is DayKind.WORKDAY
        if day.weekday() >= calendar.SATURDAY:
            return False
        return not self.is_estimated(day) or (day.month, day.day) not in FIXED_STATUTORY_DAYS

    def is_estimated(self, day: date) -> bool:
        """Return whether the day's year has no notice yet, so that answers about it are 推算."""
        return day.year not in self._known_years

    def next_workday(self, day: date) -> date:
        """Return the first working day on or after the day."""
        while not self.is_workday(day) and day < date.max:
            day += ONE_DAY
        return day

    def previous_workday(self, day: date) -> date:
        """Return the last working day on or before the day."""
        while not self.is_workday(day) and day > date.min:
            day -= ONE_DAY
        return day

    def add_workdays(self, day: date, n: int) -> date:
        """Return the n-th working day after the day (before it, if n < 0); 0 gives the day itself.

        The day itself never counts, whether people work on it or not. Stops at the ends of time.
        """
        for _ in range(abs(n)):
            if n > 0:
                day = self.next_workday(min(day, date.max - ONE_DAY) + ONE_DAY)
            else:
                day = self.previous_workday(max(day, date.min + ONE_DAY) - ONE_DAY)
        return day

    def workdays_between(self, a: date, b: date) -> int:
        """Return how many working days lie after a, up to and including b; negative if b < a."""
        if b < a:
            return -self.workdays_between(b, a)
        whole_years = sum(self._count_of(year)[-1] for year in range(a.year, b.year))
        return whole_years + self._count_to(b) - self._count_to(a)

    def _count_to(self, day: date) -> int:
        """Count the working days of the day's year up to and including the day."""
        return self._count_of(day.year)[(day - date(day.year, 1, 1)).days]

    def _count_of(self, year: int) -> list[int]:
        """Return a running count of working days, one entry per day of the year."""
        if year not in self._counts:
            first = date(year, 1, 1)
            length = 366 if calendar.isleap(year) else 365
            days = (first + timedelta(days=i) for i in range(length))
            self._counts[year] = list(accumulate(map(self.is_workday, days)))
        return self._counts[year]


NOTICE_MONTH = 11
"""The State Council publishes next year's arrangement in October or November."""


def year_without_notice(calendar: WorkCalendar, *, today: date) -> int | None:
    """Return the year whose notice is missed: this one, or from 1 November on the next."""
    if calendar.is_estimated(today):
        return today.year
    following = today.year + 1
    if today.month < NOTICE_MONTH or following > date.max.year:
        return None
    return following if calendar.is_estimated(date(following, 1, 1)) else None


@dataclass(frozen=True, kw_only=True)
class DateMove:
    """One stored date that another calendar computes otherwise: whose it is, from, to."""

    region_id: int
    object_type: str
    object_id: int
    name: str
    before: date
    after: date


def add_months_clamped(day: date, n: int) -> date:
    """Return the same day n calendar months on (back, if n < 0), at most the month's last day.

    31 August + 6 months is 28 or 29 February. Raises ValueError outside the years 1–9999.
    """
    year, month = divmod(day.year * 12 + day.month - 1 + n, 12)
    if not date.min.year <= year <= date.max.year:
        raise ValueError(f"no calendar for the year {year}")
    last = calendar.monthrange(year, month + 1)[1]
    return date(year, month + 1, min(day.day, last))


def due_after_months(
    start: date, months: int, *, work_calendar: WorkCalendar, move_to_workday: bool
) -> date:
    """Return the last day of a period of calendar months; the start day itself does not count.

    A last day on a day off moves to the next working day only where the profile says so.
    """
    due = add_months_clamped(start, months)
    return work_calendar.next_workday(due) if move_to_workday else due
