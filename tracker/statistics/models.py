"""Figures entered, not counted; and figures frozen."""

from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import Index, Numeric, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from tracker.kernel.db import Base, Id, Row, foreign_key
from tracker.organizations.models import Region


class PeriodFigure(Row, Base):
    """A figure somebody entered: a county's, last year's. Never mixed silently with counts.

    A correction on a later day is a row of its own; the last entered by a day holds on that day.
    """

    __tablename__ = "period_figures"
    __table_args__ = (
        UniqueConstraint("region_id", "metric", "period_start", "period_end", "entered_on"),
        Index("ix_period_figures_metric", "metric", "period_end"),  # one figure over the years
    )

    region_id: Mapped[int] = foreign_key("regions.id")
    metric: Mapped[str] = mapped_column(String(60))
    period_start: Mapped[date]
    period_end: Mapped[date]
    value: Mapped[Decimal] = mapped_column(Numeric(16, 4))
    source_document: Mapped[str] = mapped_column(String(200))
    entered_on: Mapped[date]

    region: Mapped[Region] = relationship()


class Snapshot(Base):
    """All figures of a region frozen for one day."""

    __tablename__ = "snapshots"
    __table_args__ = (UniqueConstraint("region_id", "as_of", "metric", "basis"),)

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    region_id: Mapped[int] = foreign_key("regions.id", index=False)
    as_of: Mapped[date]
    metric: Mapped[str] = mapped_column(String(60))
    basis: Mapped[str] = mapped_column(String(120), default="")
    numerator: Mapped[Decimal] = mapped_column(Numeric(16, 4))
    denominator: Mapped[Decimal | None] = mapped_column(Numeric(16, 4))
    row_ids: Mapped[str] = mapped_column(Text, default="")
    taken_at: Mapped[datetime]
