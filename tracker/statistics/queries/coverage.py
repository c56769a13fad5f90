"""Rows of coverage: whom the term owes an inspection on a day, and who had one.

Dated facts only: targets by their days, units by what became of them, inspections by the end of
their on-site work. A merged unit counts as its successor, once; an ended one not at all.
"""

from dataclasses import replace
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, func, literal, or_, select
from sqlalchemy.orm import Session, aliased

from tracker.organizations.history import heirs, region_on
from tracker.organizations.models import Region, Unit
from tracker.rounds.coverage_queries import holds_on
from tracker.rounds.models import CoverageTarget, Inspection, Round, Term
from tracker.statistics.queries.query import FigureQuery, Rows

Counts = tuple[int, int]
"""How many are covered, and how many are owed."""


class _Tables:
    """The tables of one statement, so that two halves of it share them."""

    def __init__(self, query: FigureQuery) -> None:
        self.standing = heirs(query.as_of)
        self.heir = aliased(Unit)
        self.forebears = self.standing.alias("forebears")
        self.visit = aliased(Inspection)
        self.tour = aliased(Round)


def units_owed(query: FigureQuery) -> Rows:
    """Return units whose inspection the term owes on the day; merged ones as their successor."""
    tables = _Tables(query)
    return _owed(query, tables, _of_region(query)).with_only_columns(*_row(tables)).distinct()


def units_covered(query: FigureQuery) -> Rows:
    """Return owed units that had, themselves or as a unit merged into them, an inspection that
    counts: in a round of the term, or by another region while the term ran."""
    tables = _Tables(query)
    rows = _covered(query, tables, _of_region(query))
    return rows.with_only_columns(*_row(tables)).distinct()


def units_uncovered(query: FigureQuery) -> Rows:
    """Return owed units without such an inspection."""
    tables = _Tables(query)
    had = _Tables(query)
    had.standing = tables.standing
    had.forebears = tables.standing.alias("forebears")
    done = _covered(query, had, _of_region(query)).with_only_columns(had.heir.id)
    rows = _owed(query, tables, _of_region(query)).where(tables.heir.id.not_in(done))
    return rows.with_only_columns(*_row(tables)).distinct()


def _row(tables: _Tables) -> tuple[ColumnElement[Any], ...]:
    heir = tables.heir
    return heir.id.label("id"), literal(1).label("amount"), heir.category.label("part")


def _of_region(query: FigureQuery) -> ColumnElement[bool]:
    """Return the condition on `CoverageTarget` and `Term`: what the reader's figure is over."""
    term: ColumnElement[bool] = query.in_term()
    if query.term_id is not None:  # another region's list may count a unit here
        term = or_(term, and_(Term.region_id != query.region_id, query.is_running()))
    counted = CoverageTarget.counted_in_region_id
    whole = replace(query, unit_id=None)  # one unit is asked for by its heir: `_owed`
    return and_(term, whole.visible(region=counted, unit=CoverageTarget.unit_id))


def _owed(query: FigureQuery, tables: _Tables, over: ColumnElement[bool]) -> Select[Any]:
    rows = (
        select(tables.heir.id)
        .select_from(CoverageTarget)
        .join(Term, Term.id == CoverageTarget.term_id)
        .join(tables.standing, tables.standing.c.unit_id == CoverageTarget.unit_id)
        .join(tables.heir, tables.heir.id == tables.standing.c.heir_id)
        .where(CoverageTarget.is_counted, holds_on(CoverageTarget, query.as_of), over)
    )
    if query.unit_id is not None:
        rows = rows.where(tables.heir.id == query.unit_id)
    if query.category is not None:
        rows = rows.where(tables.heir.category == query.category)
    if query.place_id is not None:
        rows = rows.where(region_on(tables.heir, query.as_of) == query.place_id)
    if query.level is not None:
        place = aliased(Region)
        rows = rows.join(place, place.id == region_on(tables.heir, query.as_of))
        rows = rows.where(place.level == query.level)
    return rows


def _covered(query: FigureQuery, tables: _Tables, over: ColumnElement[bool]) -> Select[Any]:
    visit, tour, forebears = tables.visit, tables.tour, tables.forebears
    return (
        _owed(query, tables, over)
        .join(forebears, forebears.c.heir_id == tables.heir.id)
        .join(visit, visit.unit_id == forebears.c.unit_id)
        .join(tour, tour.id == visit.round_id)
        .where(visit.counts_for_coverage, visit.onsite_end <= query.as_of, _of_term(visit, tour))
    )


def _of_term(visit: Any, tour: Any) -> ColumnElement[bool]:
    """Return the condition that an inspection falls into the target's term."""
    by_others = and_(
        tour.region_id != Term.region_id,
        visit.onsite_end >= Term.starts_on,
        or_(Term.ends_on.is_(None), visit.onsite_end <= Term.ends_on),
    )
    return or_(tour.term_id == Term.id, by_others)


def by_place(session: Session, query: FigureQuery) -> dict[int, Counts]:
    """Return a region's coverage by the region in which the units lay on the day."""
    return _grouped(
        session, query, _of_region(query), lambda tables: region_on(tables.heir, query.as_of)
    )


def by_region(session: Session, query: FigureQuery, region_ids: list[int]) -> dict[int, Counts]:
    """Return the coverage of several regions, each over its own running term. Numbers only."""
    over = and_(CoverageTarget.counted_in_region_id.in_(region_ids), query.is_running())
    return _grouped(session, query, over, lambda _tables: CoverageTarget.counted_in_region_id)


def _grouped(
    session: Session, query: FigureQuery, over: ColumnElement[bool], key: Any
) -> dict[int, Counts]:
    owed = _counted(session, query, _owed, over, key)
    done = _counted(session, query, _covered, over, key)
    return {place: (done.get(place, 0), total) for place, total in owed.items()}


def _counted(
    session: Session, query: FigureQuery, rows: Any, over: ColumnElement[bool], key: Any
) -> dict[int, int]:
    tables = _Tables(query)
    pairs = (
        rows(query, tables, over)
        .with_only_columns(key(tables).label("place"), tables.heir.id.label("id"))
        .distinct()
        .subquery()
    )
    counted = select(pairs.c.place, func.count()).group_by(pairs.c.place)
    return {row[0]: row[1] for row in session.execute(counted)}


def rounds_that_covered(session: Session, query: FigureQuery) -> int:
    """Return in how many rounds the region's coverage was reached so far."""
    tables = _Tables(query)
    rows = _covered(query, tables, _of_region(query)).with_only_columns(tables.tour.id).distinct()
    return session.scalar(select(func.count()).select_from(rows.subquery())) or 0
