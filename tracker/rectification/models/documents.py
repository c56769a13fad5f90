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
    """One document of one unit for one feedback: due, submitted, signed, reviewed, returned.

    Of all kinds but the plan, whose content are its tasks, `versions` hold what was handed in, and
    `needs_sign_off` says whether the newest submission goes by the head.
    """

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
    needs_sign_off: Mapped[bool] = mapped_column(default=False)
    file_id: Mapped[int | None] = foreign_key("stored_files.id", nullable=True)

    feedback: Mapped[Feedback] = relationship()
    unit: Mapped[Unit] = relationship()
    file: Mapped[StoredFile | None] = relationship()
    events: Mapped[list["DocumentEvent"]] = relationship(
        back_populates="document", order_by="DocumentEvent.id"
    )
    versions: Mapped[list["DocumentVersion"]] = relationship(
        back_populates="document", order_by="DocumentVersion.seq"
    )


class DocumentVersion(Base):
    """What was written and uploaded for a document, once; a later version takes its place.

    Append-only. `document_on` is the day the document bears. Of 公开稿: where it is to be published.
    """

    __tablename__ = "document_versions"
    __table_args__ = (UniqueConstraint("document_id", "seq"),)

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    document_id: Mapped[int] = foreign_key("unit_documents.id", index=False)
    seq: Mapped[int]
    title: Mapped[str] = mapped_column(String(200))
    document_on: Mapped[date]
    text: Mapped[str | None] = mapped_column(Text)
    file_id: Mapped[int] = foreign_key("stored_files.id")
    is_confirmed_not_secret: Mapped[bool]
    is_for_party: Mapped[bool] = mapped_column(default=False)
    is_for_public: Mapped[bool] = mapped_column(default=False)
    uploaded_at: Mapped[datetime]
    uploaded_by: Mapped[str] = mapped_column(String(120))
    uploader_user_id: Mapped[int | None] = foreign_key("users.id", nullable=True, index=False)
    on_behalf_of: Mapped[str | None] = mapped_column(String(120))

    document: Mapped[UnitDocument] = relationship(back_populates="versions")
    file: Mapped[StoredFile] = relationship()


class DocumentEvent(Base):
    """One step of a document; submit, sign and return also move whose turn it is. Append-only.

    `version_seq` names the version it was about; a plan has none.
    """

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
    supplement: Mapped[str | None] = mapped_column(Text)
    version_seq: Mapped[int | None]

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
    """The next person's first look at what a step handed over; from then on it stays handed in."""

    __tablename__ = "document_openings"
    __table_args__ = (UniqueConstraint("event_id"),)

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    event_id: Mapped[int] = foreign_key("document_events.id", index=False)
    user_id: Mapped[int] = foreign_key("users.id", index=False)
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
