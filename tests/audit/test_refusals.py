"""Whatever is refused is one entry: who, at which address, which row, which rule; nothing typed."""

import json
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select
from werkzeug.routing import Rule

from tests.expected_routes import TABLE_OF
from tests.factories.cast import Cast
from tests.factories.work import make_work
from tests.fakes.clock import ManualClock
from tests.source_files import imports_of, name_of, product_files
from tests.visitor import Visitor
from tracker.audit.actions import ACTIONS
from tracker.audit.models import AuditEntry
from tracker.audit.objects import OBJECT_TYPES, object_type
from tracker.audit.service import first_broken_link, table_of
from tracker.kernel.db import Database
from tracker.kernel.errors import DomainError, rule_of
from tracker.organizations.models import Unit
from tracker.rectification.models import Task
from tracker.rectification.rules.words import TaskState
from tracker.web.refusals import Refusal

TYPED = "王某某在工程招标中为亲属谋利"


@pytest.fixture
def visitor(app: Flask, people: Cast) -> Visitor:
    """A browser of a house with people in it."""
    return Visitor(app)


@pytest.fixture
def task_id(database: Database, people: Cast, clock: ManualClock) -> int:
    with database.writing() as session:
        work = make_work(session, people, now=clock.now())
        task = work.task(session, people, state=TaskState.IN_PROGRESS, now=clock.now())
        session.commit()
        return task.id


def refusals(database: Database) -> list[AuditEntry]:
    with database.reading() as session:
        assert first_broken_link(session) is None
        query = select(AuditEntry).where(AuditEntry.result == "refused").order_by(AuditEntry.seq)
        return list(session.scalars(query))


def said(entry: AuditEntry) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(entry.detail)
    return found


def test_a_step_that_a_rule_refuses_is_noted_once(
    visitor: Visitor, database: Database, task_id: int
) -> None:
    visitor.sign_in("lead")
    answer = visitor.post(f"/tasks/{task_id}/end", {"reason": TYPED})
    assert answer.status_code == 422
    (entry,) = refusals(database)
    assert (entry.action, entry.object_type, entry.object_id) == ("step_refused", "task", task_id)
    assert (entry.role, entry.address) == ("office_lead", "127.0.0.1")
    assert said(entry)["endpoint"] == "rectification.end"
    assert said(entry)["method"] == "POST"
    assert said(entry)["rule"].startswith("rectification.")
    assert TYPED not in repr(vars(entry))


def test_a_refusal_that_no_form_shows_is_noted_too(
    visitor: Visitor, database: Database, task_id: int
) -> None:
    visitor.sign_in("clerk")
    visitor.get("/tasks")
    answer = visitor.post(f"/tasks/{task_id}/acknowledge", via="/account/password")
    assert answer.status_code in (302, 422)
    (entry,) = refusals(database)
    assert (entry.action, entry.object_id) == ("step_refused", task_id)


def test_a_form_that_a_rule_does_not_even_open_is_noted(
    visitor: Visitor, database: Database, task_id: int
) -> None:
    visitor.sign_in("clerk")
    assert visitor.get(f"/tasks/{task_id}/due").status_code == 422
    (entry,) = refusals(database)
    assert (entry.action, entry.object_id) == ("step_refused", task_id)
    assert "ensure_may_correct" in said(entry)["rule"]


def test_what_a_view_itself_does_not_find_is_noted(visitor: Visitor, database: Database) -> None:
    visitor.sign_in("lead")
    assert visitor.get("/figures?region=CITY&round=R9-9").status_code == 404
    (entry,) = refusals(database)
    assert (entry.action, said(entry)["endpoint"]) == ("row_not_visible", "statistics.figures")


def test_a_sentence_that_quotes_what_was_typed_stays_out(
    visitor: Visitor, database: Database
) -> None:
    visitor.sign_in("admin")
    robot = "https://qyapi.example/cgi-bin/webhook/send?key=6f1c2a9e-0000-4000-8000-secretsecret"
    answer = visitor.post(
        "/channels/new",
        {"name": TYPED, "kind": "shared", "region_id": "1", "unit_id": "0", "robot_url": robot},
    )
    assert answer.status_code == 422
    told = [entry for entry in refusals(database) if entry.action == "step_refused"]
    assert len(told) == 1
    assert not any("secret" in repr(vars(entry)) for entry in told)


