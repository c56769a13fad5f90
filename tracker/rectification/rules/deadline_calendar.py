"""“为什么逾期 7 天？”: the days of a deadline month by month, and the sum spelled out."""

import calendar
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

from tracker.kernel.labels import LabelledEnum
from tracker.rectification.rules.court import Spell
from tracker.rectification.rules.deadline import Deadline
from tracker.rectification.rules.words import Court, DueChangeKind, TaskState
from tracker.workdays.rules import WorkCalendar

ONE_DAY = timedelta(days=1)
MONTHS_SHOWN = 6
MONTHS_AHEAD = 2
Stretch = tuple[date, date]
"""First and last day, both included."""


class Mark(LabelledEnum):
    """What happened on a day; the word stands in the day's cell."""

    ORIGINAL = "original", "原定"
    DUE = "due", "时限"
    ASKED = "asked", "申请"
    EXTENDED = "extended", "延期"
    CORRECTED = "corrected", "更正"
    REOPENED = "reopened", "重启"
    RESUMED = "resumed", "恢复"
    REMINDED = "reminded", "提醒"
    DONE = "done", "完成"
    CLOSED = "closed", "销号"


MARK_OF_CHANGE = {
    DueChangeKind.EXTENSION: Mark.EXTENDED,
    DueChangeKind.CORRECTION: Mark.CORRECTED,
    DueChangeKind.REOPEN: Mark.REOPENED,
    DueChangeKind.RESUME: Mark.RESUMED,
}
SHORT_COURTS = {Court.LIAISON: "联络员", Court.HEAD: "负责人", Court.OFFICE: "巡察办"}


@dataclass(frozen=True, kw_only=True)
class Count:
    """One span past a due date. Days off and pauses are parts of it, never subtracted."""

    due: date
    until: date
    is_original: bool
    """Whether it is counted from the original date although another is in force."""
    workdays: int
    days_off: int
    is_estimated: bool
    """Whether a working day or day off in it is 推算."""
    with_office: int
    paused: int

    @property
    def days(self) -> int:
        """Return the calendar days: what lateness is."""
        return (self.until - self.due).days

    @property
    def first(self) -> date:
        """Return the first day that counts: day 0, the due date, does not."""
        return self.due + ONE_DAY


def counts(
    ledger: Deadline,
    stretches: Iterable[Spell],
    pauses: Sequence[Stretch],
    work_calendar: WorkCalendar,
) -> tuple[Count, ...]:
    """Return the arithmetic of every span past a due date; empty when nothing is late."""
    every = tuple(stretches)
    return tuple(
        Count(
            due=due,
            until=until,
            is_original=due != ledger.due_on,
            workdays=(working := work_calendar.workdays_between(due, until)),
            days_off=(until - due).days - working,
            is_estimated=_is_estimated(due, until, work_calendar),
            with_office=sum(
                each.days_within(due, until) for each in every if each.court is Court.OFFICE
            ),
            paused=_covered(pauses, due, until),
        )
        for due, until in ledger.spans
    )


def _is_estimated(due: date, until: date, work_calendar: WorkCalendar) -> bool:
    first = due + ONE_DAY
    newyears = (date(year, 1, 1) for year in range(first.year + 1, until.year + 1))
    return any(work_calendar.is_estimated(day) for day in (first, *newyears))


def _covered(stretches: Iterable[Stretch], after: date, until: date) -> int:
    """Return how many days after one day, up to and including another, lie in a stretch."""
    total, reached = 0, after
    for first, last in sorted(stretches):
        begin = max(first - ONE_DAY, reached) if first > date.min else reached
        end = min(last, until)
        if end > begin:
            total += (end - begin).days
            reached = end
    return total


@dataclass(frozen=True, kw_only=True)
class Day:
    """One day of a month; `late` is how many days overdue it was, 0 for none."""

    on: date
    is_workday: bool
    is_moved: bool
    """Whether the calendar differs from the plain week: a weekend worked, a weekday off."""
    is_today: bool
    late: int
    court: str
    is_paused: bool
    marks: tuple[tuple[Mark, int], ...] = ()
    """What happened, and how many times."""


@dataclass(frozen=True)
class Month:
    """A month as rows of seven from Monday; None beside the month's own days."""

    first: date
    weeks: tuple[tuple[Day | None, ...], ...]
    is_estimated: bool
    """Whether its working days are 推算: its year has no State Council notice yet."""


@dataclass(frozen=True, kw_only=True)
class Told:
    """What the calendar is drawn from. `spells` and `pauses` are those the reader may see."""

    ledger: Deadline
    spells: tuple[Spell, ...] = ()
    pauses: tuple[Stretch, ...] = ()
    reminded: tuple[date, ...] = ()
    asked: tuple[date, ...] = ()
    """Days of applications for more time, refused ones too."""
    work_calendar: WorkCalendar = field(default_factory=WorkCalendar)


