"""Reminders for the persons of a task: from the rule to what the person reads."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from tests.factories.cast import TESTER, Cast
from tests.fakes.clock import ManualClock
from tests.notifications.office import Office
from tests.reminders.conftest import TaskMaker
from tests.reminders.queueing import MONDAY, notifications, queue
from tests.visitor import Visitor
from tracker.kernel.config import Config
from tracker.kernel.db import Database, born
from tracker.notifications.models import InboxMessage
from tracker.notifications.rules import Audience, ChannelKind, MessageState, Reason
from tracker.people.models import Person
from tracker.rectification.models import Task, TaskDuty
from tracker.rectification.rules.words import DutyRole, TaskState
from tracker.reminders import ruling
from tracker.reminders.rules import RuleStatus
from tracker.reminders.voice import VOICES
from tracker.wecom_sandbox.server import RunningSandbox, start_sandbox

NEVER = ("督办", "约谈", "问责", "线索")


@pytest.fixture
def sandbox(clock: ManualClock) -> Iterator[RunningSandbox]:
    with start_sandbox(now=clock.now) as running:
        yield running


@pytest.fixture
def office(
    database: Database,
    people: Cast,
    clock: ManualClock,
    config: Config,
    sandbox: RunningSandbox,
    pushing: None,
) -> Office:
    """The city goes by 三色预警 and has an application; it is ten o'clock."""
    clock.set_local(MONDAY, 10)
    with database.writing() as session:
        lead = people.actor("lead")
        ruling.take_three_colours(
            session, people.regions["city"], None, actor=lead, now=clock.now()
        )
        session.commit()
    office = Office(database, people, clock, config, sandbox)
    office.way(ChannelKind.APP)
    return office


def duty(office: Office, task_id: int, role: DutyRole, name: str, **dates: object) -> int:
    """Let somebody with a userid answer for a task; return the person's id."""
    person_id = office.person(f"姓名{name}", wecom_userid=name)
    values = {"from_on": MONDAY - timedelta(days=30), "to_on": None, **dates}
    with office.database.writing() as session:
        stamps = born(actor=TESTER, now=office.clock.now())
        session.add(TaskDuty(task_id=task_id, role=role, person_id=person_id, **values, **stamps))
        session.commit()
    return person_id


def send(office: Office) -> int:
    queue(office.database, office.clock)
    return office.deliver(*VOICES)  # type: ignore[arg-type]


def texts(office: Office, userid: str) -> list[str]:
    return [one.content for one in office.sandbox.apps.messages(userid)]


def state_of(office: Office, audience: Audience) -> tuple[MessageState, str | None]:
    (row,) = (it for it in notifications(office.database) if it.audience is audience)
    return row.state, row.state_reason


def test_twenty_days_left_the_owner_is_told_and_ten_days_the_lead_leader_too(
    office: Office, make_task: TaskMaker
) -> None:
    far, near = (make_task(due_on=MONDAY + timedelta(days=days)) for days in (19, 9))
    duty(office, far, DutyRole.OWNER, "owner1")
    duty(office, far, DutyRole.LEAD_LEADER, "leader1")
    duty(office, near, DutyRole.OWNER, "owner2")
    duty(office, near, DutyRole.LEAD_LEADER, "leader2")
    assert send(office) == 3
    assert texts(office, "leader1") == []
    for userid in ("owner1", "owner2", "leader2"):
        (text,) = texts(office, userid)
        assert "7-3-00" in text
        assert "市甲局" in text
        assert "还有" in text
        assert not any(word in text for word in NEVER)
        assert "姓名" not in text


def test_who_holds_the_duty_on_the_day_is_told_and_who_has_left_it_is_not(
    office: Office, make_task: TaskMaker
) -> None:
    task_id = make_task(due_on=MONDAY + timedelta(days=9))
    duty(office, task_id, DutyRole.OWNER, "left", to_on=MONDAY - timedelta(days=1))
    duty(office, task_id, DutyRole.OWNER, "comes", from_on=MONDAY + timedelta(days=1))
    duty(office, task_id, DutyRole.OWNER, "holds")
    duty(office, task_id, DutyRole.LEAD_LEADER, "last-day", to_on=MONDAY)
    assert send(office) == 2
    assert {it.key for it in office.sandbox.apps.messages()} == {"holds", "last-day"}


def test_the_head_of_the_unit_reads_of_what_is_late_in_the_product_and_nobody_else_does(
    office: Office, make_task: TaskMaker, app: Flask
) -> None:
    make_task(due_on=MONDAY - timedelta(days=1))
    assert send(office) == 1
    assert state_of(office, Audience.HEAD) == (MessageState.SENT, None)
    assert state_of(office, Audience.OWNER) == (MessageState.CANCELLED, Reason.NOBODY.label)
    head, other, clerk = (Visitor(app) for _ in range(3))
    head.sign_in("head_a")
    other.sign_in("head_b")
    clerk.sign_in("clerk")
    for visitor in (other, clerk):
        visitor.get("/messages")
        assert "没有消息" in visitor.text
    head.get("/messages")
    assert "7-3-001-01 市甲局" in head.text
    assert "未读 1 条" in head.text
    head.post("/messages/read", via="/messages")
    head.get("/messages")
    assert "未读 0 条" in head.text
    with office.database.reading() as session:
        assert session.scalars(select(InboxMessage.read_at)).one() is not None
    clerk.get("/deliveries")
    assert "已读" not in clerk.text
    assert "head_a" in clerk.text  # the office sees to whom it went


