"""Rounds, feedback, issues and tasks of the tests, as rows."""

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from itertools import count
from typing import Any

from sqlalchemy.orm import Session

from tests.factories.cast import TESTER, Cast
from tracker.feedback.models import Feedback, Issue, IssueUnit
from tracker.feedback.rules import FeedbackSource
from tracker.kernel.db import born
from tracker.rectification.models import Measure, Task, TaskTransition
from tracker.rectification.rules.words import TaskKind, TaskState
from tracker.rounds.models import DeadlineProfile, Inspection, Round, Term
from tracker.rounds.rules import RoundKind, RoundStatus

S = TaskState
PATH = (
    S.DRAFT,
    S.ISSUED,
    S.PLANNING,
    S.PLAN_REVIEW,
    S.IN_PROGRESS,
    S.UNIT_CHECK,
    S.OFFICE_REVIEW,
    S.CLOSED,
)


@dataclass
class Work:
    """One round of one region: its feedback and inspections, and a maker of tasks."""

    round_id: int
    term_id: int
    profile_id: int
    region_id: int
    feedback_ids: dict[str, int]
    inspection_ids: dict[str, int]
    fed_back_on: date
    term_number: int = 7
    _numbers: Any = field(default_factory=lambda: count(1))

    def task(
        self,
        session: Session,
        cast: Cast,
        *,
        unit: str = "a",
        state: TaskState = TaskState.IN_PROGRESS,
        due_on: date | None = date(2026, 12, 1),
        now: datetime,
        **changes: Any,
    ) -> Task:
        """Make an issue with one task in a state, its transitions along the usual path."""
        stamps = born(actor=TESTER, now=now)
        number = next(self._numbers)
        issue = Issue(
            feedback_id=self.feedback_ids[unit],
            inspection_id=self.inspection_ids[unit],
            region_id=self.region_id,
            issue_no=f"{number:03d}",
            text=f"问题{number}：某项制度执行不严。",
            units=[IssueUnit(unit_id=cast.units[unit])],
            **stamps,
        )
        task = Task(
            region_id=self.region_id,
            round_id=self.round_id,
            feedback_id=self.feedback_ids[unit],
            issue=issue,
            lead_unit_id=cast.units[unit],
            task_no=f"{self.term_number}-3-{number:03d}-01",
            goal="完善制度并执行到位",
            kind=TaskKind.DATED,
            state=state,
            original_due=due_on,
            due_on=due_on,
            measures=[Measure(seq=1, text="修订制度", **stamps)],
            **stamps,
        )
        for name, value in changes.items():
            setattr(task, name, value)
        session.add(task)
        previous = None
        path = PATH[: PATH.index(state) + 1] if state in PATH else (S.DRAFT, state)
        for step in path:
            session.add(
                TaskTransition(
                    task=task,
                    from_state=previous,
                    to_state=step,
                    verb="made",
                    occurred_on=self.fed_back_on,
                    recorded_at=now,
                    actor="tests",
                )
            )
            previous = step
        session.flush()  # the caller wants ids
        return task


def make_work(
    session: Session,
    cast: Cast,
    *,
    now: datetime,
    region: str = "city",
    units: tuple[str, ...] = ("a", "b"),
    fed_back_on: date = date(2026, 9, 1),
    term_number: int = 7,
    profile: str = "2024（集中整改6个月）",
    **switches: bool,
) -> Work:
    """Make a term, its third round, and one inspection with feedback per unit."""
    stamps = born(actor=TESTER, now=now)
    region_id = cast.regions[region]
    periods = DeadlineProfile(region_id=region_id, name=profile, **stamps)
    term = Term(region_id=region_id, number=term_number, starts_on=date(2021, 9, 1), **stamps)
    session.add_all([periods, term])
    session.flush()  # the round needs their ids
    tour = Round(
        region_id=region_id,
        term_id=term.id,
        code="R7-3",
        seq=3,
        name="第三轮巡察",
        kind=RoundKind.REGULAR,
        status=RoundStatus.RECTIFYING,
        profile_id=periods.id,
        **switches,
        **stamps,
    )
    session.add(tour)
    session.flush()  # inspections need its id
    feedback_ids, inspection_ids = {}, {}
    for unit in units:
        inspection = Inspection(
            round_id=tour.id,
            unit_id=cast.units[unit],
            conducting_region_id=region_id,
            kind=RoundKind.REGULAR,
            onsite_start=fed_back_on - timedelta(days=60),
            onsite_end=fed_back_on - timedelta(days=20),
            **stamps,
        )
        session.add(inspection)
        session.flush()  # the feedback needs its id
        feedback = Feedback(
            region_id=region_id,
            code=f"F-{unit}",
            title="巡察反馈意见",
            round_id=tour.id,
            inspection_id=inspection.id,
            fed_back_on=fed_back_on,
            profile_id=periods.id,
            source=FeedbackSource.CITY_INSPECTION
            if region == "city"
            else FeedbackSource.COUNTY_INSPECTION,
            **stamps,
        )
        session.add(feedback)
        session.flush()  # tasks need its id
        feedback_ids[unit], inspection_ids[unit] = feedback.id, inspection.id
    return Work(
        tour.id,
        term.id,
        periods.id,
        region_id,
        feedback_ids,
        inspection_ids,
        fed_back_on,
        term_number,
    )
