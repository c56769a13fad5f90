"""A figure from page, Excel and command line is the same; its rows leave whole."""

import html
import io
import json
import re
from collections.abc import Iterator
from datetime import date
from typing import Any

import openpyxl
import pytest
from flask import Flask
from sqlalchemy import select, update

from tests.conftest import MONDAY, make_config
from tests.fakes.clock import ManualClock
from tests.visitor import PASSWORD, Visitor
from tracker import create_app
from tracker.audit.models import AuditEntry
from tracker.demo.load import load
from tracker.kernel.clock import at_local
from tracker.kernel.crypto import Sealer
from tracker.kernel.db import Database
from tracker.people.models import User
from tracker.people.service import HASHER
from tracker.statistics.queries import drill
from tracker.statistics.registry import METRICS

NOW = at_local(MONDAY, 9, 30)
A_PAST_DAY = date(2026, 9, 30)
LEADS = {"YZ": "city-lead", "YL": "county-lead"}
Figures = dict[str, str]


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def furnished(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Flask]:
    """The product with the demonstration in it."""
    template = request.getfixturevalue(f"{request.param}_template")
    folder = tmp_path_factory.mktemp("figures")
    with template.copy(folder) as url:
        store = Database(url)
        with store.writing() as session:
            load(session, Sealer(("test-secret-key-of-at-least-32-bytes!",)), now=NOW)
            leads = update(User).where(User.username.in_(LEADS.values()))
            session.execute(leads.values(password_hash=HASHER.hash(PASSWORD)))
            session.commit()
        yield create_app(make_config(url, folder), clock=ManualClock(NOW), store=store)
        store.dispose()


def of_command(app: Flask, day: date, region: str, tour: str | None) -> Figures:
    result = app.test_cli_runner().invoke(
        args=["stats", "show", "--json", "--region", region, "--as-of", day.isoformat()]
    )
    assert result.exit_code == 0, result.output
    found = json.loads(result.stdout)["figures"]
    return {each["name"]: each["text"] for each in found if each["round"] == tour}


def of_page(visitor: Visitor, address: str) -> Figures:
    page = visitor.get(address).get_data(as_text=True)
    rows = re.findall(
        r'data-label="指标">(.*?)</td>.*?class="number"[^>]*>(.*?)<', page, flags=re.DOTALL
    )
    return {html.unescape(name): html.unescape(text) for name, text in rows}


def of_workbook(visitor: Visitor, address: str) -> Figures:
    sheet = sheet_of(visitor, address)
    rows = list(sheet.iter_rows(min_row=4, values_only=True))
    return {str(row[1]): str(row[3]) for row in rows if not row[2]}


def sheet_of(visitor: Visitor, address: str) -> Any:
    answer = visitor.get(address)
    assert answer.status_code == 200
    return openpyxl.load_workbook(io.BytesIO(answer.data)).active


@pytest.mark.parametrize("day", [MONDAY, A_PAST_DAY])
@pytest.mark.parametrize(("region", "tour"), [("YZ", None), ("YL", "7-3")])
def test_every_figure_is_the_same_on_page_in_excel_and_on_the_command_line(
    furnished: Flask, day: date, region: str, tour: str | None
) -> None:
    visitor = Visitor(furnished)
    visitor.sign_in(LEADS[region])
    asked = f"?region={region}&as_of={day}&round={tour or ''}"
    said = of_command(furnished, day, region, tour)
    assert len(said) > 10
    assert of_page(visitor, f"/figures{asked}") == said
    assert of_workbook(visitor, f"/figures/export{asked}") == said
    if tour is None:
        every = {one.definition.name for one in METRICS.values()}
        assert every >= said.keys()


def test_the_rows_leave_whole_and_the_trail_says_so(
    furnished: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(drill, "LONGEST_LIST", 5)
    visitor = Visitor(furnished)
    visitor.sign_in(LEADS["YZ"])
    page = visitor.get("/figures/units_inspected/rows").get_data(as_text=True)
    assert "只显示前" in page
    sheet = sheet_of(visitor, "/figures/units_inspected/rows/export")
    rows = list(sheet.iter_rows(min_row=5, values_only=True))
    assert len(rows) == sum(row[-1] for row in rows) == 66
    villages = sheet_of(visitor, "/figures/units_inspected/rows/export?part=town")
    assert len(list(villages.iter_rows(min_row=5))) == 25
    store: Database = furnished.extensions["tracker_database"]
    with store.reading() as session:
        entries = session.scalars(
            select(AuditEntry).where(AuditEntry.action == "figure_rows_exported")
        ).all()
        assert len(entries) == 2


def test_a_citys_office_gets_no_rows_of_a_county(furnished: Flask) -> None:
    visitor = Visitor(furnished)
    visitor.sign_in(LEADS["YZ"])
    assert visitor.get("/figures/export?region=YL").status_code == 200
    assert visitor.get("/figures/units_inspected/rows/export?region=YL").status_code == 404


def test_the_same_day_gives_the_same_bytes(furnished: Flask) -> None:
    visitor = Visitor(furnished)
    visitor.sign_in(LEADS["YZ"])
    address = f"/figures/export?as_of={A_PAST_DAY}"
    assert visitor.get(address).data == visitor.get(address).data
