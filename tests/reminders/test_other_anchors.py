"""Reminders of what is no task under way: plans, milestones, reviews, what waits for the office."""

from datetime import date, timedelta

import pytest

from tests.factories.cast import TESTER, Cast
from tests.factories.work import Work
from tests.fakes.clock import ManualClock
from tests.reminders.conftest import TaskMaker
from tests.reminders.queueing import CALENDAR, LATE, MONDAY, change, entries, notifications, queue
from tracker.kernel.db import Database, born
from tracker.notifications.rules import Audience
from tracker.organizations.models import Region
from tracker.organizations.rules import OfficeMode
from tracker.rectification.models import TaskTransition, UnitDocument
from tracker.rectification.rules.words import DocumentKind, TaskKind, TaskState
from tracker.reminders.overview import reaching
from tracker.reminders.service import (
    office_todos,
)
from tracker.reminders.voice import VOICES
from tracker.rounds.models import Milestone, Round
from tracker.rounds.rules import MilestoneKind, RoundStatus


@pytest.mark.usefixtures("pushing")
def test_plans_milestones_reviews_and_what_waits_for_the_office_have_their_own(
    database: Database, clock: ManualClock, people: Cast, work: Work, make_task: TaskMaker
) -> None:
    make_task(state=TaskState.LONG_TERM, due_on=None, next_review_on=MONDAY)
    for unit in ("a", "b"):
        make_task(state=TaskState.PLANNING, unit=unit, due_on=MONDAY + timedelta(days=90))
    waiting = make_task(state=TaskState.OFFICE_REVIEW, due_on=LATE)
    stamps = born(actor=TESTER, now=clock.now())
    with database.writing() as session:
        session.add(
            TaskTransition(
                task_id=waiting,
                from_state=TaskState.UNIT_CHECK,
                to_state=TaskState.OFFICE_REVIEW,
                verb="sign",
                occurred_on=date(2026, 11, 11),
                recorded_at=clock.now(),
                actor="tests",
            )
        )
        plan = {"kind": DocumentKind.PLAN, "due_on": LATE, **stamps}
        session.add_all(
            [
                UnitDocument(feedback_id=work.feedback_ids["a"], unit_id=people.units["a"], **plan),
                UnitDocument(
                    feedback_id=work.feedback_ids["b"],
                    unit_id=people.units["b"],
                    submitted_on=LATE,
                    **plan,
                ),
                Milestone(
                    inspection_id=work.inspection_ids["b"],
                    kind=MilestoneKind.PROGRESS_REPORT,
                    due_on=MONDAY,
                    **stamps,
                ),
                Milestone(
                    inspection_id=work.inspection_ids["a"],
                    kind=MilestoneKind.PROGRESS_REPORT,
                    due_on=MONDAY,
                    exempt_reason="合并报送",
                    **stamps,
                ),
            ]
        )
        session.commit()
    assert queue(database, clock) == 4
    assert {(row.rule, row.audience) for row in notifications(database)} == {
        ("review_due+0", Audience.UNIT),
        ("office_review+3", Audience.OFFICE),
        ("plan_due+1", Audience.UNIT),
        ("milestone_due+0", Audience.UNIT),
    }
    lines = [
        entry.line
        for voice in VOICES
        for entry in entries(database, clock, voice.object_type).values()
    ]
    assert sorted(lines) == [
        "7-3-001-01 市甲局 时限 2026-11-16（推算） 今天到期",
        "7-3-004-01 市甲局 待审核已 5 天",
        "整改方案 市甲局 时限 2026-11-15（推算） 已逾期 1 天",
        "集中整改进展报告 市乙局 时限 2026-11-16（推算） 今天到期",
    ]


