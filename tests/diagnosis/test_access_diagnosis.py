"""权限诊断 names the rule and shows nothing of the row."""

import re
from datetime import date, timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from tests.factories.cast import Cast
from tests.factories.work import make_work
from tests.fakes.clock import ManualClock
from tests.visitor import Visitor
from tracker.audit.models import AuditEntry
from tracker.kernel.db import Database, born
from tracker.people.models import Delegation, Post, PostHolding, SignInFailure, User
from tracker.rectification.rules.words import TaskState

TODAY = date(2026, 11, 16)


@pytest.fixture
def rows(database: Database, people: Cast, clock: ManualClock) -> None:
    """Task 7-3-001-01 of unit a, 7-3-002-01 of unit b, 7-3-003-01 of a in draft; one of the west."""
    with database.writing() as session:
        work = make_work(session, people, now=clock.now())
        work.task(session, people, unit="a", now=clock.now())
        work.task(session, people, unit="b", now=clock.now())
        work.task(session, people, unit="a", state=TaskState.DRAFT, now=clock.now())
        west = make_work(session, people, now=clock.now(), region="west", units=("w",))
        west.task(session, people, unit="w", task_no="W-1", now=clock.now())
        session.commit()


@pytest.fixture
def desk(app: Flask, people: Cast, rows: None) -> Visitor:
    visitor = Visitor(app)
    visitor.sign_in("security")
    return visitor


def ask(desk: Visitor, people: Cast, name: str, text: str, subject: str = "task") -> str:
    data = {"user_id": str(people.users[name]), "subject": subject, "text": text}
    assert desk.post("/access-diagnosis", data).status_code in (200, 422)
    return desk.text.split('id="answer"')[-1] if 'id="answer"' in desk.text else desk.text


@pytest.mark.parametrize(
    ("name", "text", "subject", "sentence"),
    [
        ("liaison_a", "7-3-001-01", "task", "现在能看到"),
        ("liaison_a", "7-3-002-01", "task", "不是责任单位"),
        ("liaison_a", "7-3-003-01", "task", "还没有下发"),
        ("east_clerk", "7-3-001-01", "task", "属于别的地区"),
        ("supervisor", "7-3-002-01", "task", "不在该监督部门的单位名单中"),
        ("admin", "7-3-001-01", "task", "没有这项权限（task_read）"),
        ("admin", "7-3-001-01", "task", "不看业务数据"),
        ("lead", "CITY/7-3-002-01", "task", "现在能看到"),
        ("liaison_b", "F-a/001", "issue", "不是责任单位"),
        ("liaison_a", "001", "issue", "几处用了这个编号"),
        ("supervisor", "B01", "unit", "不在该监督部门的单位名单中"),
        ("liaison_a", "市甲局", "unit", "现在能看到"),
        ("liaison_a", "/rounds/new", "page", "没有这项权限（round_edit）"),
        ("liaison_b", "http://localhost/tasks/1?x=1", "page", "不是责任单位"),
        ("lead", "/clues", "page", "线索模块在该账号所在地区没有启用"),
        ("liaison_a", "/nowhere", "page", "没有这个页面"),
        ("east_clerk", "/inspections/1", "page", "属于别的地区"),
        ("east_clerk", "/feedbacks/1", "page", "属于别的地区"),
        ("liaison_b", "/feedbacks/1", "page", "不是责任单位"),
        ("clerk", "/inspections/1/edit", "page", "现在能看到"),
        ("clerk", "/inspections/99", "page", "没有这个编号"),
        ("clerk", "/inspections/1/former-issues", "page", "不是“回头看”"),
        ("admin", "/accounts/1/deactivate", "page", "这类页面只诊断到角色权限"),
        ("clerk", "9-9-9", "task", "没有这个编号"),
    ],
)
def test_the_rule_is_named(
    desk: Visitor, people: Cast, name: str, text: str, subject: str, sentence: str
) -> None:
    assert sentence in ask(desk, people, name, text, subject)


