"""Rows of 督查: what offices did to see for themselves."""

from sqlalchemy import exists, literal, select

from tracker.letters.models import SupervisionVisit, VisitUnit
from tracker.letters.queries.visits import visible_visits
from tracker.statistics.queries.query import FigureQuery, Rows


def visits_made(query: FigureQuery) -> Rows:
    """Return the region's visits; a reader bound to units counts those that went to one of them."""
    visit = SupervisionVisit
    rows = select(
        visit.id.label("id"), literal(1).label("amount"), literal(None).label("part")
    ).where(visit.region_id == query.region_id, query.happened(visit.visited_on))
    if query.term_id is not None:
        rows = rows.where(query.in_days_of_term(visit.visited_on))
    if query.unit_id is not None:
        went = exists().where(VisitUnit.visit_id == visit.id, VisitUnit.unit_id == query.unit_id)
        rows = rows.where(went)
    return rows if query.is_figures_only else rows.where(visible_visits(query.actor))
