"""反馈 and its 问题; the unit breaks an issue down into tasks."""

from datetime import date, datetime

from sqlalchemy import String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from tracker.feedback.rules import (
    FeedbackSource,
    Importance,
    IssueNature,
    RecipientKind,
    Sensitivity,
    Verdict,
)
from tracker.kernel.db import Base, Id, Row, enum_type, foreign_key
from tracker.organizations.models import Region, Unit
from tracker.rounds.models import DeadlineProfile, Inspection, Round


class Feedback(Row, Base):
    """反馈. `round_id` is empty when the inspection was not ours (中央巡视, 省委巡视, 审计…)."""

    __tablename__ = "feedbacks"
    __table_args__ = (UniqueConstraint("region_id", "code"),)

    region_id: Mapped[int] = foreign_key("regions.id")
    code: Mapped[str] = mapped_column(String(40))
    title: Mapped[str] = mapped_column(String(200))
    source: Mapped[FeedbackSource] = mapped_column(enum_type(FeedbackSource, "source"))
    round_id: Mapped[int | None] = foreign_key("rounds.id", nullable=True)
    inspection_id: Mapped[int | None] = foreign_key("inspections.id", nullable=True)
    fed_back_on: Mapped[date | None]
    profile_id: Mapped[int] = foreign_key("deadline_profiles.id")

    region: Mapped[Region] = relationship()
    round: Mapped[Round | None] = relationship()
    inspection: Mapped[Inspection | None] = relationship()
    profile: Mapped[DeadlineProfile] = relationship()
    recipients: Mapped[list["FeedbackRecipient"]] = relationship(back_populates="feedback")
    issues: Mapped[list["Issue"]] = relationship(back_populates="feedback")


class FeedbackRecipient(Row, Base):
    """Who received the feedback, and when it was acknowledged (签收)."""

    __tablename__ = "feedback_recipients"
    __table_args__ = (UniqueConstraint("feedback_id", "unit_id", "kind"),)

    feedback_id: Mapped[int] = foreign_key("feedbacks.id", index=False)
    unit_id: Mapped[int] = foreign_key("units.id")
    kind: Mapped[RecipientKind] = mapped_column(enum_type(RecipientKind, "kind"))
    acknowledged_on: Mapped[date | None]

    feedback: Mapped[Feedback] = relationship(back_populates="recipients")
    unit: Mapped[Unit] = relationship()


class Issue(Row, Base):
    """反馈问题. Responsible units stand in `issue_units`: one for most, several when common."""

    __tablename__ = "issues"
    __table_args__ = (UniqueConstraint("feedback_id", "issue_no"),)

    feedback_id: Mapped[int] = foreign_key("feedbacks.id", index=False)
    inspection_id: Mapped[int | None] = foreign_key("inspections.id", nullable=True)
    region_id: Mapped[int] = foreign_key("regions.id")
    issue_no: Mapped[str] = mapped_column(String(40))
    cat_l1: Mapped[str | None] = mapped_column(String(120))
    cat_l2: Mapped[str | None] = mapped_column(String(120))
    nature: Mapped[IssueNature] = mapped_column(
        enum_type(IssueNature, "nature"), default=IssueNature.INDIVIDUAL
    )
    importance: Mapped[Importance] = mapped_column(
        enum_type(Importance, "importance"), default=Importance.NORMAL
    )
    sensitivity: Mapped[Sensitivity] = mapped_column(
        enum_type(Sensitivity, "sensitivity"), default=Sensitivity.INTERNAL
    )
    text: Mapped[str] = mapped_column(Text)
    detail: Mapped[str | None] = mapped_column(Text)
    cause: Mapped[str | None] = mapped_column(Text)
    is_immediate: Mapped[bool] = mapped_column(default=False)
    raised_on: Mapped[date | None]
    repeats_issue_id: Mapped[int | None] = foreign_key("issues.id", nullable=True)

    feedback: Mapped[Feedback] = relationship(back_populates="issues")
    repeats: Mapped["Issue | None"] = relationship(remote_side="Issue.id")
    inspection: Mapped[Inspection | None] = relationship()
    units: Mapped[list["IssueUnit"]] = relationship(cascade="all, delete-orphan")
    tags: Mapped[list["IssueTag"]] = relationship(cascade="all, delete-orphan")


class IssueUnit(Base):
    """A unit that answers for an issue."""

    __tablename__ = "issue_units"
    __table_args__ = (UniqueConstraint("issue_id", "unit_id"),)

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    issue_id: Mapped[int] = foreign_key("issues.id", index=False)
    unit_id: Mapped[int] = foreign_key("units.id")

    unit: Mapped[Unit] = relationship()


class IssueTag(Base):
    """民生, 营商环境, 一把手…"""

    __tablename__ = "issue_tags"
    __table_args__ = (UniqueConstraint("issue_id", "tag"),)

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    issue_id: Mapped[int] = foreign_key("issues.id", index=False)
    tag: Mapped[str] = mapped_column(String(40), index=True)


class RevisitVerdict(Row, Base):
    """What a revisit (“回头看”) found of one issue of an earlier inspection of the same unit.

    The newest word counts; what it said before is kept in `earlier`.
    """

    __tablename__ = "revisit_verdicts"
    __table_args__ = (UniqueConstraint("inspection_id", "issue_id"),)

    inspection_id: Mapped[int] = foreign_key("inspections.id", index=False)
    issue_id: Mapped[int] = foreign_key("issues.id")
    verdict: Mapped[Verdict] = mapped_column(enum_type(Verdict, "verdict"))
    text: Mapped[str | None] = mapped_column(Text)
    judged_on: Mapped[date]
    judged_by: Mapped[str] = mapped_column(String(120))

    inspection: Mapped[Inspection] = relationship()
    issue: Mapped[Issue] = relationship()
    earlier: Mapped[list["EarlierVerdict"]] = relationship(order_by="EarlierVerdict.id")


class EarlierVerdict(Base):
    """A verdict as it stood until it was given again. Append-only."""

    __tablename__ = "earlier_verdicts"

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    verdict_id: Mapped[int] = foreign_key("revisit_verdicts.id")
    verdict: Mapped[Verdict] = mapped_column(enum_type(Verdict, "verdict"))
    text: Mapped[str | None] = mapped_column(Text)
    judged_on: Mapped[date]
    judged_by: Mapped[str] = mapped_column(String(120))
    replaced_at: Mapped[datetime]
    replaced_by: Mapped[str] = mapped_column(String(120))