def test_a_wrong_present_password_is_a_refusal_without_the_password(
    visitor: Visitor, database: Database
) -> None:
    visitor.sign_in("clerk")
    page = {
        "password": "Wrong-1-password",
        "new_password": "Bridge-9-river",
        "again": "Bridge-9-river",
    }
    visitor.post("/account/password", page)
    (entry,) = refusals(database)
    assert said(entry)["rule"] == "people.service.ensure_password"
    assert "Wrong-1" not in repr(vars(entry))


def test_a_form_that_is_older_than_the_row_is_a_refusal(
    visitor: Visitor, database: Database, people: Cast, clock: ManualClock
) -> None:
    visitor.sign_in("clerk")
    visitor.get("/units/1/edit")
    page = {
        "code": "A01",
        "name": "市甲局",
        "short_name": "甲",
        "category": "department",
        "sort_no": "8",
        "valid_from": "2020-01-01",
        "version": "77",
    }
    assert visitor.post("/units/1/edit", page).status_code == 409
    (entry,) = refusals(database)
    assert (entry.object_type, entry.object_id) == ("unit", 1)
    assert said(entry)["rule"] == "kernel.db.check_version"


def test_a_forged_form_is_noted_whoever_sends_it(
    app: Flask, visitor: Visitor, database: Database, task_id: int
) -> None:
    assert Visitor(app).post_raw("/sign-in", {"username": "clerk"}).status_code == 400
    visitor.sign_in("clerk")
    assert visitor.post_raw(f"/tasks/{task_id}/acknowledge").status_code == 400
    stranger, clerk = refusals(database)
    assert [stranger.action, clerk.action] == ["token_refused", "token_refused"]
    assert (stranger.user_id, stranger.address, stranger.role) == (None, "127.0.0.1", None)
    assert (clerk.role, clerk.object_type, clerk.object_id) == ("office_clerk", "task", task_id)


def test_each_task_kept_from_bulk_work_is_a_refusal(
    visitor: Visitor, database: Database, people: Cast, task_id: int, clock: ManualClock
) -> None:
    with database.writing() as session:
        foreign = make_work(session, people, now=clock.now(), region="east", units=("e",))
        hidden = foreign.task(session, people, unit="e", now=clock.now()).id
        version = session.get_one(Task, task_id).version
        session.commit()
    visitor.sign_in("clerk")
    page = {"verb": "acknowledge", "task": [f"{task_id}:{version}", str(hidden)]}
    answer = visitor.post(
        "/tasks/bulk", page, via=f"/tasks/bulk?verb=acknowledge&task={task_id}&task={hidden}"
    )
    assert answer.status_code == 200
    by_rule, unseen = sorted(refusals(database), key=lambda entry: entry.object_id or 0)
    assert (by_rule.action, by_rule.object_id) == ("step_refused", task_id)
    assert said(by_rule)["rule"].startswith("rectification.")
    assert (unseen.action, unseen.object_id) == ("row_not_visible", hidden)


def test_a_step_on_a_row_of_another_office_is_noted_while_the_request_holds_the_lock(
    app: Flask, visitor: Visitor, database: Database, task_id: int
) -> None:
    visitor.sign_in("east_clerk")
    answer = visitor.post(f"/tasks/{task_id}/acknowledge", via="/account/password")
    assert answer.status_code == 404
    (entry,) = refusals(database)
    assert (entry.action, entry.object_id) == ("row_not_visible", task_id)
    assert said(entry)["method"] == "POST"


def test_nobody_unknown_fills_the_trail_by_asking(visitor: Visitor, database: Database) -> None:
    for path in ("/rounds", "/tasks/1", "/no-such-page", "/static/no.css", "/static/../x"):
        visitor.get(path)
    assert refusals(database) == []


def test_an_address_that_is_none_of_ours_is_nobodys_row(
    visitor: Visitor, database: Database
) -> None:
    visitor.sign_in("clerk")
    for path in ("/no-such-page", "/static/no.css"):
        assert visitor.get(path).status_code == 404
    assert refusals(database) == []


