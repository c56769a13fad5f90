"""提醒规则 as the lead edits them: dry run first, looked at before saved, never silent."""

from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import select

from tests.conftest import MONDAY
from tests.factories.cast import Cast
from tests.factories.letters import make_letter
from tests.factories.work import Work
from tests.fakes.clock import ManualClock
from tests.rectification.office import enter
from tests.reminders.conftest import TaskMaker
from tests.reminders.queueing import CALENDAR, entries, notifications, queue
from tracker.audit.models import AuditEntry
from tracker.kernel.db import Database
from tracker.letters.models import Letter
from tracker.letters.rules.letters import LetterState
from tracker.notifications.rules import Audience
from tracker.reminders.ladders import THREE_COLOURS
from tracker.reminders.models import ReminderRule
from tracker.reminders.overview import call_list, reaching
from tracker.reminders.rulebook import load_rules
from tracker.reminders.rules import RuleStatus

RULES, NEW = "/reminders/rules", "/reminders/rules/new"
FIELDS = {
    "label": "到期前 5 天",
    "anchor": "task_due",
    "offset_kind": "days",
    "offset_days": "-5",
    "every_workdays": "0",
    "audience": "unit",
    "sent_by": "default",
    "wording": "{剩余}，请抓紧",
}


def rule_of(database: Database, code: str) -> ReminderRule:
    with database.reading() as session:
        return session.scalars(select(ReminderRule).where(ReminderRule.code == code)).one()


def press(visitor: object, row: ReminderRule, status: str) -> None:
    fields = {"status": status, "version": str(row.version)}
    visitor.post(f"{RULES}/{row.id}/status", fields, via=RULES)  # type: ignore[attr-defined]
    visitor.get(RULES)  # type: ignore[attr-defined]


@pytest.mark.usefixtures("pushing")
def test_a_new_rule_is_looked_at_tried_out_and_switched_on(
    app: Flask, database: Database, clock: ManualClock, people: Cast, make_task: TaskMaker
) -> None:
    make_task(due_on=MONDAY + timedelta(days=7))
    assert queue(database, clock) == 1
    lead = enter(app, "lead")
    assert lead.post(NEW, {**FIELDS, "look": "预览变化"}).status_code == 200
    for said in ("启用后的变化", "2026-11-18", "7-3-001-01 市甲局（单位，群机器人）"):
        assert said in lead.text
    assert lead.post(NEW, {**FIELDS, "submit": "保存"}).status_code == 302
    with database.reading() as session:
        row = session.scalars(select(ReminderRule).order_by(ReminderRule.id.desc())).first()
    assert row is not None
    assert row.status is RuleStatus.DRY_RUN
    lead.get(RULES)
    assert "今后 10 个工作日会发 1 条" in lead.text
    clock.advance(timedelta(days=2))
    assert queue(database, clock) == 0  # in dry run it sends nothing
    press(enter(app, "lead"), row, "active")
    assert queue(database, clock) == 1
    assert [it.rule for it in notifications(database)][-1] == f"own-{row.id}"
    (entry,) = entries(database, clock).values()
    assert entry.line == "7-3-001-01 市甲局 还有 5 天（推算），请抓紧"
    with database.reading() as session:
        told = session.scalars(select(AuditEntry.action)).all()
        assert {"reminders.rule_added", "reminders.rule_switched"} <= set(told)


@pytest.mark.usefixtures("pushing")
def test_a_set_that_would_fall_silent_is_not_saved(
    app: Flask, database: Database, people: Cast
) -> None:
    lead, row = enter(app, "lead"), rule_of(database, "task_due+7")
    for status in ("off", "dry_run"):
        press(lead, row, status)
        assert "整改时限逾期的事项会不再提醒" in lead.text
    path = f"{RULES}/{row.id}/edit"
    fields = {**FIELDS, "offset_days": "9", "every_workdays": "5", "submit": "保存"}
    assert lead.post(path, fields).status_code == 422
    assert "整改时限逾期的事项会不再提醒" in lead.text
    assert rule_of(database, "task_due+7").status is RuleStatus.ACTIVE
    assert lead.post(NEW, {**FIELDS, "wording": "将约谈", "submit": "保存"}).status_code == 422
    assert "群消息里不出现“约谈”" in lead.text
    assert 'value="将约谈"' in lead.text


