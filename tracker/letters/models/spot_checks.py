"""整改抽查复核: what was drawn from which list with which seed, and what each check found."""

from datetime import date, datetime

from sqlalchemy import String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from tracker.kernel.db import Base, Id, Row, enum_type, foreign_key
from tracker.letters.rules.sampling import SizeKind
from tracker.letters.rules.spot_checks import CheckOutcome
from tracker.organizations.models import Region
from tracker.rectification.models import Task
from tracker.rounds.models import Round


class SpotCheck(Base):
    """One draw. Append-only: list of candidates, size and seed can never be changed afterwards."""

    __tablename__ = "spot_checks"
    __table_args__ = (UniqueConstraint("region_id", "year", "seq"),)

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    region_id: Mapped[int] = foreign_key("regions.id", index=False)
    round_id: Mapped[int | None] = foreign_key("rounds.id", nullable=True)
    year: Mapped[int]
    seq: Mapped[int]
    closed_from: Mapped[date]
    closed_to: Mapped[date]
    with_historic: Mapped[bool]
    size_kind: Mapped[SizeKind] = mapped_column(enum_type(SizeKind, "size_kind"))
    size_value: Mapped[int]
    seed: Mapped[str] = mapped_column(String(64))
    frame: Mapped[str] = mapped_column(Text)
    frame_sha256: Mapped[str] = mapped_column(String(64))
    frame_size: Mapped[int]
    drawn_on: Mapped[date]
    drawn_at: Mapped[datetime]
    drawn_by: Mapped[str] = mapped_column(String(120))
    drawn_by_user_id: Mapped[int | None] = foreign_key("users.id", nullable=True, index=False)

    region: Mapped[Region] = relationship()
    round: Mapped[Round | None] = relationship()
    items: Mapped[list["SpotCheckItem"]] = relationship(
        back_populates="spot_check", order_by="SpotCheckItem.id"
    )

    @property
    def name(self) -> str:
        """Return what people call it."""
        return f"{self.year}年第{self.seq}次整改抽查复核"


class SpotCheckItem(Row, Base):
    """One task drawn, as it was closed then, and what the check found. Never deleted."""

    __tablename__ = "spot_check_items"
    __table_args__ = (UniqueConstraint("spot_check_id", "task_id"),)

    spot_check_id: Mapped[int] = foreign_key("spot_checks.id", index=False)
    task_id: Mapped[int] = foreign_key("tasks.id")
    closed_on: Mapped[date | None]
    closed_by: Mapped[str | None] = mapped_column(String(120))
    closer_person_id: Mapped[int | None] = foreign_key("persons.id", nullable=True, index=False)
    outcome: Mapped[CheckOutcome | None] = mapped_column(enum_type(CheckOutcome, "outcome"))
    findings: Mapped[str | None] = mapped_column(Text)
    checked_on: Mapped[date | None]
    checked_with: Mapped[str | None] = mapped_column(String(200))
    checker: Mapped[str | None] = mapped_column(String(120))
    checker_person_id: Mapped[int | None] = foreign_key("persons.id", nullable=True, index=False)
    proposes_reopening: Mapped[bool] = mapped_column(default=False)
    reopened_on: Mapped[date | None]
    reopened_by: Mapped[str | None] = mapped_column(String(120))

    spot_check: Mapped[SpotCheck] = relationship(back_populates="items")
    task: Mapped[Task] = relationship()
