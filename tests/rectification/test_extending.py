"""More time is asked for, signed and granted; a wrong date is corrected apart from that."""

from datetime import date

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.conftest import MONDAY
from tests.factories.cast import Cast
from tests.factories.work import make_work
from tests.fakes.clock import ManualClock
from tests.rectification.scenarios import authorise, person
from tests.visitor import Visitor
from tracker.kernel.db import Database, born
from tracker.kernel.errors import DomainError
from tracker.kernel.permissions import Actor
from tracker.rectification.models import DueChange, Extension, Task
from tracker.rectification.rules.transitions import Verb
from tracker.rectification.rules.words import ExtensionState, TaskState
from tracker.rectification.service import extending
from tracker.rectification.service.steps import take_step
from tracker.rounds.models import Round

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


def test_the_head_may_send_an_application_back_and_then_the_unit_may_ask_again(
    app: Flask, database: Database, task_id: int
) -> None:
    liaison, head = enter(app, "liaison_a"), enter(app, "head_a")
    page = f"/tasks/{task_id}/extension"
    liaison.post(page, ASK)
    assert head.post(f"{page}/return", {"reason": ""}).status_code == 422
    assert head.post(f"{page}/return", {"reason": "还有时间，抓紧办"}).status_code == 302
    liaison.get(f"/tasks/{task_id}")
    assert "未批准" in liaison.text
    assert "还有时间，抓紧办" in liaison.text
    assert liaison.post(page, ASK).status_code == 302


def test_who_asked_takes_it_back_and_the_date_stays(
    app: Flask, database: Database, task_id: int
) -> None:
    liaison, head = enter(app, "liaison_a"), enter(app, "head_a")
    page = f"/tasks/{task_id}/extension"
    liaison.post(page, ASK)
    head.post(f"{page}/withdraw", via=f"/tasks/{task_id}")
    assert states(database, task_id) == [ExtensionState.ASKED]
    liaison.post(f"{page}/withdraw", via=f"/tasks/{task_id}")
    assert states(database, task_id) == [ExtensionState.WITHDRAWN]
    assert dues(database, task_id)[1] == date(2026, 12, 1)
    assert liaison.post(page, ASK).status_code == 302


def test_the_office_does_not_take_back_what_the_unit_asked_for(
    database: Database, task_id: int, people: Cast, clock: ManualClock
) -> None:
    with database.writing() as session:
        task = waiting(session, task_id, people, "liaison_a", clock)
        with pytest.raises(DomainError, match="由提出的一方撤回"):
            extending.withdraw_extension(
                session, task, actor=people.actor("clerk"), now=clock.now()
            )


def test_sending_an_application_back_needs_a_reason(
    database: Database, task_id: int, people: Cast, clock: ManualClock
) -> None:
    with database.writing() as session:
        task = waiting(session, task_id, people, "liaison_a", clock)
        session.scalars(select(Extension)).one().state = ExtensionState.ASKED
        session.flush()  # the service looks for it
        with pytest.raises(DomainError, match="必须写明理由"):
            extending.return_extension(
                session, task, " ", actor=people.actor("head_a"), now=clock.now()
            )


def states(database: Database, task_id: int) -> list[ExtensionState]:
    with database.reading() as session:
        query = select(Extension.state).where(Extension.task_id == task_id).order_by(Extension.id)
        return list(session.scalars(query))


def waiting(session: Session, task_id: int, people: Cast, asker: str, clock: ManualClock) -> Task:
    """Return the task with an application that the lead is to decide, asked for by somebody."""
    task = session.get_one(Task, task_id)
    assert task.due_on is not None
    session.add(
        Extension(
            task_id=task.id,
            state=ExtensionState.SIGNED,
            old_due=task.due_on,
            new_due=date(2027, 1, 10),
            reason="汛期无法施工",
            asked_on=date(2026, 11, 1),
            asked_by=asker,
            asker_user_id=people.users[asker],
            **born(actor=people.actor("lead"), now=clock.now()),
        )
    )
    session.flush()  # the services look for it
    return task


def grant(session: Session, task: Task, actor: Actor, clock: ManualClock) -> None:
    extending.decide_extension(session, task, grant=True, reason="", actor=actor, now=clock.now())


def test_what_waits_when_a_task_is_closed_is_gone_when_it_is_reopened(
    database: Database, task_id: int, people: Cast, clock: ManualClock
) -> None:
    with database.writing() as session:
        task = waiting(session, task_id, people, "liaison_a", clock)
        task.state = TaskState.OFFICE_REVIEW
        session.flush()  # the step reads it
        take_step(session, task, Verb.CLOSE, actor=people.actor("lead"), now=clock.now())
        session.commit()
    assert states(database, task_id) == [ExtensionState.WITHDRAWN]


def test_granting_neither_shortens_nor_exceeds_by_what_has_happened_since(
    database: Database, task_id: int, people: Cast, clock: ManualClock
) -> None:
    lead = people.actor("lead")
    with database.writing() as session:
        task = waiting(session, task_id, people, "liaison_a", clock)
        tour = session.get_one(Round, task.round_id)
        tour.max_extensions = 0
        session.flush()  # the switches are read from the round's row
        with pytest.raises(DomainError, match="最多 0 次"):
            grant(session, task, lead, clock)
        tour.max_extensions = 2
        extending.correct_due(
            session, task, date(2027, 6, 30), "抄录有误", actor=lead, now=clock.now()
        )
        with pytest.raises(DomainError, match="有了变化"):
            grant(session, task, lead, clock)


def test_nobody_grants_with_lent_powers_what_they_entered_themselves(
    database: Database, task_id: int, people: Cast, clock: ManualClock
) -> None:
    with database.writing() as session:
        authorise(session, people, today=MONDAY, now=clock.now())
        deputy = person(session, people, "acting_lead", today=MONDAY)
        task = waiting(session, task_id, people, "acting_lead", clock)
        with pytest.raises(DomainError, match="不能由您审批"):
            grant(session, task, deputy, clock)
        task = waiting_again(session, task, people)
        grant(session, task, deputy, clock)
        extension = session.scalars(select(Extension)).one()
        assert extension.decision_lent_by is not None
        change = session.scalars(select(DueChange).order_by(DueChange.id.desc())).first()
        assert change is not None
        assert change.lent_by == extension.decision_lent_by


def waiting_again(session: Session, task: Task, people: Cast) -> Task:
    """Return the task with the same application, but asked for by the unit's liaison."""
    session.scalars(select(Extension)).one().asker_user_id = people.users["liaison_a"]
    session.flush()  # the services look for it
    return task


def test_a_date_that_was_never_known_becomes_the_original_one_when_it_is_found(
    database: Database, task_id: int, people: Cast, clock: ManualClock
) -> None:
    with database.writing() as session:
        task = session.get_one(Task, task_id)
        task.original_due, task.due_on = None, None
        task.is_due_doubtful = True
        session.flush()  # the service reads it
        day = date(2026, 12, 20)
        for found in (day, date(2026, 12, 25)):
            extending.correct_due(
                session, task, found, "查到原件", actor=people.actor("lead"), now=clock.now()
            )
        session.commit()
    assert dues(database, task_id) == (day, date(2026, 12, 25))