def test_a_refusal_undoes_nothing_else_and_is_undone_by_nothing(
    visitor: Visitor, database: Database, task_id: int
) -> None:
    visitor.sign_in("lead")
    visitor.post(f"/tasks/{task_id}/end", {"reason": TYPED})
    with database.reading() as session:
        changed = session.scalars(select(AuditEntry).where(AuditEntry.action == "task_end")).all()
    assert changed == []
    assert len(refusals(database)) == 1


def test_every_row_of_another_office_that_is_hidden_is_noted(
    app: Flask, visitor: Visitor, database: Database, people: Cast, task_id: int
) -> None:
    """A county's clerk asks for the city's rows, page by page: 404 each time, each time an entry."""
    visitor.sign_in("east_clerk")
    asked = 0
    for rule in app.url_map.iter_rules():
        path = _first_row(rule)
        if path is None:
            continue
        if visitor.get(path).status_code == 404:
            asked += 1
            entry = refusals(database)[-1]
            assert entry.action == "row_not_visible", path
            assert said(entry)["endpoint"] == rule.endpoint
            assert entry.object_id == 1
    assert asked > 15
    assert len([e for e in refusals(database) if e.action == "row_not_visible"]) == asked


def _first_row(rule: Rule) -> str | None:
    """Return the address of the city's first row, where the address names rows alone."""
    if "GET" not in (rule.methods or ()) or rule.endpoint == "static" or not rule.arguments:
        return None
    if not all(name.endswith("_id") for name in rule.arguments):
        return None
    path = rule.rule
    for name in rule.arguments:
        path = path.replace(f"<int:{name}>", "1")
    return path


def test_what_an_address_names_is_a_row_of_the_right_table() -> None:
    wrong = {}
    for name, table in TABLE_OF.items():
        room, _, word = name.rpartition(".")
        if table_of(object_type(room or None, word)) != table:
            wrong[name] = table
    assert wrong == {}
    assert set(OBJECT_TYPES) <= {name.removesuffix("_id") for name in TABLE_OF}


def test_every_kind_of_refusal_has_a_chinese_name() -> None:
    assert {kind.value for kind in Refusal} <= set(ACTIONS)


def test_a_rule_is_named_by_its_place_in_the_code() -> None:
    def inner() -> None:
        raise DomainError("不可以。")

    def outer() -> None:
        try:
            inner()
        except DomainError as error:
            raise DomainError("第 2 个：不可以。") from error

    with pytest.raises(DomainError) as caught:
        outer()
    assert rule_of(caught.value) == f"{__name__}.inner"
    assert rule_of(DomainError("未曾抛出。")) == ""


# Views that catch a refusal on their own: what they refuse is no step of anybody.
CATCHES_ITSELF = {
    "tracker/drafts/views.py": "a draft too long to keep: nothing was to be changed",
    "tracker/ledger/views/fill_in.py": "takes kept files back and raises on; names a file that is not kept",
    "tracker/rectification/views/bulk.py": "what would be refused, before anything is asked",
    "tracker/rectification/views/storing.py": "raises it again, with the file's number",
}


def test_no_view_hides_a_refusal_from_the_trail() -> None:
    """`web.forms.accepted` and the error pages tell it; a view that catches it would not."""
    catching = {
        name_of(path)
        for path in product_files()
        if "/views" in name_of(path) and "except DomainError" in path.read_text("utf-8")
    }
    assert catching == set(CATCHES_ITSELF)


def test_refusals_are_told_at_the_edge_and_heard_by_the_trail_only() -> None:
    knowing = {
        name_of(path) for path in product_files() if "tracker.web.refusals" in imports_of(path)
    }
    ears = {"tracker/audit/views.py"}
    assert knowing == {"tracker/web/errors.py", "tracker/web/forms.py"} | ears


def test_a_clashing_name_is_a_refusal(visitor: Visitor, database: Database, people: Cast) -> None:
    visitor.sign_in("clerk")
    with database.reading() as session:
        taken = session.get_one(Unit, people.units["b"]).code
    page = {
        "code": taken,
        "name": "市丙局",
        "short_name": "丙",
        "category": "department",
        "sort_no": "8",
        "valid_from": "2020-01-01",
    }
    assert visitor.post("/units/new", page).status_code in (409, 422)
    (entry,) = refusals(database)
    assert entry.action == "step_refused"
    assert said(entry)["sentence"].startswith("（")
    assert not any(word in repr(vars(entry)) for word in ("市丙局", "市乙局", taken))
