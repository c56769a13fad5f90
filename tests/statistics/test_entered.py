"""Figures that people enter."""

from flask import Flask

from tests.factories.cast import Cast
from tests.visitor import Visitor

GOOD = {
    "metric": "clues_found",
    "period_start": "2026-01-01",
    "period_end": "2026-06-30",
    "value": "882",
    "source_document": "半年统计表",
}


def test_a_county_enters_a_figure_and_the_city_reads_it(app: Flask, people: Cast) -> None:
    county, city = Visitor(app), Visitor(app)
    county.sign_in("east_clerk")
    assert county.post("/figures/entered", GOOD).status_code == 302
    assert "半年统计表" in county.get("/figures/entered").get_data(as_text=True)
    city.sign_in("clerk")
    page = city.get("/figures").get_data(as_text=True)
    assert "东岭县 882件" in page
    assert "西塘县 未报" in page


def test_a_period_that_has_not_ended_is_refused_and_the_form_kept(app: Flask, people: Cast) -> None:
    county = Visitor(app)
    county.sign_in("east_lead")
    answer = county.post("/figures/entered", {**GOOD, "period_end": "2026-12-31"})
    assert answer.status_code == 422
    assert "还没有到" in county.text
    assert "半年统计表" in county.text


def test_a_leader_reads_figures_but_enters_none(app: Flask, people: Cast) -> None:
    leader = Visitor(app)
    leader.sign_in("leader")
    assert leader.get("/figures/entered").status_code == 403
