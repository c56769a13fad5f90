"""整改评估: a region's sheet and grades; one unit's scores, votes, total and grade."""

from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING

from sqlalchemy import CheckConstraint, Index, Numeric, String, Text, UniqueConstraint, false
from sqlalchemy.orm import Mapped, mapped_column, relationship

from tracker.feedback.models import Feedback
from tracker.kernel.db import Base, Id, Row, foreign_key
from tracker.organizations.models import Unit

if TYPE_CHECKING:
    from tracker.letters.models.interviews import Interview

Points = Numeric(5, 2)


class AssessmentTemplate(Row, Base):
    """评估表: items with weights, and the survey's weight and options."""

    __tablename__ = "assessment_templates"
    __table_args__ = (UniqueConstraint("region_id", "name"),)

    region_id: Mapped[int] = foreign_key("regions.id", index=False)
    name: Mapped[str] = mapped_column(String(80))
    survey_weight: Mapped[Decimal] = mapped_column(Points)
    is_active: Mapped[bool] = mapped_column(default=True)

    items: Mapped[list["AssessmentItem"]] = relationship(
        cascade="all, delete-orphan", order_by="AssessmentItem.seq"
    )
    options: Mapped[list["SurveyOption"]] = relationship(
        cascade="all, delete-orphan", order_by="SurveyOption.seq"
    )


class AssessmentItem(Base):
    """One item of a sheet."""

    __tablename__ = "assessment_items"

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    template_id: Mapped[int] = foreign_key("assessment_templates.id")
    seq: Mapped[int]
    name: Mapped[str] = mapped_column(String(60))
    weight: Mapped[Decimal] = mapped_column(Points)


class SurveyOption(Base):
    """One answer of a sheet's survey; `value` empty = not a valid vote."""

    __tablename__ = "survey_options"

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    template_id: Mapped[int] = foreign_key("assessment_templates.id")
    seq: Mapped[int]
    name: Mapped[str] = mapped_column(String(60))
    value: Mapped[Decimal | None] = mapped_column(Points)


class AssessmentGrade(Base):
    """One grade of a region. Assessments keep the name they got, so these may change freely."""

    __tablename__ = "assessment_grades"
    __table_args__ = (UniqueConstraint("region_id", "seq"),)

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    region_id: Mapped[int] = foreign_key("regions.id", index=False)
    seq: Mapped[int]
    name: Mapped[str] = mapped_column(String(60))
    at_least: Mapped[Decimal] = mapped_column(Points)
    is_low: Mapped[bool]


class Assessment(Row, Base):
    """One unit's assessment for one feedback on one day. Frozen once confirmed.

    `confirmed_on` is the first confirmation; while a correction is open the earlier result counts.

    Items, weights and options are copied from the sheet, so that a later change of it changes
    nothing here.
    """

    __tablename__ = "assessments"
    __table_args__ = (
        UniqueConstraint("feedback_id", "unit_id", "assessed_on"),
        Index("ix_assessments_region_day", "region_id", "assessed_on"),  # as of a day
    )

    region_id: Mapped[int] = foreign_key("regions.id", index=False)
    unit_id: Mapped[int] = foreign_key("units.id")
    feedback_id: Mapped[int] = foreign_key("feedbacks.id", index=False)
    template_name: Mapped[str] = mapped_column(String(80))
    assessed_on: Mapped[date]
    survey_weight: Mapped[Decimal] = mapped_column(Points)
    text: Mapped[str | None] = mapped_column(Text)
    total: Mapped[Decimal | None] = mapped_column(Points)
    grade: Mapped[str | None] = mapped_column(String(60))
    is_low: Mapped[bool] = mapped_column(default=False)
    scored_by: Mapped[str] = mapped_column(String(120))
    scorer_person_id: Mapped[int | None] = foreign_key("persons.id", nullable=True, index=False)
    confirmed_on: Mapped[date | None]
    confirmed_at: Mapped[datetime | None]
    confirmed_by: Mapped[str | None] = mapped_column(String(120))
    is_correction_open: Mapped[bool] = mapped_column(default=False, server_default=false())
    interviewed_on: Mapped[date | None]  # entered by hand, before talks were linked
    interview_note: Mapped[str | None] = mapped_column(String(400))

    unit: Mapped[Unit] = relationship()
    feedback: Mapped[Feedback] = relationship()
    scores: Mapped[list["AssessmentScore"]] = relationship(order_by="AssessmentScore.seq")
    votes: Mapped[list["AssessmentVote"]] = relationship(order_by="AssessmentVote.seq")
    corrections: Mapped[list["AssessmentCorrection"]] = relationship(
        order_by="AssessmentCorrection.id"
    )
    interviews: Mapped[list["Interview"]] = relationship(
        back_populates="assessment", order_by="Interview.held_on, Interview.id"
    )

    @property
    def talked_on(self) -> date | None:
        """Return the day of the first talk it led to; None while there was none."""
        days = [talk.held_on for talk in self.interviews if talk.voided_on is None]
        return min(days, default=self.interviewed_on)


