"""全覆盖: one region's coverage of a term, and its counties', as of any day."""

from dataclasses import replace

from flask import render_template
from flask.typing import ResponseReturnValue

from tracker.kernel.permissions import Permission
from tracker.organizations.models import Region
from tracker.organizations.queries import own_and_counties
from tracker.organizations.rules import RegionLevel, UnitCategory
from tracker.rounds.models import Term
from tracker.statistics.queries.coverage import by_place
from tracker.statistics.queries.query import FigureQuery, readable_regions, terms_of
from tracker.statistics.registry.coverage import COVERAGE
from tracker.statistics.rules import Figure, Part
from tracker.statistics.service import measure_all
from tracker.statistics.views import bp
from tracker.statistics.views.asking import asked_query
from tracker.web.access import actor, requires
from tracker.web.database import db

CODES = tuple(metric.definition.code for metric in COVERAGE)
OF_COUNTIES = tuple(code for code in CODES if code.startswith("county_"))


@bp.get("/coverage")
@requires(Permission.STATISTICS_READ)
def coverage() -> ResponseReturnValue:
    """Show a region's coverage by kind and place, and its counties', each with its 口径."""
    region, query = asked_query()
    terms = list(db().scalars(terms_of(region.id)))
    term = chosen_term(terms, query)
    query = within(term, query)
    figures = _figures(query)
    return render_template(
        "statistics/coverage.html",
        region=region,
        query=query,
        term=term,
        figures=figures,
        places=_places(region, query),
        counties=_counties(figures),
        term_options=[(one.id, f"第 {one.number} 届") for one in terms],
        region_options=[(one.code, one.name) for one in db().scalars(readable_regions(actor()))],
        categories=UnitCategory.choices().items(),
        levels=RegionLevel.choices().items(),
    )


def _figures(query: FigureQuery) -> dict[str, Figure]:
    """Return the own figures of the term, and each county's of the term it was in that day."""
    own = set(CODES) - set(OF_COUNTIES)
    of_day = replace(query, term_id=None)
    found = [*measure_all(db(), query, own), *measure_all(db(), of_day, OF_COUNTIES)]
    return {figure.definition.code: figure for figure in found}


def chosen_term(terms: list[Term], query: FigureQuery) -> Term | None:
    """Return the term asked for, else the newest that had begun by the day."""
    asked = [term for term in terms if term.id == query.term_id]
    begun = [term for term in terms if term.starts_on <= query.as_of]
    return next(iter(asked or begun), None)


def within(term: Term | None, query: FigureQuery) -> FigureQuery:
    """Return the query of a term: a day after its end shows its last day."""
    if term is None:
        return query
    day = query.as_of if term.ends_on is None else min(query.as_of, term.ends_on)
    return replace(query, term_id=term.id, as_of=day)


def _places(region: Region, query: FigureQuery) -> list[tuple[Region, int, int]]:
    """Return covered and owed by where the units lie; nothing where all lie in one place."""
    found = by_place(db(), query)
    if set(found) <= {region.id}:
        return []
    known = own_and_counties(db(), region.id)
    return [(place, *found[place.id]) for place in known if place.id in found]


def _counties(figures: dict[str, Figure]) -> list[tuple[str, Part | None, Part | None]]:
    """Return each county's name, its share counted from records, and the one it entered."""
    counted = _parts(figures.get("county_coverage_pooled_counted"))
    entered = _parts(figures.get("county_coverage_pooled"))
    return [(name, counted.get(name), entered.get(name)) for name in {**counted, **entered}]


def _parts(figure: Figure | None) -> dict[str, Part]:
    return {} if figure is None else {part.label: part for part in figure.reading.parts}
