"""Beside the main way: long-term work asked and granted, running rows, skipping, ending."""

from datetime import date

import pytest
from flask import Flask
from sqlalchemy import select

from tests.factories.cast import TESTER, Cast
from tests.factories.work import Work, make_work
from tests.fakes.clock import ManualClock
from tests.rectification.office import enter, last_step, make_task, state_of
from tracker.kernel.db import Database, born
from tracker.rectification.models import Task, UnitDocument
from tracker.rectification.rules.words import DocumentKind, TaskState
from tracker.rounds.models import Round

S = TaskState
WISH = {"reason": "涉及历史遗留", "stage_goal": "先建机制", "next_review_on": "2026-12-30"}


@pytest.fixture
def work(database: Database, people: Cast, clock: ManualClock) -> Work:
    with database.writing() as session:
        made = make_work(session, people, now=clock.now())
        session.commit()
    return made


def test_long_term_work_is_asked_by_the_head_and_granted_by_the_lead_and_back(
    app: Flask, database: Database, people: Cast, clock: ManualClock, work: Work
) -> None:
    task_id = make_task(database, people, clock, work, S.IN_PROGRESS)
    head, lead = enter(app, "head_a"), enter(app, "lead")
    ask, decide = f"/tasks/{task_id}/long-term/ask", f"/tasks/{task_id}/long-term/decide"
    assert lead.post(decide, {"decision": "grant"}).status_code == 422
    assert head.post(ask, WISH | {"next_review_on": "2027-06-01"}).status_code == 422
    assert "90 天内" in head.text
    assert head.post(ask, WISH).status_code == 302
    assert head.post(ask, WISH).status_code == 422
    assert enter(app, "liaison_a").get(ask).status_code == 403
    assert lead.post(decide, {"decision": "refuse"}).status_code == 422
    assert lead.post(decide, {"decision": "grant"}).status_code == 302
    assert state_of(database, task_id) is S.LONG_TERM
    with database.reading() as session:
        task = session.get_one(Task, task_id)
        assert (task.stage_goal, task.next_review_on) == ("先建机制", date(2026, 12, 30))
    assert head.post(ask, {"reason": "条件已具备"}).status_code == 422
    assert "新的整改时限" in head.text
    wish = {"reason": "条件已具备", "new_due": "2027-02-01"}
    assert head.post(ask, wish | {"new_due": "2026-11-15"}).status_code == 422
    assert head.post(ask, wish).status_code == 302
    lead.get(decide)
    assert "2027-02-01" in lead.text
    assert lead.post(decide, {"decision": "grant"}).status_code == 302
    with database.reading() as session:
        task = session.get_one(Task, task_id)
        assert (task.state, task.due_on) == (S.IN_PROGRESS, date(2027, 2, 1))
        assert (task.original_due, task.next_review_on) == (date(2026, 12, 1), None)
    head.get(f"/tasks/{task_id}")
    assert "恢复限期整改：2026-12-01 → 2027-02-01（理由：条件已具备" in head.text


def test_a_resumption_whose_date_has_passed_meanwhile_is_not_granted(
    app: Flask, database: Database, people: Cast, clock: ManualClock, work: Work
) -> None:
    task_id = make_task(database, people, clock, work, S.LONG_TERM)
    ask, decide = f"/tasks/{task_id}/long-term/ask", f"/tasks/{task_id}/long-term/decide"
    wish = {"reason": "条件已具备", "new_due": "2026-11-18"}
    assert enter(app, "head_a").post(ask, wish).status_code == 302
    clock.set_local(date(2026, 11, 19))
    lead = enter(app, "lead")
    assert lead.post(decide, {"decision": "grant"}).status_code == 422
    assert "已经过去" in lead.text
    assert state_of(database, task_id) is S.LONG_TERM
    assert lead.post(decide, {"decision": "refuse", "reason": "请重报时限"}).status_code == 302


def test_a_refused_wish_changes_nothing_but_says_why(
    app: Flask, database: Database, people: Cast, clock: ManualClock, work: Work
) -> None:
    task_id = make_task(database, people, clock, work, S.IN_PROGRESS)
    enter(app, "head_a").post(f"/tasks/{task_id}/long-term/ask", WISH)
    lead = enter(app, "lead")
    fields = {"decision": "refuse", "reason": "可以限期完成"}
    assert lead.post(f"/tasks/{task_id}/long-term/decide", fields).status_code == 302
    assert state_of(database, task_id) is S.IN_PROGRESS
    lead.get(f"/tasks/{task_id}")
    assert "可以限期完成" in lead.text


