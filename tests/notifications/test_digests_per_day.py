"""每日提醒次数: an office's own number over the installation's, seen by what its groups get."""

from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from tests.fakes.voice import PersonVoice
from tests.notifications.office import Office
from tests.visitor import Visitor
from tracker.audit.models import AuditEntry
from tracker.kernel.settings import put_setting, region_scope
from tracker.notifications.allowance import Allowance, allowance
from tracker.notifications.rules import Audience, ChannelKind

PAGE = "/reminders/digests-per-day"


def own(office: Office, region: str, value: str) -> None:
    with office.database.writing() as session:
        scope = region_scope(office.cast.regions[region])
        now = office.clock.now()
        put_setting(session, "digests_per_day", value, by="tests", now=now, scope=scope)
        session.commit()


def say(office: Office, times: int) -> None:
    """Something new comes due for a group of the city and one of the county, some times over."""
    east: dict[str, Any] = {
        "region_id": office.cast.regions["east"],
        "unit_id": office.cast.units["e"],
    }
    for number in range(1, times + 1):
        office.queue(number)
        office.queue(100 + number, **east)
        office.deliver()
        office.clock.advance(timedelta(minutes=2))


@pytest.fixture
def groups(office: Office) -> Office:
    office.switch("1", "east")
    office.channel("city")
    office.channel("county", region="east")
    return office


def heard(office: Office) -> tuple[int, int]:
    return len(office.contents("city")), len(office.contents("county"))


def test_an_offices_own_number_goes_for_its_groups_alone(groups: Office) -> None:
    own(groups, "east", "3")
    say(groups, 4)
    assert heard(groups) == (1, 3)


def test_a_smaller_own_number_stands_over_a_larger_one_of_the_installation(groups: Office) -> None:
    groups.set(digests_per_day=3)
    own(groups, "east", "1")
    say(groups, 4)
    assert heard(groups) == (3, 1)


@pytest.mark.parametrize("value", ["", "0", "6", "x"])
def test_what_is_no_number_counts_as_not_set(groups: Office, value: str) -> None:
    groups.set(digests_per_day=2)
    own(groups, "east", value)
    say(groups, 3)
    assert heard(groups) == (2, 2)


def test_it_goes_for_persons_too(groups: Office) -> None:
    groups.voice = voice = PersonVoice()
    groups.way(ChannelKind.APP)
    groups.way(ChannelKind.APP, region="east")
    zhang, li = (groups.person(name, wecom_userid=name) for name in ("zhang", "li"))
    for number in range(1, 5):
        voice.answerable |= {number: (zhang,), 100 + number: (li,)}
    own(groups, "east", "2")
    for number in range(1, 5):
        groups.queue(number, audience=Audience.OWNER, unit_id=None)
        groups.queue(
            100 + number,
            audience=Audience.OWNER,
            unit_id=None,
            region_id=groups.cast.regions["east"],
        )
        groups.deliver()
        groups.clock.advance(timedelta(minutes=2))
    assert len(groups.sandbox.apps.messages("zhang")) == 1
    assert len(groups.sandbox.apps.messages("li")) == 2


def test_the_lead_sets_it_for_the_own_region_and_the_trail_says_so(
    app: Flask, groups: Office
) -> None:
    lead = Visitor(app)
    lead.sign_in("east_lead")
    assert lead.post(PAGE, {"digests_per_day": "4"}).status_code == 302
    with groups.database.reading() as session:
        assert allowance(session) == Allowance(1, {groups.cast.regions["east"]: 4})
        entries = session.scalars(
            select(AuditEntry).where(AuditEntry.action == "own_digests_kept")
        ).all()
    assert [entry.object_id for entry in entries] == [groups.cast.regions["east"]]
    say(groups, 5)
    assert heard(groups) == (1, 4)
    assert lead.post(PAGE, {"digests_per_day": ""}).status_code == 302
    with groups.database.reading() as session:
        assert allowance(session) == Allowance(1)


@pytest.mark.parametrize("value", ["0", "6", "-1", "x", "1.5"])
def test_out_of_bounds_is_refused_with_a_sentence(app: Flask, groups: Office, value: str) -> None:
    lead = Visitor(app)
    lead.sign_in("lead")
    assert lead.post(PAGE, {"digests_per_day": value}).status_code == 422
    with groups.database.reading() as session:
        assert allowance(session) == Allowance(1)


def test_the_page_shows_only_that_number_and_only_to_a_lead(app: Flask, groups: Office) -> None:
    lead, clerk = Visitor(app), Visitor(app)
    lead.sign_in("lead")
    clerk.sign_in("clerk")
    groups.set(digests_per_day=2)
    lead.get(PAGE)
    assert "现在是 2 次" in lead.text
    assert "robot_messages_per_minute" not in lead.text
    assert clerk.get(PAGE).status_code == 403
    lead.get("/reminders")
    assert PAGE in lead.text
    clerk.get("/reminders")
    assert PAGE not in clerk.text
