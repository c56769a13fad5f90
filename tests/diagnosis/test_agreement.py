"""The rule that is named and the query that decides agree, over many people and rows."""

import random
from dataclasses import replace
from datetime import datetime

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.factories.cast import Cast
from tests.factories.work import make_work
from tests.fakes.clock import ManualClock
from tracker.feedback.explaining import (
    owner_of,
    why_feedback_unseen,
    why_issue_unseen,
)
from tracker.feedback.models import Feedback, Issue, IssueUnit
from tracker.feedback.queries import visible_feedbacks, visible_issues
from tracker.kernel.db import Database
from tracker.kernel.permissions import Actor, Role
from tracker.organizations.explaining import Unseen, Whose, why_unseen
from tracker.organizations.models import SupervisorOrg, Unit
from tracker.organizations.scope import sees
from tracker.rectification.explaining import why_task_unseen
from tracker.rectification.models import Task, TaskUnit
from tracker.rectification.queries import visible_tasks
from tracker.rectification.rules.words import TaskState

SEED = 20261116
PEOPLE = 120


@pytest.fixture
def session(database: Database, people: Cast, clock: ManualClock) -> Session:
    """Rows of three offices: own, 提级, co-responsible, in draft, not fed back, of many units."""
    dice = random.Random(SEED)
    session = database.write_session()
    for region in ("city", "east", "west"):
        _fill(session, people, region, dice, clock.now())
    for feedback in session.scalars(select(Feedback)):
        if dice.random() < 0.3:
            feedback.fed_back_on = None
        if dice.random() < 0.2:
            feedback.inspection_id = None
    for issue in session.scalars(select(Issue)):
        issue.is_immediate = dice.random() < 0.3
    units = list(session.scalars(select(Unit)))
    organ = session.scalars(select(SupervisorOrg)).one()
    units[-1].supervisor_org_id = organ.id
    session.commit()
    return session


def _fill(session: Session, people: Cast, region: str, dice: random.Random, now: datetime) -> None:
    work = make_work(session, people, now=now, region=region, units=tuple(people.units))
    for _ in range(14):
        unit = dice.choice(list(people.units))
        state = dice.choice([TaskState.DRAFT, TaskState.ISSUED, TaskState.CLOSED, TaskState.VOID])
        task = work.task(session, people, unit=unit, state=state, now=now)
        task.task_no = f"{region}-{task.id}"
        for other in dice.sample(list(people.units), dice.randint(0, 2)):
            if other != unit:
                task.co_units.append(TaskUnit(unit_id=people.units[other]))
                task.issue.units.append(IssueUnit(unit_id=people.units[other]))


def somebody(dice: random.Random, people: Cast) -> Actor:
    return Actor(
        name="某人",
        role=dice.choice([*Role, None]),
        region_id=dice.choice([*people.regions.values(), None]),
        unit_id=dice.choice([*people.units.values(), None]),
        supervisor_org_id=dice.choice([1, 2, None]),
    )


def test_the_rule_named_and_the_query_agree(session: Session, people: Cast) -> None:
    dice, seen, rules = random.Random(SEED), 0, set()
    tasks = list(session.scalars(select(Task)))
    issues = list(session.scalars(select(Issue)))
    feedbacks = list(session.scalars(select(Feedback)))
    units = list(session.scalars(select(Unit)))
    for _ in range(PEOPLE):
        who = somebody(dice, people)
        of_tasks = {row.id: why_task_unseen(row, actor=who) for row in tasks}
        of_issues = {row.id: why_issue_unseen(row, actor=who) for row in issues}
        of_feedbacks = {row.id: why_feedback_unseen(session, row, actor=who) for row in feedbacks}
        of_units = {
            row.id: why_unseen(who, Whose(region_id=row.region_id, owner=owner_of(row)))
            for row in units
        }
        found = (
            (of_tasks, select(Task.id).where(visible_tasks(who))),
            (of_issues, select(Issue.id).where(visible_issues(who))),
            (of_feedbacks, select(Feedback.id).where(visible_feedbacks(who))),
            (of_units, select(Unit.id).where(sees(who, region=Unit.region_id, unit=Unit.id))),
        )
        for named, query in found:
            told = {id_ for id_, rule in named.items() if rule is None}
            assert told == set(session.scalars(query)), who
            seen += len(told)
            rules |= set(named.values())
    assert seen > 500
    assert rules == {*Unseen, None}
    session.close()


def test_it_is_the_unit_that_counts(session: Session, people: Cast) -> None:
    task = session.scalars(select(Task).where(Task.state == TaskState.CLOSED)).first()
    assert task is not None
    task.co_units.clear()
    own = replace(people.actor("liaison_a"), unit_id=task.lead_unit_id)
    assert why_task_unseen(task, actor=own) is None
    task.state = TaskState.DRAFT
    assert why_task_unseen(task, actor=own) is Unseen.DRAFT
    stranger = replace(own, unit_id=999)
    assert why_task_unseen(task, actor=stranger) is Unseen.UNIT_NOT_RESPONSIBLE
    session.close()
