"""What is typed is kept before it is sent; offered to its owner alone; gone once it is saved."""

import json
import re
from datetime import timedelta
from html import unescape

import pytest
from flask import Flask
from sqlalchemy import select

from tests.factories.cast import Cast
from tests.factories.work import make_work
from tests.fakes.clock import ManualClock
from tests.visitor import HIDDEN, TOKEN, Visitor
from tracker.audit.models import AuditEntry
from tracker.drafts.models import Draft
from tracker.drafts.rules import MAX_DRAFTS
from tracker.drafts.service import keep_draft, prune
from tracker.kernel.db import Database
from tracker.web.recovery import LEFT_OUT


@pytest.fixture
def path(database: Database, people: Cast, clock: ManualClock) -> str:
    with database.writing() as session:
        task = make_work(session, people, now=clock.now()).task(session, people, now=clock.now())
        session.commit()
        return f"/tasks/{task.id}/progress"


@pytest.fixture
def liaison(visitor: Visitor, people: Cast) -> Visitor:
    visitor.sign_in("liaison_a")
    return visitor


def own_fields(visitor: Visitor, path: str) -> dict[str, str]:
    page = visitor.get(path).get_data(as_text=True)
    token = TOKEN.search(page)
    assert token is not None
    return {**dict(HIDDEN.findall(page)), "csrf_token": token[1]}


def autosave(
    visitor: Visitor, path: str, text: str, **more: str
) -> tuple[int, dict[str, str | None]]:
    """Send what the script sends while somebody types."""
    fields = own_fields(visitor, path)
    token = fields.pop("submission")
    address = f"/drafts?form={path}&of={token}"
    answer = visitor.post_raw(address, {**fields, "text": text, **more})
    return answer.status_code, answer.get_json()


def offered(visitor: Visitor, path: str) -> list[list[str]] | None:
    page = visitor.get(path).get_data(as_text=True)
    found = re.search(r'data-fields="([^"]*)"', page)
    return json.loads(unescape(found[1])) if found else None


def drafts(database: Database) -> list[Draft]:
    with database.reading() as session:
        return list(session.scalars(select(Draft).order_by(Draft.id)))


def test_what_is_typed_is_kept_and_offered_when_the_page_is_opened_again(
    liaison: Visitor, database: Database, path: str
) -> None:
    assert offered(liaison, path) is None
    assert autosave(liaison, path, "已召开专题会") == (200, {"saved_at": "09:00"})
    autosave(liaison, path, "已召开专题会，<修订>“办法”\x00", completion="mostly")
    fields = offered(liaison, path)
    assert fields == [
        ["version", "1"],
        ["text", "已召开专题会，<修订>“办法”"],
        ["completion", "mostly"],
    ]
    assert "2026-11-16 09:00 填写过这一页" in liaison.text
    assert len(drafts(database)) == 1


def test_only_the_owner_is_offered_a_draft(app: Flask, liaison: Visitor, path: str) -> None:
    autosave(liaison, path, "只有我能看到")
    for name in ("clerk", "lead"):
        other = Visitor(app)
        other.sign_in(name)
        assert "只有我能看到" not in other.get(path).get_data(as_text=True)


def test_a_draft_goes_when_its_form_is_saved_and_stays_when_it_is_refused(
    liaison: Visitor, database: Database, path: str
) -> None:
    autosave(liaison, path, "已召开专题会")
    assert liaison.post(path, {"text": "", "completion": "partly"}).status_code == 422
    assert len(drafts(database)) == 1
    assert liaison.post(path, {"text": "已召开专题会", "completion": "partly"}).status_code == 302
    assert drafts(database) == []


def test_a_save_that_comes_late_does_not_bring_the_draft_back(
    liaison: Visitor, database: Database, path: str
) -> None:
    fields = own_fields(liaison, path)
    sent = liaison.post_raw(path, {**fields, "text": "已召开", "completion": "partly"})
    assert sent.status_code == 302
    token = fields.pop("submission")
    late = liaison.post_raw(f"/drafts?form={path}&of={token}", {**fields, "text": "已召"})
    assert late.get_json() == {"saved_at": None}
    assert drafts(database) == []


