"""The calendar behind a deadline: its sums add up, and each late day stands in its cell."""

from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from tracker.rectification.rules.court import Move, Spell, spells
from tracker.rectification.rules.deadline import Deadline, DueMove
from tracker.rectification.rules.deadline_calendar import (
    MONTHS_SHOWN,
    Mark,
    Stretch,
    Told,
    count_words,
    counts,
    marks,
    month,
    window,
)
from tracker.rectification.rules.words import Court, DueChangeKind, TaskState
from tracker.workdays.rules import DayKind, WorkCalendar

S = TaskState
T = date(2026, 11, 16)
ONE = timedelta(days=1)
DAYS = st.dates(date(2026, 1, 1), date(2027, 12, 31))
PLAIN = WorkCalendar({date(2026, 11, 14): DayKind.WORKDAY}, {2026})


def ledger(due: date, until: date = T, *, moves: tuple[DueMove, ...] = ()) -> Deadline:
    return Deadline(as_of=until, state=S.IN_PROGRESS, original_due=due, due_on=due, moves=moves)


@given(DAYS, DAYS, st.lists(st.tuples(DAYS, DAYS), max_size=5), st.sets(DAYS, max_size=30), DAYS)
def test_working_days_and_days_off_sum_to_the_calendar_days_and_nothing_is_subtracted(
    due: date, until: date, raw: list[tuple[date, date]], off: set[date], review: date
) -> None:
    pauses: list[Stretch] = [(min(pair), max(pair)) for pair in raw]
    work_calendar = WorkCalendar(dict.fromkeys(off, DayKind.DAY_OFF), {2026})
    stretches = spells(
        [Move(date(2026, 1, 1), S.IN_PROGRESS), Move(review, S.OFFICE_REVIEW)], (), as_of=until
    )
    for count in counts(ledger(due, until), stretches, pauses, work_calendar):
        assert count.days == count.workdays + count.days_off == (until - due).days
        span = [due + number * ONE for number in range(1, count.days + 1)]
        assert count.workdays == sum(map(work_calendar.is_workday, span))
        assert count.paused == sum(any(a <= day <= b for a, b in pauses) for day in span)
        assert count.with_office == sum(review < day for day in span)
        assert count.is_estimated is any(map(work_calendar.is_estimated, span))


@given(DAYS, DAYS)
def test_the_late_days_of_all_months_are_the_days_late(due: date, until: date) -> None:
    told = Told(ledger=ledger(due, until), work_calendar=PLAIN)
    firsts = {day.replace(day=1) for day in (due + n * ONE for n in range(800))}
    shown = [
        day.late
        for first in sorted(firsts)
        for week in month(first, told).weeks
        for day in week
        if day and day.late
    ]
    assert shown == list(range(1, max((until - due).days, 0) + 1))


@given(DAYS, DAYS, st.none() | st.dates())
def test_a_page_shows_half_a_year_at_most_and_leads_to_the_rest(
    due: date, until: date, wanted: date | None
) -> None:
    told = Told(ledger=ledger(due, until), work_calendar=PLAIN)
    page = window(told, wanted)
    seen = set(page.months)
    assert 1 <= len(page.months) <= MONTHS_SHOWN
    while page.earlier:
        page = window(told, page.earlier)
        seen |= set(page.months)
    page = window(told, wanted)
    while page.later:
        page = window(told, page.later)
        seen |= set(page.months)
    assert {due.replace(day=1), until.replace(day=1)} <= seen


def test_every_month_is_whole_and_begins_on_monday() -> None:
    found = month(date(2026, 11, 1), Told(ledger=ledger(date(2026, 11, 9)), work_calendar=PLAIN))
    cells = [day for week in found.weeks for day in week]
    assert [day.on.day for day in cells if day] == list(range(1, 31))
    assert all(len(week) == 7 for week in found.weeks)
    assert all(day.on.weekday() == place % 7 for place, day in enumerate(cells) if day)


def test_a_cell_tells_days_off_moved_days_pauses_courts_and_what_happened() -> None:
    moves = (
        DueMove(date(2026, 11, 3), DueChangeKind.EXTENSION, date(2026, 11, 5), date(2026, 11, 9)),
    )
    told = Told(
        ledger=ledger(date(2026, 11, 9), moves=moves),
        spells=(Spell(S.UNIT_CHECK, Court.HEAD, date(2026, 11, 9), date(2026, 11, 11)),),
        pauses=((date(2026, 11, 12), date(2026, 11, 13)),),
        reminded=(date(2026, 11, 10), date(2026, 11, 10)),
        asked=(date(2026, 11, 2),),
        work_calendar=PLAIN,
    )
    days = {day.on.day: day for week in month(date(2026, 11, 1), told).weeks for day in week if day}
    assert [number for number, day in days.items() if not day.is_workday] == [1, 7, 8, 15, 21, 22, 28, 29]  # fmt: skip
    assert [number for number, day in days.items() if day.is_moved] == [14]
    assert [number for number, day in days.items() if day.is_paused] == [12, 13]
    assert [number for number, day in days.items() if day.court == "负责人"] == [10, 11]
    assert [number for number, day in days.items() if day.is_today] == [16]
    assert {number: day.marks for number, day in days.items() if day.marks} == {
        2: ((Mark.ASKED, 1),),
        3: ((Mark.EXTENDED, 1),),
        5: ((Mark.DUE, 1),),
        9: ((Mark.DUE, 1),),
        10: ((Mark.REMINDED, 2),),
    }


def test_an_extended_task_marks_its_original_date_apart() -> None:
    found = Deadline(
        as_of=T, state=S.IN_PROGRESS, original_due=date(2026, 11, 2), due_on=date(2026, 11, 9)
    )
    assert marks(Told(ledger=found)) == {
        date(2026, 11, 2): ((Mark.ORIGINAL, 1),),
        date(2026, 11, 9): ((Mark.DUE, 1),),
    }
    late, by_original = counts(found, (), (), PLAIN)
    assert count_words(late, is_done=False) == (
        "逾期 7 天 = 日历天 7 天（2026-11-10 至 2026-11-16）；其中工作日 6 天、休息日 1 天"
    )
    assert count_words(by_original, is_done=False).startswith(
        "按原定时限 2026-11-02 计：逾期 14 天"
    )


def test_the_calendar_survives_the_ends_of_time() -> None:
    for day in (date.min, date.max):
        told = Told(ledger=ledger(day), work_calendar=PLAIN)
        for wanted in (None, date.min, date.max):
            page = window(told, wanted)
            assert all(month(first, told).weeks for first in page.months)
