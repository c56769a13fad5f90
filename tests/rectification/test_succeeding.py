"""A merged unit's open tasks pass to its successor, and come back with the merger."""

from datetime import date, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.factories.cast import TESTER, Cast
from tests.factories.work import Work, make_work
from tests.visitor import Visitor
from tracker.kernel.clock import at_local
from tracker.kernel.db import Database, born
from tracker.kernel.errors import DomainError
from tracker.organizations.changing import Decision
from tracker.organizations.models import Unit, UnitChange
from tracker.people.models import Person
from tracker.rectification.models import Task, TaskDuty, TaskTransition, TaskUnit, UnitDocument
from tracker.rectification.queries import visible_tasks
from tracker.rectification.rules.words import DocumentKind, DutyRole, TaskState
from tracker.rectification.service.succeeding import (
    merge_with_tasks,
    successions_of,
    take_back_with_tasks,
)
from tracker.statistics.queries.query import FigureQuery
from tracker.statistics.service import measure_all

TODAY = date(2026, 11, 16)
BEFORE, NOW, AFTER = (at_local(date(2026, 11, day), 9) for day in (1, 16, 17))
DAY = date(2026, 11, 10)
WHO: dict[str, Any] = {"actor": TESTER, "now": NOW}


class Ground:
    """A unit with an open task, a closed one, one it helps with, a plan and an owner."""

    def __init__(self, session: Session, people: Cast) -> None:
        self.session, self.people = session, people
        self.old = session.get_one(Unit, people.units["a"])
        self.heir = session.get_one(Unit, people.units["b"])
        work: Work = make_work(session, people, now=BEFORE)
        self.open = work.task(session, people, due_on=date(2026, 10, 1), now=BEFORE)
        self.closed = work.task(session, people, state=TaskState.CLOSED, now=BEFORE)
        self.planned = work.task(session, people, state=TaskState.PLANNING, now=BEFORE)
        self.helped = work.task(session, people, unit="b", now=BEFORE)
        self.link = TaskUnit(task_id=self.open.id, unit_id=self.heir.id)
        stamps = born(actor=TESTER, now=BEFORE)
        owner = Person(region_id=work.region_id, name="王五", **stamps)
        self.duty = TaskDuty(
            task_id=self.open.id,
            role=DutyRole.OWNER,
            person=owner,
            from_on=date(2026, 9, 1),
            **stamps,
        )
        self.plan = UnitDocument(
            feedback_id=work.feedback_ids["a"],
            unit_id=self.old.id,
            kind=DocumentKind.PLAN,
            **stamps,
        )
        session.add_all([self.duty, self.plan])
        session.flush()
        self.round_id, self.region_id = work.round_id, work.region_id

    def merge(self) -> UnitChange:
        decision = Decision(effective_on=DAY, document="机构改革方案")
        change = merge_with_tasks(self.session, self.old, self.heir, decision, **WHO)
        self.session.flush()
        return change

    def seen_by(self, name: str) -> set[int]:
        query = select(Task.id).where(visible_tasks(self.people.actor(name)))
        return set(self.session.scalars(query))

    def figures(self, day: date) -> list[tuple[str, Any]]:
        query = FigureQuery(
            actor=TESTER, region_id=self.region_id, round_id=self.round_id, as_of=day
        )
        return [(each.definition.code, each.reading) for each in measure_all(self.session, query)]


@pytest.fixture
def ground(database: Database, people: Cast) -> Any:
    with database.writing() as session:
        made = Ground(session, people)
        session.commit()
        yield made


def test_open_tasks_pass_with_their_plan_and_closed_ones_stay(ground: Ground) -> None:
    change = ground.merge()
    assert [task.lead_unit_id for task in (ground.open, ground.planned)] == [ground.heir.id] * 2
    assert ground.closed.lead_unit_id == ground.old.id
    assert ground.plan.unit_id == ground.heir.id
    assert ground.duty.to_on == date(2026, 11, 9)
    assert [each.id for each in successions_of(ground.session, ground.open)] == [change.id]
    assert successions_of(ground.session, ground.closed) == []


