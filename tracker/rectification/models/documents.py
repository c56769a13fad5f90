"""A unit's documents as a whole; the plan (整改方案) is one of them."""

from datetime import date, datetime

from sqlalchemy import String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from tracker.feedback.models import Feedback
from tracker.files.models import StoredFile
from tracker.kernel.db import Base, Id, Row, enum_type, foreign_key
from tracker.organizations.models import Unit
from tracker.rectification.models.tasks import Task
from tracker.rectification.rules.words import DocumentEventKind, DocumentKind, SignatureWay


class UnitDocument(Row, Base):
    """One document of one unit for one feedback: due, submitted, signed, reviewed, returned."""

    __tablename__ = "unit_documents"
    __table_args__ = (UniqueConstraint("feedback_id", "unit_id", "kind"),)

    feedback_id: Mapped[int] = foreign_key("feedbacks.id", index=False)
    unit_id: Mapped[int] = foreign_key("units.id")
    kind: Mapped[DocumentKind] = mapped_column(enum_type(DocumentKind, "kind"))
    due_on: Mapped[date | None]
    submitted_on: Mapped[date | None]
    signed_on: Mapped[date | None]
    passed_on: Mapped[date | None]
    return_count: Mapped[int] = mapped_column(default=0)
    file_id: Mapped[int | None] = foreign_key("stored_files.id", nullable=True)

    feedback: Mapped[Feedback] = relationship()
    unit: Mapped[Unit] = relationship()
    file: Mapped[StoredFile | None] = relationship()
    events: Mapped[list["DocumentEvent"]] = relationship(
        back_populates="document", order_by="DocumentEvent.id"
    )


class DocumentEvent(Base):
    """One step of a document; submit, sign and return also move whose turn it is. Append-only."""

    __tablename__ = "document_events"

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    document_id: Mapped[int] = foreign_key("unit_documents.id")
    kind: Mapped[DocumentEventKind] = mapped_column(enum_type(DocumentEventKind, "kind"))
    occurred_on: Mapped[date]
    recorded_at: Mapped[datetime]
    actor: Mapped[str] = mapped_column(String(120))
    actor_user_id: Mapped[int | None] = foreign_key("users.id", nullable=True, index=False)
    on_behalf_of: Mapped[str | None] = mapped_column(String(120))
    lent_by: Mapped[str | None] = mapped_column(String(120))
    reason: Mapped[str | None] = mapped_column(Text)

    document: Mapped[UnitDocument] = relationship(back_populates="events")


class PlanSubmission(Base):
    """第N次提交: the plan's text in canonical form, as an event submitted it. Append-only."""

    __tablename__ = "plan_submissions"
    __table_args__ = (UniqueConstraint("event_id"), UniqueConstraint("document_id", "number"))

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    document_id: Mapped[int] = foreign_key("unit_documents.id", index=False)
    event_id: Mapped[int] = foreign_key("document_events.id", index=False)
    number: Mapped[int]
    kept_at: Mapped[datetime]
    content: Mapped[str] = mapped_column(Text)
    sha256: Mapped[str] = mapped_column(String(64))

    document: Mapped[UnitDocument] = relationship()


class DocumentOpening(Base):
    """The next person has opened what an event handed over: it cannot be withdrawn any more."""

    __tablename__ = "document_openings"
    __table_args__ = (UniqueConstraint("event_id"),)

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    event_id: Mapped[int] = foreign_key("document_events.id", index=False)
    user_id: Mapped[int] = foreign_key("users.id")
    opened_at: Mapped[datetime]


class PlanRemark(Base):
    """A remark on one task of a returned plan."""

    __tablename__ = "plan_remarks"

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    event_id: Mapped[int] = foreign_key("document_events.id")
    task_id: Mapped[int] = foreign_key("tasks.id")
    text: Mapped[str] = mapped_column(Text)

    task: Mapped[Task] = relationship()
    event: Mapped[DocumentEvent] = relationship()


class DocumentSignature(Base):
    """签字背书 of a document by the first responsible person or a deputy.

    `sha256` is that of the submission that was signed; none for what was signed before texts
    were kept.
    """

    __tablename__ = "document_signatures"

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    document_id: Mapped[int] = foreign_key("unit_documents.id")
    way: Mapped[SignatureWay] = mapped_column(enum_type(SignatureWay, "way"))
    signed_at: Mapped[datetime]
    signed_by: Mapped[str] = mapped_column(String(120))
    signer_user_id: Mapped[int | None] = foreign_key("users.id", nullable=True, index=False)
    lent_by: Mapped[str | None] = mapped_column(String(120))
    file_id: Mapped[int | None] = foreign_key("stored_files.id", nullable=True)
    pledge: Mapped[str] = mapped_column(String(400))
    sha256: Mapped[str | None] = mapped_column(String(64))

    file: Mapped[StoredFile | None] = relationship()
