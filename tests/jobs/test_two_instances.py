"""Two whole jobs processes over the due minute, one of them frozen or not: one message for each group."""

from collections.abc import Iterator
from contextlib import ExitStack
from datetime import date, timedelta
from pathlib import Path

import pytest
import requests
from sqlalchemy import select

from tests.factories.cast import TESTER, Cast
from tests.factories.work import make_work
from tests.fakes.clock import ManualClock
from tests.jobs.processes import SECRET, Site
from tracker.job_runs.models import JobRun
from tracker.kernel.clock import at_local
from tracker.kernel.crypto import Sealer
from tracker.kernel.db import Database
from tracker.notifications.models import Delivery, Notification
from tracker.notifications.rules import ChannelKind, MessageState
from tracker.notifications.service import add_channel
from tracker.reminders.service import switch_pushing
from tracker.wecom_sandbox.server import RunningSandbox, start_sandbox

MONDAY = date(2026, 11, 16)
BEFORE = at_local(MONDAY, 9, 0)
DUE_MINUTE = at_local(MONDAY, 9, 7)
NAMES = ("one", "two")


@pytest.fixture
def sandbox() -> Iterator[RunningSandbox]:
    with start_sandbox() as running:
        yield running


@pytest.fixture
def site(database: Database, sandbox: RunningSandbox, tmp_path: Path) -> Site:
    site = Site(database, sandbox.url, tmp_path)
    site.clock.set(BEFORE)
    return site


@pytest.fixture
def units(
    database: Database, people: Cast, clock: ManualClock, sandbox: RunningSandbox
) -> list[str]:
    """Two units with a task due today and a group of their own each; the keys of their groups."""
    city = people.regions["city"]
    with database.writing() as session:
        work = make_work(session, people, now=clock.now(), fed_back_on=date(2026, 3, 2))
        switch_pushing(session, city, True, actor=people.actor("lead"), now=clock.now())
        for unit in ("a", "b"):
            work.task(session, people, unit=unit, due_on=MONDAY, now=clock.now())
            add_channel(
                session,
                f"群{unit}",
                sandbox.webhook_url(f"own-{unit}"),
                kind=ChannelKind.UNIT,
                region_id=city,
                unit_id=people.units[unit],
                base_url=sandbox.url,
                allowed_hosts=[sandbox.url],
                sealer=Sealer((SECRET,)),
                actor=TESTER,
                now=clock.now(),
            )
        session.commit()
    return ["own-a", "own-b"]


def seen(sandbox: RunningSandbox) -> list[str]:
    found = requests.get(f"{sandbox.url}/seen", timeout=30).json()
    return sorted(one["key"] for one in found)


def check_books(database: Database, *, queued_by: set[str]) -> None:
    """Everything was written down once: queued in one run, sent at the first attempt."""
    with database.reading() as session:
        runs = session.scalars(select(JobRun).where(JobRun.job == "queue-reminders")).all()
        of_tasks = select(Notification).where(Notification.object_type == "task")
        rows = session.scalars(of_tasks).all()  # the week's report has no group to hear of it
        parts = session.scalars(select(Delivery)).all()
    assert [run.done for run in runs] == [2]
    assert {run.holder for run in runs} <= queued_by
    assert [row.state for row in rows] == [MessageState.SENT] * 2
    assert [(part.state, part.attempts) for part in parts] == [(MessageState.SENT, 1)] * 2


@pytest.mark.slow
def test_two_instances_over_the_due_minute_send_one_message_to_each_group(
    site: Site, sandbox: RunningSandbox, units: list[str]
) -> None:
    with ExitStack() as stack:
        both = [stack.enter_context(site.instance(name)) for name in NAMES]
        site.pass_through(BEFORE, holders=NAMES)
        assert seen(sandbox) == []
        site.clock.set(DUE_MINUTE)
        site.until(lambda: site.is_run("queue-reminders"), "reminders are queued")
        site.pass_through(DUE_MINUTE + timedelta(minutes=1), holders=NAMES)
        assert seen(sandbox) == units
        site.pass_through(DUE_MINUTE + timedelta(hours=2), holders=NAMES)
        assert [one.stop() for one in both] == [0, 0]
    assert seen(sandbox) == units
    check_books(site.database, queued_by=set(NAMES))


@pytest.mark.slow
def test_a_leader_frozen_over_the_due_minute_and_thawed_doubles_nothing(
    site: Site, sandbox: RunningSandbox, units: list[str]
) -> None:
    with ExitStack() as stack:
        both = {name: stack.enter_context(site.instance(name)) for name in NAMES}
        site.pass_through(BEFORE, holders=NAMES)
        leader = site.leader()
        assert leader in both
        other = next(name for name in NAMES if name != leader)
        site.freeze_between_transactions(both[leader])
        site.clock.set(DUE_MINUTE)
        site.until(lambda: site.leader() == other, "the other one leads")
        site.until(lambda: site.is_run("queue-reminders", holder=other), "it queues")
        site.pass_through(DUE_MINUTE + timedelta(minutes=1), holders=(other,))
        assert seen(sandbox) == units
        both[leader].thaw()
        site.pass_through(DUE_MINUTE + timedelta(minutes=5), holders=NAMES)
        site.pass_through(DUE_MINUTE + timedelta(hours=2), holders=NAMES)
        assert site.leader() == other
        assert [one.stop() for one in both.values()] == [0, 0]
    assert seen(sandbox) == units
    check_books(site.database, queued_by={other})
