"""A city asks, its counties answer, it accepts or returns; figures count from acceptance."""

import re
from datetime import timedelta
from decimal import Decimal

import pytest
from flask import Flask
from sqlalchemy import delete, select, update
from sqlalchemy.exc import DatabaseError

from tests.conftest import MONDAY
from tests.factories.cast import Cast
from tests.fakes.clock import ManualClock
from tests.visitor import Visitor
from tracker.county_submissions.models import (
    CountySubmission,
    SubmissionCall,
    SubmissionEvent,
)
from tracker.kernel.db import Database
from tracker.statistics.models import PeriodFigure

ROOT = "/county-submissions"
CALL = {
    "title": "2026年上半年巡察工作数据",
    "metrics": ["clues_found", "cases_filed"],
    "period_start": "2026-01-01",
    "period_end": "2026-06-30",
    "due_on": "2026-11-20",
    "note": "立案按件数统计。",
}
FILLED = {
    "value_clues_found": "30",
    "value_cases_filed": "",
    "blank_cases_filed": "尚未汇总",
    "source_document": "东岭巡办〔2026〕12号",
}


@pytest.fixture
def enter(app: Flask, people: Cast) -> "Enter":
    return Enter(app)


class Enter:
    def __init__(self, app: Flask) -> None:
        self.app = app

    def __call__(self, name: str) -> Visitor:
        visitor = Visitor(self.app)
        visitor.sign_in(name)
        return visitor


@pytest.fixture
def east(enter: Enter, database: Database, people: Cast) -> int:
    """The eastern county's answer to a call of the city."""
    assert enter("clerk").post(f"{ROOT}/calls/new", CALL).status_code == 302
    with database.reading() as session:
        mine = CountySubmission.region_id == people.regions["east"]
        return session.scalars(select(CountySubmission.id).where(mine)).one()


def steps(database: Database, submission_id: int) -> list[tuple[str, str]]:
    """Return each step of an answer with the figures it told."""
    query = select(SubmissionEvent).where(SubmissionEvent.submission_id == submission_id)
    with database.reading() as session:
        return [(it.step.value, it.figures) for it in session.scalars(query)]


def press(visitor: Visitor, submission_id: int, verb: str) -> None:
    page = f"{ROOT}/{submission_id}"
    assert visitor.post(f"{page}/{verb}", via=page).status_code == 302


def entered(database: Database) -> list[tuple[int, str, Decimal, str, str]]:
    with database.reading() as session:
        return [
            (it.region_id, it.metric, it.value, it.source_document, it.created_by)
            for it in session.scalars(select(PeriodFigure))
        ]


def test_each_county_owes_an_answer_and_the_board_shows_who_gave_it(
    enter: Enter, database: Database, people: Cast, east: int
) -> None:
    city = enter("clerk")
    city.get(ROOT)
    assert city.text.count("未报") == 2
    assert enter("east_clerk").post(f"{ROOT}/{east}/fill", FILLED).status_code == 302
    city.get(ROOT)
    assert (city.text.count("未报"), city.text.count("已报")) == (1, 1)
    assert entered(database) == []
    press(city, east, "accept")
    (figure,) = entered(database)
    document = "东岭巡办〔2026〕12号"
    assert figure[:4] == (people.regions["east"], "clues_found", Decimal(30), document)
    assert "east_clerk" in figure[4]
    city.get(f"{ROOT}/calls/1")
    assert "合计只含已接收的 1 个" in city.text
    assert "尚未汇总" in city.text


