"""审计留痕 on screen, as a file, and what is written when somebody is not let in."""

import csv
import io
import json

import pytest
from flask import Flask
from openpyxl import load_workbook
from sqlalchemy import select

from tests.factories.cast import Cast
from tests.factories.work import make_work
from tests.fakes.clock import ManualClock
from tests.visitor import Visitor
from tracker.audit.models import AuditEntry
from tracker.audit.service import record
from tracker.kernel.db import Database
from tracker.kernel.permissions import Actor
from tracker.people.models import User

pytestmark = pytest.mark.usefixtures("people")


@pytest.fixture
def auditor(app: Flask, people: Cast) -> Visitor:
    visitor = Visitor(app)
    visitor.sign_in("auditor")
    return visitor


@pytest.fixture
def task_id(database: Database, people: Cast, clock: ManualClock) -> int:
    with database.writing() as session:
        work = make_work(session, people, now=clock.now())
        task = work.task(session, people, unit="b", now=clock.now())
        session.commit()
        return task.id


def trail(database: Database, action: str) -> list[AuditEntry]:
    with database.reading() as session:
        query = select(AuditEntry).where(AuditEntry.action == action).order_by(AuditEntry.seq)
        return list(session.scalars(query))


@pytest.mark.parametrize("name", ["clerk", "lead", "leader", "liaison_a", "admin", "security"])
def test_only_the_auditor_reads_the_trail(app: Flask, name: str) -> None:
    visitor = Visitor(app)
    visitor.sign_in(name)
    for path in ("/audit", "/audit/1", "/audit/export/csv"):
        assert visitor.get(path).status_code == 403


def test_the_list_shows_who_did_what(auditor: Visitor) -> None:
    assert auditor.get("/audit").status_code == 200
    assert "登录" in auditor.text
    assert "审计管理员auditor（auditor）" in auditor.text


def test_the_list_is_narrowed(
    auditor: Visitor, database: Database, people: Cast, clock: ManualClock
) -> None:
    with database.writing() as session:
        record(
            session,
            "unit_edited",
            actor=people.actor("clerk"),
            now=clock.now(),
            object_type="unit",
            object_id=people.units["a"],
        )
        record(
            session, "sign_in_refused", actor=Actor(name="匿名"), now=clock.now(), result="refused"
        )
        session.commit()

    def rows(query: str) -> int:
        auditor.get(f"/audit?{query}")
        return auditor.text.count('data-label="编号"')

    everything = rows("")
    assert rows("action=unit_edited") == 1
    assert rows("result=refused") == 1
    assert rows(f"type=unit&object={people.units['a']}") == 1
    assert rows("actor=clerk") == 1
    assert rows("from=2026-11-16&to=2026-11-16") == everything
    assert rows("from=2026-11-17") == 0
    assert rows("to=2026-11-15") == 0
    assert rows("from=nonsense&object=x") == everything


def test_the_list_goes_on_page_by_page(
    auditor: Visitor, database: Database, clock: ManualClock
) -> None:
    with database.writing() as session:
        for number in range(120):
            record(session, "sign_in", actor=Actor(name=f"甲{number}"), now=clock.now())
        session.commit()
    seen: list[str] = []
    path = "/audit"
    while path:
        auditor.get(path)
        seen += [line.split("<")[0] for line in auditor.text.split('">甲')[1:]]
        found = auditor.text.split('rel="next" href="')
        path = found[1].split('"')[0].replace("&amp;", "&") if len(found) > 1 else ""
    assert len(seen) == len(set(seen)) == 120


def test_one_entry_shows_before_and_after(app: Flask, auditor: Visitor, database: Database) -> None:
    clerk = Visitor(app)
    clerk.sign_in("clerk")
    clerk.get("/units/1/edit")
    version = clerk.text.split('name="version"')[1].split('value="')[1].split('"')[0]
    page = clerk.post(
        "/units/1/edit",
        {
            "code": "A01",
            "name": "市甲局",
            "short_name": "甲",
            "category": "department",
            "sort_no": "8",
            "valid_from": "2020-01-01",
            "version": version,
        },
    )
    assert page.status_code == 302
    (entry,) = trail(database, "unit_edited")
    auditor.get(f"/audit/{entry.id}")
    assert "修改单位" in auditor.text
    assert "排序" in auditor.text
    for number in ("1", "8"):
        assert f">{number}</td>" in auditor.text


