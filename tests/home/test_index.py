"""The home page: each role sees what waits for it."""

import pytest

from tests.factories.cast import TESTER, Cast
from tests.factories.work import make_work
from tests.fakes.clock import ManualClock
from tests.visitor import Visitor
from tracker.home.queries import counts, queue_lengths
from tracker.kernel.clock import local_date
from tracker.kernel.db import Database, born
from tracker.notifications.models import Channel
from tracker.notifications.receipts import put_out_of_use
from tracker.notifications.rules import ChannelKind, explain
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


@pytest.mark.parametrize(
    ("name", "is_told"),
    [
        ("clerk", True),
        ("lead", True),
        ("admin", True),
        ("east_clerk", False),
        ("liaison_a", False),
    ],
)
def test_a_robot_out_of_use_is_told_on_the_first_page(
    visitor: Visitor, database: Database, people: Cast, clock: ManualClock, name: str, is_told: bool
) -> None:
    with database.writing() as session:
        channel = Channel(
            region_id=people.regions["city"],
            kind=ChannelKind.SHARED,
            name="联络员一群",
            sealed_url="sealed",
            key_mark="mark",
            key_tail="0000",
            **born(actor=TESTER, now=clock.now()),
        )
        session.add(channel)
        session.flush()  # it is updated by its id
        put_out_of_use(session, channel, explain(93000))
        session.commit()
    visitor.sign_in(name)
    visitor.get("/")
    assert ("“联络员一群”收不到消息" in visitor.text) is is_told
    assert ("请在群里重新复制地址" in visitor.text) is is_told
