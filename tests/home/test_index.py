"""The home page: each role sees what waits for it."""

import pytest

from tests.factories.cast import Cast
from tests.factories.work import make_work
from tests.fakes.clock import ManualClock
from tests.visitor import Visitor
from tracker.home.queries import counts, queue_lengths
from tracker.kernel.clock import local_date
from tracker.kernel.db import Database
from tracker.rectification.rules.words import TaskState


@pytest.fixture(autouse=True)
def tasks(database: Database, people: Cast, clock: ManualClock) -> None:
    with database.writing() as session:
        work = make_work(session, people, now=clock.now())
        today = local_date(clock.now())
        for state in (
            TaskState.ISSUED,
            TaskState.IN_PROGRESS,
            TaskState.OFFICE_REVIEW,
            TaskState.CLOSED,
        ):
            work.task(session, people, now=clock.now(), state=state, due_on=today.replace(day=10))
        work.task(session, people, now=clock.now(), due_on=today.replace(day=20))
        session.commit()


def test_counts_know_what_is_late_and_what_waits_at_the_office(
    database: Database, people: Cast, clock: ManualClock
) -> None:
    with database.reading() as session:
        found = counts(session, actor=people.actor("clerk"), today=local_date(clock.now()))
        queue = queue_lengths(session, actor=people.actor("clerk"))
    assert (found.open, found.overdue, found.due_soon) == (4, 2, 1)
    assert queue[TaskState.OFFICE_REVIEW] == 1


def test_another_county_counts_nothing(
    database: Database, people: Cast, clock: ManualClock
) -> None:
    with database.reading() as session:
        found = counts(session, actor=people.actor("west_clerk"), today=local_date(clock.now()))
    assert found.open == 0


@pytest.mark.parametrize(
    ("username", "words"),
    [
        ("clerk", "待审核销号"),
        ("lead", "待审核销号"),
        ("liaison_a", "待签收"),
        ("head_a", "待主要负责人审签"),
        ("leader", "已逾期"),
    ],
)
def test_each_role_sees_its_own_queue(visitor: Visitor, username: str, words: str) -> None:
    visitor.sign_in(username)
    assert visitor.get("/").status_code == 200
    assert words in visitor.text


@pytest.mark.parametrize("username", ["admin", "security", "auditor"])
def test_the_administrators_see_no_business_data(visitor: Visitor, username: str) -> None:
    visitor.sign_in(username)
    visitor.get("/")
    assert "不查看业务数据" in visitor.text
    assert "7-3-001" not in visitor.text
