"""机构变动: units are renamed, placed under another, merged, abolished, moved to another region."""

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from tracker.audit.service import record
from tracker.kernel.clock import local_date
from tracker.kernel.db import born, touch
from tracker.kernel.errors import DomainError, NotVisibleError
from tracker.kernel.permissions import Actor
from tracker.organizations.history import newest_change
from tracker.organizations.models import Region, Unit, UnitChange
from tracker.organizations.rules import (
    ENDING,
    UnitChangeKind,
    check_change_day,
    exists_on,
)
from tracker.organizations.scope import ensure_conducts


@dataclass(frozen=True, kw_only=True)
class Decision:
    """From which day a change holds, and the document that says so."""

    effective_on: date
    document: str


def rename_unit(
    session: Session,
    unit: Unit,
    name: str,
    short_name: str,
    decision: Decision,
    *,
    actor: Actor,
    now: datetime,
) -> UnitChange:
    """Give a unit another name from a day on; lists as of earlier days keep the old one."""
    ensure_conducts(actor, unit.region_id)
    if (name, short_name) == (unit.name, unit.short_name):
        raise DomainError("新名称与现名称相同，请核对。")
    change = _begin(session, unit, UnitChangeKind.RENAMED, decision, actor=actor, now=now)
    change.old_name, change.new_name = unit.name, name
    change.old_short_name, change.new_short_name = unit.short_name, short_name
    unit.name, unit.short_name = name, short_name
    return _finish(session, change, actor=actor, now=now)


def place_unit(
    session: Session,
    unit: Unit,
    parent: Unit | None,
    decision: Decision,
    *,
    actor: Actor,
    now: datetime,
) -> UnitChange:
    """Put a unit under another parent of its region, or under none."""
    ensure_conducts(actor, unit.region_id)
    _check_parent(session, unit, parent, decision.effective_on)
    change = _begin(session, unit, UnitChangeKind.PLACED, decision, actor=actor, now=now)
    change.old_parent_id = unit.parent_id
    change.new_parent_id = None if parent is None else parent.id
    unit.parent_id = change.new_parent_id
    return _finish(session, change, actor=actor, now=now)


def _check_parent(session: Session, unit: Unit, parent: Unit | None, day: date) -> None:
    if (None if parent is None else parent.id) == unit.parent_id:
        raise DomainError("上级单位没有变化，请核对。")
    if parent is None:
        return
    if parent.region_id != unit.region_id or not exists_on(parent, day):
        raise DomainError("上级单位应是本地区生效当天仍存在的单位，请重新选择。")
    above: Unit | None = parent
    while above is not None:
        if above.id == unit.id:
            raise DomainError("上级单位不能是它自己或它的下级单位，请重新选择。")
        above = session.get(Unit, above.parent_id) if above.parent_id else None


def merge_unit(
    session: Session,
    unit: Unit,
    successor: Unit,
    decision: Decision,
    *,
    actor: Actor,
    now: datetime,
) -> UnitChange:
    """Merge a unit into another of its region, which inherits what it owes and what was done."""
    ensure_conducts(actor, unit.region_id)
    if successor.id == unit.id or successor.region_id != unit.region_id:
        raise DomainError("承接单位应是本地区的另一个单位，请重新选择。")
    if not exists_on(successor, decision.effective_on):
        raise DomainError("承接单位在生效当天尚未启用或已经停用，请重新选择。")
    change = _begin(session, unit, UnitChangeKind.MERGED, decision, actor=actor, now=now)
    change.successor_id, unit.merged_into_id = successor.id, successor.id
    change.old_valid_to, unit.valid_to = unit.valid_to, decision.effective_on
    return _finish(session, change, actor=actor, now=now)


def abolish_unit(
    session: Session, unit: Unit, decision: Decision, *, actor: Actor, now: datetime
) -> UnitChange:
    """End a unit without a successor; figures of earlier days keep it."""
    ensure_conducts(actor, unit.region_id)
    change = _begin(session, unit, UnitChangeKind.ABOLISHED, decision, actor=actor, now=now)
    change.old_valid_to, unit.valid_to = unit.valid_to, decision.effective_on
    return _finish(session, change, actor=actor, now=now)


