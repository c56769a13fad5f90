"""Who leads, and who runs which slot: conditional statements that one process alone can win."""

from datetime import datetime, timedelta
from typing import Any, cast

from sqlalchemy import CursorResult, case, delete, insert, or_, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from tracker.job_runs.models import JobLease, JobRun
from tracker.job_runs.queries import LEADER, database_now
from tracker.job_runs.rules import RunState

LEASE_TTL_SECONDS = 30
STALE_AFTER = timedelta(hours=2)
KEEP_IDLE = timedelta(days=1)
KEEP = timedelta(days=400)


class LostLeadError(Exception):
    """Another process leads by now; what this one was about to write must not stand."""


def hold_lease(
    session: Session, holder: str, *, name: str = LEADER, ttl_seconds: float = LEASE_TTL_SECONDS
) -> int | None:
    """Take or renew the lease; return the fence while the holder leads, None when another does.

    A leader that dies or freezes is followed by another after at most the TTL, with a higher fence.
    """
    moment = database_now(session)
    values = {
        "holder": holder,
        "renewed_at": moment,
        "expires_at": moment + timedelta(seconds=ttl_seconds),
    }
    is_mine = JobLease.holder == holder
    fence = case((is_mine, JobLease.fence), else_=JobLease.fence + 1)
    hold = (
        update(JobLease)
        .where(JobLease.name == name, or_(is_mine, JobLease.expires_at <= moment))
        .values(fence=fence, **values)
        .returning(JobLease.fence)
        .execution_options(synchronize_session=False)
    )
    held = session.execute(hold).scalar()
    if held is not None or session.get(JobLease, name) is not None:
        return held
    return 1 if _inserted(session, insert(JobLease).values(name=name, fence=1, **values)) else None


def check_fence(session: Session, holder: str, fence: int, *, name: str = LEADER) -> None:
    """Keep the lease as it is until the caller's commit. Raises LostLeadError when it has passed.

    A leader that was frozen and has thawed thus cannot act on what it believed before.
    """
    query = select(JobLease.fence).where(JobLease.name == name, JobLease.holder == holder)
    if session.scalar(query.with_for_update()) != fence:
        raise LostLeadError


def release_lease(session: Session, holder: str, *, name: str = LEADER) -> None:
    """Give the lease back on a clean stop, so that the next leader need not wait."""
    back = update(JobLease).where(JobLease.name == name, JobLease.holder == holder)
    session.execute(back.values(holder="", expires_at=JobLease.renewed_at))


def claim_slot(
    session: Session,
    job: str,
    slot: str,
    *,
    holder: str,
    now: datetime,
    by: str | None = None,
    fence: int | None = None,
) -> int | None:
    """Claim one slot of one job; return the run's id, or None when somebody has it.

    A slot that failed, or whose runner vanished hours ago, can be claimed again; at once where the
    runner led under a lower fence, for it can act no more.
    """
    values = {
        "state": RunState.RUNNING,
        "holder": holder,
        "started_at": now,
        "requested_by": by,
        "fence": fence,
    }
    if _inserted(session, insert(JobRun).values(job=job, slot=slot, **values)):
        return _run_id(session, job, slot)
    ended = or_(JobRun.started_at < now - STALE_AFTER, JobRun.fence < (fence or 0))
    vanished = (JobRun.state == RunState.RUNNING) & ended
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
