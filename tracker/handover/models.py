"""线索 as counts (detail is a restricted module), and 意见建议."""

from datetime import date

from sqlalchemy import CheckConstraint, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from tracker.handover.rules import ClueKind, ClueMeasure
from tracker.kernel.db import Base, Row, enum_type, foreign_key


class ClueCount(Row, Base):
    """A number of clues that came about on one day: found, moved out, settled… No clue's text."""

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
    measure: Mapped[ClueMeasure] = mapped_column(enum_type(ClueMeasure, "measure"))
    kind: Mapped[ClueKind] = mapped_column(enum_type(ClueKind, "kind"))
    occurred_on: Mapped[date]
    amount: Mapped[int]
    source_document: Mapped[str | None] = mapped_column(String(200))


class Advice(Row, Base):
    """巡察建议(意见建议) to a functional department; adopted or not."""

    __tablename__ = "advices"

    region_id: Mapped[int] = foreign_key("regions.id")
    round_id: Mapped[int | None] = foreign_key("rounds.id", nullable=True)
    inspection_id: Mapped[int | None] = foreign_key("inspections.id", nullable=True)
    unit_id: Mapped[int | None] = foreign_key("units.id", nullable=True)
    addressee: Mapped[str] = mapped_column(String(120))
    text: Mapped[str] = mapped_column(Text)
    issued_on: Mapped[date] = mapped_column(index=True)  # as of a day
    adopted_on: Mapped[date | None]
