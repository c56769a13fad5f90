"""发送方式 of a rule: what may go by which way, stored with it, followed until a text is frozen."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select, update

from tests.conftest import MONDAY
from tests.factories.cast import Cast
from tests.fakes.clock import ManualClock
from tests.rectification.office import enter
from tests.reminders.conftest import TaskMaker
from tests.reminders.queueing import notifications, queue
from tracker.kernel.db import Database
from tracker.kernel.errors import DomainError
from tracker.notifications.models import Notification
from tracker.notifications.rules import Audience, MessageState, Way
from tracker.reminders.models import ReminderRule
from tracker.reminders.rule_checks import check_rule, check_set
from tracker.reminders.rules import AnchorKind, OffsetKind, Rule, SentBy

RULES = "/reminders/rules"
WEEKLY = Rule(code="weekly", label="", anchor=AnchorKind.TASK_DUE, offset_days=1, every_workdays=5)


@pytest.mark.parametrize("audience", [Audience.OWNER, Audience.LEAD_LEADER, Audience.HEAD])
def test_a_person_is_never_reminded_in_a_group(audience: Audience) -> None:
    for way in set(Way) - {Way.GROUP}:
        check_rule(replace(WEEKLY, audience=audience, way=way))
    with pytest.raises(DomainError, match=f"“{audience.label}”不在群里提醒"):
        check_rule(replace(WEEKLY, audience=audience, way=Way.GROUP))


@pytest.mark.parametrize("way", [Way.APP, Way.INBOX, Way.MAIL])
def test_a_message_to_one_person_alone_does_not_keep_the_promise(way: Way) -> None:
    check_set([WEEKLY], today=MONDAY)
    check_set([replace(WEEKLY, way=Way.GROUP)], today=MONDAY)
    with pytest.raises(DomainError, match="在群里提醒单位"):
        check_set([replace(WEEKLY, way=way)], today=MONDAY)


@pytest.mark.parametrize(
    ("changes", "is_refused"),
    [
        ({"offset_days": -3, "every_workdays": 0}, False),
        ({"offset_days": 0, "every_workdays": 0}, False),
        ({"offset_kind": OffsetKind.PERCENT, "offset_days": 50, "every_workdays": 0}, False),
        ({"offset_kind": OffsetKind.WORKDAYS, "offset_days": -2, "every_workdays": 0}, False),
        ({"offset_days": 1, "every_workdays": 0}, True),
        ({"offset_days": -3, "every_workdays": 5}, True),
        ({"offset_kind": OffsetKind.WORKDAYS, "offset_days": 2, "every_workdays": 0}, True),
        ({"offset_days": 30, "every_workdays": 0, "audience": Audience.HEAD}, False),
        ({"offset_days": 30, "every_workdays": 0, "is_in_product_only": True}, False),
    ],
)
def test_a_message_to_a_person_may_not_take_the_place_of_what_the_group_is_told(
    changes: dict[str, Any], is_refused: bool
) -> None:
    rule = replace(WEEKLY, code="own-1", **{"way": Way.APP, **changes})
    if "is_in_product_only" in changes:
        rule = replace(rule, way=Way.DEFAULT)
    if is_refused:
        with pytest.raises(DomainError, match="可能送不到"):
            check_set([WEEKLY, rule], today=MONDAY)
    else:
        check_set([WEEKLY, rule], today=MONDAY)


def rule_of(database: Database, code: str) -> ReminderRule:
    with database.reading() as session:
        return session.scalars(select(ReminderRule).where(ReminderRule.code == code)).one()


def choose(app: Flask, database: Database, chosen: SentBy, code: str = "task_due+1") -> int:
    """Let the lead choose how a rule is sent; return the answer's code."""
    row = rule_of(database, code)
    fields = {
        "label": row.label,
        "anchor": row.anchor.value,
        "offset_kind": row.offset_kind.value,
        "offset_days": str(row.offset_days),
        "every_workdays": str(row.every_workdays),
        "audience": row.audience.value,
        "sent_by": chosen.value,
        "wording": "",
        "version": str(row.version),
    }
    path = f"{RULES}/{row.id}/edit"
    return enter(app, "lead").post(path, {**fields, "submit": "保存"}).status_code


