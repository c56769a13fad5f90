"""What was sent to whom: registered, corrected, voided; counted as of a day."""

from datetime import date
from io import BytesIO

import pytest
from sqlalchemy import select

from tests.factories.cast import TESTER, Cast
from tests.factories.files import pdf
from tests.factories.work import Work, make_work
from tests.fakes.clock import ManualClock
from tests.visitor import Visitor
from tracker.dispatches.models import Dispatch
from tracker.kernel.db import Database
from tracker.statistics.queries.query import FigureQuery
from tracker.statistics.service import measure

SENT = {
    "subject": "巡察工作数据统计表",
    "addressee": "省委巡视办",
    "doc_no": "云巡办〔2026〕12号",
    "sent_on": "2026-11-10",
    "as_of": "2026-10-31",
    "is_confirmed_not_secret": "y",
}


@pytest.fixture
def work(database: Database, people: Cast, clock: ManualClock) -> Work:
    with database.writing() as session:
        made = make_work(session, people, now=clock.now())
        session.commit()
    return made


@pytest.fixture
def clerk(visitor: Visitor, people: Cast) -> Visitor:
    visitor.sign_in("clerk")
    return visitor


def send(clerk: Visitor, database: Database, **changes: str) -> int:
    answer = clerk.post("/dispatches/new", {**SENT, **changes})
    assert answer.status_code == 302, clerk.text
    with database.reading() as session:
        return session.scalars(select(Dispatch.id).order_by(Dispatch.id.desc())).first() or 0


def counted(database: Database, people: Cast, as_of: date) -> object:
    query = FigureQuery(actor=TESTER, region_id=people.regions["city"], as_of=as_of)
    with database.reading() as session:
        return measure(session, query, "dispatches_sent").value


@pytest.mark.usefixtures("work")
def test_the_same_thing_sent_again_and_again_is_seen_and_counted_each_time(
    clerk: Visitor, database: Database, people: Cast
) -> None:
    for number in (12, 13, 14):
        send(clerk, database, doc_no=f"云巡办〔2026〕{number}号", sent_on=f"2026-11-{number - 2}")
    send(clerk, database, subject="整改情况报告", doc_no="", addressee="市委")
    clerk.get("/dispatches")
    assert "3 次" in clerk.text
    assert "共 4 次" in clerk.text
    assert counted(database, people, date(2026, 11, 9)) == 0
    assert counted(database, people, date(2026, 11, 11)) == 3
    assert counted(database, people, date(2026, 11, 16)) == 4
    clerk.get("/dispatches?q=13号")
    assert "共 1 次" in clerk.text


@pytest.mark.usefixtures("work")
def test_a_void_entry_stays_and_counts_no_more(
    clerk: Visitor, database: Database, people: Cast
) -> None:
    row = send(clerk, database)
    assert clerk.post(f"/dispatches/{row}/void", {"reason": "重复登记"}).status_code == 302
    clerk.get("/dispatches")
    assert "已作废" in clerk.text
    assert counted(database, people, date(2026, 11, 16)) == 0
    assert clerk.post(f"/dispatches/{row}/edit", {**SENT, "note": "改"}).status_code == 422
    assert "已作废，不能再改" in clerk.text
    send(clerk, database)  # its number is free again


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"sent_on": "2026-11-17", "doc_no": ""}, "不能晚于今天"),
        ({"as_of": "2026-11-11", "doc_no": ""}, "数据截至日不能晚于"),
        ({}, "已经登记过"),
        ({"is_confirmed_not_secret": ""}, "请先确认不涉密"),
    ],
)
def test_what_cannot_be_is_refused_and_kept_on_the_page(
    clerk: Visitor, database: Database, changes: dict[str, str], sentence: str
) -> None:
    send(clerk, database)
    assert clerk.post("/dispatches/new", {**SENT, **changes}).status_code == 422
    assert sentence in clerk.text
    assert SENT["subject"] in clerk.text


def test_the_file_comes_back_byte_for_byte_and_an_edit_keeps_it(
    clerk: Visitor, database: Database
) -> None:
    body = pdf()
    fields = {**SENT, "file": (BytesIO(body), "统计表.pdf")}
    assert clerk.post("/dispatches/new", fields).status_code == 302
    assert clerk.get("/dispatches/1/file").data == body
    assert clerk.post("/dispatches/1/edit", {**SENT, "note": "已电话确认"}).status_code == 302
    assert clerk.get("/dispatches/1/file").data == body
    assert clerk.post("/dispatches/1/edit", {**SENT, "version": "1"}).status_code == 409


def test_another_office_and_units_see_nothing_of_it(
    clerk: Visitor, database: Database, people: Cast
) -> None:
    row = send(clerk, database)
    for name, status in (("east_clerk", 404), ("liaison_a", 403)):
        clerk.post("/sign-out", via="/")
        clerk.sign_in(name)
        assert clerk.get(f"/dispatches/{row}").status_code == status
