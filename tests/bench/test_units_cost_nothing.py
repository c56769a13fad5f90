"""All figures and the rows behind each cost the same statements, however many units there are."""

from pathlib import Path

import pytest

from tests.bench.data import S
from tests.bench.office import big_office
from tests.bench.statements import counted
from tests.databases import PostgresqlTemplate, SqliteTemplate
from tracker.kernel.clock import local_date
from tracker.statistics.queries.query import FigureQuery
from tracker.statistics.readers import Counted
from tracker.statistics.registry import METRICS
from tracker.statistics.rules import Side
from tracker.statistics.service import measure_all, rows_behind

MIX = (S.IN_PROGRESS, S.PLANNING, S.OFFICE_REVIEW, S.CLOSED)
FEW, MANY = 3, 40
TASKS_OF_A_UNIT = 2


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def sent(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> tuple[dict[str, int], dict[str, int]]:
    """Statements by what is read, with few units and with many."""
    template = request.getfixturevalue(f"{request.param}_template")
    folder = tmp_path_factory.mktemp("units")
    return _sent(template, folder, FEW), _sent(template, folder, MANY)


def _sent(
    template: SqliteTemplate | PostgresqlTemplate, folder: Path, units: int
) -> dict[str, int]:
    found: dict[str, int] = {}
    with (
        template.copy(folder) as url,
        big_office(url, folder, units * TASKS_OF_A_UNIT, units=units, mix=MIX) as office,
        office.database.reading() as session,
    ):
        today = local_date(office.clock.now())
        query = FigureQuery(
            actor=office.cast.actor("clerk"),
            region_id=office.cast.regions["city"],
            as_of=today,
        )
        with counted() as statements:
            measure_all(session, query)
        found["all"] = len(statements)
        spanned = FigureQuery(
            actor=query.actor, region_id=query.region_id, as_of=today, since=today.replace(month=1)
        )
        with counted() as statements:
            measure_all(session, spanned, with_year_before=True)
        found["year on year"] = len(statements)
        for code, metric in METRICS.items():
            if isinstance(metric.reader, Counted):
                with counted() as statements:
                    listed = rows_behind(session, query, code, side=Side.NUMERATOR, is_whole=True)
                found[code] = len(statements)
                if code == "units_inspected":
                    assert len(listed.rows) == units
    return found


def test_forty_units_cost_not_one_statement_more_than_three(
    sent: tuple[dict[str, int], dict[str, int]],
) -> None:
    few, many = sent
    assert {what: (few[what], many[what]) for what in few if few[what] != many[what]} == {}
    assert few.keys() == many.keys()
    assert len(few) > 20