def test_what_is_returned_is_corrected_and_every_step_is_kept(
    enter: Enter, database: Database, clock: ManualClock, east: int
) -> None:
    city, county = enter("clerk"), enter("east_clerk")
    fill = f"{ROOT}/{east}/fill"
    county.post(fill, FILLED)
    press(county, east, "withdraw")
    county.post(fill, FILLED)
    press(city, east, "accept")
    answer = city.post(f"{ROOT}/{east}/return", {"reason": "与月报不一致"})
    assert answer.status_code == 302
    county.get(f"{ROOT}/{east}")
    assert "与月报不一致" in county.text
    clock.advance(timedelta(days=1))
    county.sign_in("east_clerk")
    county.post(fill, {**FILLED, "value_clues_found": "29"})
    city.sign_in("clerk")
    press(city, east, "accept")
    told = steps(database, east)
    verbs = ["submit", "withdraw", "submit", "accept", "return", "submit", "accept"]
    assert [verb for verb, _figures in told] == verbs
    assert [figure[2] for figure in entered(database)] == [30, 29]
    assert ["29" in figures for _verb, figures in told] == [False] * 5 + [True] * 2


def test_nobody_answers_for_another_county_or_decides_for_the_city(enter: Enter, east: int) -> None:
    for name in ("west_clerk",):
        stranger = enter(name)
        for page in (f"{ROOT}/{east}", f"{ROOT}/{east}/fill", f"{ROOT}/calls/1"):
            assert stranger.get(page).status_code == 404
    county, city = enter("east_clerk"), enter("clerk")
    assert county.get(f"{ROOT}/{east}/return").status_code == 404
    assert county.get(f"{ROOT}/calls/1").status_code == 404
    assert city.get(f"{ROOT}/{east}/fill").status_code == 404
    assert enter("liaison_a").get(ROOT).status_code == 403
    county.post(f"{ROOT}/calls/new", CALL)
    assert "没有下级县" in county.text


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"blank_cases_filed": ""}, "没有填数字"),
        ({"value_clues_found": "-1"}, "请填 0 至"),
        ({"value_clues_found": "1.5"}, "应是整数"),
        ({"source_document": ""}, "请填写数字来源"),
    ],
)
def test_an_answer_that_cannot_be_is_refused_and_kept_on_the_page(
    enter: Enter, east: int, changes: dict[str, str], sentence: str
) -> None:
    county = enter("east_clerk")
    answer = county.post(f"{ROOT}/{east}/fill", {**FILLED, **changes})
    assert answer.status_code == 422
    assert sentence in county.text
    assert {**FILLED, **changes}["value_clues_found"] in county.text


def test_an_old_page_and_a_closed_call_change_nothing(
    enter: Enter, database: Database, east: int
) -> None:
    county, city = enter("east_clerk"), enter("clerk")
    county.get(f"{ROOT}/{east}/fill")
    labels = re.findall(r"<label[^>]*>\s*([^<]*没有数字的原因)", county.text)
    assert labels == [
        "巡察发现问题线索（件）：没有数字的原因",
        "巡察线索立案（件）：没有数字的原因",
    ]
    assert county.post(f"{ROOT}/{east}/fill", {**FILLED, "version": "9"}).status_code == 409
    page = f"{ROOT}/calls/1"
    due = (MONDAY + timedelta(days=9)).isoformat()
    assert city.post(f"{page}/edit", {"title": "改名", "due_on": due}).status_code == 302
    assert city.post(f"{page}/close", via=page).status_code == 302
    assert county.post(f"{ROOT}/{east}/fill", FILLED).status_code == 422
    assert "这次报送已经结束" in county.text
    with database.reading() as session:
        call = session.get_one(SubmissionCall, 1)
        assert (call.title, call.due_on.isoformat(), call.closed_on) == ("改名", due, MONDAY)
        assert session.scalars(select(SubmissionEvent)).all() == []


def test_the_database_refuses_to_change_a_step(enter: Enter, database: Database, east: int) -> None:
    enter("east_clerk").post(f"{ROOT}/{east}/fill", FILLED)
    for statement in (update(SubmissionEvent).values(actor="别人"), delete(SubmissionEvent)):
        with database.writing() as session, pytest.raises(DatabaseError, match="append-only"):
            session.execute(statement)