def test_people_of_the_old_unit_no_longer_own_them_and_the_heirs_do(ground: Ground) -> None:
    before = ground.seen_by("liaison_a")
    assert ground.open.id in before
    ground.merge()
    assert ground.seen_by("liaison_a") == {ground.closed.id}
    assert {ground.open.id, ground.planned.id} <= ground.seen_by("liaison_b")


def test_every_figure_of_an_earlier_day_stays(ground: Ground) -> None:
    days = (date(2026, 10, 31), DAY - timedelta(days=1))
    before = [ground.figures(day) for day in days]
    ground.merge()
    assert [ground.figures(day) for day in days] == before


def test_from_its_day_on_only_the_figures_by_unit_move(ground: Ground) -> None:
    before = [dict(ground.figures(day)) for day in (DAY, TODAY)]
    ground.merge()
    after = [dict(ground.figures(day)) for day in (DAY, TODAY)]
    for then, now in zip(before, after, strict=True):
        assert {code for code in then if now[code] != then[code]} == {"unit_tasks", "units_banded"}
        assert (now["unit_tasks"].numerator, now["unit_tasks"].denominator) == (
            then["unit_tasks"].numerator,
            then["unit_tasks"].denominator,
        )


def test_a_task_that_is_helped_with_is_helped_with_by_the_heir_once(ground: Ground) -> None:
    other = TaskUnit(task_id=ground.helped.id, unit_id=ground.old.id)  # led by the heir itself
    ground.session.add(other)
    ground.session.flush()
    ground.merge()
    assert other.unit_id == ground.old.id


def test_taking_the_merger_back_gives_all_of_it_back(ground: Ground) -> None:
    change = ground.merge()
    take_back_with_tasks(ground.session, change, actor=TESTER, now=AFTER)
    ground.session.flush()
    assert [task.lead_unit_id for task in (ground.open, ground.planned)] == [ground.old.id] * 2
    assert (ground.plan.unit_id, ground.duty.to_on) == (ground.old.id, None)
    assert (ground.old.valid_to, ground.old.merged_into_id) == (None, None)


def test_it_stays_once_work_went_on(ground: Ground) -> None:
    change = ground.merge()
    ground.session.add(
        TaskTransition(
            task_id=ground.open.id,
            from_state=TaskState.IN_PROGRESS,
            to_state=TaskState.UNIT_CHECK,
            verb="made",
            occurred_on=TODAY,
            recorded_at=AFTER,
            actor="tests",
        )
    )
    ground.session.flush()
    with pytest.raises(DomainError, match="移交后已有新的办理"):
        take_back_with_tasks(ground.session, change, actor=TESTER, now=AFTER)
    assert ground.open.lead_unit_id == ground.heir.id


def test_two_plans_of_one_feedback_are_settled_first(ground: Ground) -> None:
    ground.session.add(
        UnitDocument(
            feedback_id=ground.plan.feedback_id,
            unit_id=ground.heir.id,
            kind=DocumentKind.PLAN,
            **born(actor=TESTER, now=BEFORE),
        )
    )
    ground.session.flush()
    with pytest.raises(DomainError, match="都有整改方案"):
        ground.merge()


def test_the_page_counts_first_and_asks_to_confirm(
    ground: Ground, app: Flask, database: Database
) -> None:
    ids = (ground.old.id, ground.heir.id, ground.open.id)
    ground.session.commit()
    clerk = Visitor(app)
    clerk.sign_in("clerk")
    page = f"/units/{ids[0]}/changes"
    clerk.get(page)
    assert "在办牵头任务 2 项" in clerk.text
    fields = {
        "kind": "merged",
        "successor_id": str(ids[1]),
        "parent_id": "0",
        "effective_on": "2026-11-10",
        "document": "机构改革方案",
    }
    assert clerk.post(page, fields).status_code == 422
    assert "勾选确认" in clerk.text
    assert clerk.post(page, {**fields, "is_estate_seen": "y"}).status_code == 302, clerk.text
    with database.reading() as session:
        assert session.get_one(Task, ids[2]).lead_unit_id == ids[1]
    clerk.get(f"/tasks/{ids[2]}")
    assert "任务移交" in clerk.text
    assert "机构改革方案" in clerk.text
