"""The jobs are down for a working week: one digest for each group afterwards, and nobody is forgotten.

Once with the jobs called in this process, once with `python -m jobs` itself, stopped by SIGTERM.
"""

import re
from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from jobs import deliver_notifications, queue_reminders, requeue_stale
from jobs.context import JobContext
from tests.conftest import make_config
from tests.factories.cast import TESTER, Cast
from tests.factories.work import Work, make_work
from tests.fakes.clock import ManualClock
from tests.jobs.processes import SECRET, Site
from tracker.job_runs.models import JobRun
from tracker.kernel.clock import at_local
from tracker.kernel.crypto import Sealer
from tracker.kernel.db import Database
from tracker.notifications.models import Delivery, Digest, Notification
from tracker.notifications.rules import ChannelKind, MessageState
from tracker.notifications.service import add_channel
from tracker.rectification.models import Task
from tracker.rectification.rules.words import TaskState
from tracker.reminders.service import switch_pushing
from tracker.wecom_sandbox.server import RunningSandbox, start_sandbox

MONDAY = date(2026, 11, 16)
BACK = MONDAY + timedelta(days=7)
GROUPS = {"own": (ChannelKind.UNIT, "a"), "shared": (ChannelKind.SHARED, None)}
DUE = {  # by what becomes of it while the jobs are down
    "late already": MONDAY - timedelta(days=3),
    "falls due": MONDAY + timedelta(days=2),
    "three days left": BACK + timedelta(days=3),
    "a month left": MONDAY + timedelta(days=34),
    "far away": MONDAY + timedelta(days=200),
    "closed meanwhile": MONDAY + timedelta(days=1),
}
BEFORE = {"late already", "falls due", "three days left", "closed meanwhile"}
AFTERWARDS = {"late already", "falls due", "three days left", "a month left"}
Numbers = dict[str, str]
RunJobs = Callable[[datetime], None]


@pytest.fixture
def sandbox() -> Iterator[RunningSandbox]:
    with start_sandbox() as running:
        yield running


@pytest.fixture
def tasks(
    database: Database, people: Cast, clock: ManualClock, sandbox: RunningSandbox
) -> dict[str, Numbers]:
    """One task of each kind in a unit with a group of its own, and in one without; their numbers."""
    city, now = people.regions["city"], clock.now()
    with database.writing() as session:
        work = make_work(session, people, now=now, fed_back_on=date(2026, 3, 2))
        switch_pushing(session, city, True, actor=people.actor("lead"), now=now)
        for key, (kind, unit) in GROUPS.items():
            add_channel(
                session,
                f"群{key}",
                sandbox.webhook_url(key),
                kind=kind,
                region_id=city,
                unit_id=people.units[unit] if unit else None,
                base_url=sandbox.url,
                allowed_hosts=[sandbox.url],
                sealer=Sealer((SECRET,)),
                actor=TESTER,
                now=now,
            )
        found = {unit: _numbers(session, people, work, unit, now) for unit in ("a", "b")}
        session.commit()
    return found


def _numbers(session: object, people: Cast, work: Work, unit: str, now: datetime) -> Numbers:
    return {
        name: work.task(session, people, unit=unit, due_on=due_on, now=now).task_no  # type: ignore[arg-type]
        for name, due_on in DUE.items()
    }


def close(database: Database, numbers: set[str]) -> None:
    with database.writing() as session:
        for task in session.scalars(select(Task).where(Task.task_no.in_(numbers))):
            task.state = TaskState.CLOSED
        session.commit()


def a_week_without_jobs(
    database: Database, sandbox: RunningSandbox, tasks: dict[str, Numbers], run: RunJobs
) -> None:
    """Let the jobs run on Monday, be down until the next one at 14:20, and run again."""
    run(at_local(MONDAY, 9, 7))
    heard(sandbox, tasks, 1, BEFORE)
    close(database, {own["closed meanwhile"] for own in tasks.values()})
    run(at_local(BACK, 14, 20))
    heard(sandbox, tasks, 2, AFTERWARDS)
    run(at_local(BACK, 16, 20))
    heard(sandbox, tasks, 2, AFTERWARDS)
    with database.reading() as session:
        rows = session.scalars(select(Notification).where(Notification.object_type == "task")).all()
        digests = session.scalars(select(Digest)).all()
        parts = session.scalars(select(Delivery)).all()
    assert {row.state for row in rows} == {MessageState.SENT}
    assert len(rows) == len(tasks) * (len(BEFORE) + len(AFTERWARDS))
    assert len(digests) == len(parts) == 2 * len(GROUPS)
    assert {(part.state, part.attempts) for part in parts} == {(MessageState.SENT, 1)}


def heard(
    sandbox: RunningSandbox, tasks: dict[str, Numbers], messages: int, expected: set[str]
) -> None:
    """Each group has heard so many messages, and in the last one of each task once."""
    own, shared = ([seen["content"] for seen in sandbox.seen(key)] for key in GROUPS)
    assert (len(own), len(shared)) == (messages, messages)
    said = re.findall(r"7-3-\d+-01", own[-1])
    assert sorted(said) == sorted(tasks["a"][name] for name in expected)
    assert sum(map(int, re.findall(r"(\d+)项", shared[-1]))) == len(expected)


def test_after_a_week_without_jobs_each_group_hears_one_digest_that_forgets_nothing(
    database: Database,
    clock: ManualClock,
    sandbox: RunningSandbox,
    tasks: dict[str, Numbers],
    tmp_path: Path,
) -> None:
    config = make_config(database.url, tmp_path / "data", wecom_allowed_hosts=(sandbox.url,))
    context = JobContext(database, clock, config, Sealer((SECRET,)), "tests")

    def run(now: datetime) -> None:
        clock.instant = now
        for job in (queue_reminders, deliver_notifications, requeue_stale) * 2:
            job.run(context, clock.now())
            clock.advance(timedelta(seconds=20))

    a_week_without_jobs(database, sandbox, tasks, run)


@pytest.mark.slow
def test_a_jobs_process_stopped_for_a_week_makes_up_for_it_with_one_digest(
    database: Database, sandbox: RunningSandbox, tasks: dict[str, Numbers], tmp_path: Path
) -> None:
    site = Site(database, sandbox.url, tmp_path)

    def run(now: datetime) -> None:
        """Start a process, let it deliver for three minutes, and stop it."""
        site.clock.set(now)
        with site.instance("one") as one:
            site.until(lambda: site.is_run("queue-reminders"), "reminders are queued")
            site.pass_through(site.clock.now() + timedelta(minutes=2), holders=("one",))
            assert one.stop() == 0
            assert site.leader() == ""  # given back for the next one

    a_week_without_jobs(database, sandbox, tasks, run)
    with database.reading() as session:
        query = select(JobRun.slot).where(JobRun.job == "queue-reminders").order_by(JobRun.id)
        assert session.scalars(query).all() == [MONDAY.isoformat(), BACK.isoformat()]
