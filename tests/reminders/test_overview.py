"""The page about reminders, and the preview."""

import json
from datetime import date, timedelta

import pytest
from flask import Flask
from sqlalchemy import update

from tests.factories.cast import TESTER, Cast
from tests.fakes.clock import ManualClock
from tests.reminders.conftest import TaskMaker
from tests.visitor import Visitor
from tracker.kernel.clock import at_local
from tracker.kernel.db import Database, born
from tracker.notifications.models import Channel, Notification
from tracker.notifications.rules import ChannelKind, MessageState, Way
from tracker.people.models import User
from tracker.reminders.cli import reminders_group
from tracker.reminders.models import ReminderRule
from tracker.reminders.queries import is_pushing
from tracker.reminders.service import queue_due
from tracker.workdays.queries import load_calendar

MONDAY = date(2026, 11, 16)
ISSUE_WORDS = "制度执行不严"


@pytest.mark.usefixtures("people")
def test_the_lead_switches_pushing_on_and_off(
    visitor: Visitor, database: Database, people: Cast
) -> None:
    visitor.sign_in("lead")
    states = []
    for on in ("1", "0", "7"):
        visitor.post("/reminders/push", {"on": on}, via="/reminders")
        with database.reading() as session:
            states.append(is_pushing(session, people.regions["city"]))
        visitor.get("/reminders")
        assert ("已开启" in visitor.text) is states[-1]
    assert states == [True, False, False]


@pytest.mark.usefixtures("people")
def test_a_clerk_reads_but_does_not_switch_and_a_unit_does_not_read(visitor: Visitor) -> None:
    visitor.sign_in("clerk")
    assert visitor.get("/reminders").status_code == 200
    assert "只有巡察办主任" in visitor.text
    assert visitor.post("/reminders/push", {"on": "1"}, via="/reminders").status_code == 403


def test_an_outsider_from_a_unit_does_not_enter(visitor: Visitor, people: Cast) -> None:
    visitor.sign_in("liaison_a")
    assert visitor.get("/reminders").status_code == 403


@pytest.mark.usefixtures("pushing")
def test_whom_to_call_today_with_number_telephone_text_and_when_last_told(
    visitor: Visitor,
    database: Database,
    clock: ManualClock,
    make_task: TaskMaker,
) -> None:
    make_task(due_on=MONDAY - timedelta(days=2))
    make_task(due_on=MONDAY + timedelta(days=9), unit="b")
    make_task(due_on=MONDAY + timedelta(days=12), unit="b")
    with database.writing() as session:
        queue_due(session, now=clock.now(), calendar=load_calendar(session))
        session.execute(
            update(Notification).values(state=MessageState.SENT, settled_at=at_local(MONDAY, 9, 8))
        )
        session.commit()
    visitor.sign_in("clerk")
    visitor.get("/reminders")
    calls = visitor.text[visitor.text.index("今天该催谁") : visitor.text.index("下一个工作日")]
    for said in ("市甲局", "7-3-001-01", "7-3-002-01", "13800000000", "2026-11-16 09:08"):
        assert said in calls
    assert "1. 7-3-001-01 市甲局 时限 2026-11-14（推算） 已逾期 2 天" in calls
    assert "7-3-003-01" not in calls
    assert ISSUE_WORDS not in visitor.text


def test_another_region_sees_nothing_of_it(visitor: Visitor, make_task: TaskMaker) -> None:
    make_task(due_on=MONDAY - timedelta(days=2))
    visitor.sign_in("east_clerk")
    visitor.get("/reminders")
    assert "7-3-001-01" not in visitor.text
    assert "今天没有需要催办的单位" in visitor.text


def preview(app: Flask, *arguments: str) -> dict[str, object]:
    result = app.test_cli_runner().invoke(reminders_group, ["preview", *arguments, "--json"])
    assert result.exit_code == 0, result.output
    return json.loads(result.output)  # type: ignore[no-any-return]


@pytest.mark.usefixtures("pushing")
def test_the_preview_names_group_unit_and_rule_and_writes_nothing(
    app: Flask, database: Database, clock: ManualClock, people: Cast, make_task: TaskMaker
) -> None:
    make_task(due_on=MONDAY - timedelta(days=1))
    make_task(due_on=MONDAY - timedelta(days=1), unit="b")
    with database.writing() as session:
        for kind, unit in ((ChannelKind.SHARED, None), (ChannelKind.UNIT, people.units["b"])):
            session.add(
                Channel(
                    region_id=people.regions["city"],
                    kind=kind,
                    unit_id=unit,
                    name=f"{kind.label}示例",
                    sealed_url="sealed",
                    key_mark="mark",
                    key_tail="tail",
                    **born(actor=TESTER, now=clock.now()),
                )
            )
        session.commit()
    for _ in range(2):
        body = preview(app, "--on", "2026-11-16")
        rows = body["rows"]
        assert isinstance(rows, list)
        assert [(row["group"], row["unit"], row["rule"]) for row in rows] == [
            ("单位群示例", "市乙局", "task_due+1"),
            ("联络员群示例", "市甲局", "task_due+1"),
        ]
    assert preview(app, "--on", "2026-11-21")["count"] == 0
    assert preview(app, "--region", "EAST")["count"] == 0
    with database.writing() as session:
        queue_due(session, now=clock.now(), calendar=load_calendar(session))
        session.commit()
    waiting = [{**row, "is_waiting": True} for row in body["rows"]]  # type: ignore[attr-defined]
    assert preview(app)["rows"] == waiting  # queued, and not sent
    with database.writing() as session:
        session.execute(
            update(Notification).values(state=MessageState.SENT, settled_at=clock.now())
        )
        session.commit()
    assert preview(app)["count"] == 0


@pytest.mark.usefixtures("pushing")
def test_what_goes_to_a_person_is_counted_apart_on_the_page_and_by_the_command(
    app: Flask,
    visitor: Visitor,
    database: Database,
    people: Cast,
    make_task: TaskMaker,
) -> None:
    """By 站内消息 to liaisons before the due date: one signs in, of the other unit nobody does."""
    for unit, user in (("a", "liaison_a"), ("b", None)):
        make_task(due_on=MONDAY + timedelta(days=4), unit=unit)
        if user is None:
            with database.writing() as session:
                of_b = User.unit_id == people.units["b"]
                session.execute(update(User).where(of_b).values(is_active=False))
                session.commit()
    with database.writing() as session:
        session.execute(
            update(ReminderRule).where(ReminderRule.code == "task_due-3").values(way=Way.INBOX)
        )
        session.commit()
    visitor.sign_in("lead")
    visitor.get("/reminders")
    summary = " ".join(visitor.text.split())
    assert (
        "2 条提醒，合并成 0 条消息发到 0 个群，站内消息 1 条（1 人）；1 条没有群或送不到本人"
        in summary
    )
    assert "（站内消息）" in summary
    assert "送不到本人，请电话提醒" in summary
    body = preview(app, "--on", "2026-11-17")
    assert body["messages_to_persons"] == {"app": 0, "mail": 0, "inbox": 1}
    assert body["messages"] == {}
    result = app.test_cli_runner().invoke(reminders_group, ["preview", "--on", "2026-11-17"])
    assert "共 2 条。群消息 0 条（0 个群）、站内消息 1 条。" in result.output
