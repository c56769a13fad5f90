"""Who sees a row need not be who writes it: plans, requests and extensions in foreign hands."""

import io
from datetime import date

import pytest
from flask import Flask
from sqlalchemy import select

from tests.factories.cast import TESTER, Cast
from tests.factories.work import Work, make_work
from tests.fakes.clock import ManualClock
from tests.visitor import Visitor
from tracker.kernel.db import Database, born
from tracker.rectification.models import (
    DocumentEvent,
    Evidence,
    Extension,
    Task,
    TaskUnit,
    UnitDocument,
)
from tracker.rectification.rules.words import (
    DocumentEventKind,
    DocumentKind,
    ExtensionState,
    TaskState,
)

PLAN_ITEM = {
    "goal": "改好",
    "measures": "修订制度",
    "lead_leader": "赵一",
    "owners": "钱二",
    "lead_dept": "办公室",
    "due_on": "2026-12-20",
}


@pytest.fixture
def work(database: Database, people: Cast, clock: ManualClock) -> Work:
    """The city inspects unit a, and (提级) the eastern county's unit e."""
    with database.writing() as session:
        made = make_work(session, people, now=clock.now(), units=("a", "e"))
        session.commit()
    return made


def enter(app: Flask, username: str) -> Visitor:
    visitor = Visitor(app)
    visitor.sign_in(username)
    return visitor


def make_task(
    database: Database,
    people: Cast,
    clock: ManualClock,
    work: Work,
    state: TaskState,
    unit: str = "a",
) -> int:
    with database.writing() as session:
        task = work.task(session, people, unit=unit, state=state, now=clock.now())
        session.commit()
        return task.id


def make_plan(
    database: Database, people: Cast, clock: ManualClock, work: Work, unit: str = "a"
) -> int:
    with database.writing() as session:
        plan = UnitDocument(
            feedback_id=work.feedback_ids[unit],
            unit_id=people.units[unit],
            kind=DocumentKind.PLAN,
            **born(actor=TESTER, now=clock.now()),
        )
        session.add(plan)
        session.commit()
        return plan.id


def events(database: Database) -> list[DocumentEventKind]:
    with database.reading() as session:
        return list(session.scalars(select(DocumentEvent.kind).order_by(DocumentEvent.id)))


def task_of(database: Database, task_id: int) -> Task:
    with database.reading() as session:
        return session.get_one(Task, task_id)


def test_a_co_responsible_unit_reads_a_task_and_cannot_write_its_plan(
    app: Flask, database: Database, people: Cast, clock: ManualClock, work: Work
) -> None:
    task_id = make_task(database, people, clock, work, TaskState.PLANNING)
    make_plan(database, people, clock, work)
    with database.writing() as session:
        session.add(TaskUnit(task_id=task_id, unit_id=people.units["b"]))
        session.commit()
    visitor = enter(app, "liaison_b")
    assert visitor.get(f"/tasks/{task_id}").status_code == 200
    item = {**PLAN_ITEM, "version": str(task_of(database, task_id).version)}
    assert visitor.post(f"/tasks/{task_id}/plan", item, via="/tasks").status_code == 404
    assert task_of(database, task_id).goal == "完善制度并执行到位"


def test_the_county_reads_a_plan_the_city_conducts_and_cannot_submit_it(
    app: Flask, database: Database, people: Cast, clock: ManualClock, work: Work
) -> None:
    task_id = make_task(database, people, clock, work, TaskState.PLANNING, "e")
    plan_id = make_plan(database, people, clock, work, "e")
    county, unit = enter(app, "east_clerk"), enter(app, "east_liaison")
    page = f"/plans/{plan_id}"
    assert county.get(page).status_code == 200
    assert county.post(f"{page}/submit", via="/account/password").status_code == 404
    item = {**PLAN_ITEM, "version": str(task_of(database, task_id).version)}
    assert unit.post(f"/tasks/{task_id}/plan", item).status_code == 302
    assert unit.post(f"{page}/submit", via=page).status_code == 302
    assert county.post(f"{page}/withdraw", via="/account/password").status_code == 404
    assert events(database) == [DocumentEventKind.SUBMITTED]


def test_a_plan_before_the_head_is_neither_changed_nor_submitted_again(
    app: Flask, database: Database, people: Cast, clock: ManualClock, work: Work
) -> None:
    task_id = make_task(database, people, clock, work, TaskState.PLANNING)
    plan_id = make_plan(database, people, clock, work)
    visitor = enter(app, "liaison_a")
    item = {**PLAN_ITEM, "version": str(task_of(database, task_id).version)}
    visitor.post(f"/tasks/{task_id}/plan", item)
    for _press in range(2):
        visitor.post(f"/plans/{plan_id}/submit", via=f"/plans/{plan_id}")
    assert events(database) == [DocumentEventKind.SUBMITTED]
    item = {**PLAN_ITEM, "goal": "", "version": str(task_of(database, task_id).version)}
    visitor.post(f"/tasks/{task_id}/plan", item, via="/account/password")
    assert "请先撤回" in visitor.text
    assert task_of(database, task_id).goal == "改好"


