"""节点“整改方案” is done on the day the plan passes, unless the office registered it before."""

from datetime import date

import pytest
from flask import Flask
from sqlalchemy import select

from tests.conftest import MONDAY
from tests.factories.cast import TESTER, Cast
from tests.factories.work import Work
from tests.fakes.clock import ManualClock
from tests.rectification.test_flow import enter, ids, plan_through, work, write_plan
from tracker.kernel.db import Database, born
from tracker.rectification.models import UnitDocument
from tracker.rounds.models import Milestone, Round
from tracker.rounds.rules import MilestoneKind

__all__ = ["work"]


def owe(database: Database, work: Work, clock: ManualClock, done_on: date | None = None) -> None:
    with database.writing() as session:
        session.add(
            Milestone(
                inspection_id=work.inspection_ids["a"],
                kind=MilestoneKind.PLAN,
                done_on=done_on,
                **born(actor=TESTER, now=clock.now()),
            )
        )
        session.commit()


def done_on(database: Database) -> date | None:
    with database.reading() as session:
        return session.scalars(select(Milestone)).one().done_on


@pytest.mark.parametrize("before", [None, date(2026, 10, 8)])
def test_the_plans_milestone_is_done_when_the_lead_passes_it(
    app: Flask, database: Database, clock: ManualClock, work: Work, before: date | None
) -> None:
    owe(database, work, clock, before)
    plan_through(app, database)
    assert done_on(database) == (before or MONDAY)


def test_where_no_plan_is_reviewed_it_is_done_when_the_plan_is_handed_in(
    app: Flask, database: Database, people: Cast, clock: ManualClock, work: Work
) -> None:
    owe(database, work, clock)
    with database.writing() as session:
        tour = session.get_one(Round, work.round_id)
        tour.needs_plan_review = tour.needs_sign_off = False
        session.commit()
    liaison = enter(app, "liaison_a")
    for task_id in ids(database):
        liaison.post(f"/tasks/{task_id}/acknowledge", via=f"/tasks/{task_id}")
        write_plan(liaison, task_id)
    assert done_on(database) is None
    with database.reading() as session:
        plan_id = session.scalars(select(UnitDocument.id)).one()
    liaison.post(f"/plans/{plan_id}/submit", via=f"/plans/{plan_id}")
    assert done_on(database) == MONDAY
