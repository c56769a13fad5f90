"""整改任务 and its measures."""

from datetime import date

from sqlalchemy import Index, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from tracker.feedback.models import Feedback, Issue
from tracker.kernel.db import Base, Id, Row, enum_type, foreign_key
from tracker.organizations.models import Region, Unit
from tracker.people.models import Person
from tracker.rectification.rules.words import CompletionClass, DutyRole, TaskKind, TaskState
from tracker.rounds.models import Round

DATED = text("next_review_on IS NOT NULL")
OPEN = text("state NOT IN ('closed', 'void', 'ended')")


class Task(Row, Base):
    """One unit's answer to one issue, followed until it is verified and closed.

    `region_id`, `round_id`, `feedback_id` repeat what the issue says, because every list filters
    by them. `original_due` is fixed once; every later date is a row of `due_changes`.
    """

    __tablename__ = "tasks"
    __table_args__ = (
        UniqueConstraint("region_id", "task_no"),
        Index("ix_tasks_open_due", "due_on", postgresql_where=OPEN, sqlite_where=OPEN),  # reminders
        Index("ix_tasks_region_state", "region_id", "state", "due_on"),  # the office's list
        Index("ix_tasks_unit_state", "lead_unit_id", "state", "due_on"),  # the unit's list
        Index(  # 待复查
            "ix_tasks_next_review", "next_review_on", postgresql_where=DATED, sqlite_where=DATED
        ),
    )

    region_id: Mapped[int] = foreign_key("regions.id", index=False)
    round_id: Mapped[int | None] = foreign_key("rounds.id", nullable=True)
    feedback_id: Mapped[int] = foreign_key("feedbacks.id")
    issue_id: Mapped[int] = foreign_key("issues.id")
    lead_unit_id: Mapped[int] = foreign_key("units.id", index=False)
    task_no: Mapped[str] = mapped_column(String(60))
    goal: Mapped[str | None] = mapped_column(Text)
    kind: Mapped[TaskKind] = mapped_column(enum_type(TaskKind, "kind"), default=TaskKind.DATED)
    state: Mapped[TaskState] = mapped_column(enum_type(TaskState, "state"))
    due_text_raw: Mapped[str | None] = mapped_column(String(400))
    original_due: Mapped[date | None]
    due_on: Mapped[date | None]
    is_due_doubtful: Mapped[bool] = mapped_column(default=False)
    is_long_term: Mapped[bool] = mapped_column(default=False)
    completion: Mapped[CompletionClass | None] = mapped_column(
        enum_type(CompletionClass, "completion")
    )
    confirmed_completion: Mapped[CompletionClass | None] = mapped_column(
        enum_type(CompletionClass, "confirmed_completion")
    )
    confirmed_on: Mapped[date | None]
    done_on: Mapped[date | None]
    closed_on: Mapped[date | None]
    is_sustained: Mapped[bool] = mapped_column(default=False)
    is_historic: Mapped[bool] = mapped_column(default=False)
    reopen_count: Mapped[int] = mapped_column(default=0)
    next_review_on: Mapped[date | None]
    stage_goal: Mapped[str | None] = mapped_column(Text)
    lead_dept: Mapped[str | None] = mapped_column(String(200))
    support_depts: Mapped[str | None] = mapped_column(String(400))
    watch_level: Mapped[str | None] = mapped_column(String(40))
    watch_leader_id: Mapped[int | None] = foreign_key("persons.id", nullable=True)
    watched_from: Mapped[date | None]
    last_progress_on: Mapped[date | None]
    remark: Mapped[str | None] = mapped_column(Text)
    extra: Mapped[str | None] = mapped_column(Text)

    region: Mapped[Region] = relationship()
    issue: Mapped[Issue] = relationship()
    feedback: Mapped[Feedback] = relationship()
    round: Mapped[Round | None] = relationship()
    lead_unit: Mapped[Unit] = relationship()
    watch_leader: Mapped[Person | None] = relationship()
    co_units: Mapped[list["TaskUnit"]] = relationship(cascade="all, delete-orphan")
    measures: Mapped[list["Measure"]] = relationship(
        back_populates="task", order_by="Measure.seq", cascade="all, delete-orphan"
    )
    duties: Mapped[list["TaskDuty"]] = relationship(order_by="TaskDuty.id")


class TaskUnit(Base):
    """A co-responsible unit: sees the task, is not pushed by default."""

    __tablename__ = "task_units"
    __table_args__ = (UniqueConstraint("task_id", "unit_id"),)

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    task_id: Mapped[int] = foreign_key("tasks.id", index=False)
    unit_id: Mapped[int] = foreign_key("units.id")

    unit: Mapped[Unit] = relationship()


class TaskDuty(Row, Base):
    """Who answers for a task, from when to when; a person who moves on gets an end date."""

    __tablename__ = "task_duties"

    task_id: Mapped[int] = foreign_key("tasks.id")
    role: Mapped[DutyRole] = mapped_column(enum_type(DutyRole, "role"))
    person_id: Mapped[int] = foreign_key("persons.id")
    from_on: Mapped[date]
    to_on: Mapped[date | None]

    person: Mapped[Person] = relationship()


class Measure(Row, Base):
    """整改措施: one step of a task."""

    __tablename__ = "measures"
    __table_args__ = (UniqueConstraint("task_id", "seq"),)

    task_id: Mapped[int] = foreign_key("tasks.id", index=False)
    seq: Mapped[int]
    text: Mapped[str] = mapped_column(Text)
    due_on: Mapped[date | None]
    done_on: Mapped[date | None]

    task: Mapped[Task] = relationship(back_populates="measures")
