"""下发: what may be issued when."""

from datetime import date

import pytest
from sqlalchemy import select

from tests.factories.cast import TESTER, Cast
from tests.factories.work import Work, make_work
from tests.fakes.clock import ManualClock
from tracker.feedback.models import Feedback, Issue, IssueUnit
from tracker.kernel.db import Database, born
from tracker.kernel.errors import DomainError
from tracker.rectification.models import Task, UnitDocument
from tracker.rectification.rules.transitions import Verb
from tracker.rectification.rules.words import TaskState
from tracker.rectification.service.issuing import issue_tasks
from tracker.rectification.service.steps import take_step


@pytest.fixture
def work(database: Database, people: Cast, clock: ManualClock) -> Work:
    """A feedback without a date: one immediate issue, one common issue of two units."""
    stamps = born(actor=TESTER, now=clock.now())
    with database.writing() as session:
        made = make_work(session, people, now=clock.now())
        feedback = session.get_one(Feedback, made.feedback_ids["a"])
        feedback.fed_back_on = None
        place = {"feedback_id": feedback.id, "region_id": made.region_id}
        session.add_all(
            [
                Issue(
                    **place,
                    issue_no="001",
                    text="食堂欠款",
                    is_immediate=True,
                    units=[IssueUnit(unit_id=people.units["a"])],
                    **stamps,
                ),
                Issue(
                    **place,
                    issue_no="002",
                    text="会议记录不全",
                    units=[IssueUnit(unit_id=people.units[u]) for u in ("a", "b")],
                    **stamps,
                ),
            ]
        )
        session.commit()
    return made


def issue(
    database: Database,
    people: Cast,
    clock: ManualClock,
    work: Work,
    *,
    fed_back_on: date | None,
    due: date | None,
) -> list[str]:
    with database.writing() as session:
        feedback = session.get_one(Feedback, work.feedback_ids["a"])
        feedback.fed_back_on = fed_back_on
        issue_tasks(
            session, feedback, actor=people.actor("clerk"), now=clock.now(), immediate_due=due
        )
        session.commit()
    with database.reading() as session:
        return [
            f"{task.task_no} {task.state.value}"
            for task in session.scalars(select(Task).order_by(Task.task_no))
        ]


def test_before_the_feedback_only_the_immediate_issue_goes_out(
    database: Database, people: Cast, clock: ManualClock, work: Work
) -> None:
    assert issue(database, people, clock, work, fed_back_on=None, due=date(2026, 11, 25)) == [
        "7-3-001-01 issued"
    ]
    with database.writing() as session:
        task = session.scalars(select(Task)).one()
        assert task.original_due == date(2026, 11, 25)
        take_step(session, task, Verb.ACKNOWLEDGE, actor=people.actor("liaison_a"), now=clock.now())
        assert task.state is TaskState.IN_PROGRESS
        assert session.scalars(select(UnitDocument)).all() == []


def test_an_immediate_issue_needs_its_date_and_nothing_is_issued_without(
    database: Database, people: Cast, clock: ManualClock, work: Work
) -> None:
    with pytest.raises(DomainError, match="请填写立行立改的整改时限"):
        issue(database, people, clock, work, fed_back_on=None, due=None)
    with database.reading() as session:
        assert session.scalars(select(Task)).all() == []


def test_after_the_feedback_the_common_issue_gets_a_task_per_unit_once(
    database: Database, people: Cast, clock: ManualClock, work: Work
) -> None:
    made = issue(
        database, people, clock, work, fed_back_on=date(2026, 8, 31), due=date(2026, 11, 25)
    )
    assert made == ["7-3-001-01 issued", "7-3-002-01 issued", "7-3-002-02 issued"]
    with database.reading() as session:
        plans = session.scalars(select(UnitDocument)).all()
        assert sorted(plan.unit_id for plan in plans) == sorted(
            [people.units["a"], people.units["b"]]
        )
        assert {plan.due_on for plan in plans} == {date(2026, 9, 30)}  # one month, the end clamped
    with pytest.raises(DomainError, match="全部任务已经下发"):
        issue(database, people, clock, work, fed_back_on=date(2026, 8, 31), due=date(2026, 11, 25))
