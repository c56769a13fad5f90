"""The demonstration's figures, on both databases, loaded once."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from tests.conftest import MONDAY, make_config
from tests.fakes.clock import ManualClock
from tracker import create_app
from tracker.demo.load import load
from tracker.handover.models import ClueCount
from tracker.kernel.clock import at_local
from tracker.kernel.crypto import Sealer
from tracker.kernel.db import Database
from tracker.kernel.permissions import Actor
from tracker.organizations.models import Region
from tracker.people.models import User
from tracker.people.service import actor_of
from tracker.rectification.models import Task
from tracker.rectification.rules.words import TaskState
from tracker.rectification.service.closing import close_task
from tracker.rounds.models import Inspection, Milestone
from tracker.statistics.queries.query import FigureQuery
from tracker.statistics.readers import Counted
from tracker.statistics.registry import METRICS
from tracker.statistics.rules import Figure, FigureKind, Side
from tracker.statistics.service import measure, measure_all, rows_behind

NOW = at_local(MONDAY, 9, 30)
SECRET = "test-secret-key-of-at-least-32-bytes!"


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def demo_url(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[str]:
    template = request.getfixturevalue(f"{request.param}_template")
    with template.copy(tmp_path_factory.mktemp("demo")) as url:
        database = Database(url)
        with database.writing() as session:
            load(session, Sealer((SECRET,)), now=NOW)
            session.commit()
        database.dispose()
        yield url


@pytest.fixture
def demo(demo_url: str) -> Iterator[Database]:
    database = Database(demo_url)
    yield database
    database.dispose()


@pytest.fixture
def shown(demo: Database, demo_url: str, tmp_path: Path) -> list[dict[str, Any]]:
    config = make_config(demo_url, tmp_path / "data")
    app = create_app(config, clock=ManualClock(NOW), store=demo)
    result = app.test_cli_runner().invoke(args=["stats", "show", "--json"])
    assert result.exit_code == 0, result.output
    answer = json.loads(result.stdout)
    assert answer["as_of"] == "2026-11-16"
    figures: list[dict[str, Any]] = answer["figures"]
    return figures


def one(
    figures: list[dict[str, Any]], code: str, region: str = "YZ", tour: str | None = None
) -> dict[str, Any]:
    found = [
        figure
        for figure in figures
        if (figure["region"], figure["round"], figure["code"]) == (region, tour, code)
    ]
    assert len(found) == 1
    return found[0]


def parts(figure: dict[str, Any]) -> dict[str, int]:
    return {part["key"]: part["numerator"] for part in figure["parts"]}


def test_stats_show_gives_the_city_year_reports_figures(shown: list[dict[str, Any]]) -> None:
    assert one(shown, "rounds_done")["value"] == 4
    assert parts(one(shown, "units_inspected")) == {"department": 41, "town": 25}
    coverage = one(shown, "coverage_rate")
    assert (coverage["numerator"], coverage["denominator"]) == (66, 154)
    assert (coverage["value"], coverage["text"]) == (42.9, "42.9%")
    for code, own, others in (
        ("clues_found", 215, 882),
        ("cases_filed", 39, 188),
        ("persons_punished", 17, 174),
    ):
        assert one(shown, code)["value"] == own
        assert one(shown, code)["basis"] == "counted"
        assert one(shown, f"county_{code}")["value"] == others
        assert one(shown, f"county_{code}")["basis"] == "entered"
        assert parts(one(shown, f"all_{code}")) == {"own": own, "counties": others}
    assert one(shown, "county_coverage_pooled")["text"] == "50%"
    assert one(shown, "county_coverage_mean")["text"] == "50%"


def test_stats_show_gives_what_came_from_above(shown: list[dict[str, Any]]) -> None:
    tasks = {part["key"]: part for part in one(shown, "source_tasks")["parts"]}
    central, province = tasks["central_inspection"], tasks["province_inspection"]
    assert (central["numerator"], central["denominator"]) == (6, 34)
    assert (province["numerator"], province["denominator"]) == (2, 38)
    for verb in ("received", "settled"):
        clues = parts(one(shown, f"source_clues_{verb}"))
        assert clues == {"central_inspection": 246, "province_inspection": 116}
        assert one(shown, f"source_petitions_{verb}")["value"] == 50


def test_stats_show_gives_the_countys_third_round(shown: list[dict[str, Any]]) -> None:
    assert parts(one(shown, "units_inspected", "YL", "7-3")) == {
        "department": 7,
        "village": 18,
        "community": 1,
    }
    issues = one(shown, "issues_fed_back", "YL", "7-3")
    assert parts(issues) == {"common": 8, "individual": 25}
    assert one(shown, "clues_transferred", "YL", "7-3")["value"] == 10
    assert one(shown, "advice_issued", "YL", "7-3")["value"] == 12


def test_stats_show_compares_with_the_year_before(shown: list[dict[str, Any]]) -> None:
    expected = {
        "year_clues": "同比增长41.3%",
        "year_filed": "同比增长57.1%",
        "year_closed": "同比增长50.4%",
        "year_punished": "同比增长46%",
    }
    assert {code: one(shown, code)["text"] for code in expected} == expected


def test_a_county_without_records_is_blank_with_a_reason(shown: list[dict[str, Any]]) -> None:
    figure = one(shown, "units_inspected", "LX")
    assert figure["value"] is None
    assert figure["text"] == "—"
    assert "没有" in figure["reason"]


def figure_of(session: Session, code: str) -> Figure:
    city = session.scalars(select(Region).where(Region.code == "YZ")).one()
    query = FigureQuery(actor=Actor(name="tests"), region_id=city.id, as_of=MONDAY)
    return measure(session, query, code)


def test_one_counted_inspection_less_makes_42_2(demo: Database) -> None:
    with demo.writing() as session:
        visit = session.scalars(
            select(Inspection).where(Inspection.counts_for_coverage).order_by(Inspection.id)
        ).all()[3]
        for model in (ClueCount, Milestone):
            session.execute(delete(model).where(model.inspection_id == visit.id))
        session.delete(visit)
        session.flush()  # what is counted must be in the database
        assert figure_of(session, "coverage_rate").text == "42.2%"
        session.rollback()


def test_closing_one_more_of_the_34_makes_7(demo: Database) -> None:
    with demo.writing() as session:
        task = session.scalars(
            select(Task).where(Task.task_no.like("ZY-%"), Task.state == TaskState.OFFICE_REVIEW)
        ).first()
        lead = session.scalars(select(User).where(User.username == "city-lead")).one()
        assert task is not None
        close_task(session, task, actor=actor_of(lead), now=NOW)
        session.flush()  # what is counted must be in the database
        central = figure_of(session, "source_tasks").reading.parts[0]
        assert (central.numerator, central.denominator) == (7, 34)
        session.rollback()


def test_every_counted_figure_opens_exactly_its_rows(demo: Database) -> None:
    with demo.reading() as session:
        lead = session.scalars(select(User).where(User.username == "city-lead")).one()
        actor = actor_of(lead)
        assert actor.region_id is not None
        query = FigureQuery(actor=actor, region_id=actor.region_id, as_of=MONDAY)
        for figure in measure_all(session, query):
            code, reading = figure.definition.code, figure.reading
            if not isinstance(METRICS[code].reader, Counted) or code == "overdue_longest":
                continue
            above = rows_behind(session, query, code, side=Side.NUMERATOR, is_whole=True)
            assert above.total == reading.numerator, code
            if reading.denominator is None:
                continue
            below = rows_behind(session, query, code, side=Side.DENOMINATOR, is_whole=True)
            assert below.total == reading.denominator, code
            if figure.definition.kind is not FigureKind.DELTA:
                assert {row[0] for row in above.rows} <= {row[0] for row in below.rows}, code


def test_history_and_present_state_agree(demo: Database) -> None:
    """The last transition of every task is the state it stands in."""
    with demo.reading() as session:
        closed = session.scalar(
            select(func.count(Task.id)).where(
                Task.task_no.like("ZY-%"), Task.state == TaskState.CLOSED
            )
        )
        assert closed == 6
        assert figure_of(session, "source_tasks").reading.parts[0].numerator == closed


def test_every_metric_has_a_basis_in_words() -> None:
    for code, metric in METRICS.items():
        assert code == metric.definition.code
        assert metric.definition.wording.endswith("。")