def test_a_strangers_entry_is_not_found(auditor: Visitor) -> None:
    assert auditor.get("/audit/99999").status_code == 404


def test_a_countys_auditor_reads_only_what_its_own_people_did(
    auditor: Visitor, database: Database, people: Cast, clock: ManualClock
) -> None:
    with database.writing() as session:
        session.get_one(User, people.users["auditor"]).region_id = people.regions["east"]
        for name in ("clerk", "east_clerk"):
            record(session, "unit_edited", actor=people.actor(name), now=clock.now())
        session.commit()
    other, own = trail(database, "unit_edited")
    auditor.get("/audit?action=unit_edited")
    assert "east_clerk" in auditor.text
    assert "（clerk）" not in auditor.text
    assert auditor.get(f"/audit/{own.id}").status_code == 200
    assert auditor.get(f"/audit/{other.id}").status_code == 404
    content = auditor.get("/audit/export/csv").get_data(as_text=True)
    assert "（clerk）" not in content


def test_an_export_holds_what_the_filter_finds_and_is_noted_itself(
    auditor: Visitor, database: Database, clock: ManualClock
) -> None:
    with database.writing() as session:
        record(session, "unit_edited", actor=Actor(name="=cmd()"), now=clock.now())
        session.commit()
    answer = auditor.get("/audit/export/csv?action=unit_edited")
    rows = list(csv.reader(io.StringIO(answer.get_data().decode("utf-8-sig"))))
    assert len(rows) == 2
    assert rows[1][2] == "'=cmd()"
    assert rows[1][6] == "修改单位"
    (entry,) = trail(database, "audit_exported")
    assert json.loads(entry.detail) == {"action": "unit_edited", "kind": "csv", "rows": 1}
    book = load_workbook(io.BytesIO(auditor.get("/audit/export/xlsx").get_data()))
    assert len(list(book.worksheets[0].iter_rows())) > 3
    assert auditor.get("/audit/export/pdf").status_code == 404


def test_the_page_shows_no_script_somebody_signed_in_with(
    auditor: Visitor, database: Database
) -> None:
    stranger = Visitor(auditor.app)
    stranger.post("/sign-in", {"username": "<script>alert(1)</script>", "password": "x"})
    (entry,) = trail(database, "sign_in_refused")
    auditor.get(f"/audit/{entry.id}")
    assert "&lt;script&gt;alert" in auditor.text
    assert "<script>alert" not in auditor.text


def test_signing_in_and_out_and_being_refused_are_noted(
    visitor: Visitor, database: Database, people: Cast
) -> None:
    visitor.post("/sign-in", {"username": "clerk", "password": "wrong"})
    visitor.sign_in("clerk")
    visitor.post("/sign-out", via="/")
    assert [entry.result for entry in trail(database, "sign_in_refused")] == ["refused"]
    (came,), (left,) = trail(database, "sign_in"), trail(database, "sign_out")
    assert came.user_id == left.user_id == people.users["clerk"]
    assert left.address == "127.0.0.1"


def test_a_page_the_role_may_not_open_is_noted(visitor: Visitor, database: Database) -> None:
    visitor.sign_in("liaison_a")
    assert visitor.get("/rounds").status_code == 403
    assert visitor.post_raw("/rounds/new").status_code == 403
    first, second = trail(database, "access_refused")
    assert (first.result, first.role) == ("refused", "unit_liaison")
    assert json.loads(first.detail)["endpoint"] == "rounds.rounds"
    assert json.loads(second.detail)["method"] == "POST"


def test_a_row_that_is_not_for_somebody_is_noted_with_its_number(
    visitor: Visitor, database: Database, task_id: int
) -> None:
    visitor.sign_in("liaison_a")
    assert visitor.get(f"/tasks/{task_id}").status_code == 404
    (entry,) = trail(database, "row_not_visible")
    assert (entry.object_type, entry.object_id, entry.result) == ("task", task_id, "refused")
    assert visitor.post_raw(f"/tasks/{task_id}/progress").status_code in (400, 404)


def test_nobody_unknown_fills_the_trail(visitor: Visitor, database: Database) -> None:
    visitor.get("/rounds")
    visitor.get("/tasks/1")
    assert trail(database, "access_refused") + trail(database, "row_not_visible") == []
