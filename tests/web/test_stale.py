"""Two people change one row: the second is refused, and sees both texts."""

import re

import pytest
from flask import Flask
from sqlalchemy import select

from tests.factories.cast import Cast
from tests.factories.work import make_work
from tests.fakes.clock import ManualClock
from tests.visitor import Visitor
from tracker.kernel.db import Database
from tracker.rectification.models import Task
from tracker.rectification.rules.words import TaskState


@pytest.fixture
def task_id(database: Database, people: Cast, clock: ManualClock) -> int:
    with database.writing() as session:
        task = make_work(session, people, now=clock.now()).task(session, people, now=clock.now())
        session.commit()
        return task.id


def pairs(text: str) -> dict[str, tuple[str, str]]:
    """Return label → (mine, stored) as the page puts them side by side."""
    found = re.findall(
        r"<h3>([^<]+)</h3>\s*<div class=\"pair\">.*?<p class=\"prose\">(.*?)</p>"
        r".*?<p class=\"prose\">(.*?)</p>",
        text,
        re.DOTALL,
    )
    return {label: (mine, stored) for label, mine, stored in found}


def test_both_texts_stand_side_by_side_and_the_next_submit_wins(
    app: Flask, database: Database, people: Cast
) -> None:
    unit_id = people.units["a"]
    path = f"/units/{unit_id}/edit"
    visitor = Visitor(app)
    visitor.sign_in("clerk")
    fields = {"code": "A01", "name": "市甲局", "short_name": "甲", "category": "department"}
    other = {**fields, "name": "市甲局（新名）", "sort_no": "1"}
    assert visitor.post(path, {**other, "version": "1"}).status_code == 302
    mine = {**fields, "name": "甲委员会", "sort_no": "1", "version": "1"}
    assert visitor.post(path, mine).status_code == 409
    assert pairs(visitor.text) == {"名称": ("甲委员会", "市甲局（新名）")}
    assert 'value="甲委员会"' in visitor.text, "what was typed stays in the form"
    again = re.search(r'name="version"[^>]*value="(\d+)"', visitor.text)
    assert again is not None
    assert visitor.post(path, {**mine, "version": again[1]}).status_code == 302


def test_a_progress_report_is_compared_with_the_one_written_meanwhile(
    app: Flask, people: Cast, task_id: int
) -> None:
    path = f"/tasks/{task_id}/progress"
    liaison, clerk = Visitor(app), Visitor(app)
    liaison.sign_in("liaison_a")
    clerk.sign_in("clerk")
    said = {"text": "已召开专题会。", "completion": "partly", "version": "1"}
    assert liaison.post(path, said).status_code == 302
    answer = clerk.post(path, {"text": "已按纸质报告补录。", "completion": "done", "version": "1"})
    assert answer.status_code == 409
    found = pairs(clerk.text)
    assert found["整改进展"] == ("已按纸质报告补录。", "已召开专题会。")
    assert found["完成情况"] == ("已完成", "取得阶段性成效")
    assert "已按纸质报告补录。</textarea>" in clerk.text


def test_a_decision_about_a_task_that_changed_since_is_refused(
    app: Flask, database: Database, people: Cast, clock: ManualClock
) -> None:
    with database.writing() as session:
        work = make_work(session, people, now=clock.now())
        task = work.task(session, people, state=TaskState.OFFICE_REVIEW, now=clock.now())
        task.done_on = work.fed_back_on
        session.commit()
        task_id, version = task.id, task.version
    lead = Visitor(app)
    lead.sign_in("lead")
    with database.writing() as session:
        session.get_one(Task, task_id).remark = "改过"
        session.commit()
    said = {"opinion": "同意", "version": str(version)}
    assert lead.post(f"/tasks/{task_id}/close", said).status_code == 409
    assert "同意</textarea>" in lead.text
    with database.reading() as session:
        assert session.scalars(select(Task.state)).one() is TaskState.OFFICE_REVIEW
