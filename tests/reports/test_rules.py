"""Days of editions, and how a task stood on a day."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracker.rectification.rules.court import Move, court_on, state_on
from tracker.rectification.rules.deadline import DueMove, days_late, due_on, original_on
from tracker.rectification.rules.words import (
    Court,
    DocumentEventKind,
    DueChangeKind,
    TaskState,
)
from tracker.reports.rules import (
    Balance,
    ageing_of,
    edition_due,
    is_due_within,
    issuing_day,
    next_edition,
    sunday_before,
)
from tracker.statistics.rules import Ageing
from tracker.workdays.rules import DayKind, WorkCalendar

PLAIN = WorkCalendar()
DAYS = st.dates(date(2024, 1, 1), date(2030, 12, 31))
OFF = st.sets(DAYS, max_size=40)


def without(days: set[date]) -> WorkCalendar:
    return WorkCalendar(dict.fromkeys(days, DayKind.DAY_OFF))


def test_a_plain_week_issues_on_monday_about_the_sunday_before() -> None:
    assert edition_due(date(2026, 11, 16), PLAIN) == (date(2026, 11, 16), date(2026, 11, 15))


@pytest.mark.parametrize("later", range(7))
def test_every_later_day_of_the_week_catches_up_with_the_same_edition(later: int) -> None:
    day = date(2026, 11, 16) + timedelta(days=later)
    assert edition_due(day, PLAIN) == (date(2026, 11, 16), date(2026, 11, 15))


def test_a_monday_off_moves_the_issuing_day_but_not_the_sunday() -> None:
    calendar = without({date(2026, 10, 5), date(2026, 10, 6), date(2026, 10, 7)})
    assert edition_due(date(2026, 10, 7), calendar) is None
    assert edition_due(date(2026, 10, 8), calendar) == (date(2026, 10, 8), date(2026, 10, 4))


def test_a_week_whose_only_working_day_is_its_sunday_issues_then() -> None:
    off = {date(2024, 2, 12) + timedelta(days=i): DayKind.DAY_OFF for i in range(6)}
    calendar = WorkCalendar({**off, date(2024, 2, 18): DayKind.WORKDAY})
    assert edition_due(date(2024, 2, 18), calendar) == (date(2024, 2, 18), date(2024, 2, 11))


def test_a_week_without_a_working_day_has_no_edition_of_its_own() -> None:
    calendar = without({date(2026, 11, 16) + timedelta(days=i) for i in range(7)})
    assert issuing_day(date(2026, 11, 18), calendar) is None
    assert edition_due(date(2026, 11, 22), calendar) is None


@given(day=DAYS, off=OFF)
def test_an_edition_is_about_the_sunday_before_a_working_day_of_this_week(
    day: date, off: set[date]
) -> None:
    calendar = without(off)
    found = edition_due(day, calendar)
    if found is None:
        return
    issue_on, as_of = found
    assert calendar.is_workday(issue_on)
    assert issue_on <= day
    assert issue_on.isocalendar()[:2] == day.isocalendar()[:2]
    assert as_of.isoweekday() == 7
    assert as_of < issue_on
    assert day - as_of <= timedelta(days=7)
    monday = as_of + timedelta(days=1)
    between = (monday + timedelta(days=i) for i in range((issue_on - monday).days))
    assert not any(calendar.is_workday(each) for each in between)


@given(first=DAYS, off=OFF, pauses=st.lists(st.integers(1, 20), max_size=20))
def test_runs_at_any_pace_number_editions_one_by_one_and_never_twice(
    first: date, off: set[date], pauses: list[int]
) -> None:
    calendar, day = without(off), first
    made: dict[date, int] = {}
    for pause in [0, *pauses]:
        day += timedelta(days=pause)
        due = edition_due(day, calendar)
        if due is not None and due[1] not in made:
            made[due[1]] = next_edition(made.values())
    assert list(made.values()) == list(range(1, len(made) + 1))
    assert list(made) == sorted(made)


@given(day=DAYS)
def test_the_sunday_before_is_one_to_seven_days_back(day: date) -> None:
    found = sunday_before(day)
    assert found.isoweekday() == 7
    assert 1 <= (day - found).days <= 7


MOVES = [
    Move(date(2026, 9, 1), TaskState.ISSUED),
    Move(date(2026, 9, 1), TaskState.IN_PROGRESS),
    Move(date(2026, 11, 16), TaskState.CLOSED),
]


def test_the_last_step_of_a_day_is_how_the_day_ended() -> None:
    assert state_on(MOVES, date(2026, 8, 31)) is None
    assert state_on(MOVES, date(2026, 9, 1)) is TaskState.IN_PROGRESS
    assert state_on(MOVES, date(2026, 11, 15)) is TaskState.IN_PROGRESS
    assert state_on(MOVES, date(2026, 11, 16)) is TaskState.CLOSED


def change(on: date, old: date | None, new: date | None, *, fixes: bool = False) -> DueMove:
    return DueMove(on, DueChangeKind.FIXED if fixes else DueChangeKind.EXTENSION, old, new)


def test_a_due_date_is_the_last_change_by_the_day_or_what_the_next_one_replaced() -> None:
    october, november, december = date(2026, 10, 31), date(2026, 11, 30), date(2026, 12, 31)
    changes = [
        change(date(2026, 10, 20), october, november),
        change(date(2026, 11, 20), november, december),
    ]
    assert due_on(changes, december, date(2026, 10, 1)) == october
    assert due_on(changes, december, date(2026, 10, 20)) == november
    assert due_on(changes, december, date(2026, 11, 20)) == december
    assert due_on([], december, date(2026, 10, 1)) == december


def test_a_due_date_that_was_taken_away_stays_away() -> None:
    changes = [change(date(2026, 10, 20), date(2026, 10, 31), None)]
    assert due_on(changes, date(2026, 12, 31), date(2026, 11, 1)) is None


def test_the_original_due_date_exists_from_the_day_it_was_fixed() -> None:
    fixed = date(2026, 11, 30)
    changes = [
        change(date(2026, 10, 1), None, fixed, fixes=True),
        change(date(2026, 11, 1), fixed, date(2026, 12, 31)),
    ]
    assert original_on(changes, fixed, date(2026, 9, 30)) is None
    assert original_on(changes, fixed, date(2026, 11, 15)) == fixed
    assert original_on([], fixed, date(2026, 11, 15)) == fixed


@pytest.mark.parametrize(
    ("state", "late"),
    [
        (TaskState.DRAFT, 0),
        (TaskState.ISSUED, 5),
        (TaskState.PLANNING, 5),
        (TaskState.PLAN_REVIEW, 0),
        (TaskState.IN_PROGRESS, 5),
        (TaskState.UNIT_CHECK, 5),
        (TaskState.OFFICE_REVIEW, 0),
        (TaskState.LONG_TERM, 0),
        (TaskState.CLOSED, 0),
        (TaskState.VOID, 0),
        (TaskState.ENDED, 0),
        (None, 0),
    ],
)
def test_only_a_dated_task_with_its_unit_is_overdue(state: TaskState | None, late: int) -> None:
    assert days_late(state, date(2026, 11, 10), date(2026, 11, 15)) == late
    assert days_late(state, date(2026, 11, 15), date(2026, 11, 15)) == 0
    assert days_late(state, None, date(2026, 11, 15)) == 0


def test_falling_due_on_the_day_itself_is_not_late_but_coming() -> None:
    day, week = date(2026, 11, 15), timedelta(days=7)
    wanted = {0: True, 7: True, 8: False, -1: False}
    for days, expected in wanted.items():
        due = day + timedelta(days=days)
        assert is_due_within(TaskState.IN_PROGRESS, due, day, span=week) is expected
    assert not is_due_within(TaskState.OFFICE_REVIEW, day, day, span=week)


@pytest.mark.parametrize(
    ("days", "band"),
    [
        (1, Ageing.WEEK),
        (7, Ageing.WEEK),
        (8, Ageing.MONTH),
        (30, Ageing.MONTH),
        (31, Ageing.QUARTER),
        (90, Ageing.QUARTER),
        (91, Ageing.LONGER),
        (4000, Ageing.LONGER),
    ],
)
def test_the_bands_of_ageing_have_these_edges(days: int, band: Ageing) -> None:
    assert ageing_of(days) is band


def test_a_submitted_plan_waits_for_the_head_until_the_day_it_was_signed() -> None:
    events = [
        (date(2026, 10, 1), DocumentEventKind.SUBMITTED),
        (date(2026, 10, 9), DocumentEventKind.SIGNED),
    ]
    assert court_on(TaskState.PLANNING, events, date(2026, 9, 30)) is Court.LIAISON
    assert court_on(TaskState.PLANNING, events, date(2026, 10, 1)) is Court.HEAD
    assert court_on(TaskState.PLANNING, events, date(2026, 10, 9)) is Court.LIAISON


IDS = st.sets(st.integers(0, 30))


@given(before=IDS, after=IDS)
def test_last_plus_new_minus_gone_is_now(before: set[int], after: set[int]) -> None:
    balance = Balance.between(before, after)
    assert balance.last == len(before)
    assert balance.now == balance.last + balance.new - balance.gone == len(after)
    assert balance.change == len(after) - len(before)
