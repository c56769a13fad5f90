"""What has run, and who leads."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from tracker.job_runs.models import JobLease, JobRun
from tracker.job_runs.rules import RunState
from tracker.kernel import clock

LEADER = "leader"


def database_now(session: Session) -> datetime:
    """Return the database's clock, by which the lease runs."""
    return clock.database_now(session.connection())


@dataclass(frozen=True)
class Leader:
    """The leading jobs process; `age_seconds` since it last renewed, by the database's clock."""

    holder: str
    age_seconds: float
    expires_at: datetime
    is_alive: bool


def leader(session: Session, *, name: str = LEADER) -> Leader | None:
    """Return who leads, or led last; None when nobody ever did."""
    lease = session.get(JobLease, name)
    if lease is None or not lease.holder:
        return None
    moment = database_now(session)
    age = (moment - lease.renewed_at).total_seconds()
    return Leader(lease.holder, max(0.0, age), lease.expires_at, lease.expires_at > moment)


def last_runs(session: Session) -> dict[str, JobRun]:
    """Return the latest run of each job."""
    latest = select(func.max(JobRun.id)).group_by(JobRun.job)
    return {run.job: run for run in session.scalars(select(JobRun).where(JobRun.id.in_(latest)))}


def recent_runs(session: Session, job: str, *, limit: int = 20) -> list[JobRun]:
    """Return the newest runs of one job."""
    query = select(JobRun).where(JobRun.job == job).order_by(JobRun.id.desc()).limit(limit)
    return list(session.scalars(query))


def has_run_since(session: Session, job: str, at: datetime) -> bool:
    """Return whether a job that began at or after an instant has come to its end."""
    done = select(JobRun.id).where(
        JobRun.job == job, JobRun.state == RunState.DONE, JobRun.started_at >= at
    )
    return session.scalar(done.limit(1)) is not None
