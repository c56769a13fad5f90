"""Look up regions and units: by the codes people type, and those a person may choose or edit."""

from datetime import date

from sqlalchemy import ColumnElement, and_, or_, select, true
from sqlalchemy.orm import Session, joinedload

from tracker.kernel.errors import DomainError, NotVisibleError
from tracker.kernel.permissions import Actor
from tracker.organizations.history import stands_on
from tracker.organizations.models import Region, Unit
from tracker.organizations.rules import UnitCategory
from tracker.organizations.scope import conducts

LIST_SIZE = 500


def region_by_code(session: Session, code: str | None) -> Region:
    """Return the region of a code; without a code, the only region there is."""
    query = select(Region).order_by(Region.sort_no, Region.id)
    found = list(session.scalars(query if code is None else query.where(Region.code == code)))
    if len(found) == 1:
        return found[0]
    if code is None:
        codes = "、".join(region.code for region in found) or "（还没有地区）"
        raise DomainError(f"请用 --region 指明地区，可选：{codes}。")
    raise DomainError(f"没有代码为“{code}”的地区，请核对。")


def unit_by_code(session: Session, reference: str) -> Unit:
    """Return the unit of REGION/CODE, or of a bare code where only one unit has it."""
    return _unit_named(session, reference, true())


def _unit_named(session: Session, reference: str, among: ColumnElement[bool]) -> Unit:
    region_code, _, code = reference.rpartition("/")
    query = select(Unit).join(Unit.region).where(Unit.code == code, among)
    if region_code:
        query = query.where(Region.code == region_code)
    found = list(session.scalars(query.options(joinedload(Unit.region))))
    if len(found) == 1:
        return found[0]
    if not found:
        raise DomainError(f"没有代码为“{reference}”的单位，请核对。")
    candidates = "、".join(f"{unit.region.code}/{unit.code}" for unit in found)
    raise DomainError(f"代码“{reference}”对应多个单位，请写全：{candidates}。")


def pickable_units(session: Session, region_id: int, *, today: date) -> list[Unit]:
    """Return the units a region's office may name: its own, and its counties' towns (提级).

    Units that have ended or were merged are left out. Order: own first, 党政序列.
    """
    counties = select(Region.id).where(Region.parent_id == region_id)
    query = (
        select(Unit)
        .join(Unit.region)
        .where(
            or_(
                Unit.region_id == region_id,
                and_(Unit.region_id.in_(counties), Unit.category == UnitCategory.TOWN),
            ),
            stands_on(Unit, today),
            Unit.merged_into_id.is_(None),
        )
        .options(joinedload(Unit.region))
        .order_by(Unit.region_id != region_id, Region.sort_no, Unit.sort_no, Unit.id)
    )
    return list(session.scalars(query))


def units_of_regions(session: Session, regions: ColumnElement[bool], *, today: date) -> list[Unit]:
    """Return the units that stand today in regions of a condition, in their printed order."""
    query = (
        select(Unit)
        .join(Unit.region)
        .where(regions, stands_on(Unit, today), Unit.merged_into_id.is_(None))
        .options(joinedload(Unit.region))
        .order_by(Region.sort_no, Region.id, Unit.sort_no, Unit.id)
    )
    return list(session.scalars(query))


def list_units(
    session: Session, *, actor: Actor, text: str = "", category: UnitCategory | None = None
) -> list[Unit]:
    """Return the units the actor's office keeps, at most LIST_SIZE + 1, in 党政序列."""
    query = select(Unit).where(conducts(actor, region=Unit.region_id))
    if text:
        query = query.where(
            or_(
                Unit.name.contains(text, autoescape=True),
                Unit.short_name.contains(text, autoescape=True),
                Unit.code.contains(text, autoescape=True),
            )
        )
    if category is not None:
        query = query.where(Unit.category == category)
    return list(session.scalars(query.order_by(Unit.sort_no, Unit.id).limit(LIST_SIZE + 1)))


def get_unit(session: Session, unit_id: int, *, actor: Actor) -> Unit:
    """Return a unit the actor's office keeps. NotVisibleError when it is another's."""
    found = session.scalar(
        select(Unit).where(Unit.id == unit_id, conducts(actor, region=Unit.region_id))
    )
    if found is None:
        raise NotVisibleError
    return found


def regions_kept_by(session: Session, *, actor: Actor) -> list[Region]:
    """Return the administrator's own region and its counties."""
    query = select(Region)
    if actor.role is not None:
        query = query.where(or_(Region.id == actor.region_id, Region.parent_id == actor.region_id))
    return list(session.scalars(query.order_by(Region.level, Region.sort_no, Region.id)))


def own_and_counties(session: Session, region_id: int) -> list[Region]:
    """Return a region and its counties, the own one first."""
    query = select(Region).where(or_(Region.id == region_id, Region.parent_id == region_id))
    return list(session.scalars(query.order_by(Region.id != region_id, Region.sort_no, Region.id)))


def get_region(session: Session, region_id: int, *, actor: Actor) -> Region:
    """Return a region the administrator keeps. NotVisibleError when it is another's."""
    for region in regions_kept_by(session, actor=actor):
        if region.id == region_id:
            return region
    raise NotVisibleError


def unit_kept(session: Session, reference: str, *, actor: Actor) -> Unit:
    """Return the unit of REGION/CODE, or a bare code, among the regions an administrator keeps."""
    kept = [region.id for region in regions_kept_by(session, actor=actor)]
    return _unit_named(session, reference, Unit.region_id.in_(kept))


def with_predecessors(session: Session, unit_id: int) -> frozenset[int]:
    """Return a unit and every unit that was merged into it, however often names changed."""
    found: set[int] = set()
    newest = {unit_id}
    while newest:
        found |= newest
        merged = select(Unit.id).where(Unit.merged_into_id.in_(newest))
        newest = set(session.scalars(merged)) - found
    return frozenset(found)
