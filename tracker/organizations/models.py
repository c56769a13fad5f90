"""Regions form a tree, city → counties; units belong to one region."""

from datetime import date

from sqlalchemy import Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from tracker.kernel.db import Base, Id, Row, enum_type, foreign_key
from tracker.organizations.rules import (
    HandedOver,
    OfficeMode,
    RegionLevel,
    UnitCategory,
    UnitChangeKind,
)


class Region(Row, Base):
    """A place with an inspection office of its own: 市本级 or a county (县、市、区)."""

    __tablename__ = "regions"
    __table_args__ = (UniqueConstraint("code"),)

    code: Mapped[str] = mapped_column(String(40))
    name: Mapped[str] = mapped_column(String(80))
    short_name: Mapped[str] = mapped_column(String(40))
    level: Mapped[RegionLevel] = mapped_column(enum_type(RegionLevel, "level"))
    parent_id: Mapped[int | None] = foreign_key("regions.id", nullable=True)
    sort_no: Mapped[int] = mapped_column(default=0)
    mode: Mapped[OfficeMode] = mapped_column(
        enum_type(OfficeMode, "mode"), default=OfficeMode.STANDARD
    )

    parent: Mapped["Region | None"] = relationship(remote_side="Region.id")


class SupervisorOrg(Row, Base):
    """日常监督部门: 纪委监督检查室, 派驻组, 组织部 — with the units it supervises."""

    __tablename__ = "supervisor_orgs"
    __table_args__ = (UniqueConstraint("region_id", "name"),)

    region_id: Mapped[int] = foreign_key("regions.id")
    name: Mapped[str] = mapped_column(String(120))


class Unit(Row, Base):
    """被巡察党组织(单位). `sort_no` is the 党政序列, the default order of everything printed.

    On `valid_to` the unit is no more: abolished, or from that day on part of `merged_into`.
    """

    __tablename__ = "units"
    __table_args__ = (UniqueConstraint("region_id", "code"),)

    region_id: Mapped[int] = foreign_key("regions.id")
    code: Mapped[str] = mapped_column(String(40))
    name: Mapped[str] = mapped_column(String(120))
    short_name: Mapped[str] = mapped_column(String(60))
    category: Mapped[UnitCategory] = mapped_column(enum_type(UnitCategory, "category"))
    sort_no: Mapped[int] = mapped_column(default=0)
    party_org_type: Mapped[str | None] = mapped_column(String(40))
    parent_id: Mapped[int | None] = foreign_key("units.id", nullable=True)
    valid_from: Mapped[date | None]
    valid_to: Mapped[date | None]
    merged_into_id: Mapped[int | None] = foreign_key("units.id", nullable=True)
    supervisor_org_id: Mapped[int | None] = foreign_key("supervisor_orgs.id", nullable=True)

    region: Mapped[Region] = relationship()
    parent: Mapped["Unit | None"] = relationship(remote_side="Unit.id", foreign_keys=parent_id)
    merged_into: Mapped["Unit | None"] = relationship(
        remote_side="Unit.id", foreign_keys=merged_into_id
    )
    supervisor_org: Mapped[SupervisorOrg | None] = relationship()


class UnitChange(Row, Base):
    """机构变动: from `effective_on` on, a unit is called, placed or ended otherwise.

    The unit's row says how things are now; how they were on a day is read from here
    (`organizations/history.py`). A change told by mistake is taken back, never deleted.
    """

    __tablename__ = "unit_changes"

    unit_id: Mapped[int] = foreign_key("units.id")
    kind: Mapped[UnitChangeKind] = mapped_column(enum_type(UnitChangeKind, "kind"))
    effective_on: Mapped[date]
    document: Mapped[str] = mapped_column(String(200))
    old_name: Mapped[str | None] = mapped_column(String(120))
    new_name: Mapped[str | None] = mapped_column(String(120))
    old_short_name: Mapped[str | None] = mapped_column(String(60))
    new_short_name: Mapped[str | None] = mapped_column(String(60))
    old_parent_id: Mapped[int | None] = foreign_key("units.id", nullable=True, index=False)
    new_parent_id: Mapped[int | None] = foreign_key("units.id", nullable=True, index=False)
    old_region_id: Mapped[int | None] = foreign_key("regions.id", nullable=True, index=False)
    new_region_id: Mapped[int | None] = foreign_key("regions.id", nullable=True, index=False)
    old_valid_to: Mapped[date | None]
    successor_id: Mapped[int | None] = foreign_key("units.id", nullable=True, index=False)
    taken_back_on: Mapped[date | None]

    unit: Mapped[Unit] = relationship(foreign_keys=unit_id)
    successor: Mapped[Unit | None] = relationship(foreign_keys=successor_id)
    old_parent: Mapped[Unit | None] = relationship(foreign_keys=old_parent_id)
    new_parent: Mapped[Unit | None] = relationship(foreign_keys=new_parent_id)
    old_region: Mapped[Region | None] = relationship(foreign_keys=old_region_id)
    new_region: Mapped[Region | None] = relationship(foreign_keys=new_region_id)


class UnitChangeItem(Base):
    """One row that a merger handed from the unit to its successor. Day, document and who are the
    change's own; a change that was taken back has taken back all of it."""

    __tablename__ = "unit_change_items"
    __table_args__ = (
        UniqueConstraint("change_id", "kind", "object_id"),
        Index("ix_unit_change_items_object", "kind", "object_id"),  # the history of one task
    )

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    change_id: Mapped[int] = foreign_key("unit_changes.id", index=False)
    kind: Mapped[HandedOver] = mapped_column(enum_type(HandedOver, "kind"))
    object_id: Mapped[int] = mapped_column(Id)

    change: Mapped[UnitChange] = relationship()
