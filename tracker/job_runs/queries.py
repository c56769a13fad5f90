"""What has run, and who leads."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import ColumnElement, DateTime, String, func, literal_column, select
from sqlalchemy.orm import Session

from tracker.job_runs.models import JobLease, JobRun

LEADER = "leader"


def database_now(session: Session) -> datetime:
    """Return the database's clock, the one clock that all processes share."""
    return moment_of(session.scalar(select(clock_of(session))))


def clock_of(session: Session) -> ColumnElement[Any]:
    """Return the database's clock as part of a statement; `moment_of` reads what comes back."""
    is_sqlite = session.get_bind().dialect.name == "sqlite"
    if is_sqlite:
        return literal_column("strftime('%Y-%m-%d %H:%M:%f', 'now')", String)
    return literal_column("clock_timestamp()", DateTime(timezone=True))


def moment_of(clock: str | datetime | None) -> datetime:
    """Return what a database's clock said."""
    if isinstance(clock, datetime):
        return clock.astimezone(UTC)
    return datetime.fromisoformat(clock or "").replace(tzinfo=UTC)


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
