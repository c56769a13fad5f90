"""复查: recorded by the office, with the next date or the reason why there is none."""

import re
from datetime import date
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import delete, select, update
from sqlalchemy.exc import DatabaseError

from tests.factories.cast import Cast
from tests.factories.work import Work, make_work
from tests.fakes.clock import ManualClock
from tests.rectification.office import enter, make_task, state_of
from tests.visitor import Visitor
from tracker.kernel.db import Database
from tracker.rectification.models import LongTermReview, Task
from tracker.rectification.rules.words import TaskState

S = TaskState
TODAY, NEXT = "2026-11-16", "2027-02-10"
FOUND = {"reviewed_on": TODAY, "finding": "制度运行正常", "next_review_on": NEXT}


@pytest.fixture
def work(database: Database, people: Cast, clock: ManualClock) -> Work:
    with database.writing() as session:
        made = make_work(session, people, now=clock.now())
        session.commit()
    return made


@pytest.fixture
def long_term(database: Database, people: Cast, clock: ManualClock, work: Work) -> int:
    planned = date(2026, 11, 10)
    return make_task(database, people, clock, work, S.LONG_TERM, next_review_on=planned)


def sustained(database: Database, people: Cast, clock: ManualClock, work: Work, **more: Any) -> int:
    closed = {"is_sustained": True, "closed_on": date(2026, 10, 1), "done_on": date(2026, 9, 30)}
    return make_task(database, people, clock, work, S.CLOSED, **closed | more)


def review_date(database: Database, task_id: int) -> date | None:
    with database.reading() as session:
        return session.get_one(Task, task_id).next_review_on


def refusal(visitor: Visitor, page: str, **fields: str) -> str:
    assert visitor.post(page, FOUND | fields).status_code == 422
    return visitor.text


def test_the_office_records_what_it_found_and_when_it_looks_again(
    app: Flask, database: Database, long_term: int
) -> None:
    page = f"/tasks/{long_term}/long-term/review"
    clerk = enter(app, "clerk")
    clerk.get(f"/tasks/{long_term}")
    assert page in clerk.text
    clerk.get(page)
    assert f"/tasks/{long_term}/long-term/ask" in clerk.text  # the way back to a due date
    assert "不再复查" not in clerk.text
    assert clerk.post(page, FOUND).status_code == 302
    assert review_date(database, long_term) == date(2027, 2, 10)
    liaison = enter(app, "liaison_a")
    liaison.get(f"/tasks/{long_term}")
    assert "制度运行正常" in liaison.text
    assert "（原定 2026-11-10）" in liaison.text
    assert page not in liaison.text
    assert liaison.post(page, FOUND).status_code == 403


def test_a_review_that_is_not_whole_is_refused_and_changes_nothing(
    app: Flask, database: Database, long_term: int
) -> None:
    page, lead = f"/tasks/{long_term}/long-term/review", enter(app, "lead")
    assert "90 天内" in refusal(lead, page, next_review_on="2027-02-15")
    assert "90 天内" in refusal(lead, page, next_review_on="")
    assert "90 天内" in refusal(lead, page, next_review_on=TODAY)
    assert "不能晚于今天" in refusal(lead, page, reviewed_on="2026-11-17")
    refusal(lead, page, finding=" ")
    last = {"is_last": "y", "next_review_on": "", "end_reason": "已形成机制"}
    assert "还没有销号" in refusal(lead, page, **last)
    assert review_date(database, long_term) == date(2026, 11, 10)
    assert lead.post(page, FOUND).status_code == 302
    assert "不能更早" in refusal(lead, page, reviewed_on="2026-11-15")


def test_what_was_closed_as_sustained_is_looked_at_until_nobody_has_to(
    app: Flask, database: Database, people: Cast, clock: ManualClock, work: Work
) -> None:
    task_id = sustained(database, people, clock, work, next_review_on=date(2026, 11, 12))
    page, lead = f"/tasks/{task_id}/long-term/review", enter(app, "lead")
    lead.get(page)
    assert f"/tasks/{task_id}/reopen" in lead.text
    last = {"is_last": "y", "next_review_on": ""}
    assert "请写明不再复查的理由" in refusal(lead, page, **last)
    assert "请清空下次复查日期" in refusal(lead, page, is_last="y", end_reason="已成常态")
    assert "请同时勾选" in refusal(lead, page, end_reason="已成常态")
    assert lead.post(page, FOUND | last | {"end_reason": "已成常态"}).status_code == 302
    assert review_date(database, task_id) is None
    lead.get(f"/tasks/{task_id}")
    assert "不再复查：已成常态" in lead.text


