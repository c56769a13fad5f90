"""What is said and watched besides the path: comments, special watch, closure certificates.

All three are append-only; the database refuses to change or delete them.
"""

from datetime import date, datetime

from sqlalchemy import Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from tracker.kernel.db import Base, Id, enum_type, foreign_key
from tracker.people.models import Person
from tracker.rectification.models.history import TaskTransition
from tracker.rectification.models.tasks import Task
from tracker.rectification.rules.words import CommentSide, WatchChangeKind


class TaskComment(Base):
    """意见: a short text on a task. An internal one is for the conducting office alone."""

    __tablename__ = "task_comments"
    __table_args__ = (Index("ix_task_comments_task", "task_id", "id"),)  # one task's, in order

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    task_id: Mapped[int] = foreign_key("tasks.id", index=False)
    side: Mapped[CommentSide] = mapped_column(enum_type(CommentSide, "side"))
    text: Mapped[str] = mapped_column(Text)
    is_internal: Mapped[bool]
    written_at: Mapped[datetime]
    author: Mapped[str] = mapped_column(String(120))
    author_user_id: Mapped[int | None] = foreign_key("users.id", nullable=True, index=False)

    task: Mapped[Task] = relationship()


class WatchChange(Base):
    """挂牌督办 set, changed or lifted: when, at which level, under which leader, why."""

    __tablename__ = "watch_changes"
    __table_args__ = (Index("ix_watch_changes_task", "task_id", "id"),)  # one task's, in order

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    task_id: Mapped[int] = foreign_key("tasks.id", index=False)
    kind: Mapped[WatchChangeKind] = mapped_column(enum_type(WatchChangeKind, "kind"))
    level: Mapped[str | None] = mapped_column(String(40))
    leader_id: Mapped[int | None] = foreign_key("persons.id", nullable=True, index=False)
    occurred_on: Mapped[date]
    recorded_at: Mapped[datetime]
    actor: Mapped[str] = mapped_column(String(120))
    actor_user_id: Mapped[int | None] = foreign_key("users.id", nullable=True, index=False)
    reason: Mapped[str] = mapped_column(Text)

    task: Mapped[Task] = relationship()
    leader: Mapped[Person | None] = relationship()


class ClosureCertificate(Base):
    """整改销号审批表: exactly what was printed about one closing, and its verification code.

    `content` is canonical JSON; `code` its SHA-256.
    """

    __tablename__ = "closure_certificates"
    __table_args__ = (UniqueConstraint("transition_id"), UniqueConstraint("code"))

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    task_id: Mapped[int] = foreign_key("tasks.id")
    transition_id: Mapped[int] = foreign_key("task_transitions.id", index=False)
    number: Mapped[str] = mapped_column(String(80))
    code: Mapped[str] = mapped_column(String(64))
    content: Mapped[str] = mapped_column(Text)
    made_at: Mapped[datetime]
    made_by: Mapped[str] = mapped_column(String(120))

    task: Mapped[Task] = relationship()
    transition: Mapped[TaskTransition] = relationship()
