"""问责: an organisation or a person held accountable, as the office registers it."""

from datetime import date

from sqlalchemy import Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from tracker.kernel.db import Base, Id, Row, enum_type, foreign_key
from tracker.letters.rules.words import Held
from tracker.organizations.models import Unit
from tracker.people.models import Person
from tracker.rectification.models import Task


class Accountability(Row, Base):
    """One decision about one organisation or one person. Typed in error: 作废, not deleted."""

    __tablename__ = "accountabilities"
    __table_args__ = (
        Index("ix_accountabilities_region_day", "region_id", "decided_on"),  # as of a day
    )

    region_id: Mapped[int] = foreign_key("regions.id", index=False)
    unit_id: Mapped[int] = foreign_key("units.id")
    held: Mapped[Held] = mapped_column(enum_type(Held, "held"))
    organ_name: Mapped[str | None] = mapped_column(String(120))
    person_id: Mapped[int | None] = foreign_key("persons.id", nullable=True)
    post_title: Mapped[str | None] = mapped_column(String(60))
    form_code: Mapped[str] = mapped_column(String(40))
    form_label: Mapped[str] = mapped_column(String(80))
    decided_on: Mapped[date]
    basis: Mapped[str] = mapped_column(Text)
    document_no: Mapped[str | None] = mapped_column(String(120))
    voided_on: Mapped[date | None]
    void_reason: Mapped[str | None] = mapped_column(Text)

    unit: Mapped[Unit] = relationship()
    person: Mapped[Person | None] = relationship()
    tasks: Mapped[list[Task]] = relationship(
        secondary="accountability_tasks", order_by="Task.task_no"
    )


class AccountabilityTask(Base):
    """A task that a decision is about."""

    __tablename__ = "accountability_tasks"
    __table_args__ = (UniqueConstraint("accountability_id", "task_id"),)

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    accountability_id: Mapped[int] = foreign_key("accountabilities.id", index=False)
    task_id: Mapped[int] = foreign_key("tasks.id")
