"""Who leads, which slot of which job has run, and work people asked for."""

from datetime import datetime

from sqlalchemy import String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from tracker.job_runs.rules import RunState
from tracker.kernel.db import Base, Id, enum_type


class JobLease(Base):
    """The lease of the leading jobs process; expiry by the database's clock.

    `fence` grows by one with every change of the holder and never falls: what a leader does counts
    only while the number it was given still stands here. Holder "": given back.
    """

    __tablename__ = "job_leases"

    name: Mapped[str] = mapped_column(String(40), primary_key=True)
    holder: Mapped[str] = mapped_column(String(80))
    expires_at: Mapped[datetime]
    renewed_at: Mapped[datetime]
    fence: Mapped[int] = mapped_column(default=1, server_default="1")


class JobRun(Base):
    """One run of one slot. UNIQUE(job, slot): two leaders cannot both act."""

    __tablename__ = "job_runs"
    __table_args__ = (UniqueConstraint("job", "slot"),)

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    job: Mapped[str] = mapped_column(String(40))
    slot: Mapped[str] = mapped_column(String(60))
    state: Mapped[RunState] = mapped_column(enum_type(RunState, "state"))
    holder: Mapped[str] = mapped_column(String(80))
    fence: Mapped[int | None]
    requested_by: Mapped[str | None] = mapped_column(String(120))
    started_at: Mapped[datetime]
    finished_at: Mapped[datetime | None]
    done: Mapped[int | None]
    error: Mapped[str | None] = mapped_column(Text)