def marks(told: Told) -> dict[date, tuple[tuple[Mark, int], ...]]:
    """Return what happened on which day, in the order of `Mark`."""
    found: dict[date, dict[Mark, int]] = defaultdict(dict)
    for day, mark in _events(told):
        found[day][mark] = found[day].get(mark, 0) + 1
    order = list(Mark)
    return {
        day: tuple(sorted(of_day.items(), key=lambda pair: order.index(pair[0])))
        for day, of_day in found.items()
    }


def _events(told: Told) -> Iterator[tuple[date, Mark]]:
    ledger = told.ledger
    dates = (
        (ledger.original_due if ledger.original_due != ledger.due_on else None, Mark.ORIGINAL),
        (ledger.due_on, Mark.DUE),
        (ledger.done_on, Mark.DONE),
        (ledger.closed_on, Mark.CLOSED),
    )
    yield from ((day, mark) for day, mark in dates if day)
    for move in ledger.changes:
        yield move.occurred_on, MARK_OF_CHANGE[move.kind]
        former = move.old not in (None, ledger.original_due, ledger.due_on)
        if former and move.old:
            yield move.old, Mark.DUE
    yield from ((day, Mark.ASKED) for day in told.asked)
    yield from ((day, Mark.REMINDED) for day in told.reminded)


def month(first: date, told: Told) -> Month:
    """Return the month that begins on a day."""
    happened = marks(told)
    weeks = calendar.Calendar(calendar.MONDAY).monthdays2calendar(first.year, first.month)
    return Month(
        first,
        tuple(
            tuple(
                _day(first.replace(day=number), told, happened) if number else None
                for number, _weekday in week
            )
            for week in weeks
        ),
        told.work_calendar.is_estimated(first),
    )


def _day(on: date, told: Told, happened: Mapping[date, tuple[tuple[Mark, int], ...]]) -> Day:
    is_workday = told.work_calendar.is_workday(on)
    court = next((each.court for each in told.spells if each.start < on <= each.end), None)
    return Day(
        on=on,
        is_workday=is_workday,
        is_moved=is_workday is (on.weekday() >= calendar.SATURDAY),
        is_today=on == told.ledger.as_of,
        late=_late_on(on, told.ledger),
        court=SHORT_COURTS.get(court, "") if court else "",
        is_paused=any(begin <= on <= end for begin, end in told.pauses),
        marks=happened.get(on, ()),
    )


def _late_on(on: date, ledger: Deadline) -> int:
    """Return which day past the date in force it is; days past the original one are not marked."""
    due, until = ledger.due_on, ledger.counted_until
    if due is None or until is None or not due < on <= until:
        return 0
    return (on - due).days


@dataclass(frozen=True)
class Window:
    """The months on one page, oldest first, and the last month of the page before and after."""

    months: tuple[date, ...]
    earlier: date | None
    later: date | None


def window(told: Told, wanted: date | None = None) -> Window:
    """Return which months to show: the half year up to a month; by default to today's, or to the
    due date's where that is near. Nothing lies outside what the task's days span."""
    begin, end = _span(told)
    near = min(end, _shifted(_month(_last_day(told.ledger)), MONTHS_AHEAD))
    last = min(max(_month(wanted), begin), end) if wanted else max(near, begin)
    first = max(begin, _shifted(last, 1 - MONTHS_SHOWN))
    shown = [first]
    while shown[-1] < last:
        shown.append(_shifted(shown[-1], 1))
    return Window(
        tuple(shown),
        earlier=_shifted(first, -1) if first > begin else None,
        later=min(_shifted(last, MONTHS_SHOWN), end) if last < end else None,
    )


def _span(told: Told) -> tuple[date, date]:
    days = [*marks(told), _last_day(told.ledger), *(each.start for each in told.spells)]
    return _month(min(days)), _month(max(days))


def _last_day(ledger: Deadline) -> date:
    """Return the day the story has come to: T, or the closing."""
    if ledger.state is TaskState.CLOSED and ledger.closed_on:
        return ledger.closed_on
    return ledger.as_of


def _month(day: date) -> date:
    return day.replace(day=1)


def _shifted(first: date, months: int) -> date:
    """Return the first day of a month so many months on; stops at the ends of time."""
    year, place = divmod(first.year * 12 + first.month - 1 + months, 12)
    if year < date.min.year:
        return date.min
    return date(year, place + 1, 1) if year <= date.max.year else date.max.replace(day=1)


def count_words(count: Count, *, is_done: bool) -> str:
    """Return one span as a sum: what the calendar days are, and what they consist of."""
    name = "晚" if is_done else "逾期"
    against = f"按原定时限 {count.due.isoformat()} 计：" if count.is_original else ""
    guess = "（推算）" if count.is_estimated else ""
    pause = f"；其中暂停提醒 {count.paused} 天（不扣除）" if count.paused else ""
    return (
        f"{against}{name} {count.days} 天 = 日历天 {count.days} 天"
        f"（{count.first.isoformat()} 至 {count.until.isoformat()}）"
        f"；其中工作日 {count.workdays} 天、休息日 {count.days_off} 天{guess}{pause}"
    )
