"""Signing in and out, and what is refused."""

from dataclasses import replace
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import func, select

from tests.factories.cast import Cast
from tests.fakes.clock import ManualClock
from tests.visitor import PASSWORD, TOKEN, Visitor
from tracker import create_app
from tracker.kernel.config import Config
from tracker.kernel.db import Database
from tracker.kernel.settings import DEMO_LOADED_AT, put_setting
from tracker.people.models import User, UserSession

NEW = "River-9-stone"


def sign_in(visitor: Visitor, username: str, password: str) -> int:
    return visitor.post("/sign-in", {"username": username, "password": password}).status_code


def test_the_right_password_leads_to_the_home_page(visitor: Visitor, people: Cast) -> None:
    assert visitor.get("/").status_code == 302
    visitor.sign_in("clerk")
    assert visitor.get("/").status_code == 200


@pytest.mark.parametrize(
    ("username", "password"), [("clerk", "wrong"), ("nobody", PASSWORD), ("clerk", "x" * 1024)]
)
def test_every_refusal_reads_the_same_and_keeps_the_name(
    visitor: Visitor, people: Cast, username: str, password: str
) -> None:
    assert sign_in(visitor, username, password) == 401
    assert "登录名或密码不正确，或账号暂时不能使用" in visitor.text
    assert f'value="{username}"' in visitor.text
    assert password not in visitor.text


def test_five_failures_lock_the_name_for_half_an_hour(
    visitor: Visitor, people: Cast, clock: ManualClock
) -> None:
    for _ in range(5):
        sign_in(visitor, "clerk", "wrong")
    assert sign_in(visitor, "clerk", PASSWORD) == 401
    clock.advance(timedelta(minutes=31))
    assert sign_in(visitor, "clerk", PASSWORD) == 302


def test_signing_out_ends_the_session_on_the_server(
    app: Flask, visitor: Visitor, people: Cast, database: Database
) -> None:
    visitor.sign_in("clerk")
    stolen = Visitor(app)
    cookie = visitor.client.get_cookie("session")
    assert cookie is not None
    stolen.client.set_cookie("session", cookie.value)
    assert stolen.get("/").status_code == 200
    visitor.post("/sign-out", via="/")
    assert stolen.get("/").status_code == 302
    with database.reading() as session:
        assert session.scalars(select(UserSession.end_reason)).all() == ["signed_out"]


@pytest.mark.parametrize(
    ("pause", "steps", "status"),
    [
        (timedelta(minutes=29), 1, 200),
        (timedelta(minutes=31), 1, 302),
        (timedelta(minutes=25), 29, 302),
    ],
)
def test_a_session_ends_when_idle_or_too_long(
    visitor: Visitor, people: Cast, clock: ManualClock, pause: timedelta, steps: int, status: int
) -> None:
    visitor.sign_in("clerk")
    for _ in range(steps):
        clock.advance(pause)
        answer = visitor.get("/")
    assert answer.status_code == status


def test_a_one_time_password_must_be_changed_before_anything_else(
    visitor: Visitor, people: Cast, database: Database
) -> None:
    with database.writing() as session:
        session.get_one(User, people.users["clerk"]).must_change_password = True
        session.commit()
    visitor.sign_in("clerk")
    assert visitor.get("/tasks").headers["Location"].endswith("/account/password")
    visitor.post(
        "/account/password", {"password": PASSWORD, "new_password": "short", "again": "short"}
    )
    assert "密码长度应为 10 至 128 个字符" in visitor.text
    visitor.post("/account/password", {"password": PASSWORD, "new_password": NEW, "again": NEW})
    assert visitor.get("/tasks").status_code == 200


def test_a_new_password_ends_all_other_sessions(app: Flask, people: Cast) -> None:
    here, elsewhere = Visitor(app), Visitor(app)
    here.sign_in("clerk")
    elsewhere.sign_in("clerk")
    here.post("/account/password", {"password": PASSWORD, "new_password": NEW, "again": NEW})
    assert (here.get("/").status_code, elsewhere.get("/").status_code) == (200, 302)


def test_a_disabled_account_is_out_with_its_next_click(
    visitor: Visitor, people: Cast, database: Database
) -> None:
    visitor.sign_in("clerk")
    with database.writing() as session:
        session.get_one(User, people.users["clerk"]).is_active = False
        session.commit()
    assert visitor.get("/").status_code == 302
    assert sign_in(visitor, "clerk", PASSWORD) == 401


@pytest.mark.parametrize(
    "target",
    ["//evil.example", "/\\evil.example", "https:evil", "javascript:alert(1)", "/a\tb", "%09//x"],
)
def test_signing_in_leads_to_paths_of_our_own_only(
    visitor: Visitor, people: Cast, target: str
) -> None:
    answer = visitor.post("/sign-in", {"username": "clerk", "password": PASSWORD, "next": target})
    assert answer.headers["Location"] == "/"


def test_the_administrator_makes_an_account_that_works_once_its_password_is_changed(
    app: Flask, people: Cast, database: Database
) -> None:
    admin = Visitor(app)
    admin.sign_in("admin")
    admin.post(
        "/accounts/new",
        {
            "name": "方一鸣",
            "username": "fangym",
            "role": "unit_liaison",
            "unit_id": str(people.units["a"]),
            "supervisor_org_id": "0",
            "mobile": "",
        },
    )
    password = admin.text.split("一次性密码</dt>")[1].split("<dd>")[1].split("</dd>")[0].strip()
    liaison = Visitor(app)
    liaison.sign_in("fangym", password)
    liaison.post("/account/password", {"password": password, "new_password": NEW, "again": NEW})
    assert liaison.get("/tasks").status_code == 200
    with database.reading() as session:
        assert session.scalar(select(func.count()).where(User.username == "fangym")) == 1


def test_a_taken_name_and_a_liaison_without_unit_get_a_sentence(app: Flask, people: Cast) -> None:
    admin = Visitor(app)
    admin.sign_in("admin")
    form = {
        "name": "方一鸣",
        "username": "clerk",
        "role": "leader",
        "unit_id": "0",
        "supervisor_org_id": "0",
        "mobile": "",
    }
    admin.post("/accounts/new", form)
    assert "已被使用，请换一个" in admin.text
    admin.post("/accounts/new", {**form, "username": "fangym", "role": "unit_liaison"})
    assert "必须指定单位" in admin.text


def test_nobody_can_pick_a_role_outside_the_demonstration(visitor: Visitor, people: Cast) -> None:
    assert visitor.post(f"/sign-in/as/{people.users['lead']}", via="/sign-in").status_code == 404


@pytest.mark.parametrize(
    ("loaded", "address", "status"),
    [
        ("2026-11-16", "127.0.0.1", 302),
        ("", "127.0.0.1", 404),
        ("2026-11-16", "10.0.0.9", 404),
    ],
)
def test_the_role_list_needs_demonstration_data_and_this_computer(
    config: Config,
    database: Database,
    clock: ManualClock,
    people: Cast,
    loaded: str,
    address: str,
    status: int,
) -> None:
    with database.writing() as session:
        if loaded:
            put_setting(session, DEMO_LOADED_AT, loaded, by="tests", now=clock.now())
        session.commit()
    visitor = Visitor(create_app(replace(config, role_picker=True), clock=clock, store=database))
    where = {"environ_base": {"REMOTE_ADDR": address}}
    token = TOKEN.search(visitor.get("/sign-in").get_data(as_text=True))
    assert token is not None
    answer = visitor.post_raw(
        f"/sign-in/as/{people.users['lead']}", {"csrf_token": token[1]}, **where
    )
    assert answer.status_code == status
