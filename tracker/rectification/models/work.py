"""Daily work on a task: progress, evidence, signatures, reviews."""

from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import ForeignKey, Numeric, String, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from tracker.files.models import StoredFile
from tracker.kernel.db import Base, Id, Row, enum_type, foreign_key
from tracker.rectification.models.tasks import Task
from tracker.rectification.rules.words import CompletionClass, ReviewOutcome, SignatureWay


class ProgressReport(Row, Base):
    """进展: what the unit says it did, with running totals of results. `undone_measures` numbers
    the measures that it takes back as not done after all (取消完成)."""

    __tablename__ = "progress_reports"

    task_id: Mapped[int] = foreign_key("tasks.id")
    reported_on: Mapped[date]
    text: Mapped[str] = mapped_column(Text)
    completion: Mapped[CompletionClass] = mapped_column(enum_type(CompletionClass, "completion"))
    is_no_change: Mapped[bool] = mapped_column(default=False)
    unfinished_reason: Mapped[str | None] = mapped_column(Text)
    next_step: Mapped[str | None] = mapped_column(Text)
    done_on: Mapped[date | None]
    no_evidence_reason: Mapped[str | None] = mapped_column(String(400))
    undone_measures: Mapped[str | None] = mapped_column(Text)
    rules_made: Mapped[int] = mapped_column(default=0)
    orgs_held: Mapped[int] = mapped_column(default=0)
    persons_held: Mapped[int] = mapped_column(default=0)
    recovered_wan: Mapped[Decimal] = mapped_column(Numeric(14, 4), default=Decimal(0))
    on_behalf_of: Mapped[str | None] = mapped_column(String(120))
    reporter_user_id: Mapped[int | None] = foreign_key("users.id", nullable=True, index=False)

    task: Mapped[Task] = relationship()


class Evidence(Row, Base):
    """佐证材料: a file with its title and date. Withdrawn is not deleted, nor is what was revised.

    A revision (修订) replaces one piece, and each piece is replaced once: versions form a line.
    """

    __tablename__ = "evidences"

    task_id: Mapped[int] = foreign_key("tasks.id")
    file_id: Mapped[int] = foreign_key("stored_files.id")
    title: Mapped[str] = mapped_column(String(200))
    document_on: Mapped[date]
    is_confirmed_not_secret: Mapped[bool]
    replaces_id: Mapped[int | None] = mapped_column(
        Id, ForeignKey("evidences.id"), unique=True, index=True
    )
    withdrawn_at: Mapped[datetime | None]
    withdrawn_reason: Mapped[str | None] = mapped_column(String(400))
    uploader_user_id: Mapped[int | None] = foreign_key("users.id", nullable=True, index=False)
    on_behalf_of: Mapped[str | None] = mapped_column(String(120))

    task: Mapped[Task] = relationship()
    file: Mapped[StoredFile] = relationship()


class SignOff(Base):
    """签字背书 of a closing request, with the pledge that was signed."""

    __tablename__ = "sign_offs"

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    task_id: Mapped[int] = foreign_key("tasks.id")
    way: Mapped[SignatureWay] = mapped_column(enum_type(SignatureWay, "way"))
    pledge: Mapped[str] = mapped_column(String(400))
    signed_at: Mapped[datetime]
    signed_by: Mapped[str] = mapped_column(String(120))
    signer_user_id: Mapped[int | None] = foreign_key("users.id", nullable=True, index=False)
    lent_by: Mapped[str | None] = mapped_column(String(120))
    file_id: Mapped[int | None] = foreign_key("stored_files.id", nullable=True)

    file: Mapped[StoredFile | None] = relationship()


class Review(Base):
    """What office or supervisors said about a task: 退回, 建议, 会签, 确认, 销号. Append-only.

    `transition_id` is the submission it answers, `organ_id` the organisation that co-signs.
    """

    __tablename__ = "reviews"

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    task_id: Mapped[int] = foreign_key("tasks.id")
    outcome: Mapped[ReviewOutcome] = mapped_column(enum_type(ReviewOutcome, "outcome"))
    reason: Mapped[str | None] = mapped_column(Text)
    required_supplement: Mapped[str | None] = mapped_column(Text)
    reviewed_on: Mapped[date]
    recorded_at: Mapped[datetime]
    reviewer: Mapped[str] = mapped_column(String(120))
    reviewer_user_id: Mapped[int | None] = foreign_key("users.id", nullable=True, index=False)
    transition_id: Mapped[int | None] = foreign_key(
        "task_transitions.id", nullable=True, index=False
    )
    organ_id: Mapped[int | None] = foreign_key("supervisor_orgs.id", nullable=True, index=False)
