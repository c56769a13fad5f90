"""督查记录: one visit, the units it went to, what it found, and what came of each finding."""

from datetime import date

from sqlalchemy import Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from tracker.kernel.db import Base, Id, Row, enum_type, foreign_key
from tracker.letters.rules.visits import FindingOutcome
from tracker.organizations.models import Unit
from tracker.people.models import Person
from tracker.rectification.models import Task


class SupervisionVisit(Row, Base):
    """One visit, led by a named leader, to one or several units."""

    __tablename__ = "supervision_visits"
    __table_args__ = (
        Index("ix_supervision_visits_region_day", "region_id", "visited_on"),  # as of a day
    )

    region_id: Mapped[int] = foreign_key("regions.id", index=False)
    visited_on: Mapped[date]
    leader_id: Mapped[int] = foreign_key("persons.id")
    members: Mapped[str | None] = mapped_column(String(400))
    text: Mapped[str] = mapped_column(Text)

    leader: Mapped[Person] = relationship()
    units: Mapped[list["VisitUnit"]] = relationship(
        back_populates="visit", cascade="all, delete-orphan"
    )
    findings: Mapped[list["VisitFinding"]] = relationship(
        back_populates="visit", order_by="VisitFinding.id"
    )


class VisitUnit(Base):
    """A unit that was visited."""

    __tablename__ = "visit_units"
    __table_args__ = (UniqueConstraint("visit_id", "unit_id"),)

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    visit_id: Mapped[int] = foreign_key("supervision_visits.id", index=False)
    unit_id: Mapped[int] = foreign_key("units.id")

    visit: Mapped[SupervisionVisit] = relationship(back_populates="units")
    unit: Mapped[Unit] = relationship()


class VisitFinding(Row, Base):
    """One finding about one unit, perhaps about one task; `result_task_id`: the task it made."""

    __tablename__ = "visit_findings"

    visit_id: Mapped[int] = foreign_key("supervision_visits.id")
    unit_id: Mapped[int] = foreign_key("units.id")
    task_id: Mapped[int | None] = foreign_key("tasks.id", nullable=True)
    text: Mapped[str] = mapped_column(Text)
    outcome: Mapped[FindingOutcome] = mapped_column(
        enum_type(FindingOutcome, "outcome"), default=FindingOutcome.NOTED
    )
    result_task_id: Mapped[int | None] = foreign_key("tasks.id", nullable=True)
    decided_on: Mapped[date | None]
    decided_by: Mapped[str | None] = mapped_column(String(120))

    visit: Mapped[SupervisionVisit] = relationship(back_populates="findings")
    unit: Mapped[Unit] = relationship()
    task: Mapped[Task | None] = relationship(foreign_keys=task_id)
    result_task: Mapped[Task | None] = relationship(foreign_keys=result_task_id)
