"""A form sent twice counts once; what was refused, changed or left may be sent again."""

import io
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import func, select

from tests.factories.cast import Cast
from tests.factories.work import make_work
from tests.fakes.clock import ManualClock
from tests.visitor import HIDDEN, TOKEN, Visitor
from tracker.kernel.db import Database
from tracker.organizations.models import Unit
from tracker.rectification.models import Evidence, ProgressReport
from tracker.web.models import FormSubmission
from tracker.web.submissions import prune

PDF = b"%PDF-1.4\n1 0 obj<<>>endobj\ntrailer<<>>\n%%EOF\n"


@pytest.fixture
def task_id(database: Database, people: Cast, clock: ManualClock) -> int:
    with database.writing() as session:
        task = make_work(session, people, now=clock.now()).task(session, people, now=clock.now())
        session.commit()
        return task.id


def rendered(visitor: Visitor, path: str) -> dict[str, str]:
    """Return the hidden fields of the page's own form: the last one on it."""
    page = visitor.get(path).get_data(as_text=True)
    token = TOKEN.search(page)
    assert token is not None
    return {**dict(HIDDEN.findall(page)), "csrf_token": token[1]}


def count(database: Database, model: type) -> int:
    with database.reading() as session:
        return session.scalar(select(func.count()).select_from(model)) or 0


def unit_fields(visitor: Visitor, **changes: str) -> dict[str, str]:
    fields = {"code": "C09", "name": "市戊局", "short_name": "市戊局", "category": "department"}
    return {**rendered(visitor, "/units/new"), **fields, "sort_no": "9", **changes}


def test_every_rendered_form_has_a_name_of_its_own(visitor: Visitor, people: Cast) -> None:
    visitor.sign_in("clerk")
    page = visitor.get("/units/new").get_data(as_text=True)
    names = [value for name, value in HIDDEN.findall(page) if name == "submission"]
    assert len(names) == len(set(names)) >= 2
    assert names[-1] != rendered(visitor, "/units/new")["submission"]


def test_the_same_form_sent_twice_makes_one_record_and_gets_one_reply(
    visitor: Visitor, database: Database, people: Cast, task_id: int
) -> None:
    visitor.sign_in("liaison_a")
    path = f"/tasks/{task_id}/progress"
    fields = {**rendered(visitor, path), "text": "已召开专题会。", "completion": "partly"}
    replies = [visitor.post_raw(path, fields) for _ in range(3)]
    assert [reply.status_code for reply in replies] == [302] * 3
    assert {reply.location for reply in replies} == {f"/tasks/{task_id}"}
    assert count(database, ProgressReport) == 1
    assert "没有重复保存" in visitor.get(f"/tasks/{task_id}").get_data(as_text=True)


def test_going_back_and_sending_another_text_is_another_form(
    visitor: Visitor, database: Database, people: Cast
) -> None:
    visitor.sign_in("clerk")
    before = count(database, Unit)
    fields = unit_fields(visitor)
    assert visitor.post_raw("/units/new", fields).status_code == 302
    again = {**fields, "code": "C10", "name": "市己局"}
    assert visitor.post_raw("/units/new", again).status_code == 302
    assert count(database, Unit) == before + 2


def test_what_was_refused_may_be_sent_again_from_the_same_page(
    visitor: Visitor, database: Database, people: Cast
) -> None:
    visitor.sign_in("clerk")
    fields = unit_fields(visitor, code="A01")  # taken
    assert visitor.post_raw("/units/new", fields).status_code == 422
    assert visitor.post_raw("/units/new", fields).status_code == 422
    assert count(database, FormSubmission) == 0
    assert visitor.post_raw("/units/new", {**fields, "code": "C11"}).status_code == 302


def test_somebody_elses_form_of_the_same_name_is_their_own(
    app: Flask, database: Database, people: Cast
) -> None:
    before = count(database, Unit)
    for name, code in (("clerk", "C12"), ("east_clerk", "C13")):
        visitor = Visitor(app)
        visitor.sign_in(name)
        fields = {**unit_fields(visitor, code=code, name=f"{code}局"), "submission": "x" * 32}
        assert visitor.post_raw("/units/new", fields).status_code == 302
    assert count(database, Unit) == before + 2


def test_a_form_without_a_name_is_saved_as_before(
    visitor: Visitor, database: Database, people: Cast
) -> None:
    visitor.sign_in("clerk")
    fields = {**unit_fields(visitor), "submission": "短"}
    assert visitor.post_raw("/units/new", fields).status_code == 302
    assert count(database, FormSubmission) == 0


def test_a_file_sent_twice_is_stored_once(
    app: Flask, visitor: Visitor, database: Database, people: Cast, task_id: int
) -> None:
    visitor.sign_in("liaison_a")
    path = f"/tasks/{task_id}/evidence"
    hidden = rendered(visitor, path)

    def send(content: bytes) -> int:
        fields = {
            **hidden,
            "document_on": "2026-11-10",
            "is_confirmed_not_secret": "y",
            "file": (io.BytesIO(content), "办法.pdf"),
        }
        return visitor.post_raw(path, fields).status_code

    assert [send(PDF), send(PDF)] == [302, 302]
    folder = app.extensions["tracker_config"].evidence_dir
    assert count(database, Evidence) == 1
    assert len([each for each in folder.rglob("*") if each.is_file()]) == 1
    assert send(PDF + b"% another version") == 302
    assert count(database, Evidence) == 2


def test_forms_saved_long_ago_are_forgotten(
    visitor: Visitor, database: Database, people: Cast, clock: ManualClock
) -> None:
    visitor.sign_in("clerk")
    visitor.post_raw("/units/new", unit_fields(visitor))
    with database.writing() as session:
        assert prune(session, now=clock.now()) == 0
        assert prune(session, now=clock.now() + timedelta(days=8)) == 1