@pytest.mark.usefixtures("pushing")
def test_the_choice_is_kept_versioned_and_shown_under_the_same_code(
    app: Flask, database: Database
) -> None:
    before = rule_of(database, "task_due+1").version
    for no, chosen in enumerate(SentBy, 1):
        assert choose(app, database, chosen) == 302
        row = rule_of(database, "task_due+1")
        assert (row.sent_by, row.version) == (chosen, before + no)
        assert row.is_in_product_only is (chosen is SentBy.CALL_LIST)
        lead = enter(app, "lead")
        lead.get(f"{RULES}/{row.id}/edit")
        assert f'<option selected value="{chosen.value}">{chosen.label}' in lead.text
    lead.get(RULES)
    assert '<td class="fit" data-label="发送方式">仅催办清单</td>' in lead.text
    assert choose(app, database, SentBy.MAIL, code="task_due+7") == 422


@pytest.mark.usefixtures("pushing")
def test_another_way_is_looked_at_before_it_is_saved_and_the_same_one_is_no_change(
    app: Flask, database: Database, make_task: TaskMaker
) -> None:
    make_task(due_on=MONDAY + timedelta(days=1))
    row, lead = rule_of(database, "task_due+1"), enter(app, "lead")
    fields = {
        "label": "逾期第 1 天", "anchor": "task_due", "offset_kind": "days", "offset_days": "1",
        "every_workdays": "0", "audience": "unit", "wording": "", "look": "预览变化",
    }  # fmt: skip
    for chosen, is_change in ((SentBy.GROUP, False), (SentBy.APP, True)):
        path = f"{RULES}/{row.id}/edit"
        assert lead.post(path, {**fields, "sent_by": chosen.value}).status_code == 200
        assert ("7-3-001-01 市甲局（单位，应用消息）" in lead.text) is is_change
        assert ("7-3-001-01 市甲局（单位，群机器人）" in lead.text) is is_change


@pytest.mark.usefixtures("pushing")
def test_what_is_queued_follows_and_what_is_sent_stays(
    app: Flask, database: Database, clock: ManualClock, make_task: TaskMaker
) -> None:
    for _ in range(4):
        make_task(due_on=MONDAY - timedelta(days=1))
    assert queue(database, clock) == 4
    states = (MessageState.QUEUED, MessageState.RETRY_AT, MessageState.SENT, MessageState.SENT)
    with database.writing() as session:
        for row, state in zip(notifications(database), states, strict=True):
            session.execute(
                update(Notification).where(Notification.id == row.id).values(state=state)
            )
        session.commit()
    assert choose(app, database, SentBy.APP) == 302
    ways = [row.way for row in notifications(database)]
    assert ways == [Way.APP, Way.APP, Way.DEFAULT, Way.DEFAULT]
    assert queue(database, clock) == 0  # no new key
    assert choose(app, database, SentBy.DEFAULT) == 302
    assert {row.way for row in notifications(database)} == {Way.DEFAULT}


@pytest.mark.usefixtures("pushing")
def test_another_office_s_rules_of_the_same_code_move_nothing_here(
    app: Flask, database: Database, clock: ManualClock, people: Cast, make_task: TaskMaker
) -> None:
    make_task(due_on=MONDAY - timedelta(days=1))
    queue(database, clock)
    with database.writing() as session:
        east = people.regions["east"]
        session.execute(update(Notification).values(region_id=east, way=Way.MAIL))
        session.commit()
    assert choose(app, database, SentBy.APP) == 302
    assert [row.way for row in notifications(database)] == [Way.MAIL]