def move_unit(
    session: Session,
    unit: Unit,
    region: Region,
    code: str,
    decision: Decision,
    *,
    actor: Actor,
    now: datetime,
) -> UnitChange:
    """Move a unit to another region, where `code` is its code. The caller knows both are kept by
    the administrator who acts. A parent stays behind."""
    if region.id == unit.region_id:
        raise DomainError("该单位已在这个地区，请重新选择。")
    taken = select(Unit.name).where(Unit.region_id == region.id, Unit.code == code)
    holder = session.scalar(taken)
    if holder is not None:
        raise DomainError(f"代码“{code}”在{region.name}已被“{holder}”使用，请另填一个。")
    change = _begin(session, unit, UnitChangeKind.MOVED, decision, actor=actor, now=now)
    change.old_region_id, change.new_region_id = unit.region_id, region.id
    change.old_parent_id = unit.parent_id
    unit.region, unit.code, unit.parent_id = region, code, None
    return _finish(session, change, actor=actor, now=now)


def _begin(
    session: Session,
    unit: Unit,
    kind: UnitChangeKind,
    decision: Decision,
    *,
    actor: Actor,
    now: datetime,
) -> UnitChange:
    newest = newest_change(session, unit.id)
    check_change_day(
        unit,
        decision.effective_on,
        newest_change=None if newest is None else newest.effective_on,
        today=local_date(now),
    )
    change = UnitChange(unit_id=unit.id, kind=kind, **vars(decision), **born(actor=actor, now=now))
    change.unit = unit
    return change


def _finish(session: Session, change: UnitChange, *, actor: Actor, now: datetime) -> UnitChange:
    session.add(change)
    touch(change.unit, actor=actor, now=now)
    session.flush()  # the audit entry names the id
    _audit(session, f"unit_{change.kind.value}", change, actor=actor, now=now)
    return change


def get_change(session: Session, change_id: int, *, actor: Actor) -> UnitChange:
    """Return a change of a unit that the actor's office keeps."""
    change = session.get(UnitChange, change_id)
    if change is None:
        raise NotVisibleError
    ensure_conducts(actor, change.unit.region_id)
    return change


def take_back_change(
    session: Session, change: UnitChange, *, actor: Actor, now: datetime
) -> UnitChange:
    """Take back a change told by mistake: as if it had never been. Only the unit's newest."""
    unit = change.unit
    ensure_conducts(actor, unit.region_id)
    newest = newest_change(session, unit.id)
    if newest is None or newest.id != change.id:
        raise DomainError("只能撤回该单位最近的一次变动。")
    if change.kind is UnitChangeKind.MOVED:
        raise DomainError("划转涉及两个地区的任务，不能撤回；请由系统管理员再划转回来。")
    _restore(unit, change)
    change.taken_back_on = local_date(now)
    touch(change, actor=actor, now=now)
    touch(unit, actor=actor, now=now)
    _audit(session, "unit_change_taken_back", change, actor=actor, now=now)
    return change


def _restore(unit: Unit, change: UnitChange) -> None:
    if change.kind is UnitChangeKind.RENAMED:
        unit.name = change.old_name or unit.name
        unit.short_name = change.old_short_name or unit.short_name
    elif change.kind is UnitChangeKind.PLACED:
        unit.parent_id = change.old_parent_id
    elif change.kind in ENDING:
        unit.valid_to, unit.merged_into_id = change.old_valid_to, None


def _audit(
    session: Session, action: str, change: UnitChange, *, actor: Actor, now: datetime
) -> None:
    record(
        session,
        action,
        actor=actor,
        now=now,
        object_type="unit",
        object_id=change.unit_id,
        detail={"effective_on": change.effective_on, "document": change.document},
    )
