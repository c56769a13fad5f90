"""Whoever lacks the unit or organisation that the role needs sees nothing."""

from dataclasses import replace

import pytest
from sqlalchemy import func, select

from tests.factories.cast import Cast
from tests.factories.work import make_work
from tests.fakes.clock import ManualClock
from tracker.feedback.models import Feedback
from tracker.feedback.queries import list_feedbacks
from tracker.kernel.db import Database
from tracker.rectification.models import Task
from tracker.rectification.queries import visible_tasks


@pytest.mark.parametrize("name", ["supervisor", "liaison_b", "head_b"])
def test_an_actor_without_a_scope_sees_no_row(
    database: Database, people: Cast, clock: ManualClock, name: str
) -> None:
    lost = replace(people.actor(name), unit_id=None, supervisor_org_id=None)
    with database.writing() as session:
        work = make_work(session, people, now=clock.now())
        for unit in ("a", "b"):
            work.task(session, people, unit=unit, now=clock.now())
        session.get_one(Feedback, work.feedback_ids["a"]).inspection_id = None
        session.flush()  # counted below
        seen = session.scalar(select(func.count(Task.id)).where(visible_tasks(lost)))
        assert seen == 0
        assert list_feedbacks(session, actor=lost) == []
