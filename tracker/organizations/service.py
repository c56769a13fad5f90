"""Keep regions and units."""

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from tracker.audit.service import record
from tracker.kernel.db import born, touch
from tracker.kernel.errors import DomainError
from tracker.kernel.permissions import Actor, Permission, may
from tracker.organizations.history import newest_change
from tracker.organizations.models import Region, Unit
from tracker.organizations.rules import ENDING, OfficeMode, RegionLevel, UnitCategory
from tracker.organizations.scope import ensure_conducts


@dataclass(frozen=True, kw_only=True)
class UnitDraft:
    """A unit as typed: its first day, and the first day on which it is no more."""

    code: str
    name: str
    short_name: str
    category: UnitCategory
    sort_no: int = 0
    valid_from: date | None = None
    valid_to: date | None = None


def add_unit(
    session: Session, region_id: int, draft: UnitDraft, *, actor: Actor, now: datetime
) -> Unit:
    """Take in a unit of a region. DomainError when its code is taken."""
    ensure_conducts(actor, region_id)
    _check_unit(session, region_id, draft, unit_id=None)
    unit = Unit(region_id=region_id, **vars(draft), **born(actor=actor, now=now))
    session.add(unit)
    session.flush()  # the audit entry names the id
    _audit(session, "unit_created", unit, actor=actor, now=now)
    return unit


def edit_unit(
    session: Session, unit: Unit, draft: UnitDraft, *, actor: Actor, now: datetime
) -> Unit:
    """Change a unit of the actor's office. DomainError when its code is taken."""
    ensure_conducts(actor, unit.region_id)
    _check_unit(session, unit.region_id, draft, unit_id=unit.id)
    _check_end(session, unit, draft)
    for name, value in vars(draft).items():
        setattr(unit, name, value)
    touch(unit, actor=actor, now=now)
    _audit(session, "unit_edited", unit, actor=actor, now=now)
    return unit


def _check_end(session: Session, unit: Unit, draft: UnitDraft) -> None:
    """Refuse to move the end of a unit past the change that made it (机构变动)."""
    if draft.valid_to == unit.valid_to:
        return
    change = newest_change(session, unit.id)
    if unit.merged_into_id is not None or (change is not None and change.kind in ENDING):
        raise DomainError("停用日期由合并或撤销的登记确定；如有误，请在“机构变动”中撤回该登记。")


def _check_unit(session: Session, region_id: int, draft: UnitDraft, *, unit_id: int | None) -> None:
    if draft.valid_from and draft.valid_to and draft.valid_to < draft.valid_from:
        raise DomainError("停用日期早于启用日期，请核对。")
    holder = session.scalar(
        select(Unit).where(Unit.region_id == region_id, Unit.code == draft.code)
    )
    if holder is not None and holder.id != unit_id:
        raise DomainError(f"单位代码“{draft.code}”已被“{holder.name}”使用，请换一个。")


def add_county(
    session: Session, city: Region, code: str, name: str, *, actor: Actor, now: datetime
) -> Region:
    """Take in a county under a city. DomainError when the parent is none, or the code is taken."""
    if city.level is not RegionLevel.CITY:
        raise DomainError("请先把本地区的级别改为“市本级”，再添加县（市、区）。")
    if session.scalar(select(Region.id).where(Region.code == code)) is not None:
        raise DomainError(f"地区代码“{code}”已被使用，请换一个。")
    siblings = select(func.count()).select_from(Region).where(Region.parent_id == city.id)
    county = Region(
        code=code,
        name=name,
        short_name=name,
        level=RegionLevel.COUNTY,
        parent_id=city.id,
        sort_no=(session.scalar(siblings) or 0) + 1,
        **born(actor=actor, now=now),
    )
    session.add(county)
    session.flush()  # the audit entry names the id
    _audit(session, "region_created", county, actor=actor, now=now)
    return county


def rename_region(
    session: Session,
    region: Region,
    *,
    code: str,
    name: str,
    short_name: str,
    level: RegionLevel,
    actor: Actor,
    now: datetime,
) -> Region:
    """Change how a region is called. DomainError for a level that does not fit the tree."""
    taken = select(Region.id).where(Region.code == code, Region.id != region.id)
    if session.scalar(taken) is not None:
        raise DomainError(f"地区代码“{code}”已被使用，请换一个。")
    _check_level(session, region, level)
    region.code, region.name, region.short_name, region.level = code, name, short_name, level
    touch(region, actor=actor, now=now)
    _audit(session, "region_renamed", region, actor=actor, now=now)
    return region


def set_mode(
    session: Session, region: Region, mode: OfficeMode, *, actor: Actor, now: datetime
) -> None:
    """切换 简易模式 and 标准模式. Nothing is lost: rows, dates and history stay as they are."""
    if not may(actor, Permission.SYSTEM_SETTINGS):
        raise DomainError("工作模式由系统管理员切换。")
    if region.mode is mode:
        raise DomainError(f"现在已经是{mode.label}。")
    region.mode = mode
    touch(region, actor=actor, now=now)
    record(
        session,
        "office_mode_set",
        actor=actor,
        now=now,
        object_type="region",
        object_id=region.id,
        detail={"mode": mode.value},
    )


def _check_level(session: Session, region: Region, level: RegionLevel) -> None:
    if level is RegionLevel.CITY and region.parent_id is not None:
        raise DomainError("下级地区只能是“县（市、区）”。")
    has_counties = session.scalar(select(Region.id).where(Region.parent_id == region.id).limit(1))
    if level is RegionLevel.COUNTY and has_counties is not None:
        raise DomainError("本地区下面已有县（市、区），级别只能是“市本级”。")


def _audit(
    session: Session, action: str, row: Unit | Region, *, actor: Actor, now: datetime
) -> None:
    kind = "unit" if isinstance(row, Unit) else "region"
    detail = {"code": row.code, "name": row.name}
    record(session, action, actor=actor, now=now, object_type=kind, object_id=row.id, detail=detail)
