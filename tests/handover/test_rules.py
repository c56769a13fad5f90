"""When an answer is due, and who holds a duty on which day."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracker.handover.rules import feedback_again_due, passing_days, reply_due
from tracker.workdays.rules import WorkCalendar

DAYS = st.dates(date(2000, 1, 1), date(2090, 1, 1))


@pytest.mark.parametrize(
    ("moved", "due"),
    [
        (date(2026, 1, 15), date(2026, 4, 15)),
        (date(2026, 11, 30), date(2027, 2, 28)),
        (date(2027, 11, 30), date(2028, 2, 29)),
        (date(2026, 12, 31), date(2027, 3, 31)),
        (date(2026, 3, 31), date(2026, 6, 30)),
    ],
)
def test_an_answer_is_due_in_three_calendar_months_at_the_months_end_at_most(
    moved: date, due: date
) -> None:
    assert reply_due(moved, WorkCalendar()) == due


def test_a_last_day_on_a_sunday_stays() -> None:
    assert reply_due(date(2026, 2, 7), WorkCalendar()).isoweekday() == 4
    assert reply_due(date(2026, 5, 15), WorkCalendar()) == date(2026, 8, 15)  # a Saturday


def test_a_new_head_hears_the_feedback_within_twenty_working_days() -> None:
    assert feedback_again_due(date(2026, 11, 16), 20, WorkCalendar()) == date(2026, 12, 14)


@given(begun=DAYS, effective=DAYS)
def test_on_every_day_exactly_one_of_two_holds_a_duty(begun: date, effective: date) -> None:
    last, first = passing_days(begun, effective)
    assert first == last + timedelta(days=1)
    assert first >= begun
    for day in (begun, effective, last, first, max(begun, effective)):
        held = [begun <= day <= last, first <= day]
        assert sum(held) == (1 if day >= begun else 0)