@pytest.mark.usefixtures("pushing")
def test_another_timing_is_another_key_and_another_text_is_not(
    app: Flask, database: Database
) -> None:
    lead, row = enter(app, "lead"), rule_of(database, "task_due-10")
    path = f"{RULES}/{row.id}/edit"
    same = {**FIELDS, "offset_days": "-10", "submit": "保存"}
    assert lead.post(path, same).status_code == 302
    assert rule_of(database, "task_due-10").wording == "{剩余}，请抓紧"
    assert lead.post(path, {**same, "offset_days": "-8"}).status_code == 302
    assert rule_of(database, "task_due-10~2").offset_days == -8
    assert lead.post(path, {**same, "version": "1"}).status_code == 409


@pytest.mark.usefixtures("pushing")
def test_three_colours_for_one_round_leave_the_region_alone(
    app: Flask, database: Database, people: Cast, work: Work, make_task: TaskMaker
) -> None:
    city, lead = people.regions["city"], enter(app, "lead")
    before = active(database, city, None)
    own = f"{RULES}?round={work.round_id}"
    lead.get(own)
    assert "这一轮用" in lead.text
    lead.post(f"{RULES}/of-round/{work.round_id}", via=own)
    assert len(active(database, city, work.round_id)) == len(before)
    lead.post(f"{RULES}/three-colours?round={work.round_id}", via=own)
    assert active(database, city, None) == before
    mine = active(database, city, work.round_id)
    assert {f"r{work.round_id}:{rule.code}" for rule in THREE_COLOURS} <= mine
    assert f"r{work.round_id}:task_due+7" not in mine
    make_task(due_on=MONDAY + timedelta(days=8))
    with database.reading() as session:
        selection = reaching(session, [city], on=MONDAY)
        (calls,) = call_list(session, selection, today=MONDAY, calendar=CALENDAR)
        assert calls.calls[0].due.step.rule.audience in (Audience.OWNER, Audience.LEAD_LEADER)
    drop = f"{RULES}/of-round/{work.round_id}/drop"
    lead.post(drop, {"version": "1"}, via=own)  # of a page from before a rule of it was changed
    assert active(database, city, work.round_id) == mine
    lead.post(drop, via=own)
    assert active(database, city, work.round_id) == before


def active(database: Database, region_id: int, round_id: int | None) -> set[str]:
    with database.reading() as session:
        book = load_rules(session, [region_id])
        return {it.code for it in book.of(region_id, RuleStatus.ACTIVE, round_id=round_id)}


@pytest.mark.usefixtures("pushing")
def test_the_regions_three_colours_speak_to_the_unit_only_when_late(
    app: Flask, database: Database, clock: ManualClock, make_task: TaskMaker
) -> None:
    lead = enter(app, "lead")
    lead.post(f"{RULES}/three-colours", via=RULES)
    lead.get("/reminders")
    assert "提醒规则与工作模式不一致" not in lead.text
    soon = make_task(due_on=MONDAY + timedelta(days=9))
    late = make_task(due_on=MONDAY - timedelta(days=1))
    queue(database, clock)
    told = [it for it in notifications(database) if it.audience is Audience.UNIT]
    assert [it.rule for it in told] == ["three_colours+1"]
    persons = {(it.object_id, it.audience) for it in notifications(database)} - {
        (it.object_id, Audience.UNIT) for it in told
    }
    both = {Audience.OWNER, Audience.LEAD_LEADER}  # they have not been told of the late one before
    assert persons == {(soon, who) for who in both} | {
        (late, who) for who in {*both, Audience.HEAD}
    }


@pytest.mark.usefixtures("pushing")
def test_a_letters_reply_is_asked_for_without_saying_what_it_is_about(
    database: Database, clock: ManualClock, people: Cast, tmp_path: Path
) -> None:
    with database.writing() as session:
        for state in (LetterState.RECEIVED, LetterState.REPLIED, LetterState.DRAFT):
            due = MONDAY + timedelta(days=3)
            make_letter(session, people, tmp_path, now=clock.now(), state=state, reply_due=due)
        session.commit()
        owed = session.scalars(select(Letter).where(Letter.state == LetterState.RECEIVED)).one()
    assert queue(database, clock) == 0  # written today: there was no day before it to remind of
    clock.advance(timedelta(days=3))
    assert queue(database, clock) == 1
    (message,) = notifications(database)
    assert (message.object_type, message.object_id) == ("letter", owed.id)
    (entry,) = entries(database, clock, "letter").values()
    assert entry.line == f"函件〔2026〕{owed.number}号回复 市甲局 时限 2026-11-19（推算） 今天到期"