class AssessmentScore(Base):
    """One item's score, of 100."""

    __tablename__ = "assessment_scores"
    __table_args__ = (
        UniqueConstraint("assessment_id", "seq"),
        CheckConstraint("score >= 0 AND score <= 100", name="score_of_100"),
    )

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    assessment_id: Mapped[int] = foreign_key("assessments.id", index=False)
    seq: Mapped[int]
    name: Mapped[str] = mapped_column(String(60))
    weight: Mapped[Decimal] = mapped_column(Points)
    score: Mapped[Decimal | None] = mapped_column(Points)


class AssessmentVote(Base):
    """How many chose one answer of the survey."""

    __tablename__ = "assessment_votes"
    __table_args__ = (
        UniqueConstraint("assessment_id", "seq"),
        CheckConstraint("amount >= 0", name="amount_not_negative"),
    )

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    assessment_id: Mapped[int] = foreign_key("assessments.id", index=False)
    seq: Mapped[int]
    name: Mapped[str] = mapped_column(String(60))
    value: Mapped[Decimal | None] = mapped_column(Points)
    amount: Mapped[int] = mapped_column(default=0)


class AssessmentCorrection(Base):
    """更正 of a confirmed assessment: what it said before, and why it was changed. Append-only.

    It counts from the day another person confirmed it; one that needed nobody, from its own day.
    """

    __tablename__ = "assessment_corrections"

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    assessment_id: Mapped[int] = foreign_key("assessments.id")
    old_total: Mapped[Decimal] = mapped_column(Points)
    old_grade: Mapped[str] = mapped_column(String(60))
    was_low: Mapped[bool]
    new_total: Mapped[Decimal] = mapped_column(Points)
    new_grade: Mapped[str] = mapped_column(String(60))
    changes: Mapped[str] = mapped_column(Text)
    reason: Mapped[str] = mapped_column(Text)
    corrected_on: Mapped[date]
    recorded_at: Mapped[datetime]
    actor: Mapped[str] = mapped_column(String(120))
    actor_user_id: Mapped[int | None] = foreign_key("users.id", nullable=True, index=False)
    needs_confirmation: Mapped[bool] = mapped_column(default=True, server_default=false())

    confirmation: Mapped["CorrectionConfirmation | None"] = relationship()


class CorrectionConfirmation(Base):
    """Who confirmed a correction, and when: another person than who made it. Append-only."""

    __tablename__ = "correction_confirmations"
    __table_args__ = (UniqueConstraint("correction_id"),)

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    correction_id: Mapped[int] = foreign_key("assessment_corrections.id", index=False)
    confirmed_on: Mapped[date]
    confirmed_at: Mapped[datetime]
    confirmed_by: Mapped[str] = mapped_column(String(120))
