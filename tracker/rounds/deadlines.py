"""Deadlines of a feedback, after the profile its round chose. Pure.

The periods are a city's own choice (条例 2015 art. 27 said two months, the 2024 text six); the
arithmetic is the same everywhere: calendar months, clamped to the month's end, day 0 not counted,
moved off a day off only where the profile says so.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Protocol

from tracker.rounds.rules import MilestoneKind
from tracker.workdays.rules import WorkCalendar, due_after_months


class Profile(Protocol):
    """What a deadline profile says; periods in calendar months."""

    @property
    def plan_months(self) -> int:
        """Months from the feedback to the plan (整改方案)."""
        ...

    @property
    def concentrated_months(self) -> int:
        """Months of the concentrated period (集中整改期)."""
        ...

    @property
    def report_months(self) -> int:
        """Months from the feedback to the two reports."""
        ...

    @property
    def move_to_workday(self) -> bool:
        """Whether a last day on a day off moves to the next working day."""
        ...


@dataclass(frozen=True)
class ProfileDraft:
    """A profile as typed, or as shipped; periods in calendar months."""

    name: str
    plan_months: int
    concentrated_months: int
    report_months: int
    move_to_workday: bool = False


DEFAULT_PROFILES = (
    ProfileDraft("2024（集中整改6个月）", 1, 6, 6),
    ProfileDraft("2015/2017（2个月）", 1, 2, 2),
    ProfileDraft("本地自定义", 1, 3, 3, move_to_workday=True),
)


@dataclass(frozen=True)
class PlannedMilestone:
    """One milestone as the profile plans it. `done_on` only for what the feedback itself is."""

    kind: MilestoneKind
    seq: int
    due_on: date | None
    done_on: date | None = None


def plan_due(fed_back_on: date, profile: Profile, calendar: WorkCalendar) -> date:
    """Return the last day to hand in the plan (整改方案)."""
    return _after(profile.plan_months, fed_back_on, profile, calendar)


def concentrated_end(fed_back_on: date, profile: Profile, calendar: WorkCalendar) -> date:
    """Return the last day of the concentrated period (集中整改期)."""
    return _after(profile.concentrated_months, fed_back_on, profile, calendar)


def report_due(fed_back_on: date, profile: Profile, calendar: WorkCalendar) -> date:
    """Return the last day for 整改进展报告 and 主要负责人组织落实情况报告 (条例 2015 art. 27)."""
    return _after(profile.report_months, fed_back_on, profile, calendar)


def planned_milestones(
    fed_back_on: date, profile: Profile, calendar: WorkCalendar
) -> tuple[PlannedMilestone, ...]:
    """Return every milestone of an inspection.

    The notices and the assessment have no date anybody prescribes; the office fills it in.
    """
    kind = MilestoneKind
    plan = plan_due(fed_back_on, profile, calendar)
    report = report_due(fed_back_on, profile, calendar)
    return (
        PlannedMilestone(kind.FEEDBACK_LEADERSHIP, 1, fed_back_on, fed_back_on),
        PlannedMilestone(kind.FEEDBACK_HEAD, 1, fed_back_on, fed_back_on),
        PlannedMilestone(kind.PLAN, 1, plan),
        PlannedMilestone(kind.DEMOCRATIC_MEETING, 1, plan),
        *_monthly_reports(fed_back_on, profile, calendar),
        PlannedMilestone(kind.PROGRESS_REPORT, 1, report),
        PlannedMilestone(kind.HEAD_REPORT, 1, report),
        PlannedMilestone(kind.PARTY_NOTICE, 1, None),
        PlannedMilestone(kind.PUBLIC_NOTICE, 1, None),
        PlannedMilestone(kind.ASSESSMENT, 1, None),
    )


def _monthly_reports(
    fed_back_on: date, profile: Profile, calendar: WorkCalendar
) -> Iterator[PlannedMilestone]:
    """Yield one report per month; the last month has the progress report instead."""
    for month in range(1, profile.concentrated_months):
        due = _after(month, fed_back_on, profile, calendar)
        yield PlannedMilestone(MilestoneKind.MONTHLY_REPORT, month, due)


def _after(months: int, fed_back_on: date, profile: Profile, calendar: WorkCalendar) -> date:
    return due_after_months(
        fed_back_on, months, work_calendar=calendar, move_to_workday=profile.move_to_workday
    )
