"""Rows of 督查: what offices did to see for themselves."""

from sqlalchemy import literal, select

from tracker.letters.models import SupervisionVisit
from tracker.letters.queries.visits import visible_visits
from tracker.statistics.queries.query import FigureQuery, Rows


def visits_made(query: FigureQuery) -> Rows:
    """Return the region's visits; a reader bound to units counts those that went to one of them."""
    rows = select(
        SupervisionVisit.id.label("id"), literal(1).label("amount"), literal(None).label("part")
    ).where(
        SupervisionVisit.region_id == query.region_id, SupervisionVisit.visited_on <= query.as_of
    )
    return rows if query.is_figures_only else rows.where(visible_visits(query.actor))
