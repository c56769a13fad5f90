"""Rows of rounds and inspected units."""

from sqlalchemy import ColumnElement, and_, literal, select

from tracker.organizations.models import Unit
from tracker.rounds.models import Batch, Inspection, Round, Term
from tracker.statistics.queries.query import FigureQuery, Rows


def _done(query: FigureQuery) -> ColumnElement[bool]:
    return and_(
        query.happened(Inspection.onsite_end),
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
    rows = (
        select(Unit.id.label("id"), literal(1).label("amount"), Unit.category.label("part"))
        .join(Inspection, Inspection.unit_id == Unit.id)
        .join(Round, Round.id == Inspection.round_id)
        .join(Term, Term.id == Round.term_id)
        .where(_done(query))
        .distinct()
    )
    return rows if query.category is None else rows.where(Unit.category == query.category)
