"""届 → 轮 → 批/组 → 一个单位在一轮中的巡察, and what the term owes (全覆盖任务)."""

from datetime import date, datetime

from sqlalchemy import String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from tracker.files.models import StoredFile
from tracker.kernel.db import Base, Id, Row, enum_type, foreign_key
from tracker.organizations.models import Region, Unit
from tracker.organizations.rules import OfficeMode
from tracker.people.models import Person
from tracker.rounds.rules import (
    MAX_EXTENSIONS,
    SWITCH_COLUMNS,
    MilestoneEventKind,
    MilestoneKind,
    RoundKind,
    RoundMode,
    RoundStatus,
    Switches,
    in_simple_mode,
)


class DeadlineProfile(Row, Base):
    """期限方案: a city's own choice, never presented as law."""

    __tablename__ = "deadline_profiles"
    __table_args__ = (UniqueConstraint("region_id", "name"),)

    region_id: Mapped[int] = foreign_key("regions.id")
    name: Mapped[str] = mapped_column(String(80))
    plan_months: Mapped[int] = mapped_column(default=1)
    concentrated_months: Mapped[int] = mapped_column(default=6)
    report_months: Mapped[int] = mapped_column(default=6)
    move_to_workday: Mapped[bool] = mapped_column(default=False)


class Term(Row, Base):
    """届: the term of a party committee; its number is written 七."""

    __tablename__ = "terms"
    __table_args__ = (UniqueConstraint("region_id", "number"),)

    region_id: Mapped[int] = foreign_key("regions.id")
    number: Mapped[int]
    starts_on: Mapped[date]
    ends_on: Mapped[date | None]

    region: Mapped[Region] = relationship()


class Round(Row, Base):
    """轮 of a term, with the switches of its path."""

    __tablename__ = "rounds"
    __table_args__ = (
        UniqueConstraint("region_id", "code"),
        UniqueConstraint("term_id", "seq"),
    )

    region_id: Mapped[int] = foreign_key("regions.id")
    term_id: Mapped[int] = foreign_key("terms.id")
    code: Mapped[str] = mapped_column(String(40))
    seq: Mapped[int]
    name: Mapped[str] = mapped_column(String(120))
    kind: Mapped[RoundKind] = mapped_column(enum_type(RoundKind, "kind"))
    theme: Mapped[str | None] = mapped_column(String(200))
    status: Mapped[RoundStatus] = mapped_column(enum_type(RoundStatus, "status"))
    profile_id: Mapped[int] = foreign_key("deadline_profiles.id")
    needs_acknowledgement: Mapped[bool] = mapped_column(default=True)
    needs_plan_review: Mapped[bool] = mapped_column(default=True)
    needs_sign_off: Mapped[bool] = mapped_column(default=True)
    needs_cosign: Mapped[bool] = mapped_column(default=False)
    allows_online_sign: Mapped[bool] = mapped_column(default=True)
    allows_scan_sign: Mapped[bool] = mapped_column(default=True)
    allows_deputy_sign: Mapped[bool] = mapped_column(default=True)
    allows_ending: Mapped[bool] = mapped_column(default=False)
    allows_late_extension: Mapped[bool] = mapped_column(default=False)
    max_extensions: Mapped[int] = mapped_column(default=MAX_EXTENSIONS)

    region: Mapped[Region] = relationship()
    term: Mapped[Term] = relationship()
    profile: Mapped[DeadlineProfile] = relationship()
    modes: Mapped[list["RoundModeChoice"]] = relationship(
        cascade="all, delete-orphan", order_by="RoundModeChoice.id"
    )

    @property
    def own_switches(self) -> Switches:
        """Return what this round chose, whatever its office's mode."""
        return Switches(**{name: getattr(self, column) for name, column in SWITCH_COLUMNS.items()})

    @property
    def switches(self) -> Switches:
        """Return which steps this round's path has; 简易模式 makes it shorter still."""
        own = self.own_switches
        return in_simple_mode(own) if self.region.mode is OfficeMode.SIMPLE else own


class RoundModeChoice(Base):
    """One of a round's modes."""

    __tablename__ = "round_modes"
    __table_args__ = (UniqueConstraint("round_id", "mode"),)

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    round_id: Mapped[int] = foreign_key("rounds.id", index=False)
    mode: Mapped[RoundMode] = mapped_column(enum_type(RoundMode, "mode"))


class Batch(Row, Base):
    """批 of a round."""

    __tablename__ = "batches"
    __table_args__ = (UniqueConstraint("round_id", "seq"),)

    round_id: Mapped[int] = foreign_key("rounds.id", index=False)
    seq: Mapped[int]
    name: Mapped[str] = mapped_column(String(80))