def test_nothing_of_the_row_is_shown(desk: Visitor, people: Cast) -> None:
    for name in ("liaison_a", "clerk", "east_clerk"):
        answer = ask(desk, people, name, "7-3-002-01")
        for word in ("某项制度", "完善制度", "市乙局", "修订制度", "2026-12-01", "整改中"):
            assert word not in answer


def test_a_disabled_or_locked_account_is_named(
    desk: Visitor, people: Cast, database: Database, clock: ManualClock
) -> None:
    with database.writing() as session:
        user = session.get_one(User, people.users["liaison_a"])
        user.is_active, user.must_change_password = False, True
        for _ in range(5):
            session.add(SignInFailure(username="liaison_a", address="10.0.0.1", at=clock.now()))
        session.commit()
    answer = ask(desk, people, "liaison_a", "7-3-001-01")
    for word in ("账号已停用", "暂时锁定", "初始密码"):
        assert word in answer


@pytest.mark.parametrize(
    ("start", "end", "is_revoked", "sentence"),
    [
        (-10, -1, False, "已于 2026-11-15 到期"),
        (1, 5, False, "从 2026-11-17 起才生效"),
        (-3, 3, True, "已被撤销"),
        (-3, 3, False, "现在能看到"),
    ],
)
def test_a_loan_that_lapsed_is_named(
    desk: Visitor,
    people: Cast,
    database: Database,
    clock: ManualClock,
    start: int,
    end: int,
    is_revoked: bool,
    sentence: str,
) -> None:
    with database.writing() as session:
        session.add(
            Delegation(
                from_user_id=people.users["lead"],
                to_user_id=people.users["clerk"],
                from_on=TODAY + timedelta(days=start),
                to_on=TODAY + timedelta(days=end),
                reason="出差",
                revoked_at=clock.now() if is_revoked else None,
                **born(actor=people.actor("lead"), now=clock.now()),
            )
        )
        session.commit()
    assert sentence in ask(desk, people, "clerk", "/tasks/1/close", "page")


def test_an_ended_post_is_remarked(
    desk: Visitor, people: Cast, database: Database, clock: ManualClock
) -> None:
    with database.writing() as session:
        stamps = born(actor=people.actor("clerk"), now=clock.now())
        user = session.get_one(User, people.users["liaison_a"])
        post = Post(unit_id=people.units["a"], title="联络员", **stamps)
        held = PostHolding(
            person_id=user.person_id,
            post=post,
            from_on=date(2025, 1, 1),
            to_on=date(2026, 10, 31),
            **stamps,
        )
        session.add(held)
        session.commit()
    assert "已于 2026-10-31 结束" in ask(desk, people, "liaison_a", "7-3-001-01")


def alike(page: str, typed: str) -> str:
    """Return a page without what was typed, and without its tokens."""
    return re.sub(r'value="[\w.-]{20,}"|content="[\w.-]{20,}"', "", page).replace(typed, "")


def test_a_county_learns_nothing_of_another(
    app: Flask, people: Cast, rows: None, database: Database
) -> None:
    with database.writing() as session:
        session.get_one(User, people.users["security"]).region_id = people.regions["east"]
        session.commit()
    desk = Visitor(app)
    desk.sign_in("security")
    missing = ask(desk, people, "east_clerk", "no-such")
    assert "没有这个编号" in missing
    foreign = ask(desk, people, "east_clerk", "W-1")
    assert alike(foreign, "W-1") == alike(missing, "no-such")
    page = desk.get("/access-diagnosis")
    assert page.status_code == 200
    assert "west_clerk" not in desk.text
    data = {"user_id": str(people.users["west_clerk"]), "subject": "task", "text": "W-1"}
    assert desk.post("/access-diagnosis", data).status_code == 422


def test_who_asked_about_whom_is_noted(desk: Visitor, people: Cast, database: Database) -> None:
    ask(desk, people, "liaison_a", "7-3-002-01")
    with database.reading() as session:
        entry = session.scalars(
            select(AuditEntry).where(AuditEntry.action == "access_diagnosed")
        ).one()
        assert (entry.object_id, entry.role) == (people.users["liaison_a"], "security_admin")
        assert "7-3-002-01" in entry.detail
