"""What went wrong with the reminders themselves, and until when."""

from datetime import datetime

from sqlalchemy import Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from tracker.kernel.db import Base, Id, enum_type, foreign_key
from tracker.watchdog.rules import IncidentKind

UNFINISHED = text("ended_at IS NULL")


class Incident(Base):
    """One thing that went wrong for one office: while it lasts `ended_at` is empty.

    `subject` names what it is about (`channel:7`, `job:queue-reminders`). The same thing going
    wrong again is the same row, so that it is told once a day and not with every relapse.
    """

    __tablename__ = "incidents"
    __table_args__ = (
        UniqueConstraint("region_id", "kind", "subject"),
        Index(
            "ix_incidents_unfinished",
            "region_id",
            postgresql_where=UNFINISHED,
            sqlite_where=UNFINISHED,
        ),  # what the first page shows
    )

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    region_id: Mapped[int] = foreign_key("regions.id", index=False)
    kind: Mapped[IncidentKind] = mapped_column(enum_type(IncidentKind, "kind"))
    subject: Mapped[str] = mapped_column(String(60))
    sentence: Mapped[str] = mapped_column(String(400))
    began_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]


IS_UNFINISHED = text("incidents.ended_at IS NULL")