@pytest.mark.usefixtures("pushing")
@pytest.mark.parametrize(
    ("unit", "kind", "submitted_on", "queued"),
    [
        ("b", DocumentKind.PROGRESS_REPORT, MONDAY, 0),
        ("b", DocumentKind.PROGRESS_REPORT, None, 1),
        ("b", DocumentKind.HEAD_REPORT, MONDAY, 1),
        ("a", DocumentKind.PROGRESS_REPORT, MONDAY, 1),
    ],
)
def test_a_report_that_was_handed_in_is_not_asked_for_again(
    database: Database,
    people: Cast,
    clock: ManualClock,
    work: Work,
    unit: str,
    kind: DocumentKind,
    submitted_on: date | None,
    queued: int,
) -> None:
    with database.writing() as session:
        stamps = born(actor=TESTER, now=clock.now())
        session.add_all(
            [
                UnitDocument(
                    feedback_id=work.feedback_ids[unit],
                    unit_id=people.units[unit],
                    kind=kind,
                    submitted_on=submitted_on,
                    **stamps,
                ),
                Milestone(
                    inspection_id=work.inspection_ids["b"],
                    kind=MilestoneKind.PROGRESS_REPORT,
                    due_on=MONDAY,
                    **stamps,
                ),
            ]
        )
        session.commit()
    assert queue(database, clock) == queued


@pytest.mark.usefixtures("pushing")
def test_a_plan_is_reminded_of_while_a_task_waits_for_it_and_the_office_knows_plans(
    database: Database, clock: ManualClock, people: Cast, work: Work, make_task: TaskMaker
) -> None:
    far = MONDAY + timedelta(days=90)
    task_id = make_task(state=TaskState.PLANNING, due_on=far)
    make_task(state=TaskState.PLANNING, due_on=far, kind=TaskKind.IMMEDIATE)
    city = people.regions["city"]
    with database.writing() as session:
        plan = UnitDocument(
            feedback_id=work.feedback_ids["a"],
            unit_id=people.units["a"],
            kind=DocumentKind.PLAN,
            due_on=LATE,
            **born(actor=TESTER, now=clock.now()),
        )
        session.add(plan)
        session.commit()
    assert queue(database, clock) == 1

    def wanted() -> bool:
        return bool(entries(database, clock, "unit_document"))

    for state in TaskState:
        change(database, task_id, state=state)
        assert wanted() is (state in (TaskState.ISSUED, TaskState.PLANNING)), state
    change(database, task_id, state=TaskState.PLANNING)
    with database.writing() as session:
        session.get_one(Region, city).mode = OfficeMode.SIMPLE
        session.commit()
    assert not wanted()


@pytest.mark.usefixtures("pushing")
def test_what_was_closed_as_sustained_is_reminded_of_on_its_review_date(
    database: Database, clock: ManualClock, people: Cast, make_task: TaskMaker
) -> None:
    kept = make_task(state=TaskState.CLOSED, is_sustained=True, next_review_on=MONDAY)
    make_task(state=TaskState.CLOSED, next_review_on=MONDAY)
    assert queue(database, clock) == 1
    said = [(row.rule, row.object_id) for row in notifications(database)]
    assert said == [("review_due+0", kept)]
    assert len(entries(database, clock)) == 1
    with database.reading() as session:
        clerk = people.actor("clerk")
        selection = reaching(session, [people.regions["city"]], on=MONDAY)
        todo = office_todos(session, selection, clerk, today=MONDAY, calendar=CALENDAR)
    assert [(it.candidate.object_id, it.step.rule.label) for it in todo] == [(kept, "请复查并登记")]
    change(database, kept, next_review_on=MONDAY + timedelta(days=80))
    assert entries(database, clock) == {}


@pytest.mark.usefixtures("pushing")
def test_milestones_of_an_archived_round_are_left_alone(
    database: Database, clock: ManualClock, work: Work
) -> None:
    with database.writing() as session:
        session.add(
            Milestone(
                inspection_id=work.inspection_ids["a"],
                kind=MilestoneKind.HEAD_REPORT,
                due_on=LATE,
                **born(actor=TESTER, now=clock.now()),
            )
        )
        session.get_one(Round, work.round_id).status = RoundStatus.ARCHIVED
        session.commit()
    assert queue(database, clock) == 0
