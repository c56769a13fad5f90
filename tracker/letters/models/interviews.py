"""约谈: who of which unit was talked to, by whom, when and why."""

from datetime import date

from sqlalchemy import Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from tracker.feedback.models import Issue
from tracker.files.models import StoredFile
from tracker.kernel.db import Base, Id, Row, foreign_key
from tracker.letters.models.assessments import Assessment
from tracker.letters.models.letters import Letter
from tracker.organizations.models import Unit
from tracker.people.models import Person
from tracker.rectification.models import Task


class Interview(Row, Base):
    """One talk with one person; `is_head` = 一把手 on that day. Typed in error: 作废, not deleted.

    `assessment` and `letter` are what led to it, if they did.
    """

    __tablename__ = "interviews"
    __table_args__ = (
        Index("ix_interviews_region_day", "region_id", "held_on"),  # as of a day
    )

    region_id: Mapped[int] = foreign_key("regions.id", index=False)
    unit_id: Mapped[int] = foreign_key("units.id")
    person_id: Mapped[int] = foreign_key("persons.id")
    post_title: Mapped[str] = mapped_column(String(60))
    is_head: Mapped[bool]
    held_on: Mapped[date]
    interviewer: Mapped[str] = mapped_column(String(120))
    reason: Mapped[str] = mapped_column(Text)
    text: Mapped[str | None] = mapped_column(Text)
    file_id: Mapped[int | None] = foreign_key("stored_files.id", nullable=True)
    assessment_no: Mapped[int | None] = foreign_key("assessments.id", nullable=True)
    letter_id: Mapped[int | None] = foreign_key("letters.id", nullable=True)
    voided_on: Mapped[date | None]
    void_reason: Mapped[str | None] = mapped_column(Text)

    unit: Mapped[Unit] = relationship()
    person: Mapped[Person] = relationship()
    file: Mapped[StoredFile | None] = relationship()
    assessment: Mapped[Assessment | None] = relationship(back_populates="interviews")
    letter: Mapped[Letter | None] = relationship()
    tasks: Mapped[list[Task]] = relationship(secondary="interview_tasks", order_by="Task.task_no")
    issues: Mapped[list[Issue]] = relationship(
        secondary="interview_issues", order_by="Issue.issue_no"
    )


class InterviewTask(Base):
    """A task that an interview was about."""

    __tablename__ = "interview_tasks"
    __table_args__ = (UniqueConstraint("interview_id", "task_id"),)

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    interview_id: Mapped[int] = foreign_key("interviews.id", index=False)
    task_id: Mapped[int] = foreign_key("tasks.id")


class InterviewIssue(Base):
    """An issue that an interview was about."""

    __tablename__ = "interview_issues"
    __table_args__ = (UniqueConstraint("interview_id", "issue_id"),)

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    interview_id: Mapped[int] = foreign_key("interviews.id", index=False)
    issue_id: Mapped[int] = foreign_key("issues.id")
