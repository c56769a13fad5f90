"""简易模式 and 标准模式: switched without loss, one administrator or three, a short menu."""

import re

import pytest
from flask import Flask

from tests.factories.cast import Cast
from tests.factories.work import Work, make_work
from tests.fakes.clock import ManualClock
from tests.rectification.office import enter, make_task, state_of
from tests.visitor import Visitor
from tracker.kernel.db import Database
from tracker.organizations.models import Region
from tracker.rectification.rules.words import TaskState

S = TaskState


@pytest.fixture
def work(database: Database, people: Cast, clock: ManualClock) -> Work:
    with database.writing() as session:
        made = make_work(session, people, now=clock.now())
        session.commit()
    return made


def switch(admin: Visitor, database: Database, people: Cast, mode: str) -> int:
    with database.reading() as session:
        version = session.get_one(Region, people.regions["city"]).version
    return admin.post("/office-mode", {"mode": mode, "version": str(version)}).status_code


def test_the_administrator_switches_and_everything_stays(
    app: Flask, database: Database, people: Cast, clock: ManualClock, work: Work
) -> None:
    waiting = make_task(database, people, clock, work, S.UNIT_CHECK)
    planning = make_task(database, people, clock, work, S.PLANNING, original_due=None)
    admin = enter(app, "admin")
    admin.get("/office-mode")
    assert "待主要负责人审签 1 项" in admin.text
    assert switch(admin, database, people, "simple") == 302
    assert {state_of(database, waiting), state_of(database, planning)} == {S.UNIT_CHECK, S.PLANNING}
    admin.get("/office-mode")
    assert "停在已经取消的环节" in admin.text
    clerk = enter(app, "clerk")
    for task_id, after in ((waiting, S.OFFICE_REVIEW), (planning, S.IN_PROGRESS)):
        clerk.get(f"/tasks/{task_id}")
        assert "跳过已取消的环节" in clerk.text
        clerk.post(f"/tasks/{task_id}/skip", via=f"/tasks/{task_id}")
        assert state_of(database, task_id) is after
    assert switch(admin, database, people, "standard") == 302
    clerk.get(f"/tasks/{planning}")
    assert "整改中" in clerk.text


def test_what_a_switch_left_behind_is_listed_and_skipped_at_once(
    app: Flask, database: Database, people: Cast, clock: ManualClock, work: Work
) -> None:
    made = [
        make_task(database, people, clock, work, state, original_due=None)
        for state in (S.ISSUED, S.PLANNING, S.PLAN_REVIEW)
    ]
    undated = make_task(database, people, clock, work, S.PLANNING, original_due=None, due_on=None)
    running = make_task(database, people, clock, work, S.IN_PROGRESS)
    clerk = enter(app, "clerk")
    clerk.get("/")
    assert "停在已取消的环节" not in clerk.text
    switch(enter(app, "admin"), database, people, "simple")
    clerk.get("/")
    assert "/tasks?only=skippable" in clerk.text
    clerk.get("/tasks?only=skippable")
    for task_id in (*made, undated):
        assert f'href="/tasks/{task_id}"' in clerk.text
    assert f'href="/tasks/{running}"' not in clerk.text
    page = "/tasks/bulk?verb=skip" + "".join(f"&task={each}" for each in (*made, undated))
    clerk.get(page)
    chosen = re.findall(r'name="task" value="(\d+:\d+)"', clerk.text)
    clerk.post("/tasks/bulk", {"verb": "skip", "task": chosen}, via=page)
    assert "已办理 3 项" in clerk.text
    assert "请先“更正时限”再跳过" in clerk.text
    assert {state_of(database, each) for each in made} == {S.IN_PROGRESS}
    assert state_of(database, undated) is S.PLANNING


def test_the_menu_is_short_and_the_rest_stands_under_settings(
    app: Flask, database: Database, people: Cast
) -> None:
    switch(enter(app, "admin"), database, people, "simple")
    clerk = enter(app, "clerk")
    clerk.get("/")
    for word in ("工作台", "问题台账", "提醒", "报表", "设置"):
        assert f">{word}</a>" in clerk.text
    assert ">巡察轮次</a>" not in clerk.text
    clerk.get("/settings")
    assert ">巡察轮次</a>" in clerk.text


def test_a_draft_is_called_otherwise_in_simple_mode_only(
    app: Flask, database: Database, people: Cast, clock: ManualClock, work: Work
) -> None:
    task_id = make_task(database, people, clock, work, S.DRAFT)
    clerk = enter(app, "clerk")
    clerk.get(f"/tasks/{task_id}")
    assert "待下发" in clerk.text
    switch(enter(app, "admin"), database, people, "simple")
    clerk.get(f"/tasks/{task_id}")
    assert "待整改" in clerk.text


def test_nobody_but_the_system_administrator_switches(app: Flask, people: Cast) -> None:
    for name in ("lead", "clerk", "security", "auditor", "liaison_a"):
        assert enter(app, name).get("/office-mode").status_code == 403
