"""办理时长, internal: by unit and task, the office's own reviews longest first."""

import re
from datetime import date

import pytest
from flask import Flask

from tests.factories.cast import Cast
from tests.factories.work import Work, make_work
from tests.fakes.clock import ManualClock
from tests.rectification.test_deadline import enter, step
from tracker.kernel.db import Database
from tracker.rectification import turns
from tracker.rectification.rules.words import TaskState

S = TaskState


@pytest.fixture
def work(database: Database, people: Cast, clock: ManualClock) -> Work:
    """Unit a: a plan of two tasks reviewed for five days. Unit b: a closing under review for nine."""
    with database.writing() as session:
        work = make_work(session, people, now=clock.now())
        for _ in range(2):
            task = work.task(session, people, state=S.PLANNING, now=clock.now())
            step(session, task, S.PLAN_REVIEW, date(2026, 10, 1))
            step(session, task, S.IN_PROGRESS, date(2026, 10, 6))
        task = work.task(session, people, unit="b", now=clock.now())
        step(session, task, S.UNIT_CHECK, date(2026, 11, 5))
        step(session, task, S.OFFICE_REVIEW, date(2026, 11, 7))
        work.task(session, people, unit="b", state=S.DRAFT, now=clock.now())
        other = make_work(session, people, now=clock.now(), region="east", units=("e",))
        other.task(session, people, unit="e", state=S.OFFICE_REVIEW, now=clock.now())
        session.commit()
    return work


def rows(text: str, caption: str) -> list[list[str]]:
    table = text.split(caption)[1].split("</table>")[0]
    found = re.findall(r"<tr>(.*?)</tr>", table.split("<tbody>")[1], re.DOTALL)
    cells = [re.findall(r"<td[^>]*>(.*?)</td>", row, re.DOTALL) for row in found]
    return [[re.sub(r"<[^>]+>|\s+", "", cell) for cell in row] for row in cells]


def test_the_offices_own_reviews_stand_longest_first_and_a_plan_once(
    app: Flask, people: Cast, work: Work
) -> None:
    clerk = enter(app, "clerk")
    assert clerk.get("/court").status_code == 200
    assert rows(clerk.text, "巡察办自己的审核") == [
        ["市乙局", "审核销号", "7-3-003-01", "2026-11-07", "办理中", "9"],
        ["市甲局", "审核整改方案", "7-3-001-01等2项", "2026-10-01", "2026-10-06", "5"],
    ]


def test_the_days_of_units_are_those_of_their_tasks(app: Flask, people: Cast, work: Work) -> None:
    lead = enter(app, "lead")
    lead.get("/court")
    units, tasks = rows(lead.text, "按单位"), rows(lead.text, "按任务")
    assert units == [
        ["市甲局", "2项", "142", "0", "10", "10", "152"],
        ["市乙局", "1项", "65", "2", "9", "9", "76"],
    ]
    assert [row[:2] + row[3:] for row in tasks] == [
        ["市甲局", "7-3-001-01", "71", "0", "5", "5", "76"],
        ["市甲局", "7-3-002-01", "71", "0", "5", "5", "76"],
        ["市乙局", "7-3-003-01", "65", "2", "9", "9", "76"],
    ]


def test_a_unit_and_a_round_narrow_the_page(app: Flask, people: Cast, work: Work) -> None:
    clerk = enter(app, "clerk")
    clerk.get(f"/court?round={work.round_id}&unit={people.units['a']}")
    assert len(rows(clerk.text, "按任务")) == 2
    assert len(rows(clerk.text, "巡察办自己的审核")) == 1
    clerk.get("/court?round=")
    assert "没有符合条件的任务" in clerk.text


def test_only_the_offices_own_people_enter_and_see_their_own_office(
    app: Flask, people: Cast, work: Work
) -> None:
    for name in ("liaison_a", "head_a", "supervisor", "leader", "admin", "security", "auditor"):
        visitor = enter(app, name)
        assert visitor.get("/court").status_code == 403
        visitor.get("/")
        assert "办理时长" not in visitor.text
    county = enter(app, "east_clerk")
    assert county.get("/court").status_code == 200
    assert "市甲局" not in county.text
    assert "东岭县丙局" in county.text
    county.get(f"/court?round={work.round_id}")
    assert "7-3-00" not in county.text.split("<main")[1]


def test_a_round_of_another_office_is_read_by_nobody_here(
    database: Database, people: Cast, work: Work
) -> None:
    with database.reading() as session:
        today = date(2026, 11, 16)
        actor = people.actor("east_clerk")
        assert turns.load_turns(session, work.round_id, actor=actor, as_of=today) == []
        own = turns.load_turns(session, work.round_id, actor=people.actor("lead"), as_of=today)
        assert len(own) == 3
