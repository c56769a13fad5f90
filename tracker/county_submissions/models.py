"""What a city asks its counties for, and what each of them answered, with every step of it."""

from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import Index, Numeric, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from tracker.county_submissions.rules import SubmissionState, SubmissionStep
from tracker.kernel.db import Base, Id, Row, enum_type, foreign_key
from tracker.organizations.models import Region
from tracker.statistics.rules import EnteredMetric


class SubmissionCall(Row, Base):
    """报送要求 of a city: which figures, of which period, by when."""

    __tablename__ = "submission_calls"

    region_id: Mapped[int] = foreign_key("regions.id")
    title: Mapped[str] = mapped_column(String(80))
    period_start: Mapped[date]
    period_end: Mapped[date]
    due_on: Mapped[date]
    note: Mapped[str | None] = mapped_column(Text)
    closed_on: Mapped[date | None]

    region: Mapped[Region] = relationship()
    metrics: Mapped[list["CalledMetric"]] = relationship(
        cascade="all, delete-orphan", order_by="CalledMetric.id"
    )
    submissions: Mapped[list["CountySubmission"]] = relationship(back_populates="call")

    @property
    def asked(self) -> list[EnteredMetric]:
        """Return the figures asked for, in their fixed order."""
        wanted = {row.metric for row in self.metrics}
        return [metric for metric in EnteredMetric if metric.value in wanted]


class CalledMetric(Base):
    """One figure that is asked for."""

    __tablename__ = "called_metrics"
    __table_args__ = (UniqueConstraint("call_id", "metric"),)

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    call_id: Mapped[int] = foreign_key("submission_calls.id", index=False)
    metric: Mapped[str] = mapped_column(String(60))


class CountySubmission(Row, Base):
    """县区报送: one county's answer to one call."""

    __tablename__ = "county_submissions"
    __table_args__ = (
        UniqueConstraint("call_id", "region_id"),
        Index("ix_county_submissions_state", "state", "call_id"),  # who still owes an answer
    )

    call_id: Mapped[int] = foreign_key("submission_calls.id", index=False)
    region_id: Mapped[int] = foreign_key("regions.id")
    state: Mapped[SubmissionState] = mapped_column(
        enum_type(SubmissionState, "state"), default=SubmissionState.PENDING
    )
    source_document: Mapped[str] = mapped_column(String(200), default="")
    submitted_on: Mapped[date | None]
    submitted_by: Mapped[str | None] = mapped_column(String(120))
    return_reason: Mapped[str | None] = mapped_column(String(400))
    return_count: Mapped[int] = mapped_column(default=0)
    accepted_on: Mapped[date | None]

    call: Mapped[SubmissionCall] = relationship(back_populates="submissions")
    region: Mapped[Region] = relationship()
    figures: Mapped[list["SubmittedFigure"]] = relationship(
        cascade="all, delete-orphan", order_by="SubmittedFigure.id"
    )
    events: Mapped[list["SubmissionEvent"]] = relationship(order_by="SubmissionEvent.id")


class SubmittedFigure(Base):
    """One figure as the county last gave it; without a value, why there is none."""

    __tablename__ = "submitted_figures"
    __table_args__ = (UniqueConstraint("submission_id", "metric"),)

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    submission_id: Mapped[int] = foreign_key("county_submissions.id", index=False)
    metric: Mapped[str] = mapped_column(String(60))
    value: Mapped[Decimal | None] = mapped_column(Numeric(16, 4))
    blank_reason: Mapped[str] = mapped_column(String(200), default="")


class SubmissionEvent(Base):
    """One step of an answer, with the figures as they were then (JSON). Append-only."""

    __tablename__ = "submission_events"

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    submission_id: Mapped[int] = foreign_key("county_submissions.id")
    step: Mapped[SubmissionStep] = mapped_column(enum_type(SubmissionStep, "step"))
    recorded_at: Mapped[datetime]
    actor: Mapped[str] = mapped_column(String(120))
    actor_user_id: Mapped[int | None] = foreign_key("users.id", nullable=True, index=False)
    reason: Mapped[str | None] = mapped_column(String(400))
    figures: Mapped[str] = mapped_column(Text, default="{}")
