"""Deadlines after a profile: examples of the regulations, and what holds for every date."""

from calendar import monthrange
from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from tracker.rounds.deadlines import (
    DEFAULT_PROFILES,
    ProfileDraft,
    concentrated_end,
    plan_due,
    planned_milestones,
    report_due,
)
from tracker.rounds.rules import MilestoneKind
from tracker.workdays.rules import DayKind, WorkCalendar

SIX, TWO, LOCAL = DEFAULT_PROFILES
NATIONAL_DAY = {date(2026, 10, day): DayKind.DAY_OFF for day in range(1, 9)}
CALENDAR = WorkCalendar(NATIONAL_DAY, {2026})
days = st.dates(date(2000, 1, 1), date(2090, 12, 31))
profiles = st.builds(
    ProfileDraft,
    name=st.just("任意"),
    plan_months=st.integers(1, 24),
    concentrated_months=st.integers(1, 24),
    report_months=st.integers(1, 24),
    move_to_workday=st.booleans(),
)


def test_six_months_after_the_end_of_august_is_the_end_of_february() -> None:
    assert concentrated_end(date(2026, 8, 31), SIX, CALENDAR) == date(2027, 2, 28)
    assert concentrated_end(date(2027, 8, 31), SIX, CALENDAR) == date(2028, 2, 29)


def test_the_day_of_the_feedback_does_not_count() -> None:
    assert plan_due(date(2026, 9, 15), SIX, CALENDAR) == date(2026, 10, 15)
    assert report_due(date(2026, 9, 15), TWO, CALENDAR) == date(2026, 11, 15)


def test_a_last_day_on_a_day_off_moves_only_where_the_profile_says_so() -> None:
    assert plan_due(date(2026, 9, 1), SIX, CALENDAR) == date(2026, 10, 1)
    assert plan_due(date(2026, 9, 1), LOCAL, CALENDAR) == date(2026, 10, 9)


def test_the_last_month_has_a_progress_report_instead_of_a_monthly_one() -> None:
    planned = planned_milestones(date(2026, 9, 15), SIX, CALENDAR)
    monthly = [each.due_on for each in planned if each.kind is MilestoneKind.MONTHLY_REPORT]
    assert monthly[0] == date(2026, 10, 15)
    assert len(monthly) == 5
    reports = [each.due_on for each in planned if each.kind is MilestoneKind.PROGRESS_REPORT]
    assert reports == [date(2027, 3, 15)]


@given(days, profiles)
def test_a_fixed_due_date_keeps_the_day_of_the_month_or_is_its_last(
    day: date, profile: ProfileDraft
) -> None:
    due = concentrated_end(day, profile, CALENDAR)
    if not profile.move_to_workday:
        assert due.day == min(day.day, monthrange(due.year, due.month)[1])
        months = (due.year - day.year) * 12 + due.month - day.month
        assert months == profile.concentrated_months


@given(days, profiles)
def test_a_moved_due_date_is_a_working_day_and_never_earlier(
    day: date, profile: ProfileDraft
) -> None:
    fixed = ProfileDraft(
        profile.name, profile.plan_months, profile.concentrated_months, profile.report_months
    )
    due = plan_due(day, profile, CALENDAR)
    assert due >= plan_due(day, fixed, CALENDAR)
    if profile.move_to_workday:
        assert CALENDAR.is_workday(due)


@given(days, profiles)
def test_every_milestone_stands_once_and_none_is_due_before_the_feedback(
    day: date, profile: ProfileDraft
) -> None:
    planned = planned_milestones(day, profile, CALENDAR)
    assert len({(each.kind, each.seq) for each in planned}) == len(planned)
    assert {each.kind for each in planned} >= set(MilestoneKind) - {MilestoneKind.MONTHLY_REPORT}
    assert all(each.due_on is None or each.due_on >= day for each in planned)
