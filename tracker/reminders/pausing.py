"""暂停提醒: an office does not remind a unit for a while, with reason and end date."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import or_, select
from sqlalchemy.orm import Session, joinedload

from tracker.audit import service as audit
from tracker.kernel.clock import local_date
from tracker.kernel.db import born, touch
from tracker.kernel.errors import DomainError, NotVisibleError
from tracker.kernel.permissions import Actor, Permission, may
from tracker.organizations.models import Unit
from tracker.organizations.scope import ensure_conducts
from tracker.rectification.models import Task
from tracker.reminders.models import UnitPause

LONGEST_LIST = 200


@dataclass(frozen=True, kw_only=True)
class Pause:
    """What is asked for: which unit, between which days, both included, and why."""

    unit_id: int | None
    from_on: date | None
    to_on: date | None
    reason: str


def pausable_units(session: Session, region_id: int) -> list[Unit]:
    """Return the units a region's office reminds: its own, and those it has tasks of (提级, 交叉)."""
    with_tasks = select(Task.lead_unit_id).where(Task.region_id == region_id)
    query = select(Unit).where(or_(Unit.region_id == region_id, Unit.id.in_(with_tasks)))
    return list(session.scalars(query.order_by(Unit.sort_no, Unit.id)))


def pause_unit(
    session: Session, region_id: int, wanted: Pause, *, actor: Actor, now: datetime
) -> UnitPause:
    """Stop an office's reminders to a unit. Refused without a reason, in the past, or twice."""
    _ensure_may(actor, region_id)
    from_on, to_on = _days(wanted, today=local_date(now))
    unit = session.get(Unit, wanted.unit_id) if wanted.unit_id else None
    if unit is None or unit not in pausable_units(session, region_id):
        raise DomainError("请选择要暂停提醒的单位。")
    _ensure_free(session, region_id, unit.id, from_on, to_on)
    pause = UnitPause(
        region_id=region_id,
        unit_id=unit.id,
        from_on=from_on,
        to_on=to_on,
        reason=wanted.reason.strip(),
        **born(actor=actor, now=now),
    )
    session.add(pause)
    _audit(session, "reminders.pause_unit", pause, actor=actor, now=now)
    return pause


def _days(wanted: Pause, *, today: date) -> tuple[date, date]:
    if wanted.from_on is None or wanted.from_on < today:
        raise DomainError("请填写开始日期，不能早于今天：已经过去的日子不能补记为暂停。")
    if wanted.to_on is None or wanted.to_on < wanted.from_on:
        raise DomainError("请填写结束日期，不能早于开始日期。")
    if not wanted.reason.strip():
        raise DomainError("请写明暂停提醒的原因。")
    return wanted.from_on, wanted.to_on


def _ensure_free(
    session: Session, region_id: int, unit_id: int, from_on: date, to_on: date
) -> None:
    query = select(UnitPause).where(
        UnitPause.region_id == region_id,
        UnitPause.unit_id == unit_id,
        UnitPause.from_on <= to_on,
        UnitPause.to_on >= from_on,
    )
    for other in session.scalars(query.order_by(UnitPause.id)):
        if other.to_on >= other.from_on:
            raise DomainError(
                f"这个单位已经暂停提醒（{other.from_on} 至 {other.to_on}）。"
                "需要改期的，请先提前结束，再重新暂停。"
            )


def end_pause(
    session: Session, pause: UnitPause, reason: str, *, actor: Actor, now: datetime
) -> None:
    """提前结束: from today on the unit is reminded again; which end was planned stays known."""
    _ensure_may(actor, pause.region_id)
    today = local_date(now)
    if pause.ended_on is not None or pause.to_on < today:
        raise DomainError("这次暂停已经结束。请刷新页面。")
    if not reason.strip():
        raise DomainError("请写明提前结束的原因。")
    pause.planned_to_on, pause.to_on = pause.to_on, today - timedelta(days=1)
    pause.ended_on, pause.ended_by, pause.end_reason = today, actor.label, reason.strip()
    touch(pause, actor=actor, now=now)
    _audit(session, "reminders.end_pause", pause, actor=actor, now=now)


def get_pause(session: Session, pause_id: int, *, actor: Actor) -> UnitPause:
    """Return a pause of the actor's own office. NotVisibleError for any other."""
    query = select(UnitPause).where(UnitPause.id == pause_id)
    pause = session.scalar(query.options(joinedload(UnitPause.unit)))
    if pause is None:
        raise NotVisibleError
    ensure_conducts(actor, pause.region_id)
    return pause


def pauses_of_office(session: Session, region_id: int) -> Sequence[UnitPause]:
    """Return the pauses an office has made, running and past, the latest end first."""
    query = select(UnitPause).where(UnitPause.region_id == region_id)
    query = query.options(joinedload(UnitPause.unit)).limit(LONGEST_LIST)
    return session.scalars(query.order_by(UnitPause.to_on.desc(), UnitPause.id.desc())).all()


def _ensure_may(actor: Actor, region_id: int) -> None:
    if not may(actor, Permission.REMINDER_PAUSE):
        raise DomainError("暂停提醒由巡察办办理。")
    ensure_conducts(actor, region_id)


def _audit(session: Session, action: str, pause: UnitPause, *, actor: Actor, now: datetime) -> None:
    audit.record(
        session,
        action,
        actor=actor,
        now=now,
        object_type="unit",
        object_id=pause.unit_id,
        detail={"from": pause.from_on, "to": pause.to_on},
    )
