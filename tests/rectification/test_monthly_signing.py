"""本月填报 after it was sent: signed, returned, entered for a unit; who sees it, and who may."""

import io
import re
from datetime import date, timedelta

import pytest
from flask import Flask
from sqlalchemy import func, select

from tests.factories.cast import TESTER, Cast
from tests.factories.work import Work
from tests.fakes.clock import ManualClock
from tests.rectification.month_page import (
    PAGE,
    make_month,
    milestone,
    progress,
    reports,
    send,
    with_lines,
)
from tests.rectification.office import enter
from tests.visitor import TOKEN, Visitor
from tracker.kernel.db import Database, born
from tracker.rectification.models import MonthlyReport, ProgressReport
from tracker.rectification.rules.words import SignatureWay
from tracker.rounds.models import Round

PDF = b"%PDF-1.4\n1 0 obj<<>>endobj\ntrailer<<>>\n%%EOF\n"


@pytest.fixture
def work(database: Database, people: Cast, clock: ManualClock) -> Work:
    return make_month(database, people, clock)


@pytest.fixture
def liaison(app: Flask, work: Work) -> Visitor:
    return enter(app, "liaison_a")


def test_the_head_signs_the_whole_and_the_milestone_of_the_month_is_done(
    app: Flask, liaison: Visitor, database: Database
) -> None:
    send(liaison, t1_text="甲", t2_text="乙")
    assert milestone(database, 2).done_on is None
    head = enter(app, "head_a")
    head.post("/monthly-reports/1/sign", via="/monthly-reports/1")
    signed = reports(database)[0]
    assert signed.way is SignatureWay.ONLINE
    assert signed.signed_on == date(2026, 11, 16)
    assert milestone(database, 2).done_on == date(2026, 11, 16)
    assert milestone(database, 1).done_on is None, "October's report was never made"


def test_a_report_is_signed_as_it_was_seen(
    app: Flask, liaison: Visitor, database: Database, clock: ManualClock
) -> None:
    send(liaison, t1_text="甲")
    head = enter(app, "head_a")
    page = head.get("/monthly-reports/1").get_data(as_text=True)
    clock.advance(timedelta(minutes=1))
    send(liaison, t2_text="后来补的")
    token, version = TOKEN.search(page), re.search(r'name="version" value="(\d+)"', page)
    assert token is not None
    assert version is not None
    said = {"csrf_token": token[1], "version": version[1]}
    head.post_raw("/monthly-reports/1/sign", said)
    assert reports(database)[0].signed_on is None
    assert "已被别人修改" in head.get("/monthly-reports/1").get_data(as_text=True)
    head.post("/monthly-reports/1/sign", via="/monthly-reports/1")
    assert reports(database)[0].signed_on is not None


def test_what_comes_after_the_signature_is_a_report_of_its_own(
    app: Flask, liaison: Visitor, database: Database
) -> None:
    send(liaison, t1_text="甲")
    head = enter(app, "head_a")
    head.post("/monthly-reports/1/sign", via="/monthly-reports/1")
    assert send(liaison, t2_text="乙") == 302
    first, second = reports(database)
    assert (first.seq, second.seq) == (1, 2)
    assert first.signed_on is not None
    assert second.signed_on is None
    assert [len(r.lines) for r in with_lines(database)] == [1, 1]


def test_the_head_returns_it_and_the_next_submit_hands_it_in_again(
    app: Flask, liaison: Visitor, database: Database
) -> None:
    send(liaison, t1_text="甲")
    head = enter(app, "head_a")
    assert head.post("/monthly-reports/1/return", {"reason": ""}).status_code == 422
    assert head.post("/monthly-reports/1/return", {"reason": "数字不清"}).status_code == 302
    assert "数字不清" in liaison.get("/monthly-reports/1").get_data(as_text=True)
    head.post_raw("/monthly-reports/1/sign", {"version": "3"})
    assert reports(database)[0].signed_on is None
    send(liaison, t1_text="甲：共 3 项")
    found = reports(database)
    assert len(found) == 1
    assert found[0].returned_on is None


def test_what_was_returned_and_said_anew_is_read_but_not_signed(
    app: Flask, liaison: Visitor, database: Database
) -> None:
    send(liaison, t1_text="甲：数字有误", t2_text="乙")
    head = enter(app, "head_a")
    assert head.post("/monthly-reports/1/return", {"reason": "数字不清"}).status_code == 302
    send(liaison, t1_text="甲：共 3 项")
    send(liaison, t1_text="甲：又添 1 项")
    page = head.get("/monthly-reports/1").get_data(as_text=True)
    assert re.findall(r'<s class="prose">([^<]*)</s>', page) == ["甲：数字有误"]
    assert "本次报告 3 项" in page
    with database.reading() as session:
        report = session.get_one(MonthlyReport, 1)
        signed = [line.progress.text for line in report.standing_lines]
    assert signed == ["乙", "甲：共 3 项", "甲：又添 1 项"]
    assert "3 项" in head.get("/monthly-reports").get_data(as_text=True)


