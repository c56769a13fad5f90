"""More time is asked for, signed and granted; a wrong date is corrected apart from that."""

from datetime import date

import pytest
from flask import Flask

from tests.factories.cast import Cast
from tests.factories.work import make_work
from tests.fakes.clock import ManualClock
from tests.visitor import Visitor
from tracker.kernel.db import Database
from tracker.rectification.models import Task

ASK = {"new_due": "2027-01-10", "reason": "汛期无法施工，需顺延"}


@pytest.fixture
def task_id(database: Database, people: Cast, clock: ManualClock) -> int:
    with database.writing() as session:
        task = make_work(session, people, now=clock.now()).task(session, people, now=clock.now())
        session.commit()
        return task.id


def enter(app: Flask, username: str) -> Visitor:
    visitor = Visitor(app)
    visitor.sign_in(username)
    return visitor


def dues(database: Database, task_id: int) -> tuple[date | None, date | None]:
    with database.reading() as session:
        task = session.get_one(Task, task_id)
        return task.original_due, task.due_on


def test_an_extension_moves_the_date_only_when_granted_and_keeps_the_first_one(
    app: Flask, database: Database, task_id: int
) -> None:
    liaison, head, lead = (enter(app, name) for name in ("liaison_a", "head_a", "lead"))
    assert liaison.post(f"/tasks/{task_id}/extension", ASK).status_code == 302
    head.post(f"/tasks/{task_id}/extension/sign", via=f"/tasks/{task_id}")
    assert dues(database, task_id) == (date(2026, 12, 1), date(2026, 12, 1))
    lead.post(f"/tasks/{task_id}/extension/decide", {"decision": "grant", "reason": ""})
    assert dues(database, task_id) == (date(2026, 12, 1), date(2027, 1, 10))
    liaison.get(f"/tasks/{task_id}")
    assert "汛期无法施工" in liaison.text
    assert (
        "批准延期：2026-12-01 → 2027-01-10（2026-11-16 单位联络员liaison_a申请，理由：汛期无法施工，需顺延，党组织主要负责人head_a审签，巡察办主任lead批准）"
        in liaison.text
    )


def test_the_liaison_asks_and_the_head_signs_but_does_not_ask(app: Flask, task_id: int) -> None:
    """Or one person's word would count twice: as the application and as its signature."""
    head = enter(app, "head_a")
    head.get(f"/tasks/{task_id}")
    assert f"/tasks/{task_id}/extension" not in head.text
    assert head.post(f"/tasks/{task_id}/extension", ASK, via="/tasks").status_code == 403


def test_an_extension_skips_neither_the_head_nor_the_lead(
    app: Flask, database: Database, task_id: int
) -> None:
    liaison, lead = enter(app, "liaison_a"), enter(app, "lead")
    liaison.post(f"/tasks/{task_id}/extension", ASK)
    assert (
        lead.post(
            f"/tasks/{task_id}/extension/decide", {"decision": "grant", "reason": ""}
        ).status_code
        == 422
    )
    assert liaison.get(f"/tasks/{task_id}/extension/decide").status_code == 403
    assert liaison.post(f"/tasks/{task_id}/extension", ASK).status_code == 422
    assert "正在办理" in liaison.text


def test_refusing_needs_a_reason(app: Flask, database: Database, task_id: int) -> None:
    liaison, head, lead = (enter(app, name) for name in ("liaison_a", "head_a", "lead"))
    liaison.post(f"/tasks/{task_id}/extension", ASK)
    head.post(f"/tasks/{task_id}/extension/sign", via=f"/tasks/{task_id}")
    assert (
        lead.post(
            f"/tasks/{task_id}/extension/decide", {"decision": "refuse", "reason": ""}
        ).status_code
        == 422
    )
    assert dues(database, task_id)[1] == date(2026, 12, 1)


def test_a_correction_is_the_leads_once_work_has_begun_and_shows_apart(
    app: Flask, database: Database, task_id: int
) -> None:
    clerk, lead = enter(app, "clerk"), enter(app, "lead")
    fix = {"new_due": "2026-12-11", "reason": "台账抄录有误"}
    assert clerk.post(f"/tasks/{task_id}/due", fix, via=f"/tasks/{task_id}").status_code == 422
    assert "由巡察办主任办理" in clerk.text
    assert lead.post(f"/tasks/{task_id}/due", fix).status_code == 302
    assert dues(database, task_id) == (date(2026, 12, 1), date(2026, 12, 11))
    lead.get(f"/tasks/{task_id}")
    assert (
        "更正时限：2026-12-01 → 2026-12-11（理由：台账抄录有误，巡察办主任lead办理）" in lead.text
    )


def test_a_unit_cannot_correct_its_own_date(app: Flask, database: Database, task_id: int) -> None:
    liaison = enter(app, "liaison_a")
    assert (
        liaison.post(
            f"/tasks/{task_id}/due",
            {"new_due": "2027-12-11", "reason": "想晚点"},
            via=f"/tasks/{task_id}",
        ).status_code
        == 403
    )
    assert dues(database, task_id)[1] == date(2026, 12, 1)
