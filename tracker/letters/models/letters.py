"""函件: letters with numbers that have neither gaps nor doubles, their replies, their history."""

from datetime import date, datetime

from sqlalchemy import Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from tracker.feedback.models import Issue
from tracker.files.models import StoredFile
from tracker.kernel.db import Base, Id, Row, enum_type, foreign_key
from tracker.kernel.settings import DictionaryEntry
from tracker.letters.rules.letters import LetterState, LetterVerb, ReplyOutcome, written_number
from tracker.organizations.models import Region, Unit
from tracker.rectification.models import Task


class LetterKind(Base):
    """What a word of the dictionary of letters says besides its label."""

    __tablename__ = "letter_kinds"
    __table_args__ = (UniqueConstraint("entry_id"),)

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    entry_id: Mapped[int] = foreign_key("dictionary_entries.id", index=False)
    organ_code: Mapped[str] = mapped_column(String(40))
    organ_name: Mapped[str] = mapped_column(String(120), default="")
    needs_reply: Mapped[bool]
    reply_days: Mapped[int]
    version: Mapped[int] = mapped_column(default=1)

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012

    entry: Mapped[DictionaryEntry] = relationship()


class LetterSeries(Base):
    """The counter of one 机关代字 of a region in one year: locked while a number is taken."""

    __tablename__ = "letter_series"
    __table_args__ = (UniqueConstraint("region_id", "organ_code", "year"),)

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    region_id: Mapped[int] = foreign_key("regions.id", index=False)
    organ_code: Mapped[str] = mapped_column(String(40))
    year: Mapped[int]
    last_number: Mapped[int]


class Letter(Row, Base):
    """One letter to one unit. Numbered when it is signed; from then on it is never deleted."""

    __tablename__ = "letters"
    __table_args__ = (
        UniqueConstraint("region_id", "organ_code", "year", "number"),
        Index("ix_letters_unit_state", "unit_id", "state"),  # the unit's list, open replies
        Index("ix_letters_region_state", "region_id", "state", "reply_due"),  # the office's list
    )

    region_id: Mapped[int] = foreign_key("regions.id", index=False)
    unit_id: Mapped[int] = foreign_key("units.id", index=False)
    kind_code: Mapped[str] = mapped_column(String(40))
    kind_label: Mapped[str] = mapped_column(String(80))
    organ_code: Mapped[str] = mapped_column(String(40))
    organ_name: Mapped[str] = mapped_column(String(120))
    year: Mapped[int | None]
    number: Mapped[int | None]
    title: Mapped[str] = mapped_column(String(200))
    body: Mapped[str] = mapped_column(Text)
    state: Mapped[LetterState] = mapped_column(enum_type(LetterState, "state"))
    needs_reply: Mapped[bool]
    reply_due: Mapped[date | None]
    signed_on: Mapped[date | None] = mapped_column(index=True)  # as of a day
    signed_by: Mapped[str | None] = mapped_column(String(120))
    sent_on: Mapped[date | None]
    received_on: Mapped[date | None]
    accepted_on: Mapped[date | None]
    voided_on: Mapped[date | None]
    void_reason: Mapped[str | None] = mapped_column(Text)
    file_id: Mapped[int | None] = foreign_key("stored_files.id", nullable=True)

    region: Mapped[Region] = relationship()
    unit: Mapped[Unit] = relationship()
    file: Mapped[StoredFile | None] = relationship()
    tasks: Mapped[list[Task]] = relationship(secondary="letter_tasks", order_by="Task.task_no")
    issues: Mapped[list[Issue]] = relationship(secondary="letter_issues", order_by="Issue.issue_no")
    replies: Mapped[list["LetterReply"]] = relationship(
        back_populates="letter", order_by="LetterReply.id"
    )

    @property
    def doc_no(self) -> str:
        """Return the number as it is printed; empty for a draft."""
        if self.year is None or self.number is None:
            return ""
        return written_number(self.organ_code, self.year, self.number)


class LetterTask(Base):
    """A task that a letter is about."""

    __tablename__ = "letter_tasks"
    __table_args__ = (UniqueConstraint("letter_id", "task_id"),)

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    letter_id: Mapped[int] = foreign_key("letters.id", index=False)
    task_id: Mapped[int] = foreign_key("tasks.id")


class LetterIssue(Base):
    """An issue that a letter is about."""

    __tablename__ = "letter_issues"
    __table_args__ = (UniqueConstraint("letter_id", "issue_id"),)

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    letter_id: Mapped[int] = foreign_key("letters.id", index=False)
    issue_id: Mapped[int] = foreign_key("issues.id")


class LetterEvent(Base):
    """One step of a letter. Append-only."""

    __tablename__ = "letter_events"

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    letter_id: Mapped[int] = foreign_key("letters.id")
    verb: Mapped[LetterVerb] = mapped_column(enum_type(LetterVerb, "verb"))
    from_state: Mapped[LetterState | None] = mapped_column(enum_type(LetterState, "from_state"))
    to_state: Mapped[LetterState] = mapped_column(enum_type(LetterState, "to_state"))
    occurred_on: Mapped[date]
    recorded_at: Mapped[datetime]
    actor: Mapped[str] = mapped_column(String(120))
    actor_user_id: Mapped[int | None] = foreign_key("users.id", nullable=True, index=False)
    on_behalf_of: Mapped[str | None] = mapped_column(String(120))
    lent_by: Mapped[str | None] = mapped_column(String(120))
    reason: Mapped[str | None] = mapped_column(Text)


class LetterReply(Row, Base):
    """What the unit answered, and what the office decided about it. A new answer is a new row."""

    __tablename__ = "letter_replies"

    letter_id: Mapped[int] = foreign_key("letters.id")
    text: Mapped[str] = mapped_column(Text)
    file_id: Mapped[int | None] = foreign_key("stored_files.id", nullable=True)
    replied_on: Mapped[date]
    replier: Mapped[str] = mapped_column(String(120))
    replier_user_id: Mapped[int | None] = foreign_key("users.id", nullable=True, index=False)
    on_behalf_of: Mapped[str | None] = mapped_column(String(120))
    outcome: Mapped[ReplyOutcome | None] = mapped_column(enum_type(ReplyOutcome, "outcome"))
    decided_on: Mapped[date | None]
    decided_by: Mapped[str | None] = mapped_column(String(120))
    decision_reason: Mapped[str | None] = mapped_column(Text)

    letter: Mapped[Letter] = relationship(back_populates="replies")
    file: Mapped[StoredFile | None] = relationship()
