"""Who leads, which slot of which job has run, and work people asked for."""

from datetime import datetime

from sqlalchemy import BigInteger, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from tracker.job_runs.rules import RunState, WorkKind, WorkState
from tracker.kernel.db import Base, Id, enum_type, foreign_key


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


class BackgroundWork(Base):
    """后台办理: one piece of work that somebody asked for, its progress, and what came of it.

    `worker` with `attempts` is the claim: whoever writes for an older one finds no row. `standing` is
    as what it was asked (`rules.standing_of`). `params` is JSON, `back_to` the path it was
    asked on, `leads_to` where to go on. Of `result_…` the file is in
    `ResultFiles`; `cleared_at`: it is gone, the row stays.
    """

    __tablename__ = "background_works"
    __table_args__ = (
        Index("ix_background_works_state_id", "state", "id"),  # the next one to do
        Index("ix_background_works_user_id_id", "user_id", "id"),  # somebody's own list
        Index("ix_background_works_keep_until", "keep_until"),  # what is to be cleared
    )

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    kind: Mapped[WorkKind] = mapped_column(enum_type(WorkKind, "kind"))
    subject: Mapped[str] = mapped_column(String(300))
    params: Mapped[str] = mapped_column(Text)
    back_to: Mapped[str] = mapped_column(String(300))
    user_id: Mapped[int] = foreign_key("users.id", index=False)
    region_id: Mapped[int] = foreign_key("regions.id", index=False)
    standing: Mapped[str] = mapped_column(String(120))
    asked_at: Mapped[datetime]
    state: Mapped[WorkState] = mapped_column(enum_type(WorkState, "state"))
    step: Mapped[str] = mapped_column(String(120), default="")
    done: Mapped[int] = mapped_column(default=0)
    total: Mapped[int] = mapped_column(default=0)
    worker: Mapped[str | None] = mapped_column(String(80))
    claimed_at: Mapped[datetime | None]
    heartbeat_at: Mapped[datetime | None]
    attempts: Mapped[int] = mapped_column(default=0)
    cancel_asked_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    error: Mapped[str | None] = mapped_column(Text)
    leads_to: Mapped[str | None] = mapped_column(String(300))
    result_file: Mapped[str | None] = mapped_column(String(80))
    result_name: Mapped[str | None] = mapped_column(String(255))
    result_type: Mapped[str | None] = mapped_column(String(120))
    result_bytes: Mapped[int | None] = mapped_column(BigInteger)
    result_sha256: Mapped[str | None] = mapped_column(String(64))
    keep_until: Mapped[datetime | None]
    cleared_at: Mapped[datetime | None]

    @property
    def is_open(self) -> bool:
        """Whether it still waits or runs."""
        return self.state in (WorkState.QUEUED, WorkState.RUNNING)
