"""How units were on a day: who stands for whom, how one was called, where it belonged.

Dated facts only. Conditions and tables that any statement can take; nothing is loaded here.
"""

from datetime import date
from typing import Any

from sqlalchemy import CTE, ColumnElement, Date, and_, func, literal, or_, select
from sqlalchemy.orm import Session, aliased, joinedload

from tracker.organizations.models import Unit, UnitChange
from tracker.organizations.rules import UnitChangeKind


def stands_on(unit: Any, day: date) -> ColumnElement[bool]:
    """Return the condition that a unit has not ended by the day."""
    return or_(unit.valid_to.is_(None), unit.valid_to > day)


def heirs(day: date) -> CTE:
    """Return a table (unit_id, heir_id): each unit that stands on the day, and every unit that was
    merged into it by then, at whatever remove. Units that ended without an heir have no row."""
    ended = aliased(Unit)
    chain = select(Unit.id.label("unit_id"), Unit.id.label("heir_id")).cte("chain", recursive=True)
    chain = chain.union(
        select(chain.c.unit_id, ended.merged_into_id)
        .join(ended, ended.id == chain.c.heir_id)
        .where(ended.merged_into_id.is_not(None), ended.valid_to <= day)
    )
    last = aliased(Unit)
    return (
        select(chain.c.unit_id, chain.c.heir_id)
        .join(last, last.id == chain.c.heir_id)
        .where(stands_on(last, day))
        .cte("heirs")
    )


def name_on(unit: Any, day: date) -> ColumnElement[str]:
    """Return what a unit was called on a day."""
    return func.coalesce(_before(unit, UnitChange.old_name, UnitChangeKind.RENAMED, day), unit.name)


def region_on(unit: Any, day: date) -> ColumnElement[int]:
    """Return the region that a unit belonged to on a day."""
    earlier = _before(unit, UnitChange.old_region_id, UnitChangeKind.MOVED, day)
    return func.coalesce(earlier, unit.region_id)


def _before(unit: Any, column: Any, kind: UnitChangeKind, day: date) -> ColumnElement[Any]:
    """Return what the first change after the day replaced; None where there was none."""
    later = aliased(UnitChange)
    return (
        select(getattr(later, column.key))
        .where(later.unit_id == unit.id, later.kind == kind, later.taken_back_on.is_(None))
        .where(later.effective_on > literal(day, Date))
        .order_by(later.effective_on, later.id)
        .limit(1)
        .correlate(unit)
        .scalar_subquery()
    )


def changes_of(session: Session, unit: Unit) -> list[UnitChange]:
    """Return what became of a unit, and the units that were merged into it; the newest first."""
    mine = or_(
        UnitChange.unit_id == unit.id,
        and_(UnitChange.successor_id == unit.id, UnitChange.kind == UnitChangeKind.MERGED),
    )
    query = (
        select(UnitChange)
        .where(mine)
        .options(
            joinedload(UnitChange.unit),
            joinedload(UnitChange.successor),
            joinedload(UnitChange.old_parent),
            joinedload(UnitChange.new_parent),
            joinedload(UnitChange.old_region),
            joinedload(UnitChange.new_region),
        )
        .order_by(UnitChange.effective_on.desc(), UnitChange.id.desc())
    )
    return list(session.scalars(query))


def newest_change(session: Session, unit_id: int) -> UnitChange | None:
    """Return the last change of a unit that was not taken back."""
    return session.scalar(
        select(UnitChange)
        .where(UnitChange.unit_id == unit_id, UnitChange.taken_back_on.is_(None))
        .order_by(UnitChange.effective_on.desc(), UnitChange.id.desc())
        .limit(1)
    )