class Team(Row, Base):
    """巡察组 of a round."""

    __tablename__ = "teams"
    __table_args__ = (UniqueConstraint("round_id", "name"),)

    round_id: Mapped[int] = foreign_key("rounds.id", index=False)
    name: Mapped[str] = mapped_column(String(80))
    leader_id: Mapped[int | None] = foreign_key("persons.id", nullable=True)

    leader: Mapped[Person | None] = relationship()


class Inspection(Row, Base):
    """One unit's inspection in one round: who inspects, whom, when, and whether it counts."""

    __tablename__ = "inspections"
    __table_args__ = (UniqueConstraint("round_id", "unit_id"),)

    round_id: Mapped[int] = foreign_key("rounds.id", index=False)
    unit_id: Mapped[int] = foreign_key("units.id")
    batch_id: Mapped[int | None] = foreign_key("batches.id", nullable=True)
    team_id: Mapped[int | None] = foreign_key("teams.id", nullable=True)
    conducting_region_id: Mapped[int] = foreign_key("regions.id")
    kind: Mapped[RoundKind] = mapped_column(enum_type(RoundKind, "kind"))
    counts_for_coverage: Mapped[bool] = mapped_column(default=True)
    onsite_start: Mapped[date | None]
    onsite_end: Mapped[date | None] = mapped_column(index=True)  # coverage as of a day

    round: Mapped[Round] = relationship()
    unit: Mapped[Unit] = relationship()
    batch: Mapped[Batch | None] = relationship()
    team: Mapped[Team | None] = relationship()
    milestones: Mapped[list["Milestone"]] = relationship(back_populates="inspection")


class Milestone(Row, Base):
    """节点 of an inspection: due, done, or exempt with a reason."""

    __tablename__ = "milestones"
    __table_args__ = (UniqueConstraint("inspection_id", "kind", "seq"),)

    inspection_id: Mapped[int] = foreign_key("inspections.id", index=False)
    kind: Mapped[MilestoneKind] = mapped_column(enum_type(MilestoneKind, "kind"))
    seq: Mapped[int] = mapped_column(default=1)
    due_on: Mapped[date | None] = mapped_column(index=True)  # what is due today
    done_on: Mapped[date | None]
    file_id: Mapped[int | None] = foreign_key("stored_files.id", nullable=True)
    exempt_reason: Mapped[str | None] = mapped_column(String(400))

    inspection: Mapped[Inspection] = relationship(back_populates="milestones")
    file: Mapped[StoredFile | None] = relationship()
    events: Mapped[list["MilestoneEvent"]] = relationship(
        back_populates="milestone", order_by="MilestoneEvent.id"
    )


class MilestoneEvent(Base):
    """What was registered about a milestone, and what was taken back. Append-only."""

    __tablename__ = "milestone_events"

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    milestone_id: Mapped[int] = foreign_key("milestones.id")
    kind: Mapped[MilestoneEventKind] = mapped_column(enum_type(MilestoneEventKind, "kind"))
    done_on: Mapped[date | None]
    recorded_at: Mapped[datetime]
    actor: Mapped[str] = mapped_column(String(120))
    actor_user_id: Mapped[int | None] = foreign_key("users.id", nullable=True, index=False)
    reason: Mapped[str | None] = mapped_column(String(400))
    file_id: Mapped[int | None] = foreign_key("stored_files.id", nullable=True)

    milestone: Mapped[Milestone] = relationship(back_populates="events")
    file: Mapped[StoredFile | None] = relationship()


class CoverageTarget(Row, Base):
    """全覆盖任务: a unit the term owes a visit, in whose region's coverage it counts.

    A dated fact, from `added_on` until the day before `removed_on`: what is decided otherwise on a
    later day is a row of its own, so that figures as of an earlier day stay.
    """

    __tablename__ = "coverage_targets"
    __table_args__ = (UniqueConstraint("term_id", "unit_id", "added_on"),)

    term_id: Mapped[int] = foreign_key("terms.id", index=False)
    unit_id: Mapped[int] = foreign_key("units.id")
    counted_in_region_id: Mapped[int] = foreign_key("regions.id")
    is_counted: Mapped[bool] = mapped_column(default=True)
    uncounted_reason: Mapped[str | None] = mapped_column(String(400))
    added_on: Mapped[date]
    removed_on: Mapped[date | None]
    planned_round_id: Mapped[int | None] = foreign_key("rounds.id", nullable=True)

    term: Mapped[Term] = relationship()
    unit: Mapped[Unit] = relationship()
    counted_in: Mapped[Region] = relationship()
    planned_round: Mapped[Round | None] = relationship()
