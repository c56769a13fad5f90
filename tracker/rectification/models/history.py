"""The history of a task: append-only rows that no page can rewrite."""

from datetime import date, datetime

from sqlalchemy import Index, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from tracker.files.models import StoredFile
from tracker.kernel.db import Base, Id, Row, enum_type, foreign_key
from tracker.rectification.models.tasks import Task
from tracker.rectification.rules.words import (
    DueChangeKind,
    ExtensionState,
    RequestState,
    SignatureWay,
    TaskState,
)

TO_OFFICE = text("to_state = 'office_review'")
# The predicate of the partial index word for word, or SQLite would not see that it answers.
IS_TO_OFFICE = text("task_transitions.to_state = 'office_review'")


class TaskTransition(Base):
    """One change of state. As-of figures, whose turn, and the history all come from here.

    `occurred_on` is the day it counts for, `recorded_at` when it was written down. `on_behalf_of`
    names the unit of a 代录, `lent_by` the person whose powers were lent (授权代理).
    """

    __tablename__ = "task_transitions"
    __table_args__ = (
        Index("ix_task_transitions_task", "task_id", "id"),  # one task's history
        Index("ix_task_transitions_occurred", "occurred_on", "to_state"),  # as of a day
        Index("ix_task_transitions_recorded", "recorded_at"),  # what happened lately
        Index(
            "ix_task_transitions_to_office",
            "task_id",
            "occurred_on",
            postgresql_where=TO_OFFICE,
            sqlite_where=TO_OFFICE,
        ),  # since when a task waits for the office
    )

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    task_id: Mapped[int] = foreign_key("tasks.id", index=False)
    from_state: Mapped[TaskState | None] = mapped_column(enum_type(TaskState, "from_state"))
    to_state: Mapped[TaskState] = mapped_column(enum_type(TaskState, "to_state"))
    verb: Mapped[str] = mapped_column(String(40))
    occurred_on: Mapped[date]
    recorded_at: Mapped[datetime]
    actor: Mapped[str] = mapped_column(String(120))
    actor_user_id: Mapped[int | None] = foreign_key("users.id", nullable=True, index=False)
    on_behalf_of: Mapped[str | None] = mapped_column(String(120))
    lent_by: Mapped[str | None] = mapped_column(String(120))
    reason: Mapped[str | None] = mapped_column(Text)

    task: Mapped[Task] = relationship()


class TaskOpening(Base):
    """The next person has opened what was submitted: from now on it cannot be withdrawn."""

    __tablename__ = "task_openings"
    __table_args__ = (UniqueConstraint("transition_id"),)

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    transition_id: Mapped[int] = foreign_key("task_transitions.id", index=False)
    user_id: Mapped[int] = foreign_key("users.id")
    opened_at: Mapped[datetime]


class DueChange(Base):
    """Why a due date is what it is: fixed, corrected, extended, reopened, resumed. Append-only."""

    __tablename__ = "due_changes"

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    task_id: Mapped[int] = foreign_key("tasks.id")
    kind: Mapped[DueChangeKind] = mapped_column(enum_type(DueChangeKind, "kind"))
    old_due: Mapped[date | None]
    new_due: Mapped[date | None]
    occurred_on: Mapped[date]
    recorded_at: Mapped[datetime]
    actor: Mapped[str] = mapped_column(String(120))
    lent_by: Mapped[str | None] = mapped_column(String(120))
    reason: Mapped[str | None] = mapped_column(Text)
    extension_id: Mapped[int | None] = foreign_key("extensions.id", nullable=True)


class Extension(Row, Base):
    """申请延期: asked by the liaison, signed by the head, granted by the office's lead.

    `on_behalf_of`, `…_lent_by`: as in TaskTransition.
    """

    __tablename__ = "extensions"

    task_id: Mapped[int] = foreign_key("tasks.id")
    state: Mapped[ExtensionState] = mapped_column(enum_type(ExtensionState, "state"))
    old_due: Mapped[date]
    new_due: Mapped[date]
    reason: Mapped[str] = mapped_column(Text)
    asked_on: Mapped[date]
    asked_by: Mapped[str] = mapped_column(String(120))
    asker_user_id: Mapped[int | None] = foreign_key("users.id", nullable=True, index=False)
    on_behalf_of: Mapped[str | None] = mapped_column(String(120))
    signed_on: Mapped[date | None]
    signed_by: Mapped[str | None] = mapped_column(String(120))
    signer_user_id: Mapped[int | None] = foreign_key("users.id", nullable=True, index=False)
    sign_lent_by: Mapped[str | None] = mapped_column(String(120))
    sign_way: Mapped[SignatureWay | None] = mapped_column(enum_type(SignatureWay, "sign_way"))
    sign_file_id: Mapped[int | None] = foreign_key("stored_files.id", nullable=True)
    decided_on: Mapped[date | None]
    decided_by: Mapped[str | None] = mapped_column(String(120))
    decision_lent_by: Mapped[str | None] = mapped_column(String(120))
    decision_reason: Mapped[str | None] = mapped_column(Text)

    task: Mapped[Task] = relationship()
    sign_file: Mapped[StoredFile | None] = relationship()


class LongTermRequest(Row, Base):
    """转长期整改 with goal and review date, or back with a new due date: asked by the unit's head,
    granted by the office's lead."""

    __tablename__ = "long_term_requests"

    task_id: Mapped[int] = foreign_key("tasks.id")
    is_resume: Mapped[bool]
    state: Mapped[RequestState] = mapped_column(enum_type(RequestState, "state"))
    stage_goal: Mapped[str | None] = mapped_column(Text)
    next_review_on: Mapped[date | None]
    new_due: Mapped[date | None]
    reason: Mapped[str] = mapped_column(Text)
    asked_on: Mapped[date]
    asked_by: Mapped[str] = mapped_column(String(120))
    asker_user_id: Mapped[int | None] = foreign_key("users.id", nullable=True, index=False)
    on_behalf_of: Mapped[str | None] = mapped_column(String(120))
    ask_lent_by: Mapped[str | None] = mapped_column(String(120))
    decided_on: Mapped[date | None]
    decided_by: Mapped[str | None] = mapped_column(String(120))
    decision_lent_by: Mapped[str | None] = mapped_column(String(120))
    decision_reason: Mapped[str | None] = mapped_column(Text)

    task: Mapped[Task] = relationship()


class LongTermReview(Base):
    """复查 of 长期整改 or 长期坚持 by the office: what was found, and when it looks again.

    `planned_on` is the date that stood until then. Without a next date there is an `end_reason`.
    Append-only.
    """

    __tablename__ = "long_term_reviews"
    __table_args__ = (Index("ix_long_term_reviews_task", "task_id", "id"),)  # one task's, in order

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    task_id: Mapped[int] = foreign_key("tasks.id", index=False)
    planned_on: Mapped[date | None]
    reviewed_on: Mapped[date]
    finding: Mapped[str] = mapped_column(Text)
    next_review_on: Mapped[date | None]
    end_reason: Mapped[str | None] = mapped_column(Text)
    recorded_at: Mapped[datetime]
    actor: Mapped[str] = mapped_column(String(120))
    actor_user_id: Mapped[int | None] = foreign_key("users.id", nullable=True, index=False)
