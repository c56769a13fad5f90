"""What the coverage planner looks at: who waits, who was graded low, what is planned already."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import Select, func, or_, select
from sqlalchemy.orm import Session, aliased

from tracker.letters.queries.assessments import Standing, low_graded_units
from tracker.organizations.history import heirs, name_on, region_on
from tracker.organizations.models import Region, Unit
from tracker.organizations.rules import UnitCategory
from tracker.organizations.scope import sees
from tracker.rounds.models import Inspection, Round
from tracker.rounds.pacing import Candidate, in_order
from tracker.statistics.queries.coverage import units_covered, units_uncovered
from tracker.statistics.queries.query import FigureQuery


@dataclass(frozen=True, kw_only=True)
class PlannedUnit:
    """A candidate with what the planner shows of it."""

    candidate: Candidate
    name: str
    category: UnitCategory
    region_name: str
    planned_in: str | None
    grade: str | None


@dataclass(frozen=True)
class _Described:
    name: str
    category: UnitCategory
    region_name: str


def candidates(session: Session, query: FigureQuery) -> list[PlannedUnit]:
    """Return the units that wait for coverage, then the covered ones that were graded low."""
    waiting = _ids(session, units_uncovered(query))
    low = _low(session, query)
    covered = _ids(session, units_covered(query)) & set(low)
    described = _described(session, waiting | covered, query.as_of)
    last = _last_ended(session, query, waiting | covered)
    planned = _planned(session, query, waiting | covered)
    ordered = in_order(
        Candidate(
            unit_id=unit_id,
            is_covered=unit_id in covered,
            last_ended_on=last.get(unit_id),
            is_low=unit_id in low,
        )
        for unit_id in described
    )
    return [
        PlannedUnit(
            candidate=one,
            planned_in=planned.get(one.unit_id),
            grade=low.get(one.unit_id),
            **vars(described[one.unit_id]),
        )
        for one in ordered
    ]


def _ids(session: Session, rows: Select[Any]) -> set[int]:
    return set(session.scalars(rows))


def _low(session: Session, query: FigureQuery) -> dict[int, str]:
    """Return the grade of each unit whose newest assessment was low, under its successor."""
    low: list[Standing] = low_graded_units(session, query.region_id, as_of=query.as_of)
    standing = heirs(query.as_of)
    ids = [each.unit.id for each in low]
    rows = session.execute(
        select(standing.c.unit_id, standing.c.heir_id).where(standing.c.unit_id.in_(ids))
    )
    heir_of = {row[0]: row[1] for row in rows}
    return {heir_of[one.unit.id]: one.grade for one in low if one.unit.id in heir_of}


def _described(session: Session, unit_ids: Collection[int], as_of: date) -> dict[int, _Described]:
    rows = session.execute(
        select(Unit.id, name_on(Unit, as_of), Unit.category, Region.short_name)
        .select_from(Unit)
        .join(Region, Region.id == region_on(Unit, as_of))
        .where(Unit.id.in_(unit_ids))
        .order_by(Region.level, Region.sort_no, Region.id, Unit.sort_no, Unit.id)
    )
    return {row[0]: _Described(row[1], row[2], row[3]) for row in rows}


def _last_ended(session: Session, query: FigureQuery, unit_ids: Collection[int]) -> dict[int, date]:
    """Return when the last inspection of each ended, of any term, that the reader may see."""
    standing = heirs(query.as_of)
    visible = sees(query.actor, region=Inspection.conducting_region_id, unit=Inspection.unit_id)
    rows = session.execute(
        select(standing.c.heir_id, func.max(Inspection.onsite_end))
        .join(Inspection, Inspection.unit_id == standing.c.unit_id)
        .where(standing.c.heir_id.in_(unit_ids), Inspection.onsite_end <= query.as_of, visible)
        .group_by(standing.c.heir_id)
    )
    return {row[0]: row[1] for row in rows}


def _planned(session: Session, query: FigureQuery, unit_ids: Collection[int]) -> dict[int, str]:
    """Return the round of the term in which each is planned, or under way."""
    standing, tour = heirs(query.as_of), aliased(Round)
    to_come = or_(Inspection.onsite_end.is_(None), Inspection.onsite_end > query.as_of)
    rows = session.execute(
        select(standing.c.heir_id, tour.name)
        .join(Inspection, Inspection.unit_id == standing.c.unit_id)
        .join(tour, tour.id == Inspection.round_id)
        .where(standing.c.heir_id.in_(unit_ids), tour.term_id == query.term_id, to_come)
        .order_by(tour.seq)
    )
    return {row[0]: row[1] for row in rows}
