"""Scope: which rows a person may see, as a condition that any query can take.

The one place that knows: a region's office and leaders see rows their region conducts, and rows
about their region's units that another office conducts (提级, 交叉: to read and urge). A unit sees
what it answers for, leading or co-responsible. A supervisor sees the units of its organisation.
The three administrators see no business row. Whatever is not seen is answered like an id that
does not exist.
"""

from typing import Any

from sqlalchemy import ColumnElement, Select, false, or_, select, true

from tracker.kernel.errors import NotVisibleError
from tracker.kernel.permissions import Actor, Role
from tracker.organizations.models import Region, Unit

OFFICE = frozenset({Role.OFFICE_CLERK, Role.OFFICE_LEAD, Role.LEADER})
UNIT = frozenset({Role.UNIT_LIAISON, Role.UNIT_HEAD})


def sees(
    actor: Actor,
    *,
    region: ColumnElement[Any] | Any,
    unit: ColumnElement[Any] | Any,
    co_units: Select[Any] | None = None,
) -> ColumnElement[bool]:
    """Return the condition under which the actor sees a row.

    `region` is the row's conducting region, `unit` its responsible unit, `co_units` a select of
    unit ids that answer together with it (correlated to the row). Whoever lacks the unit or
    organisation that the role needs sees nothing: compared with None, a column would read IS NULL.
    """
    if actor.role is None:
        return true()
    if actor.role in OFFICE:
        return or_(region == actor.region_id, unit.in_(_units_of_region(actor)))
    if actor.role in UNIT and actor.unit_id is not None:
        return _sees_as_unit(actor, unit, co_units)
    if actor.role is Role.SUPERVISOR and actor.supervisor_org_id is not None:
        return unit.in_(select(Unit.id).where(Unit.supervisor_org_id == actor.supervisor_org_id))
    return false()


def _units_of_region(actor: Actor) -> Select[int]:
    return select(Unit.id).where(Unit.region_id == actor.region_id)


def _sees_as_unit(actor: Actor, unit: Any, co_units: Select[Any] | None) -> ColumnElement[bool]:
    own: ColumnElement[bool] = unit == actor.unit_id
    if co_units is None:
        return own
    return or_(own, co_units.where(Unit.id == actor.unit_id).exists())


def conducts(actor: Actor, *, region: ColumnElement[Any] | Any) -> ColumnElement[bool]:
    """Return the condition under which the actor's office may change a row, not only read it."""
    if actor.role is None:
        return true()
    return region == actor.region_id if actor.role in OFFICE else false()


def conducts_row(actor: Actor, region_id: int) -> bool:
    """Return whether a row of this region is the actor's office's own."""
    return actor.role is None or (actor.role in OFFICE and actor.region_id == region_id)


def ensure_conducts(actor: Actor, region_id: int) -> None:
    """Refuse to change a row of another office; answered like a row that does not exist."""
    if not conducts_row(actor, region_id):
        raise NotVisibleError


def administers(actor: Actor, *, region: ColumnElement[Any] | Any) -> ColumnElement[bool]:
    """Return the condition under which an administrator keeps a region's accounts and channels.

    The city's administrator keeps those of its counties too; nobody else keeps any.
    """
    if actor.role is None:
        return true()
    if actor.role is not Role.SYS_ADMIN:
        return false()
    counties = select(Region.id).where(Region.parent_id == actor.region_id)
    return or_(region == actor.region_id, region.in_(counties))
