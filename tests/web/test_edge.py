"""Headers, CSRF, error pages: what every reply has in common."""

from dataclasses import replace

import pytest
from flask import Flask, request

from tests.factories.cast import Cast
from tests.visitor import Visitor
from tracker import create_app
from tracker.kernel.config import Config
from tracker.kernel.db import Database
from tracker.web.access import public
from tracker.web.headers import CONTENT_SECURITY_POLICY


@pytest.mark.parametrize(
    "path", ["/sign-in", "/", "/nowhere", "/static/css/base.css", "/tasks/1", "/healthz"]
)
def test_every_reply_carries_the_strict_policy(visitor: Visitor, people: Cast, path: str) -> None:
    headers = visitor.get(path).headers
    assert headers["Content-Security-Policy"] == CONTENT_SECURITY_POLICY
    assert "unsafe" not in CONTENT_SECURITY_POLICY
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["X-Frame-Options"] == "DENY"


def test_pages_are_not_kept_by_the_browser(visitor: Visitor, people: Cast) -> None:
    visitor.sign_in("clerk")
    assert visitor.get("/tasks").headers["Cache-Control"] == "no-store"


def test_a_form_without_its_token_changes_nothing(app: Flask, people: Cast) -> None:
    visitor = Visitor(app)
    visitor.sign_in("clerk")
    assert visitor.post_raw("/sign-out").status_code == 400
    assert "刷新后再提交" in visitor.text
    assert visitor.get("/").status_code == 200


def test_signing_in_needs_a_token_too(visitor: Visitor, people: Cast) -> None:
    assert visitor.post_raw("/sign-in", {"username": "clerk", "password": "x"}).status_code == 400


@pytest.mark.parametrize(
    "row_id", ["1234567890123456789012345", "999999999999999999", "0", "-1", "abc"]
)
def test_an_absurd_id_is_simply_not_found(visitor: Visitor, people: Cast, row_id: str) -> None:
    visitor.sign_in("clerk")
    assert visitor.get(f"/tasks/{row_id}").status_code == 404


@pytest.mark.parametrize(
    "query",
    [
        "after=x",
        "after=2026-01-01_x",
        "unit=99999999999999999999",
        "state=nonsense",
        "q=%00",
        "only=;drop",
        "after=2026-01-01_1&endpoint=x",
    ],
)
def test_a_bent_address_never_breaks_the_list(visitor: Visitor, people: Cast, query: str) -> None:
    visitor.sign_in("clerk")
    assert visitor.get(f"/tasks?{query}").status_code in (200, 404)


def test_an_unknown_host_is_refused(app: Flask, people: Cast) -> None:
    assert app.test_client().get("/sign-in", headers={"Host": "evil.example"}).status_code == 400


def test_a_role_without_the_permission_gets_a_sentence(visitor: Visitor, people: Cast) -> None:
    visitor.sign_in("liaison_a")
    assert visitor.get("/accounts").status_code == 403
    assert "您的角色不能使用这个功能" in visitor.text


@pytest.mark.parametrize(("sender", "seen"), [("10.0.0.1", "192.0.2.7"), ("10.0.0.2", "10.0.0.2")])
def test_a_forwarded_address_is_believed_from_a_named_proxy_only(
    config: Config, database: Database, people: Cast, sender: str, seen: str
) -> None:
    app = create_app(replace(config, trusted_proxies=("10.0.0.1",)), store=database)
    app.add_url_rule("/who", "who", public(lambda: request.remote_addr or ""))
    answer = app.test_client().get(
        "/who", headers={"X-Forwarded-For": "192.0.2.7"}, environ_base={"REMOTE_ADDR": sender}
    )
    assert answer.get_data(as_text=True) == seen


def test_links_of_a_list_keep_its_filters_and_nothing_else_of_the_address(
    visitor: Visitor, people: Cast
) -> None:
    visitor.sign_in("clerk")
    visitor.get("/tasks?after=2026-01-01_1&q=x&_scheme=javascript&_external=1")
    assert "javascript:" not in visitor.text
    assert "/tasks?q=x" in visitor.text


@pytest.mark.parametrize("day", ["0001-01-01", "9999-12-31", "x", "2026-02-30"])
def test_figures_as_of_an_absurd_day_are_shown_as_of_today(
    visitor: Visitor, people: Cast, day: str
) -> None:
    visitor.sign_in("lead")
    assert visitor.get(f"/figures?as_of={day}").status_code == 200
    assert "已按今天显示" in visitor.text