def test_a_running_row_is_registered_with_its_due_date(
    app: Flask, database: Database, people: Cast, clock: ManualClock, work: Work
) -> None:
    task_id = make_task(database, people, clock, work, S.DRAFT, original_due=None, due_on=None)
    clerk = enter(app, "clerk")
    page = f"/tasks/{task_id}/running"
    assert clerk.post(page, {}).status_code == 422
    assert clerk.post(page, {"due_on": "2026-12-20"}).status_code == 302
    with database.reading() as session:
        task = session.get_one(Task, task_id)
        assert (task.state, task.original_due) == (S.IN_PROGRESS, date(2026, 12, 20))


def test_ending_is_off_until_the_round_allows_it(
    app: Flask, database: Database, people: Cast, clock: ManualClock, work: Work
) -> None:
    task_id = make_task(database, people, clock, work, S.IN_PROGRESS)
    lead = enter(app, "lead")
    lead.get(f"/tasks/{task_id}")
    assert "终止整改" not in lead.text
    assert lead.post(f"/tasks/{task_id}/end", {"reason": "已批准"}).status_code == 422
    assert "没有开启“终止整改”" in lead.text
    with database.writing() as session:
        session.get_one(Round, work.round_id).allows_ending = True
        session.commit()
    assert lead.post(f"/tasks/{task_id}/end", {"reason": "领导小组批准"}).status_code == 302
    assert state_of(database, task_id) is S.ENDED


def test_what_stands_at_a_step_that_is_switched_off_goes_on(
    app: Flask, database: Database, people: Cast, clock: ManualClock, work: Work
) -> None:
    task_id = make_task(database, people, clock, work, S.UNIT_CHECK)
    clerk = enter(app, "clerk")
    clerk.post(f"/tasks/{task_id}/skip", via=f"/tasks/{task_id}")
    assert state_of(database, task_id) is S.UNIT_CHECK
    with database.writing() as session:
        session.get_one(Round, work.round_id).needs_sign_off = False
        session.commit()
    clerk.post(f"/tasks/{task_id}/skip", via=f"/tasks/{task_id}")
    assert state_of(database, task_id) is S.OFFICE_REVIEW
    assert last_step(database, task_id).reason == "该环节已取消"


def test_a_plan_is_through_when_the_last_of_its_tasks_has_skipped_the_review(
    app: Flask, database: Database, people: Cast, clock: ManualClock, work: Work
) -> None:
    first, last = (make_task(database, people, clock, work, S.PLAN_REVIEW) for _ in range(2))
    with database.writing() as session:
        plan = UnitDocument(
            feedback_id=work.feedback_ids["a"],
            unit_id=people.units["a"],
            kind=DocumentKind.PLAN,
            **born(actor=TESTER, now=clock.now()),
        )
        session.add(plan)
        session.get_one(Round, work.round_id).needs_plan_review = False
        session.commit()
    clerk, passed = enter(app, "clerk"), []
    for task_id in (first, last):
        clerk.post(f"/tasks/{task_id}/skip", via=f"/tasks/{task_id}")
        assert state_of(database, task_id) is S.IN_PROGRESS
        with database.reading() as session:
            plan = session.scalars(select(UnitDocument)).one()
            passed.append((plan.passed_on, [each.reason for each in plan.events]))
    assert passed == [(None, []), (date(2026, 11, 16), ["方案审核已取消"])]


def test_a_co_responsible_unit_sees_the_task_and_cannot_act(
    app: Flask, database: Database, people: Cast, clock: ManualClock, work: Work
) -> None:
    task_id = make_task(database, people, clock, work, S.IN_PROGRESS)
    helper = enter(app, "liaison_b")
    with database.reading() as session:
        issue_page = f"/issues/{session.get_one(Task, task_id).issue_id}"
    assert helper.get(f"/tasks/{task_id}").status_code == 404
    assert helper.get(issue_page).status_code == 404
    clerk = enter(app, "clerk")
    page = f"/tasks/{task_id}/co-units"
    assert clerk.post(page, {"units": [str(people.units["b"])]}).status_code == 302
    assert helper.get(f"/tasks/{task_id}").status_code == 200
    assert f"/tasks/{task_id}/progress" not in helper.text
    assert helper.get(issue_page).status_code == 200
    assert f'href="/tasks/{task_id}"' in helper.text
    assert enter(app, "east_liaison").get(issue_page).status_code == 404
    assert clerk.post(page, {"units": []}).status_code == 302
    assert helper.get(issue_page).status_code == 404
    assert helper.get(f"/tasks/{task_id}").status_code == 404
