"""Every figure under every filter: the numbers narrow, or the figure says it is not divided so."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.conftest import MONDAY
from tests.factories.cast import TESTER
from tests.statistics.furnished_city import (
    A_THEME,
    NO_THEME,
    NOW,
    OLD_TERM,
    add_what_figures_need,
    city_of,
)
from tracker.demo.load import load
from tracker.feedback.models import Issue
from tracker.feedback.rules import FeedbackSource
from tracker.kernel.crypto import Sealer
from tracker.kernel.db import Database
from tracker.letters.models import (
    Letter,
)
from tracker.organizations.models import Unit
from tracker.organizations.queries import own_and_counties
from tracker.organizations.rules import RegionLevel, UnitCategory
from tracker.rounds.models import Round, Term
from tracker.rounds.rules import RoundKind
from tracker.statistics.filters import Filter, why_undivided
from tracker.statistics.queries.choices import unit_choices
from tracker.statistics.queries.drill import RowKind
from tracker.statistics.queries.query import FIELDS, FigureQuery, rounds_of
from tracker.statistics.readers import Counted
from tracker.statistics.readers_of_tasks import LongestOverdue
from tracker.statistics.registry import METRICS
from tracker.statistics.rules import Part, Side
from tracker.statistics.service import measure, measure_all, rows_behind
from tracker.statistics.snapshots import weights

NO_TAG = "无此标签"
COUNTED = {code: one for code, one in METRICS.items() if isinstance(one.reader, Counted)}
LONGEST = {code for code, one in METRICS.items() if isinstance(one.reader, LongestOverdue)}
"""Days of one task, not a sum over its rows: of fewer tasks another is the oldest."""
FIRST_OF_A_PERSON = (RowKind.INTERVIEW, RowKind.ACCOUNTABILITY)
"""Rows that stand for a person or an organisation: the first talk of the span, another of another."""


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def session(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Session]:
    """The demonstration, its last round of the city with a theme, and things that nothing fits."""
    template = request.getfixturevalue(f"{request.param}_template")
    with template.copy(tmp_path_factory.mktemp("filters")) as url:
        store = Database(url)
        with store.writing() as session:
            load(session, Sealer(("test-secret-key-of-at-least-32-bytes!",)), now=NOW)
            add_what_figures_need(session)
            yield session
            session.rollback()
        store.dispose()


def asked(session: Session, **fields: Any) -> FigureQuery:
    return FigureQuery(actor=TESTER, region_id=city_of(session).id, as_of=MONDAY, **fields)


def fitting(session: Session, one: Filter) -> list[Any]:
    """Return values of a filter that fit something; of closed lists, all of them."""
    query = asked(session)
    terms = select(Term.id).where(Term.region_id == query.region_id, Term.number != OLD_TERM)
    lettered = select(Letter.unit_id).distinct()
    values: dict[Filter, list[Any]] = {
        Filter.TERM: list(session.scalars(terms)),
        Filter.ROUND: [tour.id for tour in session.scalars(rounds_of(query.region_id))],
        Filter.ROUND_KIND: list(RoundKind),
        Filter.THEME: [A_THEME],
        Filter.SOURCE: list(FeedbackSource),
        Filter.UNIT: [unit.id for unit in unit_choices(session, query)][::9]
        + list(session.scalars(lettered)),
        Filter.TAG: ["民生"],
        Filter.CATEGORY: list(UnitCategory),
        Filter.LEVEL: list(RegionLevel),
        Filter.PLACE: [place.id for place in own_and_counties(session, query.region_id)],
        Filter.SINCE: [date(2026, 1, 1), date(2026, 9, 1)],
    }
    return values[one]


def fitting_nothing(session: Session, one: Filter) -> Any:
    """Return a value that fits no row of the city's figures; None where there is none such."""
    city_id = city_of(session).id
    empty = {
        Filter.TERM: select(Term.id).where(Term.region_id == city_id, Term.number == OLD_TERM),
        Filter.ROUND: select(Round.id).where(Round.region_id == city_id, Round.code == "EMPTY"),
        Filter.UNIT: select(Unit.id).where(Unit.region_id == city_id, Unit.code == "EMPTY"),
    }
    if one in empty:
        return session.scalars(empty[one]).one()
    return {
        Filter.ROUND_KIND: RoundKind.MOBILE,
        Filter.THEME: NO_THEME,
        Filter.SOURCE: FeedbackSource.CONGRESS,
        Filter.TAG: NO_TAG,
        Filter.CATEGORY: None,
        Filter.LEVEL: None,
        Filter.PLACE: None,
        Filter.SINCE: MONDAY + timedelta(days=1),
    }[one]


def narrowed(query: FigureQuery, one: Filter, value: Any) -> FigureQuery:
    return replace(query, **{FIELDS[one]: value})


def above(session: Session, query: FigureQuery, code: str) -> dict[int, int]:
    return weights(session, query, code, Side.NUMERATOR)


CASES = [(code, one) for code, metric in METRICS.items() for one in Filter if one in metric.takes]
REFUSALS = [
    (code, one) for code, metric in METRICS.items() for one in Filter if one not in metric.takes
]


