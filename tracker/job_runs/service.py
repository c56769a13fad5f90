"""Who leads, and who runs which slot: conditional statements that one process alone can win."""

from datetime import datetime, timedelta
from typing import Any, cast

from sqlalchemy import CursorResult, delete, insert, or_, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from tracker.job_runs.models import JobLease, JobRun
from tracker.job_runs.queries import LEADER, database_now
from tracker.job_runs.rules import RunState

LEASE_TTL_SECONDS = 30
STALE_AFTER = timedelta(hours=2)
KEEP_IDLE = timedelta(days=1)
KEEP = timedelta(days=400)


def hold_lease(
    session: Session, holder: str, *, name: str = LEADER, ttl_seconds: float = LEASE_TTL_SECONDS
) -> bool:
    """Take or renew the lease; return whether the holder leads until the TTL runs out.

    A leader that dies or freezes is followed by another after at most the TTL.
    """
    moment = database_now(session)
    values = {
        "holder": holder,
        "renewed_at": moment,
        "expires_at": moment + timedelta(seconds=ttl_seconds),
    }
    mine_or_expired = or_(JobLease.holder == holder, JobLease.expires_at <= moment)
    renew = update(JobLease).where(JobLease.name == name, mine_or_expired).values(values)
    if _count(session, renew) == 1:
        return True
    if session.get(JobLease, name) is not None:
        return False
    return _inserted(session, insert(JobLease).values(name=name, **values))


def release_lease(session: Session, holder: str, *, name: str = LEADER) -> None:
    """Give the lease back on a clean stop, so that the next leader need not wait."""
    session.execute(delete(JobLease).where(JobLease.name == name, JobLease.holder == holder))


def claim_slot(
    session: Session, job: str, slot: str, *, holder: str, now: datetime, by: str | None = None
) -> int | None:
    """Claim one slot of one job; return the run's id, or None when somebody has it.

    A slot that failed, or whose runner vanished hours ago, can be claimed again.
    """
    values = {"state": RunState.RUNNING, "holder": holder, "started_at": now, "requested_by": by}
    if _inserted(session, insert(JobRun).values(job=job, slot=slot, **values)):
        return _run_id(session, job, slot)
    vanished = (JobRun.state == RunState.RUNNING) & (JobRun.started_at < now - STALE_AFTER)
    again = (
        update(JobRun)
        .where(JobRun.job == job, JobRun.slot == slot)
        .where(or_(JobRun.state == RunState.FAILED, vanished))
        .values(finished_at=None, done=None, error=None, **values)
    )
    return _run_id(session, job, slot) if _count(session, again) == 1 else None


def _run_id(session: Session, job: str, slot: str) -> int | None:
    return session.scalar(select(JobRun.id).where(JobRun.job == job, JobRun.slot == slot))


def finish_run(
    session: Session,
    run_id: int,
    *,
    now: datetime,
    done: int | None = None,
    error: str | None = None,
) -> None:
    """Write down how a run ended: items acted on, or the error."""
    state = RunState.FAILED if error is not None else RunState.DONE
    session.execute(
        update(JobRun)
        .where(JobRun.id == run_id)
        .values(state=state, finished_at=now, done=done, error=error)
    )


def prune_runs(session: Session, *, now: datetime) -> int:
    """Forget old runs: those that found nothing to do after a day, all after 400 days."""
    idle = (JobRun.done == 0) & (JobRun.started_at < now - KEEP_IDLE)
    old = JobRun.started_at < now - KEEP
    return _count(session, delete(JobRun).where(JobRun.state != RunState.RUNNING, or_(idle, old)))


def _count(session: Session, statement: Any) -> int:
    result = session.execute(statement.execution_options(synchronize_session=False))
    return cast("CursorResult[Any]", result).rowcount


def _inserted(session: Session, statement: Any) -> bool:
    """Insert a row unless its unique key is taken; return whether it was."""
    try:
        with session.begin_nested():
            session.execute(statement)
    except IntegrityError:
        return False
    return True
