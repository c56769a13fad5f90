"""The day arithmetic, on a calendar made by hand and on years nobody has data for."""

from datetime import date, timedelta

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from tracker.workdays.rules import DayKind, WorkCalendar, add_months_clamped, due_after_months

# 2026's National Day: off 1–7 October, 20 September and 10 October are worked instead.
OCTOBER = {date(2026, 10, day): DayKind.DAY_OFF for day in range(1, 8)}
WORKED = {date(2026, 9, 20): DayKind.WORKDAY, date(2026, 10, 10): DayKind.WORKDAY}
CALENDAR = WorkCalendar(OCTOBER | WORKED, {2026})

any_day = st.dates()
near_day = st.dates(date(2025, 6, 1), date(2028, 6, 1))
small_number = st.integers(0, 60)


def test_a_plain_week_is_worked_from_monday_to_friday() -> None:
    week = [date(2026, 11, 16) + timedelta(days=i) for i in range(7)]
    assert [CALENDAR.is_workday(day) for day in week] == [True] * 5 + [False] * 2


def test_a_worked_saturday_counts_and_a_holiday_on_a_wednesday_does_not() -> None:
    assert CALENDAR.is_workday(date(2026, 10, 10))
    assert not CALENDAR.is_workday(date(2026, 10, 7))


def test_a_day_off_moves_forward_and_back_over_the_whole_holiday() -> None:
    assert CALENDAR.next_workday(date(2026, 10, 1)) == date(2026, 10, 8)
    assert CALENDAR.previous_workday(date(2026, 10, 7)) == date(2026, 9, 30)


def test_a_workday_moves_nowhere() -> None:
    assert CALENDAR.next_workday(date(2026, 10, 10)) == date(2026, 10, 10)
    assert CALENDAR.previous_workday(date(2026, 10, 10)) == date(2026, 10, 10)


def test_five_working_days_after_the_last_day_of_september() -> None:
    assert CALENDAR.add_workdays(date(2026, 9, 30), 5) == date(2026, 10, 13)
    assert CALENDAR.add_workdays(date(2026, 10, 13), -5) == date(2026, 9, 30)


def test_a_year_without_a_notice_is_estimated_and_keeps_the_fixed_statutory_days() -> None:
    national_day = date(2031, 10, 1)
    assert CALENDAR.is_estimated(national_day)
    assert not CALENDAR.is_workday(national_day)
    assert CALENDAR.is_workday(date(2031, 10, 8))
    assert not CALENDAR.is_estimated(date(2026, 10, 1))


def test_a_correction_by_hand_wins_in_a_year_without_a_notice() -> None:
    calendar = WorkCalendar({date(2031, 10, 1): DayKind.WORKDAY})
    assert calendar.is_workday(date(2031, 10, 1))


@given(any_day, st.integers(-30, 30))
def test_no_year_raises(day: date, n: int) -> None:
    calendar = WorkCalendar()
    for found in (
        calendar.next_workday(day),
        calendar.previous_workday(day),
        calendar.add_workdays(day, n),
    ):
        assert isinstance(found, date)
    assert isinstance(calendar.is_estimated(day), bool)
    assert isinstance(calendar.workdays_between(day, calendar.add_workdays(day, n)), int)


@pytest.mark.parametrize("end", [date.min, date.max])
def test_the_ends_of_time_do_not_raise(end: date) -> None:
    calendar = WorkCalendar({end: DayKind.DAY_OFF})
    assert calendar.next_workday(end).year == end.year
    assert calendar.previous_workday(end).year == end.year
    assert calendar.add_workdays(end, 3) >= end or end == date.max
    assert calendar.add_workdays(end, -3) <= end


@given(near_day)
def test_the_next_workday_is_the_first_one(day: date) -> None:
    found = CALENDAR.next_workday(day)
    assert found >= day
    assert CALENDAR.is_workday(found)
    assert not any(CALENDAR.is_workday(day + timedelta(days=i)) for i in range((found - day).days))


@given(near_day)
def test_the_previous_workday_is_the_last_one(day: date) -> None:
    found = CALENDAR.previous_workday(day)
    assert found <= day
    assert CALENDAR.is_workday(found)
    assert not any(
        CALENDAR.is_workday(found + timedelta(days=i + 1)) for i in range((day - found).days)
    )


@given(near_day, st.integers(1, 60))
def test_adding_lands_on_a_workday_with_that_many_between(day: date, n: int) -> None:
    found = CALENDAR.add_workdays(day, n)
    assert CALENDAR.is_workday(found)
    assert CALENDAR.workdays_between(day, found) == n


@given(near_day, small_number, small_number)
def test_adding_in_two_steps_is_adding_at_once(day: date, a: int, b: int) -> None:
    at_once = CALENDAR.add_workdays(day, a + b)
    assert CALENDAR.add_workdays(CALENDAR.add_workdays(day, a), b) == at_once


@given(near_day, small_number)
def test_adding_back_returns_to_a_workday(day: date, n: int) -> None:
    assume(CALENDAR.is_workday(day))
    assert CALENDAR.add_workdays(CALENDAR.add_workdays(day, n), -n) == day


@given(near_day, near_day)
def test_between_counts_what_a_walk_counts(a: date, b: date) -> None:
    first, last = sorted((a, b))
    walked = sum(
        CALENDAR.is_workday(first + timedelta(days=i + 1)) for i in range((last - first).days)
    )
    assert CALENDAR.workdays_between(first, last) == walked
    assert CALENDAR.workdays_between(last, first) == -walked


@pytest.mark.parametrize(
    ("day", "months", "expected"),
    [
        (date(2025, 8, 31), 6, date(2026, 2, 28)),
        (date(2027, 8, 31), 6, date(2028, 2, 29)),
        (date(2026, 1, 31), 1, date(2026, 2, 28)),
        (date(2026, 12, 15), 1, date(2027, 1, 15)),
        (date(2026, 3, 31), -1, date(2026, 2, 28)),
        (date(2026, 1, 1), -1, date(2025, 12, 1)),
        (date(2026, 5, 20), 0, date(2026, 5, 20)),
    ],
)
def test_months_are_added_up_to_the_end_of_the_month(
    day: date, months: int, expected: date
) -> None:
    assert add_months_clamped(day, months) == expected


@given(near_day, st.integers(-240, 240))
def test_added_months_are_that_many_months_apart(day: date, n: int) -> None:
    found = add_months_clamped(day, n)
    assert (found.year - day.year) * 12 + found.month - day.month == n
    assert found.day == day.day or (found.day < day.day and (found + timedelta(days=1)).day == 1)


def test_months_beyond_the_calendar_are_refused() -> None:
    with pytest.raises(ValueError, match="year 10000"):
        add_months_clamped(date(9999, 12, 1), 1)


def test_a_last_day_on_a_day_off_moves_only_where_the_profile_says_so() -> None:
    fed_back = date(2026, 4, 3)
    stays = due_after_months(fed_back, 6, work_calendar=CALENDAR, move_to_workday=False)
    moves = due_after_months(fed_back, 6, work_calendar=CALENDAR, move_to_workday=True)
    assert (stays, moves) == (date(2026, 10, 3), date(2026, 10, 8))