def test_a_head_elsewhere_reads_nothing_of_the_unit(office: Office, make_task: TaskMaker) -> None:
    make_task(due_on=MONDAY - timedelta(days=1))
    send(office)
    with office.database.reading() as session:
        told = session.scalars(select(InboxMessage.person_id)).all()
    assert told == [office.cast.actor("head_a").person_id]


def test_a_person_who_cannot_be_reached_stays_on_the_list_of_calls(
    office: Office, make_task: TaskMaker, app: Flask
) -> None:
    task_id = make_task(due_on=MONDAY + timedelta(days=9))
    person_id = duty(office, task_id, DutyRole.OWNER, "x")
    with office.database.writing() as session:
        person = session.get_one(Person, person_id)
        person.wecom_userid, person.mobile = None, "13911112222"
        session.commit()
    assert send(office) == 0
    assert state_of(office, Audience.OWNER) == (MessageState.CANCELLED, Reason.NO_WAY.label)
    clerk = Visitor(app)
    clerk.sign_in("clerk")
    clerk.get("/reminders")
    assert "13911112222" in clerk.text
    assert "姓名x" in clerk.text


def test_a_task_that_is_closed_before_it_is_said_is_not_said(
    office: Office, make_task: TaskMaker
) -> None:
    task_id = make_task(due_on=MONDAY + timedelta(days=9))
    duty(office, task_id, DutyRole.OWNER, "owner")
    queue(office.database, office.clock)
    with office.database.writing() as session:
        session.get_one(Task, task_id).state = TaskState.CLOSED
        session.commit()
    assert office.deliver(*VOICES) == 0  # type: ignore[arg-type]
    assert texts(office, "owner") == []


def test_a_rule_for_persons_in_dry_run_sends_nothing(office: Office, make_task: TaskMaker) -> None:
    task_id = make_task(due_on=MONDAY + timedelta(days=9))
    duty(office, task_id, DutyRole.OWNER, "owner")
    lead = office.cast.actor("lead")
    with office.database.writing() as session:
        for row in ruling.rules_at(session, office.cast.regions["city"], None):
            if row.audience is Audience.OWNER:
                ruling.set_status(
                    session, row, RuleStatus.DRY_RUN, actor=lead, now=office.clock.now()
                )
        session.commit()
    send(office)
    assert texts(office, "owner") == []


def test_a_rule_an_office_keeps_to_the_product_still_sends_nothing(
    office: Office, make_task: TaskMaker
) -> None:
    task_id = make_task(due_on=MONDAY + timedelta(days=9))
    duty(office, task_id, DutyRole.OWNER, "owner")
    with office.database.writing() as session:
        for row in ruling.rules_at(session, office.cast.regions["city"], None):
            row.is_in_product_only = row.is_in_product_only or row.audience is Audience.OWNER
        session.commit()
    assert send(office) == 0


def test_people_without_an_address_are_listed_for_their_own_office_with_the_way_to_mend_it(
    office: Office, make_task: TaskMaker, app: Flask
) -> None:
    task_id = make_task(due_on=MONDAY + timedelta(days=9))
    closed = make_task(due_on=MONDAY, state=TaskState.CLOSED, closed_on=MONDAY)
    lacking = duty(office, task_id, DutyRole.OWNER, "lacking")
    reached = duty(office, task_id, DutyRole.LEAD_LEADER, "reached")
    done = duty(office, closed, DutyRole.OWNER, "done")
    head = office.cast.actor("head_b").person_id
    with office.database.writing() as session:
        for person_id in (lacking, done, head):
            person = session.get_one(Person, person_id)
            person.wecom_userid = person.mobile = None
        session.commit()
    clerk, lead, neighbour = (Visitor(app) for _ in range(3))
    clerk.sign_in("clerk")
    lead.sign_in("lead")
    neighbour.sign_in("east_clerk")
    clerk.get("/reminders/unreachable")
    assert "姓名lacking" in clerk.text
    assert "head_b" in clerk.text
    assert "共 2 人" in clerk.text
    assert f"/persons/{lacking}/edit" in clerk.text
    assert str(reached) not in [part.split("/")[0] for part in clerk.text.split("/persons/")[1:]]
    lead.get("/reminders/unreachable")
    assert "请经办人登记" in lead.text
    neighbour.get("/reminders/unreachable")
    assert "没有这样的人员" in neighbour.text
    fields = {"name": "姓名lacking", "email": "a@example.cn"}
    assert clerk.post(f"/persons/{lacking}/edit", fields).status_code == 302
    clerk.get("/reminders/unreachable")
    assert "姓名lacking" not in clerk.text
