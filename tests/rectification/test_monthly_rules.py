"""Which monthly report after the feedback a month is."""

from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from tracker.rectification.rules.monthly import month_of, report_number
from tracker.workdays.rules import add_months_clamped

DAYS = st.dates(date(2000, 1, 1), date(2099, 12, 31))


def test_a_months_report_counts_whole_months_after_the_feedback() -> None:
    assert report_number(date(2026, 8, 31), date(2026, 9, 1)) == 1
    assert report_number(date(2026, 12, 1), date(2027, 2, 1)) == 2
    assert report_number(date(2026, 9, 1), date(2026, 9, 1)) == 0


@given(DAYS, st.integers(0, 48))
def test_the_nth_milestone_falls_into_the_month_of_the_nth_report(
    fed_back_on: date, number: int
) -> None:
    due_on = add_months_clamped(fed_back_on, number)
    assert report_number(fed_back_on, month_of(due_on)) == number


@given(DAYS)
def test_a_month_is_named_by_its_first_day(day: date) -> None:
    first = month_of(day)
    assert first.day == 1
    assert (first.year, first.month) == (day.year, day.month)
    assert month_of(first) == first
