"""What the preview says is what is then really sent: messages, groups, tasks; queued ones too."""

import re
from collections import Counter
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import pytest

from jobs import deliver_notifications, queue_reminders
from jobs.context import JobContext
from tests.conftest import make_config
from tests.factories.cast import TESTER, Cast
from tests.factories.work import make_work
from tests.fakes.clock import ManualClock
from tracker.kernel.crypto import Sealer
from tracker.kernel.db import Database
from tracker.notifications.rules import ChannelKind
from tracker.notifications.service import add_channel
from tracker.reminders.overview import reaching
from tracker.reminders.preview import Preview, messages_of, preview
from tracker.reminders.service import switch_pushing
from tracker.wecom_sandbox.server import RunningSandbox, start_sandbox
from tracker.workdays.queries import load_calendar
from tracker.workdays.service import seed_calendar

MONDAY = date(2026, 11, 16)
TUESDAY = MONDAY + timedelta(days=1)
KEYS = {"单位群": "own", "联络员群": "shared"}


@pytest.fixture
def sandbox(clock: ManualClock) -> Iterator[RunningSandbox]:
    with start_sandbox(now=clock.now) as running:
        yield running


@pytest.fixture
def context(
    database: Database, clock: ManualClock, sandbox: RunningSandbox, tmp_path: Path
) -> JobContext:
    config = make_config(database.url, tmp_path / "data", wecom_allowed_hosts=(sandbox.url,))
    return JobContext(database, clock, config, Sealer(config.secret_keys), "tests")


def open_group(context: JobContext, people: Cast, sandbox: RunningSandbox, name: str) -> None:
    kind = ChannelKind.UNIT if name == "单位群" else ChannelKind.SHARED
    with context.database.writing() as session:
        add_channel(
            session,
            name,
            sandbox.webhook_url(KEYS[name]),
            kind=kind,
            region_id=people.regions["city"],
            unit_id=people.units["a"] if kind is ChannelKind.UNIT else None,
            base_url=sandbox.url,
            allowed_hosts=[sandbox.url],
            sealer=context.sealer,
            actor=TESTER,
            now=context.clock.now(),
        )
        session.commit()


def foreseen(context: JobContext, people: Cast) -> list[Preview]:
    regions = [people.regions["city"]]
    with context.database.reading() as session:
        selection = reaching(session, regions, on=TUESDAY)
        calendar = load_calendar(session)
        return preview(session, selection, regions, on=TUESDAY, calendar=calendar)


def test_what_is_foreseen_is_what_is_sent_with_what_waits_from_the_day_before(
    context: JobContext, people: Cast, clock: ManualClock, sandbox: RunningSandbox
) -> None:
    with context.database.writing() as session:
        seed_calendar(session, now=clock.now(), actor=TESTER)  # else dates ahead are 推算
        work = make_work(session, people, now=clock.now(), fed_back_on=date(2026, 3, 2))
        lead = people.actor("lead")
        switch_pushing(session, people.regions["city"], True, actor=lead, now=clock.now())
        for days in (-40, -2, 0, 1, 2, 4, 11) * 12:  # late, due, superseded by Tuesday, due then
            due_on = MONDAY + timedelta(days=days)
            work.task(session, people, due_on=due_on, now=clock.now())
            work.task(session, people, unit="b", due_on=due_on, now=clock.now())
        session.commit()
    assert queue_reminders.run(context, clock.now()) > 0
    assert deliver_notifications.run(context, clock.now()) == 0  # there is no group yet
    for name in KEYS:
        open_group(context, people, sandbox, name)
    lines = foreseen(context, people)
    assert {line.is_waiting for line in lines} == {True, False}
    clock.set_local(TUESDAY, 9, 7)
    queue_reminders.run(context, clock.now())
    deliver_notifications.run(context, clock.now())
    sent = {name: sandbox.seen(key) for name, key in KEYS.items()}
    assert messages_of(lines, on=TUESDAY) == {name: len(seen) for name, seen in sent.items()}
    assert len(sent["单位群"]) > 1
    own = "\n".join(seen["content"] for seen in sent["单位群"])
    expected = [line.line for line in lines if line.group == "单位群"]
    assert all(line in own for line in expected)
    assert own.count("7-3-") == len(expected)
    shared = sent["联络员群"][0]["content"]
    counted = sum(int(number) for number in re.findall(r"(\d+)项", shared))
    assert counted == Counter(line.group for line in lines)["联络员群"]
    assert foreseen(context, people) == []