def test_the_office_writes_for_a_unit_and_brings_the_signed_paper(
    app: Flask, work: Work, database: Database, people: Cast
) -> None:
    clerk = enter(app, "clerk")
    assert clerk.get(PAGE).location == "/fill-in/units"
    assert "市甲局" in clerk.get("/fill-in/units").get_data(as_text=True)
    path = f"{PAGE}?unit={people.units['a']}"
    assert send(clerk, path, t1_text="按纸质件录入。") == 302
    report = reports(database)[0]
    assert report.on_behalf_of == "市甲局"
    assert progress(database)[1].on_behalf_of == "市甲局"
    scan = {"file": (io.BytesIO(PDF), "月报签字件.pdf"), "is_confirmed_signed": "y"}
    assert clerk.post("/monthly-reports/1/sign-by-scan", scan).status_code == 302
    assert reports(database)[0].way is SignatureWay.SCAN
    assert milestone(database, 2).file_id == reports(database)[0].file_id
    answer = clerk.get("/monthly-reports/1/file")
    assert answer.data == PDF


def test_without_sign_off_the_report_is_in_at_once(
    liaison: Visitor, database: Database, work: Work
) -> None:
    with database.writing() as session:
        session.get_one(Round, work.round_id).needs_sign_off = False
        session.commit()
    send(liaison, t1_text="甲")
    assert milestone(database, 2).done_on == date(2026, 11, 16)
    assert "已报送" in liaison.get("/monthly-reports").get_data(as_text=True)


def test_the_next_month_has_a_report_of_its_own(
    app: Flask, liaison: Visitor, database: Database, clock: ManualClock
) -> None:
    send(liaison, t1_text="甲")
    clock.advance(timedelta(days=20))
    later = enter(app, "liaison_a")
    page = later.get(PAGE).get_data(as_text=True)
    assert "本月已报 0 项" in page
    send(later, t1_text="十二月")
    assert [report.month for report in reports(database)] == [date(2026, 11, 1), date(2026, 12, 1)]


@pytest.mark.parametrize(
    ("name", "status"),
    [
        ("liaison_b", 404),
        ("head_b", 404),
        ("east_clerk", 404),
        ("west_clerk", 404),
        ("supervisor", 200),
        ("leader", 200),
        ("lead", 200),
        ("admin", 403),
    ],
)
def test_a_months_report_is_seen_like_the_units_tasks(
    app: Flask, liaison: Visitor, name: str, status: int
) -> None:
    send(liaison, t1_text="甲")
    visitor = enter(app, name)
    assert visitor.get("/monthly-reports/1").status_code == status
    assert visitor.get("/monthly-reports/999").status_code == (403 if status == 403 else 404)
    if status != 200:
        assert "市甲局" not in visitor.get("/monthly-reports").get_data(as_text=True)


@pytest.mark.parametrize("name", ["liaison_b", "east_clerk", "head_a", "lead", "leader"])
def test_nobody_else_fills_in_for_the_unit(
    app: Flask, work: Work, database: Database, people: Cast, name: str
) -> None:
    visitor = enter(app, name)
    path = f"{PAGE}?unit={people.units['a']}"
    answer = visitor.get(path)
    assert answer.status_code in (403, 404)
    page = visitor.get("/").get_data(as_text=True)
    token = TOKEN.search(page)
    assert token is not None
    sent = {"t1-text": "冒充", "t1-completion": "done", "t1-version": "1", "csrf_token": token[1]}
    assert visitor.post_raw(path, sent).status_code in (403, 404)
    visitor.post_raw(PAGE, sent)
    with database.reading() as session:
        assert session.scalar(select(func.count()).select_from(ProgressReport)) == 0


@pytest.mark.parametrize("name", ["head_b", "liaison_a", "clerk"])
def test_nobody_but_the_units_head_signs(
    app: Flask, liaison: Visitor, database: Database, name: str
) -> None:
    send(liaison, t1_text="甲")
    visitor = enter(app, name)
    page = visitor.get("/").get_data(as_text=True)
    token = TOKEN.search(page)
    assert token is not None
    said = {"csrf_token": token[1], "version": str(reports(database)[0].version)}
    assert visitor.post_raw("/monthly-reports/1/sign", said).status_code in (403, 404)
    assert reports(database)[0].signed_on is None


def test_a_report_without_lines_is_shown_and_has_nothing_to_sign(
    app: Flask, work: Work, database: Database, people: Cast, clock: ManualClock
) -> None:
    with database.writing() as session:
        report = MonthlyReport(
            region_id=people.regions["city"],
            unit_id=people.units["a"],
            month=date(2026, 11, 1),
            seq=1,
            needs_sign_off=True,
            submitted_on=date(2026, 11, 16),
            submitted_by="甲",
            **born(actor=TESTER, now=clock.now()),
        )
        session.add(report)
        session.commit()
    page = f"/monthly-reports/{report.id}"
    for name in ("clerk", "liaison_a", "head_a"):
        visitor = enter(app, name)
        assert visitor.get(page).status_code == 200
        assert "签字扫描件" not in visitor.text
    head = enter(app, "head_a")
    assert head.post(f"{page}/sign", {"version": "1"}, via=page).status_code == 302
    head.get(page)
    assert "这份月报还没有内容" in head.text
    liaison = enter(app, "liaison_a")
    scan = {"file": (io.BytesIO(PDF), "月报.pdf"), "is_confirmed_not_secret": "y"}
    assert liaison.post(f"{page}/sign-by-scan", scan).status_code == 422
    assert reports(database)[0].signed_on is None
