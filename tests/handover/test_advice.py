"""Advice to departments: issued, answered, adopted or not; counted as of a day."""

from datetime import date

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.factories.cast import TESTER, Cast
from tests.factories.work import Work, make_work
from tests.fakes.clock import ManualClock
from tests.visitor import Visitor
from tracker.handover.models import Advice
from tracker.handover.queries.advice import count_advice
from tracker.kernel.db import Database
from tracker.kernel.formats import Number
from tracker.statistics.queries.query import FigureQuery
from tracker.statistics.service import measure

TODAY = date(2026, 11, 16)


@pytest.fixture
def work(database: Database, people: Cast, clock: ManualClock) -> Work:
    with database.writing() as session:
        made = make_work(session, people, now=clock.now())
        session.commit()
    return made


def fields(people: Cast, work: Work, **changes: str) -> dict[str, str]:
    return {
        "addressee": "市财政局",
        "unit_id": str(people.units["b"]),
        "round_id": str(work.round_id),
        "inspection_id": str(work.inspection_ids["a"]),
        "text": "建议完善专项资金拨付办法。",
        "issued_on": "2026-10-01",
        "reply_due": "2026-12-01",
    } | changes


def issued(visitor: Visitor, database: Database, data: dict[str, str]) -> int:
    answer = visitor.post("/advice/new", data)
    assert answer.status_code == 302, visitor.text
    with database.reading() as session:
        return session.scalars(select(Advice.id).order_by(Advice.id.desc())).first() or 0


def answer(visitor: Visitor, advice_id: int, adoption: str, on: str = "2026-11-10") -> int:
    data = {"adoption": adoption, "answer_text": "已研究", "answered_on": on, "version": "1"}
    return visitor.post(f"/advice/{advice_id}/answer", data).status_code


def share(session: Session, people: Cast, as_of: date) -> tuple[Number | None, Number | None]:
    query = FigureQuery(actor=TESTER, region_id=people.regions["city"], as_of=as_of)
    reading = measure(session, query, "advice_adopted").reading
    return reading.numerator, reading.denominator


def test_adopted_and_partly_adopted_count_from_the_day_of_the_answer(
    visitor: Visitor, people: Cast, work: Work, database: Database
) -> None:
    visitor.sign_in("clerk")
    ids = [issued(visitor, database, fields(people, work, text=f"建议{n}")) for n in range(4)]
    assert answer(visitor, ids[0], "adopted") == 302
    assert answer(visitor, ids[1], "partly", "2026-11-12") == 302
    assert answer(visitor, ids[2], "not_adopted") == 302
    with database.reading() as session:
        assert share(session, people, date(2026, 9, 30)) == (0, 0)
        assert share(session, people, date(2026, 11, 9)) == (0, 4)
        assert share(session, people, date(2026, 11, 10)) == (1, 4)
        assert share(session, people, TODAY) == (2, 4)
        counts = count_advice(session, actor=people.actor("clerk"), as_of=TODAY)
        assert list(counts.values()) == [4, 1, 1, 1, 1]
        early = count_advice(session, actor=people.actor("clerk"), as_of=date(2026, 11, 10))
        assert list(early.values()) == [4, 1, 0, 1, 2]
    visitor.get("/advice?only=waiting")
    assert "建议3" in visitor.text
    assert "建议0" not in visitor.text


def test_an_answer_may_change_and_what_is_void_counts_no_more(
    visitor: Visitor, people: Cast, work: Work, database: Database
) -> None:
    visitor.sign_in("clerk")
    advice_id = issued(visitor, database, fields(people, work))
    assert answer(visitor, advice_id, "adopted") == 302
    assert answer(visitor, advice_id, "not_adopted") == 409
    assert "别人刚保存的内容" in visitor.text
    with database.reading() as session:
        version = str(session.get_one(Advice, advice_id).version)
    data = {"adoption": "not_adopted", "answer_text": "条件不具备", "answered_on": "2026-11-11"}
    path = f"/advice/{advice_id}/answer"
    assert visitor.post(path, data | {"version": version}).status_code == 302
    with database.reading() as session:
        assert share(session, people, TODAY) == (0, 1)
        version = str(session.get_one(Advice, advice_id).version)
    void = {"reason": "重复登记", "version": version}
    assert visitor.post(f"/advice/{advice_id}/void", void).status_code == 302
    with database.reading() as session:
        assert share(session, people, TODAY) == (0, 0)


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"issued_on": "2026-11-17"}, "不能晚于今天"),
        ({"reply_due": "2026-09-30"}, "回复时限早于提出日期"),
        ({"round_id": "0"}, "不在这一轮次"),
    ],
)
def test_advice_that_cannot_be_is_refused(
    visitor: Visitor, people: Cast, work: Work, changes: dict[str, str], sentence: str
) -> None:
    visitor.sign_in("clerk")
    assert visitor.post("/advice/new", fields(people, work, **changes)).status_code == 422
    assert sentence in visitor.text
    assert "建议完善专项资金拨付办法" in visitor.text


def test_an_answer_before_the_advice_is_refused(
    visitor: Visitor, people: Cast, work: Work, database: Database
) -> None:
    visitor.sign_in("clerk")
    advice_id = issued(visitor, database, fields(people, work))
    assert answer(visitor, advice_id, "adopted", "2026-09-30") == 422
    assert "回复日期应在提出之后" in visitor.text


def test_advice_is_its_own_offices(
    app: Flask, people: Cast, work: Work, database: Database
) -> None:
    clerk = Visitor(app)
    clerk.sign_in("clerk")
    advice_id = issued(clerk, database, fields(people, work))
    east = Visitor(app)
    east.sign_in("east_clerk")
    missing = east.get("/advice/999999").get_data(as_text=True)
    for tail in ("", "/edit", "/answer", "/void"):
        reply = east.get(f"/advice/{advice_id}{tail}")
        assert reply.status_code == 404
        assert reply.get_data(as_text=True) == missing
    assert "市财政局" not in east.get("/advice").get_data(as_text=True)
    assert east.post("/advice/new", fields(people, work)).status_code == 422
    for name, read, write in (("leader", 200, 403), ("lead", 200, 200), ("liaison_b", 403, 403)):
        visitor = Visitor(app)
        visitor.sign_in(name)
        assert visitor.get(f"/advice/{advice_id}").status_code == read
        assert visitor.get(f"/advice/{advice_id}/edit").status_code == write
