"""A task, its reminders and the group that hears them: jobs, database and robot together."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from threading import Event

import pytest

from jobs import deliver_notifications, queue_reminders
from jobs.context import JobContext
from jobs.running import run_slot
from tests.conftest import make_config
from tests.factories.cast import TESTER, Cast
from tests.factories.work import Work, make_work
from tests.fakes.clock import ManualClock
from tracker.kernel.crypto import Sealer
from tracker.kernel.db import Database
from tracker.kernel.settings import put_setting
from tracker.notifications.pacing import quiet_hours
from tracker.notifications.rules import ChannelKind, QuietHours
from tracker.notifications.service import add_channel
from tracker.rectification.models import Task
from tracker.rectification.rules.words import TaskState
from tracker.reminders.service import switch_pushing
from tracker.wecom_sandbox.server import RunningSandbox, start_sandbox

MONDAY = date(2026, 11, 16)


@pytest.fixture
def sandbox(clock: ManualClock) -> Iterator[RunningSandbox]:
    with start_sandbox(now=clock.now) as running:
        yield running


@pytest.fixture
def context(
    database: Database, clock: ManualClock, sandbox: RunningSandbox, tmp_path: Path
) -> JobContext:
    config = make_config(
        database.url, tmp_path / "data", wecom_allowed_hosts=(sandbox.url,), mobile_url=None
    )
    return JobContext(database, clock, config, Sealer(config.secret_keys), "tests")


@pytest.fixture
def work(context: JobContext, people: Cast, clock: ManualClock, sandbox: RunningSandbox) -> Work:
    """A round, the switch on, one group of unit A's own and one shared."""
    city = people.regions["city"]
    groups = (("own", ChannelKind.UNIT, people.units["a"]), ("shared", ChannelKind.SHARED, None))
    with context.database.writing() as session:
        made = make_work(session, people, now=clock.now(), fed_back_on=date(2026, 3, 2))
        switch_pushing(session, city, True, actor=people.actor("lead"), now=clock.now())
        for key, kind, unit_id in groups:
            add_channel(
                session,
                f"群{key}",
                sandbox.webhook_url(key),
                kind=kind,
                region_id=city,
                unit_id=unit_id,
                base_url=sandbox.url,
                allowed_hosts=[sandbox.url],
                sealer=context.sealer,
                actor=TESTER,
                now=clock.now(),
            )
        session.commit()
    return made


def test_closing_a_task_silences_it_while_its_sibling_is_heard_over_ten_working_days(
    context: JobContext, people: Cast, clock: ManualClock, sandbox: RunningSandbox, work: Work
) -> None:
    with context.database.writing() as session:
        due_on = MONDAY - timedelta(days=1)
        closing, sibling, other = (
            work.task(session, people, unit=unit, due_on=due_on, now=clock.now())
            for unit in ("a", "a", "b")
        )
        session.commit()
    heard: list[tuple[int, str]] = []
    for n in range(12):
        clock.set_local(MONDAY + timedelta(days=n), 9, 7)
        if n == 1:
            with context.database.writing() as session:
                session.get_one(Task, closing.id).state = TaskState.CLOSED
                session.commit()
        before = len(sandbox.seen("own"))
        for _ in range(2):
            queue_reminders.run(context, clock.now())
            deliver_notifications.run(context, clock.now())
        heard += [(n, seen["content"]) for seen in sandbox.seen("own")[before:]]
    assert [n for n, _ in heard] == [0, 7]
    assert [closing.task_no in text for _, text in heard] == [True, False]
    assert all(sibling.task_no in text for _, text in heard)
    shared = [seen["content"] for seen in sandbox.seen("shared")]
    assert len(shared) == 2
    assert not any(other.task_no in text or "市乙局" in text for text in shared)


