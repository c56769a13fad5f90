"""Money to the last 元, units by what is closed, and the words of a week's change."""

import json
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.orm import Session

from tests.factories.cast import TESTER, Cast
from tests.factories.work import make_work
from tests.visitor import Visitor
from tracker.kernel.clock import at_local
from tracker.kernel.db import Database, born
from tracker.rectification.models import ProgressReport, Task
from tracker.rectification.rules.words import CompletionClass
from tracker.statistics.bands import UnitBand, band_of, sunday_before
from tracker.statistics.queries.query import FigureQuery
from tracker.statistics.registry import METRICS
from tracker.statistics.rules import Side, text_of
from tracker.statistics.service import measure, rows_behind

DAY = date(2026, 11, 10)
NOW = at_local(DAY, 9)
AMOUNTS = ("0.1", "0.2", "9999999999.9999", "0.0001")


def say(session: Session, task: Task, wan: str, on: date) -> None:
    session.add(
        ProgressReport(
            task_id=task.id,
            reported_on=on,
            text="进展",
            completion=CompletionClass.PARTLY,
            recovered_wan=Decimal(wan),
            **born(actor=TESTER, now=NOW),
        )
    )


@pytest.fixture
def recovered(database: Database, people: Cast) -> FigureQuery:
    """Four tasks whose money no float adds up, the first corrected by a later report."""
    with database.writing() as session:
        work = make_work(session, people, now=NOW)
        tasks = [work.task(session, people, now=NOW) for _amount in AMOUNTS]
        say(session, tasks[0], "77.7777", date(2026, 11, 1))
        for task, wan in zip(tasks, AMOUNTS, strict=True):
            say(session, task, wan, DAY)
        say(session, tasks[1], "5", date(2026, 11, 20))
        session.commit()
    return FigureQuery(actor=TESTER, region_id=people.regions["city"], as_of=DAY)


def test_money_is_exact_and_a_report_replaces_the_earlier(
    database: Database, recovered: FigureQuery
) -> None:
    with database.reading() as session:
        figure = measure(session, recovered, "money_recovered")
        assert figure.reading.numerator == sum(Decimal(wan) for wan in AMOUNTS)
        assert figure.text == "10000000000.3万元"
        rows = rows_behind(session, recovered, "money_recovered", side=Side.NUMERATOR)
        assert sorted(Fraction(amount) for _id, amount, _cells in rows.rows) == sorted(
            Fraction(wan) for wan in AMOUNTS
        )
        assert Fraction(rows.total) == sum(Fraction(wan) for wan in AMOUNTS)


def test_money_reads_the_same_on_the_page_and_on_the_command_line(
    app: Flask, recovered: FigureQuery
) -> None:
    visitor = Visitor(app)
    visitor.sign_in("clerk")
    visitor.get(f"/figures?as_of={DAY}")
    assert "10000000000.3万元" in visitor.text
    visitor.get(f"/figures/money_recovered/rows?as_of={DAY}")
    assert "明细：10000000000.3万元" in visitor.text
    assert "9999999999.9999" in visitor.text
    shown = app.test_cli_runner().invoke(
        args=["stats", "show", "--json", "--region", "CITY", "--as-of", DAY.isoformat()]
    )
    found: list[dict[str, Any]] = json.loads(shown.stdout)["figures"]
    texts = {each["text"] for each in found if each["code"] == "money_recovered"}
    assert texts == {"10000000000.3万元"}


@given(st.integers(1, 400), st.data())
def test_a_band_is_compared_exactly(issued: int, data: st.DataObject) -> None:
    closed = data.draw(st.integers(0, issued))
    share = Fraction(closed, issued)
    expected = UnitBand.ALL if share == 1 else UnitBand.MOST if share * 100 >= 80 else UnitBand.REST
    assert band_of(closed, issued) is expected


@pytest.mark.parametrize(
    ("now", "before", "words"),
    [(3, 1, "较上周增加2项"), (1, 3, "较上周减少2项"), (2, 2, "较上周持平"), (0, 0, "较上周持平")],
)
def test_a_week_is_worded(now: int, before: int, words: str) -> None:
    assert text_of(METRICS["overdue_week"].definition, now, before) == words


@given(st.dates(min_value=date(1950, 1, 1)))
def test_the_sunday_before_is_one_to_seven_days_back(day: date) -> None:
    found = sunday_before(day)
    assert found.isoweekday() == 7
    assert 1 <= (day - found).days <= 7


@pytest.mark.parametrize(
    ("closed", "issued", "band"),
    [(4, 5, UnitBand.MOST), (799, 1000, UnitBand.REST), (999, 1000, UnitBand.MOST)],
)
def test_the_edges_of_a_band_are_not_rounded(closed: int, issued: int, band: UnitBand) -> None:
    assert band_of(closed, issued) is band
