"""Load coverage targets, and the units a term's list may be filled with."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, func, or_, select
from sqlalchemy.orm import Session, joinedload

from tracker.kernel.errors import NotVisibleError
from tracker.kernel.permissions import Actor
from tracker.organizations.history import stands_on
from tracker.organizations.models import Region, Unit
from tracker.organizations.rules import UnitCategory
from tracker.organizations.scope import conducts
from tracker.rounds.models import CoverageTarget, Term

LIST_SIZE = 1000


@dataclass(frozen=True, kw_only=True)
class TargetFilter:
    """Which rows of a term's list are asked for; None = all."""

    category: UnitCategory | None = None
    is_counted: bool | None = None
    text: str = ""


def holds_on(target: Any, day: date) -> ColumnElement[bool]:
    """Return the condition that a target is decided so on a day."""
    return and_(target.added_on <= day, or_(target.removed_on.is_(None), target.removed_on > day))


def list_targets(
    session: Session, term: Term, wanted: TargetFilter, *, today: date
) -> list[CoverageTarget]:
    """Return a term's list as it holds today, own units first; at most LIST_SIZE + 1."""
    query = (
        _listed(term, wanted, today)
        .options(
            joinedload(CoverageTarget.unit).joinedload(Unit.region),
            joinedload(CoverageTarget.unit).joinedload(Unit.merged_into),
            joinedload(CoverageTarget.counted_in),
            joinedload(CoverageTarget.planned_round),
        )
        .order_by(
            Unit.region_id != term.region_id, Region.sort_no, Region.id, Unit.sort_no, Unit.id
        )
        .limit(LIST_SIZE + 1)
    )
    return list(session.scalars(query))


def _listed(term: Term, wanted: TargetFilter, today: date) -> Select[CoverageTarget]:
    query = (
        select(CoverageTarget)
        .join(CoverageTarget.unit)
        .join(Unit.region)
        .where(CoverageTarget.term_id == term.id, holds_on(CoverageTarget, today))
    )
    if wanted.category is not None:
        query = query.where(Unit.category == wanted.category)
    if wanted.is_counted is not None:
        query = query.where(CoverageTarget.is_counted.is_(wanted.is_counted))
    if wanted.text:
        named = Unit.name.contains(wanted.text, autoescape=True)
        query = query.where(or_(named, Unit.code.contains(wanted.text, autoescape=True)))
    return query


def count_targets(session: Session, term: Term, *, today: date) -> tuple[int, int]:
    """Return how many units a term's list counts, and how many it names without counting."""
    query = (
        select(CoverageTarget.is_counted, func.count())
        .where(CoverageTarget.term_id == term.id, holds_on(CoverageTarget, today))
        .group_by(CoverageTarget.is_counted)
    )
    found = {row[0]: row[1] for row in session.execute(query)}
    return found.get(True, 0), found.get(False, 0)


def get_target(session: Session, target_id: int, *, actor: Actor) -> CoverageTarget:
    """Return a target of a term of the actor's office."""
    query = (
        select(CoverageTarget)
        .join(CoverageTarget.term)
        .where(CoverageTarget.id == target_id, conducts(actor, region=Term.region_id))
        .options(
            joinedload(CoverageTarget.term).joinedload(Term.region),
            joinedload(CoverageTarget.unit).joinedload(Unit.region),
        )
    )
    found = session.scalar(query)
    if found is None:
        raise NotVisibleError
    return found


def earlier_decisions(session: Session, target: CoverageTarget) -> list[CoverageTarget]:
    """Return what was decided about the same unit before, the newest first."""
    query = (
        select(CoverageTarget)
        .where(
            CoverageTarget.term_id == target.term_id,
            CoverageTarget.unit_id == target.unit_id,
            CoverageTarget.id != target.id,
        )
        .options(joinedload(CoverageTarget.counted_in))
        .order_by(CoverageTarget.added_on.desc())
    )
    return list(session.scalars(query))


def units_to_list(session: Session, term: Term, *, on: date) -> list[Unit]:
    """Return the units a term's list may name: those of its region and of the region's counties
    that stand on the day."""
    counties = select(Region.id).where(Region.parent_id == term.region_id)
    query = (
        select(Unit)
        .join(Unit.region)
        .where(or_(Unit.region_id == term.region_id, Unit.region_id.in_(counties)))
        .where(stands_on(Unit, on))
        .options(joinedload(Unit.region))
        .order_by(Unit.region_id != term.region_id, Region.sort_no, Unit.sort_no, Unit.id)
    )
    return list(session.scalars(query))


def listed_unit_ids(session: Session, term: Term) -> set[int]:
    """Return the units that a term's list names or ever named."""
    query = select(CoverageTarget.unit_id).where(CoverageTarget.term_id == term.id)
    return set(session.scalars(query))


def counted_elsewhere(
    session: Session, term: Term, unit_ids: Collection[int], *, on: date
) -> dict[int, str]:
    """Return, of some units, those that another region's running term counts: its region's name."""
    query = (
        select(CoverageTarget.unit_id, Region.name)
        .join(Term, Term.id == CoverageTarget.term_id)
        .join(Region, Region.id == CoverageTarget.counted_in_region_id)
        .where(
            CoverageTarget.unit_id.in_(unit_ids),
            CoverageTarget.is_counted,
            holds_on(CoverageTarget, on),
            Term.region_id != term.region_id,
            Term.starts_on <= on,
            or_(Term.ends_on.is_(None), Term.ends_on >= on),
        )
    )
    return {row[0]: row[1] for row in session.execute(query)}


def regions_to_count_in(session: Session, target: CoverageTarget) -> Sequence[Region]:
    """Return whose coverage a target may count in: the term's region, or the unit's own."""
    ids = {target.term.region_id, target.unit.region_id}
    return session.scalars(select(Region).where(Region.id.in_(ids)).order_by(Region.level)).all()
