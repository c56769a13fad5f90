"""The look-up before a pass never says no where the pass would find something."""

from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import update
from sqlalchemy.orm import Session

from tests.bench.statements import counted
from tests.factories.cast import TESTER, Cast
from tests.factories.letters import make_letter
from tests.factories.work import Work
from tests.fakes.clock import ManualClock
from tests.reminders.conftest import TaskMaker
from tests.reminders.queueing import CALENDAR, MONDAY, queue
from tracker.county_submissions.models import CountySubmission, SubmissionCall
from tracker.kernel.db import Database, born
from tracker.letters.rules.letters import LetterState
from tracker.rectification.models import TaskTransition, UnitDocument
from tracker.rectification.rules.words import DocumentKind, TaskState
from tracker.reminders.due import due_steps
from tracker.reminders.looking import may_be_due
from tracker.reminders.models import ReminderRule
from tracker.reminders.queries import Wanted
from tracker.reminders.rules import OffsetKind
from tracker.rounds.models import Milestone
from tracker.rounds.rules import MilestoneKind

World = Callable[[str], None]
KINDS = ("dated", "long_term", "sustained", "with_office", "plan", "milestone", "letter", "county")


@pytest.fixture
def world(
    database: Database,
    clock: ManualClock,
    people: Cast,
    work: Work,
    make_task: TaskMaker,
    tmp_path: Path,
) -> World:
    """Make one object of a kind, its date the Monday, and nothing else that is due."""

    def make(kind: str) -> None:
        tasks: dict[str, dict[str, Any]] = {
            "dated": {"due_on": MONDAY},
            "long_term": {"state": TaskState.LONG_TERM, "due_on": None, "next_review_on": MONDAY},
            "sustained": {
                "state": TaskState.CLOSED,
                "closed_on": MONDAY - timedelta(days=300),
                "is_sustained": True,
                "next_review_on": MONDAY,
            },
            "with_office": {"state": TaskState.OFFICE_REVIEW, "due_on": None},
            "plan": {"state": TaskState.PLANNING, "due_on": None},
        }
        task_id = make_task(**tasks[kind]) if kind in tasks else 0
        with database.writing() as session:
            _more(session, kind, task_id)
            session.commit()

    def _more(session: Session, kind: str, task_id: int) -> None:
        stamps = born(actor=TESTER, now=clock.now())
        if kind == "with_office":
            session.add(
                TaskTransition(
                    task_id=task_id,
                    from_state=TaskState.UNIT_CHECK,
                    to_state=TaskState.OFFICE_REVIEW,
                    verb="sign",
                    occurred_on=MONDAY,
                    recorded_at=clock.now(),
                    actor="tests",
                )
            )
        elif kind == "plan":
            session.add(
                UnitDocument(
                    feedback_id=work.feedback_ids["a"],
                    unit_id=people.units["a"],
                    kind=DocumentKind.PLAN,
                    due_on=MONDAY,
                    **stamps,
                )
            )
        elif kind == "milestone":
            session.add(
                Milestone(
                    inspection_id=work.inspection_ids["b"],
                    kind=MilestoneKind.PROGRESS_REPORT,
                    due_on=MONDAY,
                    **stamps,
                )
            )
        elif kind == "county":
            session.add(
                SubmissionCall(
                    region_id=people.regions["city"],
                    title="上半年数据",
                    period_start=MONDAY - timedelta(days=300),
                    period_end=MONDAY - timedelta(days=200),
                    due_on=MONDAY,
                    submissions=[CountySubmission(region_id=people.regions["city"], **stamps)],
                    **stamps,
                )
            )
        elif kind == "letter":
            state = LetterState.SENT
            make_letter(session, people, tmp_path, now=clock.now(), state=state, reply_due=MONDAY)

    return make


def asked_and_found(database: Database, people: Cast, today: date) -> tuple[bool, bool]:
    """Return what the look-up says of a day, and whether the pass finds a step."""
    regions = [people.regions["city"]]
    with database.reading() as session:
        wanted = Wanted(None, region_ids=regions)
        found, _told = due_steps(session, wanted, today=today, calendar=CALENDAR)
        return may_be_due(session, regions, today=today), bool(found)


@pytest.mark.usefixtures("pushing")
@pytest.mark.parametrize("offset", [None, (OffsetKind.WORKDAYS, -30), (OffsetKind.PERCENT, 10)])
@pytest.mark.parametrize("kind", KINDS)
def test_it_says_yes_on_every_day_on_which_something_is_due(
    database: Database,
    people: Cast,
    world: World,
    kind: str,
    offset: tuple[OffsetKind, int] | None,
) -> None:
    world(kind)
    if offset is not None:
        with database.writing() as session:
            values = {"offset_kind": offset[0], "offset_days": offset[1], "min_span_days": 0}
            session.execute(update(ReminderRule).values(**values))
            session.commit()
    answers = [
        asked_and_found(database, people, MONDAY + timedelta(days=days))
        for days in range(-70, 40, 3)
    ]
    assert [pair for pair in answers if pair == (False, True)] == []
    if offset is None:
        assert (True, True) in answers


@pytest.mark.usefixtures("pushing")
@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind != "with_office"])
def test_long_before_it_says_no_and_the_pass_ends_after_four_statements_at_most(
    database: Database, people: Cast, clock: ManualClock, world: World, kind: str
) -> None:
    world(kind)
    clock.set_local(MONDAY - timedelta(days=7 * 26), 10)
    assert asked_and_found(database, people, MONDAY - timedelta(days=7 * 26)) == (False, False)
    with counted() as statements:
        assert queue(database, clock) == 0
    assert len(statements) <= 4