def test_figures_that_take_a_filter_have_rows_to_be_narrowed(session: Session) -> None:
    full = {code for code in COUNTED if above(session, asked(session), code)}
    assert len(full) > 28
    for one in Filter:
        assert any(one in METRICS[code].takes for code in full), one


@pytest.mark.parametrize(("code", "one"), CASES)
def test_a_filter_that_a_figure_takes_narrows_its_rows(
    session: Session, code: str, one: Filter
) -> None:
    query = asked(session)
    figure, rows = measure(session, query, code), above(session, query, code)
    for value in fitting(session, one):
        asked_for = narrowed(query, one, value)
        fewer = measure(session, asked_for, code).reading
        reader = METRICS[code].reader
        if not isinstance(reader, Counted):
            # a mean may grow by narrowing what each rate is over; what it is over may not
            assert _weight(fewer.parts) <= _weight(figure.reading.parts)
            continue
        if code in LONGEST:
            assert (fewer.numerator or 0) <= (figure.reading.numerator or 0)
            continue
        found = above(session, asked_for, code)
        assert sum(found.values()) == fewer.numerator
        if reader.rows not in FIRST_OF_A_PERSON:
            assert found.items() <= rows.items(), value


def _weight(parts: tuple[Part, ...]) -> Any:
    return sum(part.denominator or 0 for part in parts)


@pytest.mark.parametrize(("code", "one"), [case for case in CASES if case[0] in COUNTED])
def test_a_filter_that_nothing_fits_leaves_nothing(
    session: Session, code: str, one: Filter
) -> None:
    value = fitting_nothing(session, one)
    if value is None:
        pytest.skip("every value of it fits something")
    reading = measure(session, narrowed(asked(session), one, value), code).reading
    assert reading.numerator == 0
    assert not reading.denominator


@pytest.mark.parametrize("one", [Filter.SOURCE, Filter.CATEGORY, Filter.LEVEL, Filter.PLACE])
def test_the_shares_of_all_values_are_the_whole(session: Session, one: Filter) -> None:
    query = asked(session)
    for code in COUNTED.keys() - LONGEST:
        if one not in METRICS[code].takes:
            continue
        whole = above(session, query, code)
        shares = [
            above(session, narrowed(query, one, value), code) for value in fitting(session, one)
        ]
        assert sum(len(share) for share in shares) == len(whole), code
        assert {row for share in shares for row in share} == set(whole), code


@pytest.mark.parametrize(("code", "one"), REFUSALS)
def test_a_figure_that_is_not_divided_so_says_it_and_opens_no_rows(
    session: Session, code: str, one: Filter
) -> None:
    value = fitting(session, one)[0]
    query = narrowed(asked(session), one, value)
    figure = measure(session, query, code)
    assert figure.reading.numerator is None
    assert figure.text == "—"
    assert figure.reading.reason == why_undivided({one})
    with pytest.raises(Exception, match="没有找到"):
        rows_behind(session, query, code, side=Side.NUMERATOR)


def test_a_figure_of_tasks_or_issues_takes_what_issues_have_without_saying_so() -> None:
    wanted = {Filter.TERM, Filter.SOURCE, Filter.UNIT, Filter.THEME, Filter.TAG}
    for metric in COUNTED.values():
        is_of_issues = metric.reader.rows in (RowKind.TASK, RowKind.ISSUE)  # type: ignore[attr-defined]
        if is_of_issues and metric.definition.takes is None:
            assert wanted <= metric.takes


@pytest.mark.parametrize(
    "code", ["coverage_rate", "tasks_overdue", "overdue_share", "source_tasks"]
)
def test_how_things_stand_on_a_day_takes_no_span(code: str) -> None:
    assert Filter.SINCE not in METRICS[code].takes


def test_two_filters_together_narrow_more_than_either(session: Session) -> None:
    query = asked(session)
    unit_id = session.scalars(
        select(Unit.id).join(Letter, Letter.unit_id == Unit.id).order_by(Unit.id)
    ).first()
    both = replace(query, tag="民生", unit_id=unit_id)
    for code in ("issues_fed_back", "closure_rate", "tasks_overdue", "tasks_closed"):
        either = [above(session, replace(query, tag="民生"), code).keys()]
        either.append(above(session, replace(query, unit_id=unit_id), code).keys())
        assert above(session, both, code).keys() == either[0] & either[1]


def test_what_is_refused_costs_no_statement_and_leaves_the_rest(session: Session) -> None:
    plain = {one.definition.code for one in measure_all(session, asked(session))}
    tagged = measure_all(session, asked(session, tag="民生"))
    assert {one.definition.code for one in tagged} == plain
    said = {one.definition.code for one in tagged if one.reading.reason}
    assert {"coverage_rate", "county_clues_found", "all_clues_found", "letters_issued"} <= said
    assert {"closure_rate", "issues_fed_back", "tasks_overdue"} & said == set()


def test_tagged_issues_are_those_with_the_tag(session: Session) -> None:
    rows = above(session, asked(session, tag="民生"), "issues_fed_back")
    assert rows
    for issue in session.scalars(select(Issue).where(Issue.id.in_(rows))):
        assert "民生" in {tag.tag for tag in issue.tags}