def test_passwords_tokens_and_robot_addresses_are_never_kept(
    liaison: Visitor, database: Database, path: str
) -> None:
    secret = dict.fromkeys(LEFT_OUT - {"csrf_token"}, "Secret-1-river")
    autosave(liaison, path, "正文", **secret)
    kept = drafts(database)[0].fields
    assert "Secret-1-river" not in kept
    assert {name for name, _ in json.loads(kept)} == {"version", "text"}


def test_a_draft_needs_a_token_and_a_session(
    app: Flask, liaison: Visitor, database: Database, path: str
) -> None:
    assert liaison.post_raw(f"/drafts?form={path}", {"text": "x"}).status_code == 400
    assert Visitor(app).post_raw(f"/drafts?form={path}", {"text": "x"}).status_code == 401
    assert drafts(database) == []


@pytest.mark.parametrize("key", ["", "/", "https://evil.example/x", "//evil.example", "/x" * 300])
def test_a_draft_belongs_to_a_page_of_ours(liaison: Visitor, path: str, key: str) -> None:
    fields = own_fields(liaison, path)
    answer = liaison.post_raw("/drafts", {**fields, "text": "x"}, query_string={"form": key})
    assert answer.status_code == 400


def test_too_much_text_is_refused_with_a_sentence(
    liaison: Visitor, database: Database, path: str
) -> None:
    autosave(liaison, path, "先前的草稿")
    status, said = autosave(liaison, path, "长" * 200_001)
    assert status == 422
    assert "请先提交" in str(said["detail"])
    assert "先前的草稿" in drafts(database)[0].fields


def test_an_emptied_form_has_no_draft(liaison: Visitor, database: Database, path: str) -> None:
    autosave(liaison, path, "先写一点")
    assert autosave(liaison, path, "  ") == (200, {"saved_at": None})
    assert drafts(database) == []


def test_a_draft_can_be_given_up(liaison: Visitor, database: Database, path: str) -> None:
    autosave(liaison, path, "不要了")
    fields = own_fields(liaison, path)
    del fields["submission"]
    assert liaison.post_raw(f"/drafts/discard?form={path}", fields).status_code == 204
    assert drafts(database) == []


def test_drafts_are_few_and_are_forgotten_in_the_end(
    database: Database, people: Cast, clock: ManualClock
) -> None:
    with database.writing() as session:
        for number in range(MAX_DRAFTS + 3):
            at = clock.now() + timedelta(seconds=number)
            keep_draft(session, people.users["clerk"], f"/p/{number}", [("text", "x")], now=at)
        keep_draft(session, people.users["lead"], "/p/0", [("text", "x")], now=clock.now())
        session.commit()
        keys = set(
            session.scalars(select(Draft.form_key).where(Draft.user_id == people.users["clerk"]))
        )
        assert keys == {f"/p/{number}" for number in range(3, MAX_DRAFTS + 3)}
        assert prune(session, now=clock.now() + timedelta(days=89)) == 0
        assert prune(session, now=clock.now() + timedelta(days=91)) == MAX_DRAFTS + 1


def test_a_draft_is_no_business_change(liaison: Visitor, database: Database, path: str) -> None:
    def entries() -> int:
        with database.reading() as session:
            return len(list(session.scalars(select(AuditEntry.id))))

    before = entries()
    autosave(liaison, path, "还没有提交")
    assert entries() == before


def test_forms_of_passwords_are_left_alone(app: Flask, people: Cast) -> None:
    visitor = Visitor(app)
    visitor.sign_in("admin")
    assert "data-autosave" not in visitor.get("/account/password").get_data(as_text=True)
    assert " data-autosave=" in visitor.get("/accounts/new").get_data(as_text=True)


def test_a_form_of_long_texts_keeps_drafts_and_asks_before_it_is_left(
    liaison: Visitor, path: str
) -> None:
    """Attributes that run into each other are none."""
    page = liaison.get(path).get_data(as_text=True)
    (form,) = re.findall(r"<form[^>]*panel form-page[^>]*>", page)
    assert re.search(r' data-warn-unsaved data-autosave="/drafts\?form=/tasks/1/progress">', form)
