"""线索 as counts. Their text and the persons concerned lie apart, sealed, for named people only."""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from tracker.feedback.models import Feedback
from tracker.handover.rules import ClueDirection, ClueKind, ClueMeasure, Disposal
from tracker.kernel.db import Base, Id, Row, enum_type, foreign_key
from tracker.people.models import User
from tracker.rounds.models import Inspection, Round


class Clue(Row, Base):
    """Clues that went the same way on the same day: how many, to or from whom, when the answer is
    due. No clue's text."""

    __tablename__ = "clues"
    __table_args__ = (
        UniqueConstraint("region_id", "code"),
        CheckConstraint("amount > 0", name="amount_positive"),
        Index("ix_clues_region_due", "region_id", "reply_due"),  # answers overdue
    )

    region_id: Mapped[int] = foreign_key("regions.id", index=False)
    code: Mapped[str] = mapped_column(String(40))
    direction: Mapped[ClueDirection] = mapped_column(enum_type(ClueDirection, "direction"))
    kind: Mapped[ClueKind] = mapped_column(enum_type(ClueKind, "kind"))
    round_id: Mapped[int | None] = foreign_key("rounds.id", nullable=True)
    inspection_id: Mapped[int | None] = foreign_key("inspections.id", nullable=True)
    feedback_id: Mapped[int | None] = foreign_key("feedbacks.id", nullable=True)
    amount: Mapped[int]
    counterpart: Mapped[str] = mapped_column(String(120))
    moved_on: Mapped[date]
    reply_due: Mapped[date]
    replied_on: Mapped[date | None]
    disposal: Mapped[Disposal | None] = mapped_column(enum_type(Disposal, "disposal"))
    void_reason: Mapped[str | None] = mapped_column(String(400))

    round: Mapped[Round | None] = relationship()
    inspection: Mapped[Inspection | None] = relationship()
    feedback: Mapped[Feedback | None] = relationship()
    counts: Mapped[list["ClueCount"]] = relationship(
        back_populates="clue", order_by="ClueCount.occurred_on, ClueCount.id"
    )
    corrections: Mapped[list["ClueCorrection"]] = relationship(order_by="ClueCorrection.id")


class ClueCorrection(Base):
    """更正 of an entry: what changed, from what to what, and why. No clue's text. Append-only."""

    __tablename__ = "clue_corrections"

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    clue_id: Mapped[int] = foreign_key("clues.id")
    changes: Mapped[str] = mapped_column(String(400))
    reason: Mapped[str] = mapped_column(String(200))
    corrected_on: Mapped[date]
    recorded_at: Mapped[datetime]
    actor: Mapped[str] = mapped_column(String(120))


class ClueCount(Row, Base):
    """A number of clues that came about on one day: found, moved out, settled… No clue's text.

    Every figure is a sum of these rows; those of a `Clue` carry its id.
    """

    __tablename__ = "clue_counts"
    __table_args__ = (
        CheckConstraint("amount >= 0", name="amount_not_negative"),
        Index("ix_clue_counts_region_day", "region_id", "occurred_on"),  # as of a day
    )

    region_id: Mapped[int] = foreign_key("regions.id", index=False)
    term_id: Mapped[int | None] = foreign_key("terms.id", nullable=True)
    round_id: Mapped[int | None] = foreign_key("rounds.id", nullable=True)
    inspection_id: Mapped[int | None] = foreign_key("inspections.id", nullable=True)
    feedback_id: Mapped[int | None] = foreign_key("feedbacks.id", nullable=True)
    clue_id: Mapped[int | None] = foreign_key("clues.id", nullable=True)
    measure: Mapped[ClueMeasure] = mapped_column(enum_type(ClueMeasure, "measure"))
    kind: Mapped[ClueKind] = mapped_column(enum_type(ClueKind, "kind"))
    occurred_on: Mapped[date]
    amount: Mapped[int]
    source_document: Mapped[str | None] = mapped_column(String(200))

    clue: Mapped[Clue | None] = relationship(back_populates="counts")
    inspection: Mapped[Inspection | None] = relationship()
    round: Mapped[Round | None] = relationship()


class ClueDetail(Row, Base):
    """What a clue says and whom it concerns, sealed with the office's key. Joined by no list,
    search, export or figure; opened one at a time, each time audited."""

    __tablename__ = "clue_details"
    __table_args__ = (UniqueConstraint("clue_id"),)

    clue_id: Mapped[int] = foreign_key("clues.id", index=False)
    sealed: Mapped[str] = mapped_column(Text)


class ClueGrant(Row, Base):
    """One person may read clues' detail between two days, both included."""

    __tablename__ = "clue_grants"

    user_id: Mapped[int] = foreign_key("users.id")
    region_id: Mapped[int] = foreign_key("regions.id")
    from_on: Mapped[date]
    to_on: Mapped[date]
    reason: Mapped[str] = mapped_column(String(400))
    granted_by: Mapped[str] = mapped_column(String(120))
    revoked_at: Mapped[datetime | None]

    user: Mapped[User] = relationship()
