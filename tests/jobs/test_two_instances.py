"""Two whole jobs processes over the due minute; the leader is frozen and thaws: one message each."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import date, timedelta
from pathlib import Path

import pytest
import requests
from sqlalchemy import select

from tests.factories.cast import TESTER, Cast
from tests.factories.work import make_work
from tests.fakes.clock import ManualClock
from tracker.job_runs.models import JobLease, JobRun
from tracker.kernel.clock import at_local
from tracker.kernel.crypto import Sealer
from tracker.kernel.db import Database
from tracker.notifications.models import Delivery, Notification
from tracker.notifications.rules import ChannelKind, MessageState
from tracker.notifications.service import add_channel
from tracker.reminders.service import switch_pushing
from tracker.wecom_sandbox.server import RunningSandbox, start_sandbox

MONDAY = date(2026, 11, 16)
SECRET = "test-secret-key-of-at-least-32-bytes!"
BEGIN = at_local(MONDAY, 9, 6) + timedelta(seconds=15)  # before the due minute
PATIENCE_SECONDS = 240


@pytest.fixture
def sandbox() -> Iterator[RunningSandbox]:
    with start_sandbox() as running:
        yield running


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


@contextmanager
def instance(name: str, url: str, host: str, folder: Path) -> Iterator[subprocess.Popen[str]]:
    env = {
        **os.environ,
        "TRACKER_DATABASE_URL": url,
        "TRACKER_SECRET_KEY": SECRET,
        "TRACKER_DATA_DIR": str(folder),
        "TRACKER_WECOM_ALLOWED_HOSTS": host,
    }
    command = [sys.executable, "-m", "tests.jobs.instance", BEGIN.isoformat(), name]
    with (folder / f"{name}.log").open("w") as log:
        one = subprocess.Popen(command, env=env, stdout=subprocess.PIPE, stderr=log, text=True)
        try:
            assert one.stdout is not None
            assert one.stdout.readline() == "started\n", (folder / f"{name}.log").read_text()
            yield one
        finally:
            one.send_signal(signal.SIGCONT)
            one.kill()
            one.wait(timeout=30)
            if one.stdout is not None:
                one.stdout.close()


def until(is_so: Callable[[], object]) -> None:
    for _ in range(PATIENCE_SECONDS * 4):
        if is_so():
            return
        time.sleep(0.25)
    pytest.fail("it did not come about")


def seen(sandbox: RunningSandbox) -> list[str]:
    found = requests.get(f"{sandbox.url}/seen", timeout=30).json()
    return sorted(one["key"] for one in found)


@pytest.mark.slow
def test_a_leader_frozen_over_the_due_minute_and_thawed_doubles_nothing(
    database: Database, sandbox: RunningSandbox, units: list[str], tmp_path: Path
) -> None:
    with ExitStack() as stack:
        one, two = (
            stack.enter_context(instance(name, database.url, sandbox.url, tmp_path))
            for name in ("one", "two")
        )

        def holder() -> str:
            with database.reading() as session:
                return session.scalars(select(JobLease.holder)).one()

        frozen, name = (one, "one") if holder() == "one" else (two, "two")
        frozen.send_signal(signal.SIGSTOP)
        until(lambda: holder() != name)
        until(lambda: seen(sandbox) == units)
        frozen.send_signal(signal.SIGCONT)
        time.sleep(10)  # long enough for the thawed one to try
        assert frozen.poll() is None
    assert seen(sandbox) == units
    with database.reading() as session:
        runs = session.scalars(select(JobRun).where(JobRun.job == "queue-reminders")).all()
        assert [(run.holder == name, run.done) for run in runs] == [(False, 2)]
        rows = session.scalars(select(Notification)).all()
        parts = session.scalars(select(Delivery)).all()
    assert [row.state for row in rows] == [MessageState.SENT] * 2
    assert [(part.state, part.attempts) for part in parts] == [(MessageState.SENT, 1)] * 2