def test_closing_after_queueing_cancels_at_the_moment_of_sending(
    context: JobContext, people: Cast, clock: ManualClock, sandbox: RunningSandbox, work: Work
) -> None:
    with context.database.writing() as session:
        task = work.task(session, people, due_on=MONDAY, now=clock.now())
        session.commit()
    assert queue_reminders.run(context, clock.now()) == 1
    assert deliver_notifications.run(context, clock.now()) == 0  # 09:00, the slot is 09:07
    with context.database.writing() as session:
        session.get_one(Task, task.id).state = TaskState.CLOSED
        session.commit()
    clock.set_local(MONDAY, 9, 7)
    assert deliver_notifications.run(context, clock.now()) == 0
    assert list(sandbox.seen("own")) == []


def test_nothing_is_sent_in_the_evening_and_what_waited_goes_the_next_morning(
    context: JobContext, people: Cast, clock: ManualClock, sandbox: RunningSandbox, work: Work
) -> None:
    with context.database.writing() as session:
        work.task(session, people, due_on=MONDAY + timedelta(days=3), now=clock.now())
        session.commit()
    assert queue_reminders.run(context, clock.now()) == 1
    for day, hour, minute in ((0, 20, 0), (0, 23, 30), (1, 7, 59)):
        clock.set_local(MONDAY + timedelta(days=day), hour, minute)
        assert deliver_notifications.run(context, clock.now()) == 0
    assert list(sandbox.seen("own")) == []
    clock.set_local(MONDAY + timedelta(days=1), 8, 0)
    assert deliver_notifications.run(context, clock.now()) == 1


def test_what_waited_overnight_goes_with_what_is_due_in_the_morning_in_one_digest(
    context: JobContext, people: Cast, clock: ManualClock, sandbox: RunningSandbox, work: Work
) -> None:
    def run_jobs(*names: str) -> list[int]:
        slot = clock.now().isoformat()
        jobs = {"queue-reminders": queue_reminders.run, "deliver": deliver_notifications.run}
        found = []
        for name in names:
            outcome = run_slot(name, jobs[name], slot, going_on, now=clock.now())
            assert outcome is not None
            found.append(outcome.done or 0)
        return found

    going_on = replace(context, stopping=Event())  # as in a process with a timer

    def add(due_on: date) -> None:
        with context.database.writing() as session:
            work.task(session, people, due_on=due_on, now=clock.now())
            session.commit()

    add(MONDAY)
    clock.set_local(MONDAY, 19)
    assert run_jobs("queue-reminders", "deliver") == [1, 0]
    add(MONDAY + timedelta(days=1))
    for hour, minute in ((8, 0), (9, 7)):
        clock.set_local(MONDAY + timedelta(days=1), hour, minute)
        assert run_jobs("deliver") == [0]  # what is due today has not been queued yet
    clock.advance(timedelta(seconds=30))
    assert run_jobs("queue-reminders", "deliver") == [1, 1]
    (seen,) = sandbox.seen("own")
    assert "7-3-001-01" in seen["content"]
    assert "7-3-002-01" in seen["content"]


def test_when_queueing_fails_all_day_what_waited_goes_in_the_evening(
    context: JobContext, people: Cast, clock: ManualClock, sandbox: RunningSandbox, work: Work
) -> None:
    going_on = replace(context, stopping=Event())
    with context.database.writing() as session:
        work.task(session, people, due_on=MONDAY, now=clock.now())
        session.commit()
    queue_reminders.run(context, clock.now())  # on the day before, say: no run of today stands
    for hour, expected in ((9, 0), (17, 0), (18, 1)):
        clock.set_local(MONDAY, hour, 30)
        assert deliver_notifications.run(going_on, clock.now()) == expected


def test_an_office_sets_its_own_quiet_hours(context: JobContext) -> None:
    for value, expected in (
        ("18-9", QuietHours(18, 9)),
        ("0-0", QuietHours(0, 0)),
        ("evening", QuietHours()),
        ("20-99", QuietHours()),
    ):
        with context.database.writing() as session:
            put_setting(session, "quiet_hours", value, by="tests", now=context.clock.now())
            session.commit()
            assert quiet_hours(session) == expected
    assert not any(QuietHours(0, 0).has(hour) for hour in range(24))
    assert [hour for hour in range(24) if QuietHours(12, 14).has(hour)] == [12, 13]
