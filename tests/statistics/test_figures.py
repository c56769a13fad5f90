"""The page of figures, for each kind of reader."""

from datetime import date

import pytest
from flask import Flask

from tests.factories.cast import Cast
from tests.factories.work import make_work
from tests.fakes.clock import ManualClock
from tests.visitor import Visitor
from tracker.kernel.db import Database
from tracker.rectification.rules.words import TaskState


@pytest.fixture(autouse=True)
def work(database: Database, people: Cast, clock: ManualClock) -> None:
    with database.writing() as session:
        city = make_work(session, people, now=clock.now())
        city.task(session, people, state=TaskState.CLOSED, now=clock.now())
        city.task(session, people, unit="b", due_on=date(2026, 11, 1), now=clock.now())
        east = make_work(session, people, region="east", units=("e",), now=clock.now())
        east.task(session, people, unit="e", now=clock.now())
        session.commit()


@pytest.mark.parametrize("username", ["clerk", "leader", "supervisor", "east_lead"])
def test_readers_of_statistics_see_figures_with_their_basis_and_day(
    app: Flask, username: str
) -> None:
    visitor = Visitor(app)
    visitor.sign_in(username)
    page = visitor.get("/figures").get_data(as_text=True)
    assert "数据截至 2026-11-16" in page
    assert "本届全覆盖任务" in page


def test_the_city_reads_a_countys_numbers_but_not_its_rows(app: Flask) -> None:
    visitor = Visitor(app)
    visitor.sign_in("clerk")
    page = visitor.get("/figures?region=EAST")
    assert page.status_code == 200
    assert "只显示数字" in visitor.text
    assert "/rows" not in visitor.text
    assert visitor.get("/figures/issues_fed_back/rows?region=EAST").status_code == 404
    assert visitor.get("/figures/issues_fed_back/rows").status_code == 200


def test_a_county_cannot_read_its_city_or_its_neighbour(app: Flask) -> None:
    visitor = Visitor(app)
    visitor.sign_in("east_clerk")
    for code in ("CITY", "WEST", "NOWHERE"):
        assert visitor.get(f"/figures?region={code}").status_code == 404


def test_a_supervisor_counts_only_the_units_it_supervises(app: Flask) -> None:
    visitor = Visitor(app)
    visitor.sign_in("supervisor")
    page = visitor.get("/figures/units_inspected/rows").get_data(as_text=True)
    assert "市甲局" in page
    assert "市乙局" not in page
    assert "明细：1个" in page


@pytest.mark.parametrize("username", ["liaison_a", "head_a"])
def test_a_unit_reads_its_own_figures_and_nothing_of_clues_coverage_or_counties(
    app: Flask, username: str
) -> None:
    visitor = Visitor(app)
    visitor.sign_in(username)
    page = visitor.get("/figures").get_data(as_text=True)
    assert "问题整改率（A口径）" in page
    for words in ("问题线索", "覆盖率", "县级", "约谈一把手", "已巡察对象"):
        assert words not in page, words
    rows = visitor.get("/figures/issues_fed_back/rows").get_data(as_text=True)
    assert "明细：1条" in rows
    for path in ("/figures/clues_found/rows", "/figures/coverage_rate/rows", "/figures?unit=B01"):
        assert visitor.get(path).status_code == 404
    assert visitor.get("/coverage").status_code == 403
    assert visitor.get("/figures/export").status_code == 200


def test_rows_of_a_part_and_of_the_denominator_open(app: Flask) -> None:
    visitor = Visitor(app)
    visitor.sign_in("lead")
    assert "7-3-002-01" in visitor.get("/figures/tasks_overdue/rows?part=d8_30").get_data(True)
    assert "没有记录" in visitor.get("/figures/tasks_overdue/rows?part=d1_7").get_data(True)
    path = "/figures/closure_rate/rows?side=denominator&round=R7-3"
    assert "分母：2条" in visitor.get(path).get_data(as_text=True)


@pytest.mark.parametrize(
    "path",
    [
        "/figures/nothing/rows",
        "/figures/year_clues/rows",
        "/figures/units_inspected/rows?side=denominator",
        "/figures/units_inspected/rows?side=x",
        "/figures?round=none",
    ],
)
def test_what_does_not_exist_is_not_found(app: Flask, path: str) -> None:
    visitor = Visitor(app)
    visitor.sign_in("lead")
    assert visitor.get(path).status_code == 404


def test_a_bad_day_is_said_and_today_is_shown(app: Flask) -> None:
    visitor = Visitor(app)
    visitor.sign_in("lead")
    page = visitor.get("/figures?as_of=2026-13-01").get_data(as_text=True)
    assert "应写成" in page
    assert "数据截至 2026-11-16" in page