def test_the_head_cannot_sign_a_plan_that_got_an_empty_task_meanwhile(
    app: Flask, database: Database, people: Cast, clock: ManualClock, work: Work
) -> None:
    task_id = make_task(database, people, clock, work, TaskState.PLANNING)
    plan_id = make_plan(database, people, clock, work)
    visitor = enter(app, "liaison_a")
    item = {**PLAN_ITEM, "version": str(task_of(database, task_id).version)}
    visitor.post(f"/tasks/{task_id}/plan", item)
    visitor.post(f"/plans/{plan_id}/submit", via=f"/plans/{plan_id}")
    late = make_task(database, people, clock, work, TaskState.PLANNING)
    enter(app, "head_a").post(f"/plans/{plan_id}/sign", via=f"/plans/{plan_id}")
    assert task_of(database, late).state is TaskState.PLANNING
    assert events(database) == [DocumentEventKind.SUBMITTED]


def test_the_office_returns_a_request_with_a_reason_and_does_not_withdraw_it(
    app: Flask, database: Database, people: Cast, clock: ManualClock, work: Work
) -> None:
    task_id = make_task(database, people, clock, work, TaskState.OFFICE_REVIEW)
    enter(app, "clerk").post(f"/tasks/{task_id}/withdraw", via=f"/tasks/{task_id}")
    assert task_of(database, task_id).state is TaskState.OFFICE_REVIEW


def test_an_extension_is_not_granted_to_a_closed_task(
    app: Flask, database: Database, people: Cast, clock: ManualClock, work: Work
) -> None:
    task_id = make_task(database, people, clock, work, TaskState.CLOSED)
    with database.writing() as session:
        session.add(
            Extension(
                task_id=task_id,
                state=ExtensionState.SIGNED,
                old_due=date(2026, 12, 1),
                new_due=date(2026, 12, 30),
                reason="工期不足",
                asked_on=date(2026, 11, 10),
                asked_by="甲",
                **born(actor=TESTER, now=clock.now()),
            )
        )
        session.commit()
    visitor = enter(app, "lead")
    visitor.post(f"/tasks/{task_id}/extension/decide", {"decision": "grant"})
    assert "不能再批准" in visitor.text
    assert task_of(database, task_id).due_on == date(2026, 12, 1)


@pytest.mark.parametrize("version", ["x", "9" * 5000, "", "1.0"])
def test_a_bent_version_is_answered_like_a_stale_one(
    app: Flask, database: Database, people: Cast, clock: ManualClock, work: Work, version: str
) -> None:
    task_id = make_task(database, people, clock, work, TaskState.IN_PROGRESS)
    visitor = enter(app, "liaison_a")
    sent = {"text": "进展", "completion": "partly", "version": version}
    assert visitor.post(f"/tasks/{task_id}/progress", sent).status_code == 409


def test_nobody_withdraws_evidence_twice(
    app: Flask, database: Database, people: Cast, clock: ManualClock, work: Work
) -> None:
    task_id = make_task(database, people, clock, work, TaskState.IN_PROGRESS)
    visitor = enter(app, "liaison_a")
    sent = {
        "file": (io.BytesIO(b"%PDF-1.4\n%%EOF\n"), "甲.pdf"),
        "document_on": "2026-11-01",
        "is_confirmed_not_secret": "y",
    }
    visitor.post(f"/tasks/{task_id}/evidence", sent)
    for reason in ("传错了", "又一次"):
        visitor.post("/evidence/1/withdraw", {"reason": reason})
    with database.reading() as session:
        assert session.scalars(select(Evidence.withdrawn_reason)).all() == ["传错了"]


def test_a_name_longer_than_a_person_has_is_refused_with_a_sentence(
    app: Flask, database: Database, people: Cast, clock: ManualClock, work: Work
) -> None:
    task_id = make_task(database, people, clock, work, TaskState.PLANNING)
    make_plan(database, people, clock, work)
    item = {**PLAN_ITEM, "owners": "长" * 61, "version": str(task_of(database, task_id).version)}
    visitor = enter(app, "liaison_a")
    assert visitor.post(f"/tasks/{task_id}/plan", item).status_code == 422
    assert "多人请用顿号分开" in visitor.text
