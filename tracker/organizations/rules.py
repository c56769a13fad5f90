"""Words of the organisation, and which change of a unit can be. Pure.

A day of change is the first day on which things are otherwise: on `valid_to` a unit is no more.
"""

from datetime import date
from typing import Protocol

from tracker.kernel.errors import DomainError
from tracker.kernel.labels import LabelledEnum


class RegionLevel(LabelledEnum):
    """Where a region stands in the tree."""

    CITY = "city", "市本级"
    COUNTY = "county", "县（市、区）"


class OfficeMode(LabelledEnum):
    """How an office works: with every step and role, or as an office of two."""

    STANDARD = "standard", "标准模式"
    SIMPLE = "simple", "简易模式"


class UnitCategory(LabelledEnum):
    """What kind of unit; villages and schools are counted apart."""

    DEPARTMENT = "department", "直属单位"
    TOWN = "town", "乡镇（街道）"
    VILLAGE = "village", "行政村"
    COMMUNITY = "community", "社区"
    SCHOOL = "school", "学校"
    ENTERPRISE = "enterprise", "国有企业"
    OTHER = "other", "其他"


class UnitChangeKind(LabelledEnum):
    """What became of a unit on a day."""

    RENAMED = "renamed", "更名"
    PLACED = "placed", "调整上级单位"
    MERGED = "merged", "合并"
    ABOLISHED = "abolished", "撤销"
    MOVED = "moved", "划转到其他地区"


class HandedOver(LabelledEnum):
    """What passes to the successor of a merged unit."""

    TASK = "task", "牵头任务"
    CO_TASK = "co_task", "配合任务"
    DOCUMENT = "document", "整改方案和报告"
    DUTY = "duty", "任务责任人"


ENDING = frozenset({UnitChangeKind.MERGED, UnitChangeKind.ABOLISHED})


class Lifetime(Protocol):
    """From when and until when there is a unit; None = always."""

    @property
    def valid_from(self) -> date | None:
        """Return the first day."""
        ...

    @property
    def valid_to(self) -> date | None:
        """Return the first day on which it is no more."""
        ...


def exists_on(unit: Lifetime, day: date) -> bool:
    """Return whether there is such a unit on a day."""
    begun = unit.valid_from is None or unit.valid_from <= day
    return begun and (unit.valid_to is None or unit.valid_to > day)


def check_change_day(
    unit: Lifetime, effective_on: date, *, newest_change: date | None, today: date
) -> None:
    """Refuse a day on which a unit cannot change. Changes are told in their order."""
    if effective_on > today:
        raise DomainError("生效日期还没有到，请在生效当天或以后登记。")
    if not exists_on(unit, effective_on):
        raise DomainError("生效当天该单位尚未启用或已经停用，请核对日期。")
    if newest_change is not None and effective_on < newest_change:
        raise DomainError(
            f"该单位在 {newest_change} 已有变动，请按先后登记；如那一条有误，请先撤回。"
        )
