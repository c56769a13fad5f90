"""The schedule: slots, the leader, failures; a real timer started and stopped."""

import threading
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select, update

from jobs.context import JobContext
from jobs.running import run_slot, slot_by_hand
from jobs.schedule import SCHEDULE, Running, ScheduledJob, SlotOf, fire, lead
from tests.conftest import make_config
from tests.fakes.clock import ManualClock
from tracker.job_runs.models import JobLease, JobRun
from tracker.job_runs.queries import leader
from tracker.job_runs.rules import RunState
from tracker.job_runs.service import release_lease
from tracker.kernel.crypto import Sealer
from tracker.kernel.db import Database
from tracker.kernel.errors import DomainError
from tracker.kernel.settings import get_setting, put_setting


class Counter:
    """A job that counts its runs, and fails as long as it is told to."""

    def __init__(self) -> None:
        self.runs = 0
        self.error: Exception | None = None
        self.ran = threading.Event()

    def __call__(self, context: JobContext, now: datetime) -> int:
        self.runs += 1
        self.ran.set()
        if self.error:
            raise self.error
        return self.runs


@pytest.fixture
def context(database: Database, clock: ManualClock, tmp_path: Path) -> JobContext:
    config = make_config(database.url, tmp_path / "data")
    return JobContext(database, clock, config, Sealer(config.secret_keys), "one")


@pytest.fixture
def counter() -> Counter:
    return Counter()


@pytest.fixture
def daily(counter: Counter) -> ScheduledJob:
    return ScheduledJob(name="count", run=counter, cron="7 9-17 * * *", slot_of=SlotOf.DAY)


def test_a_day_is_one_slot_however_often_the_timer_fires(
    context: JobContext, clock: ManualClock, daily: ScheduledJob, counter: Counter
) -> None:
    for _hour in range(3):
        fire(daily, context)
        clock.advance(timedelta(hours=1))
    assert counter.runs == 1
    clock.advance(timedelta(days=1))
    fire(daily, context)
    assert counter.runs == 2


def test_two_leaders_at_once_do_no_harm(
    context: JobContext, clock: ManualClock, counter: Counter
) -> None:
    other = replace(context, worker="two")
    outcomes = [
        run_slot("count", counter, "slot", each, now=clock.now()) for each in (context, other)
    ]
    assert counter.runs == 1
    assert outcomes[1] is None


def test_only_the_leader_runs_what_is_not_for_everybody(
    context: JobContext, daily: ScheduledJob, counter: Counter
) -> None:
    assert lead(context) == 1
    other = replace(context, worker="two")
    fire(daily, other)
    assert counter.runs == 0
    everywhere = replace(daily, is_everywhere=True)
    fire(everywhere, other)
    fire(everywhere, context)
    assert counter.runs == 2


def test_a_failure_is_recorded_and_made_up_for_by_the_next_firing(
    context: JobContext, clock: ManualClock, daily: ScheduledJob, counter: Counter
) -> None:
    for error, kept in ((ValueError("13800000000"), "ValueError"), (DomainError("不行"), "不行")):
        counter.error = error
        fire(daily, context)
        with context.database.reading() as session:
            run = session.scalars(select(JobRun)).one()
        assert (run.state, run.error) == (RunState.FAILED, kept)
    counter.error = None
    fire(daily, context)
    with context.database.reading() as session:
        run = session.scalars(select(JobRun)).one()
    assert (run.state, run.error, run.done) == (RunState.DONE, None, 3)


def test_a_run_by_hand_always_has_a_slot_of_its_own(clock: ManualClock) -> None:
    assert slot_by_hand(clock.now()) != slot_by_hand(clock.now())


def test_slots_and_crons_are_read_in_beijing_time() -> None:
    late_evening = datetime(2026, 11, 16, 16, 30, tzinfo=UTC)  # 00:30 on the 17th in Beijing
    job = next(job for job in SCHEDULE if job.name == "queue-reminders")
    assert job.slot(late_evening, "one") == "2026-11-17"
    at = job.next_at(late_evening)
    assert at is not None
    assert at.isoformat() == "2026-11-17T09:07:00+08:00"


def test_each_job_has_one_name() -> None:
    names = [job.name for job in SCHEDULE]
    assert len(names) == len(set(names))
    assert {"queue-reminders", "milestones"} <= set(names)


def test_a_started_schedule_leads_fires_and_gives_the_lease_back(
    context: JobContext, counter: Counter
) -> None:
    often = ScheduledJob(name="count", run=counter, cron="* * * * *", slot_of=SlotOf.MINUTE)
    running = Running(context, [often])
    running.start()
    try:
        with context.database.reading() as session:
            found = leader(session)
        assert found is not None
        assert found.holder == "one"
        running.fire_now("count")
        assert counter.ran.wait(timeout=20)
    finally:
        running.stop()
    with context.database.reading() as session:
        assert leader(session) is None


def freeze_and_follow(context: JobContext) -> int | None:
    """Let the lease run out, as of a process that is frozen, and another process take it."""
    with context.database.writing() as session:
        session.execute(update(JobLease).values(expires_at=JobLease.renewed_at))
        session.commit()
    return lead(replace(context, worker="two"))


def test_a_leader_that_thaws_after_another_has_taken_over_commits_nothing(
    context: JobContext, clock: ManualClock
) -> None:
    def act(given: JobContext, now: datetime) -> int:
        with given.database.writing() as session:
            put_setting(session, "touched", given.worker, by=given.worker, now=now)
            if given.worker == "one":
                session.rollback()
                assert freeze_and_follow(context) == 2
                put_setting(session, "touched", given.worker, by=given.worker, now=now)
            session.commit()
        return 1

    job = ScheduledJob(name="act", run=act, cron="7 9 * * *", slot_of=SlotOf.DAY)
    fire(job, context)
    with context.database.reading() as session:
        assert get_setting(session, "touched", "nobody") == "nobody"
    fire(job, replace(context, worker="two"))  # at once: the first can do no harm any more
    with context.database.reading() as session:
        assert get_setting(session, "touched", "nobody") == "two"
        (run,) = session.scalars(select(JobRun)).all()
    assert (run.holder, run.state, run.fence) == ("two", RunState.DONE, 2)


def test_the_fence_grows_with_every_leader_and_survives_a_clean_stop(context: JobContext) -> None:
    assert lead(context) == 1
    assert lead(context) == 1
    with context.database.writing() as session:
        release_lease(session, "one")
        session.commit()
    assert lead(replace(context, worker="two")) == 2
    assert lead(context) is None