def test_a_closing_as_sustained_asks_for_the_review_date(
    app: Flask, database: Database, people: Cast, clock: ManualClock, work: Work
) -> None:
    done = date(2026, 11, 10)
    task_id = make_task(database, people, clock, work, S.OFFICE_REVIEW, done_on=done)
    page, lead = f"/tasks/{task_id}/close", enter(app, "lead")
    assert lead.post(page, {"is_sustained": "y"}).status_code == 422
    assert "90 天内" in lead.text
    assert lead.post(page, {"next_review_on": NEXT}).status_code == 422
    assert "请同时勾选" in lead.text
    assert state_of(database, task_id) is S.OFFICE_REVIEW
    assert lead.post(page, {"is_sustained": "y", "next_review_on": NEXT}).status_code == 302
    assert review_date(database, task_id) == date(2027, 2, 10)
    again = {"reason": "反弹", "new_due": "2027-01-15"}
    assert lead.post(f"/tasks/{task_id}/reopen", again).status_code == 302
    assert review_date(database, task_id) is None


def test_an_ordinary_task_has_no_review(
    app: Flask, database: Database, people: Cast, clock: ManualClock, work: Work
) -> None:
    clerk = enter(app, "clerk")
    for state in (S.IN_PROGRESS, S.CLOSED):
        task_id = make_task(database, people, clock, work, state)
        page = f"/tasks/{task_id}/long-term/review"
        clerk.get(f"/tasks/{task_id}")
        assert page not in clerk.text
        assert clerk.post(page, FOUND).status_code == 422
    assert enter(app, "east_clerk").get(page).status_code == 404


def test_the_list_tells_what_is_due_what_is_planned_and_what_has_no_date(
    app: Flask, database: Database, people: Cast, clock: ManualClock, work: Work, long_term: int
) -> None:
    far = sustained(database, people, clock, work, next_review_on=date(2027, 1, 30), unit="b")
    undated = sustained(database, people, clock, work, is_historic=True)
    ended = sustained(database, people, clock, work, next_review_on=date(2026, 11, 16))
    make_task(database, people, clock, work, S.IN_PROGRESS, next_review_on=date(2026, 11, 16))
    clerk = enter(app, "clerk")
    last = {"is_last": "y", "next_review_on": "", "end_reason": "已成常态"}
    assert clerk.post(f"/tasks/{ended}/long-term/review", FOUND | last).status_code == 302

    def shown(only: str) -> list[int]:
        clerk.get(f"/long-term-reviews?only={only}")
        return [
            int(each) for each in re.findall(r'card-title[^>]*><a href="/tasks/(\d+)"', clerk.text)
        ]

    assert shown("") == [long_term]
    assert "已过 6 天" in clerk.text
    assert shown("due") == [long_term]
    assert shown("undated") == [undated]
    assert shown("all") == [long_term, far, undated, ended]
    clerk.get(f"/long-term-reviews?only=all&unit={people.units['b']}")
    assert clerk.text.count("card-title") == 1
    east = enter(app, "east_clerk")
    east.get("/long-term-reviews?only=all")
    assert "没有需要复查的任务" in east.text


def test_reviews_cannot_be_rewritten(app: Flask, database: Database, long_term: int) -> None:
    enter(app, "clerk").post(f"/tasks/{long_term}/long-term/review", FOUND)
    with database.reading() as session:
        assert session.scalar(select(LongTermReview.finding)) == "制度运行正常"
    for statement in (update(LongTermReview).values(finding="别的"), delete(LongTermReview)):
        with database.writing() as session, pytest.raises(DatabaseError, match="append-only"):
            session.execute(statement)
