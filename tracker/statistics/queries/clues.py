"""Rows of clue counts and advice. A row weighs what it says: one row may be several clues."""

from collections.abc import Callable

from sqlalchemy import ColumnElement, and_, func, literal, or_, select

from tracker.feedback.models import Feedback
from tracker.handover.models import Advice, ClueCount
from tracker.handover.rules import ClueKind, ClueMeasure
from tracker.rounds.models import Inspection, Round, Term
from tracker.statistics.filters import Filter
from tracker.statistics.queries.query import FigureQuery, Rows


def own_clues(measure: ClueMeasure) -> Callable[[FigureQuery], Rows]:
    """Return the rows of one measure of 问题线索 that came out of our own rounds."""

    def rows(query: FigureQuery) -> Rows:
        return (
            select(
                ClueCount.id.label("id"),
                ClueCount.amount.label("amount"),
                ClueCount.kind.label("part"),
            )
            .outerjoin(Inspection, Inspection.id == ClueCount.inspection_id)
            .outerjoin(Round, Round.id == func.coalesce(ClueCount.round_id, Inspection.round_id))
            .join(Term, Term.id == func.coalesce(ClueCount.term_id, Round.term_id))
            .where(
                ClueCount.measure == measure,
                ClueCount.kind == ClueKind.CLUE,
                query.happened(ClueCount.occurred_on),
                query.in_round(),
                query.visible(region=ClueCount.region_id, unit=Inspection.unit_id),
            )
        )

    return rows


def clues_from_above(measure: ClueMeasure, kind: ClueKind) -> Callable[[FigureQuery], Rows]:
    """Return received or settled clues of feedback that is not of our rounds, by source."""

    def rows(query: FigureQuery) -> Rows:
        chosen = (
            select(
                ClueCount.id.label("id"),
                ClueCount.amount.label("amount"),
                Feedback.source.label("part"),
            )
            .join(Feedback, Feedback.id == ClueCount.feedback_id)
            .outerjoin(Inspection, Inspection.id == ClueCount.inspection_id)
            .where(
                ClueCount.measure == measure,
                ClueCount.kind == kind,
                query.happened(ClueCount.occurred_on),
                Feedback.round_id.is_(None),
                query.visible(region=ClueCount.region_id, unit=Inspection.unit_id),
            )
        )
        return chosen if query.source is None else chosen.where(Feedback.source == query.source)

    return rows


def advice_adopted(query: FigureQuery) -> Rows:
    """Return advice that its department has adopted, wholly or in part, by the day."""
    return advice_issued(query).where(Advice.adopted_on <= query.as_of)


def advice_issued(query: FigureQuery) -> Rows:
    """Return advice issued to functional departments; what was entered by mistake is left out."""
    return (
        select(Advice.id.label("id"), literal(1).label("amount"), literal(None).label("part"))
        .outerjoin(Round, Round.id == Advice.round_id)
        .outerjoin(Term, Term.id == Round.term_id)
        .where(
            query.happened(Advice.issued_on),
            Advice.void_reason.is_(None),
            _of_rounds(query),
            query.visible(region=Advice.region_id, unit=Advice.unit_id),
        )
    )


def _of_rounds(query: FigureQuery) -> ColumnElement[bool]:
    """Advice of no round counts too, unless something is asked of rounds; by its day in a term."""
    if query.filters & {Filter.ROUND, Filter.ROUND_KIND, Filter.THEME}:
        return query.in_round()
    of_none: ColumnElement[bool] = Advice.round_id.is_(None)
    if query.term_id is not None:
        of_none = and_(of_none, query.in_days_of_term(Advice.issued_on))
    return or_(of_none, query.in_term())
