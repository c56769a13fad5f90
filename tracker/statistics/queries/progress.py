"""Rows of rounds, inspected units and coverage."""

from typing import Any

from sqlalchemy import ColumnElement, and_, case, exists, literal, select
from sqlalchemy.orm import aliased

from tracker.organizations.models import Unit
from tracker.rounds.models import Batch, CoverageTarget, Inspection, Round, Term
from tracker.statistics.queries.query import FigureQuery, Rows


def _done(query: FigureQuery) -> ColumnElement[bool]:
    return and_(
        Inspection.onsite_end <= query.as_of,
        query.in_round(),
        query.visible(region=Inspection.conducting_region_id, unit=Inspection.unit_id),
    )


def rounds_done(query: FigureQuery) -> Rows:
    """Return our rounds with at least one inspection whose on-site work has ended."""
    return (
        select(Round.id.label("id"), literal(1).label("amount"), Round.kind.label("part"))
        .join(Term, Term.id == Round.term_id)
        .join(Inspection, Inspection.round_id == Round.id)
        .where(_done(query))
        .distinct()
    )


def batches_done(query: FigureQuery) -> Rows:
    """Return batches with at least one inspection whose on-site work has ended."""
    return (
        select(Batch.id.label("id"), literal(1).label("amount"), Round.kind.label("part"))
        .join(Inspection, Inspection.batch_id == Batch.id)
        .join(Round, Round.id == Inspection.round_id)
        .join(Term, Term.id == Round.term_id)
        .where(_done(query))
        .distinct()
    )


def units_inspected(query: FigureQuery) -> Rows:
    """Return distinct units inspected, by kind of unit; a revisit adds nothing."""
    return (
        select(Unit.id.label("id"), literal(1).label("amount"), Unit.category.label("part"))
        .join(Inspection, Inspection.unit_id == Unit.id)
        .join(Round, Round.id == Inspection.round_id)
        .join(Term, Term.id == Round.term_id)
        .where(_done(query))
        .distinct()
    )


def _heir(unit: Any, query: FigureQuery) -> ColumnElement[int]:
    """Return the unit itself, or the one it was merged into by the day."""
    merged = and_(unit.merged_into_id.is_not(None), unit.valid_to <= query.as_of)
    return case((merged, unit.merged_into_id), else_=unit.id)


def units_owed(query: FigureQuery) -> Rows:
    """Return units whose inspection the term owes on the day; merged ones as their successor."""
    heir = aliased(Unit)
    return (
        select(heir.id.label("id"), literal(1).label("amount"), heir.category.label("part"))
        .select_from(CoverageTarget)
        .join(Term, Term.id == CoverageTarget.term_id)
        .join(Unit, Unit.id == CoverageTarget.unit_id)
        .join(heir, heir.id == _heir(Unit, query))
        .where(
            CoverageTarget.is_counted,
            CoverageTarget.added_on <= query.as_of,
            CoverageTarget.removed_on.is_(None) | (CoverageTarget.removed_on > query.as_of),
            query.in_term(),
            query.visible(region=CoverageTarget.counted_in_region_id, unit=CoverageTarget.unit_id),
        )
        .distinct()
    )


def units_covered(query: FigureQuery) -> Rows:
    """Return owed units with at least one inspection of the same term that counts."""
    visited, tour, inspected = aliased(Inspection), aliased(Round), aliased(Unit)
    heir = _heir(Unit, query)
    return units_owed(query).where(
        exists()
        .where(visited.round_id == tour.id, tour.term_id == CoverageTarget.term_id)
        .where(visited.unit_id == inspected.id, _heir(inspected, query) == heir)
        .where(visited.counts_for_coverage, visited.onsite_end <= query.as_of)
        .correlate(CoverageTarget, Unit)
    )
