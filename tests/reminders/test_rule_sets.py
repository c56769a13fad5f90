"""The rule set follows the office's mode when the lead says so; rules of its own stay."""

import pytest
from flask import Flask
from sqlalchemy import select

from tests.factories.cast import TESTER, Cast
from tests.fakes.clock import ManualClock
from tests.rectification.office import enter
from tracker.kernel.db import Database, born
from tracker.organizations.models import Region
from tracker.organizations.rules import OfficeMode
from tracker.reminders.ladders import DEFAULT_RULES, SIMPLE_RULES
from tracker.reminders.models import ReminderRule
from tracker.reminders.rulebook import load_rules
from tracker.reminders.rules import AnchorKind, RuleStatus

OFFER = "提醒规则与工作模式不一致"


def set_mode(database: Database, people: Cast, mode: OfficeMode) -> None:
    with database.writing() as session:
        session.get_one(Region, people.regions["city"]).mode = mode
        session.commit()


def active(database: Database, people: Cast) -> set[object]:
    with database.reading() as session:
        city = people.regions["city"]
        return set(load_rules(session, [city]).of(city, RuleStatus.ACTIVE))


@pytest.mark.usefixtures("pushing")
def test_the_lead_takes_the_modes_rules_and_back_and_the_offices_own_stay(
    app: Flask, database: Database, people: Cast, clock: ManualClock
) -> None:
    city = people.regions["city"]
    with database.writing() as session:
        stamps = born(actor=TESTER, now=clock.now())
        own = ReminderRule(
            region_id=city,
            code="own-5",
            label="到期前 5 天",
            anchor=AnchorKind.TASK_DUE,
            offset_days=-5,
            status=RuleStatus.ACTIVE,
            audience=SIMPLE_RULES[0].audience,
            **stamps,
        )
        session.add(own)
        altered = session.scalars(
            select(ReminderRule).where(
                ReminderRule.region_id == city, ReminderRule.code == "task_due-3"
            )
        ).one()
        altered.offset_days, altered.label = -4, "到期前 4 天"
        session.commit()
    kept = {rule for rule in active(database, people) if rule not in DEFAULT_RULES}
    assert len(kept) == 2
    lead, clerk = enter(app, "lead"), enter(app, "clerk")
    lead.get("/reminders")
    assert OFFER not in lead.text
    set_mode(database, people, OfficeMode.SIMPLE)
    clerk.get("/reminders")
    assert OFFER in clerk.text
    assert clerk.post("/reminders/switch-rules", via="/reminders").status_code == 403
    lead.post("/reminders/switch-rules", via="/reminders")
    assert active(database, people) == {*SIMPLE_RULES, *kept}
    lead.get("/reminders")
    assert OFFER not in lead.text
    set_mode(database, people, OfficeMode.STANDARD)
    lead.post("/reminders/switch-rules", via="/reminders")
    untouched = [rule for rule in DEFAULT_RULES if rule.code != "task_due-3"]
    assert active(database, people) == {*untouched, *kept}


def test_an_office_without_rules_of_its_own_follows_its_mode(
    app: Flask, database: Database, people: Cast
) -> None:
    assert active(database, people) == set(DEFAULT_RULES)
    set_mode(database, people, OfficeMode.SIMPLE)
    assert active(database, people) == set(SIMPLE_RULES)
    lead = enter(app, "lead")
    lead.get("/reminders")
    assert OFFER not in lead.text
    assert f"提醒规则（{len(SIMPLE_RULES)} 条）" in lead.text
