"""发送节奏: what can be set, by whom, within which bounds; read at once by what sends."""

from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from tests.fakes.clock import ManualClock
from tests.visitor import Visitor
from tracker.audit.models import AuditEntry
from tracker.kernel.db import Database
from tracker.kernel.settings import put_setting
from tracker.notifications import pacing
from tracker.notifications.allowance import Allowance, allowance
from tracker.notifications.rules import Pace, QuietHours

GIVEN = {
    "digests_per_day": "2",
    "quiet_begins": "19",
    "quiet_ends": "9",
    "robot_messages_per_minute": "15",
    "robot_window_seconds": "90",
    "robot_pause_seconds": "120",
    "sending_lease_seconds": "240",
    "delivery_workers": "4",
}


@pytest.fixture
def admin(app: Flask, people: object) -> Visitor:
    visitor = Visitor(app)
    visitor.sign_in("admin")
    return visitor


def save(admin: Visitor, **changes: str) -> int:
    page = "/channels/pace"
    return admin.post(page, {**GIVEN, **changes}, via=page).status_code


def test_an_administrator_sets_the_pace_and_the_trail_says_what_changed(
    admin: Visitor, database: Database
) -> None:
    assert save(admin) == 302
    with database.reading() as session:
        assert pacing.pace_of(session) == Pace(
            per_window=15,
            window=timedelta(seconds=90),
            pause=timedelta(seconds=120),
            lease=timedelta(seconds=240),
        )
        assert allowance(session) == Allowance(2)
        assert pacing.workers_of(session) == 4
        assert pacing.quiet_hours(session) == QuietHours(19, 9)
        entries = session.scalars(
            select(AuditEntry).where(AuditEntry.action == "sending_pace_kept")
        ).all()
    assert len(entries) == 1
    assert "digests_per_day" in str(entries[0].detail)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"digests_per_day": "6"}, "1 至 5"),
        ({"digests_per_day": "0"}, "1 至 5"),
        ({"robot_messages_per_minute": "21"}, "1 至 20"),
        ({"robot_window_seconds": "30"}, "60 至 300"),
        ({"robot_window_seconds": "240"}, "至少长 60 秒"),
        ({"quiet_begins": "8", "quiet_ends": "20"}, "不能占满"),
        ({"delivery_workers": "x"}, "整数"),
    ],
)
def test_what_is_out_of_bounds_is_refused_with_a_sentence(
    admin: Visitor, database: Database, changes: dict[str, str], said: str
) -> None:
    assert save(admin, **changes) == 422
    assert said in admin.text
    with database.reading() as session:
        assert pacing.pace_of(session) == Pace()


def test_a_page_that_is_no_longer_true_changes_nothing(admin: Visitor, database: Database) -> None:
    assert save(admin, version="999999") == 409
    with database.reading() as session:
        assert pacing.pace_of(session) == Pace()


@pytest.mark.parametrize("value", ["0", "-3", "21", "x", "99999999999"])
def test_nonsense_in_the_table_counts_as_not_set(
    database: Database, clock: ManualClock, value: str
) -> None:
    with database.writing() as session:
        for dial in pacing.DIALS:
            put_setting(session, dial.key, value, by="tests", now=clock.now())
        session.commit()
        told = pacing.numbers(session)
    for dial in pacing.DIALS:
        is_sound = value.isdecimal() and 1 <= int(value) <= dial.most
        assert told[dial.key] == (int(value) if is_sound else dial.default)
