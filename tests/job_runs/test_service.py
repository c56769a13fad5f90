"""One leader, one runner for each slot: on both databases, in real transactions."""

from datetime import timedelta

import pytest
from sqlalchemy import select, update

from tests.fakes.clock import ManualClock
from tracker.job_runs.models import JobLease, JobRun
from tracker.job_runs.queries import last_runs, leader, recent_runs
from tracker.job_runs.rules import RunState
from tracker.job_runs.service import (
    LEASE_TTL_SECONDS,
    STALE_AFTER,
    claim_slot,
    finish_run,
    hold_lease,
    prune_runs,
    release_lease,
)
from tracker.kernel.db import Database


def hold(database: Database, holder: str) -> int | None:
    with database.writing() as session:
        held = hold_lease(session, holder)
        session.commit()
    return held


def expire(database: Database) -> None:
    with database.writing() as session:
        session.execute(update(JobLease).values(expires_at=JobLease.renewed_at))
        session.commit()


def test_one_process_leads_until_its_lease_runs_out(database: Database) -> None:
    assert hold(database, "one")
    assert not hold(database, "two")
    assert hold(database, "one")
    expire(database)
    assert hold(database, "two")
    assert not hold(database, "one")
    with database.reading() as session:
        found = leader(session)
    assert found is not None
    assert (found.holder, found.is_alive) == ("two", True)


def test_the_lease_lasts_thirty_seconds_by_the_clock_of_the_database(database: Database) -> None:
    hold(database, "one")
    with database.reading() as session:
        lease = session.scalars(select(JobLease)).one()
    assert LEASE_TTL_SECONDS == 30
    assert lease.expires_at - lease.renewed_at == timedelta(seconds=30)


def test_a_clean_stop_gives_the_lease_back(database: Database) -> None:
    hold(database, "one")
    with database.writing() as session:
        release_lease(session, "two")
        release_lease(session, "one")
        session.commit()
    assert hold(database, "two")


def claim(database: Database, clock: ManualClock, holder: str = "one") -> int | None:
    with database.writing() as session:
        run_id = claim_slot(session, "count", "2026-11-16", holder=holder, now=clock.now())
        session.commit()
    return run_id


@pytest.mark.parametrize("state", [RunState.RUNNING, RunState.DONE])
def test_a_slot_is_claimed_once(database: Database, clock: ManualClock, state: RunState) -> None:
    assert claim(database, clock)
    with database.writing() as session:
        session.execute(update(JobRun).values(state=state))
        session.commit()
    assert claim(database, clock, "two") is None


def test_a_failed_slot_can_be_claimed_again(database: Database, clock: ManualClock) -> None:
    run_id = claim(database, clock)
    assert run_id is not None
    with database.writing() as session:
        finish_run(session, run_id, now=clock.now(), error="ValueError")
        session.commit()
    assert claim(database, clock, "two") == run_id
    with database.reading() as session:
        (run,) = recent_runs(session, "count")
    assert (run.holder, run.state, run.error) == ("two", RunState.RUNNING, None)


def test_a_runner_that_vanished_is_followed_after_two_hours(
    database: Database, clock: ManualClock
) -> None:
    assert claim(database, clock)
    clock.advance(STALE_AFTER)
    assert claim(database, clock, "two") is None
    clock.advance(timedelta(seconds=1))
    assert claim(database, clock, "two")


def test_idle_runs_are_forgotten_after_a_day(database: Database, clock: ManualClock) -> None:
    for slot, done in (("a", 0), ("b", 3)):
        with database.writing() as session:
            run_id = claim_slot(session, "count", slot, holder="one", now=clock.now())
            assert run_id is not None
            finish_run(session, run_id, now=clock.now(), done=done)
            session.commit()
    clock.advance(timedelta(days=1, seconds=1))
    with database.writing() as session:
        assert prune_runs(session, now=clock.now()) == 1
        session.commit()
    with database.reading() as session:
        assert last_runs(session)["count"].slot == "b"
