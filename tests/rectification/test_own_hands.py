"""Whoever asked for, entered or signed a thing does not decide it, not even with lent powers."""

from datetime import date

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.conftest import MONDAY
from tests.factories.cast import Cast
from tests.factories.work import make_work
from tests.fakes.clock import ManualClock
from tests.rectification.plan_office import PlanOffice, make_plan_office
from tests.rectification.scenarios import authorise, person
from tracker.kernel.db import Database
from tracker.kernel.errors import DomainError
from tracker.people.models import User
from tracker.rectification.models import LongTermRequest, Task, UnitDocument
from tracker.rectification.rules.transitions import Verb
from tracker.rectification.rules.words import DocumentEventKind, RequestState, TaskState
from tracker.rectification.service import plan_steps, side_steps

S, E = TaskState, DocumentEventKind


@pytest.fixture
def office(app: Flask, database: Database, people: Cast, clock: ManualClock) -> PlanOffice:
    office = make_plan_office(app, database, people, clock)
    with database.writing() as session:
        authorise(session, people, today=MONDAY, now=clock.now())
        session.commit()
    return office


def pass_as(office: PlanOffice, who: str) -> None:
    with office.database.writing() as session:
        plan = session.get_one(UnitDocument, office.plan_id)
        actor = person(session, office.people, who, today=MONDAY)
        plan_steps.pass_plan(session, plan, actor=actor, now=office.clock.now())
        session.commit()


def test_nobody_passes_a_plan_they_entered_for_the_unit(office: PlanOffice) -> None:
    (task,) = office.issue("001")
    deputy = office.enter("acting_lead")
    office.submit(deputy, task)
    office.press(office.enter("head_a"), "sign")
    assert office.states(task) == [S.PLAN_REVIEW]
    with pytest.raises(DomainError, match="不能由您审批"):
        pass_as(office, "acting_lead")
    assert office.states(task) == [S.PLAN_REVIEW]
    pass_as(office, "lead")
    assert office.events()[-1] is E.PASSED


def test_a_returned_plan_that_the_unit_hands_in_anew_is_passed_by_the_deputy(
    office: PlanOffice,
) -> None:
    """What counts is who handed in the version under review, not who did so before."""
    (task,) = office.issue("001")
    office.submit(office.enter("acting_lead"), task)
    head = office.enter("head_a")
    office.press(head, "sign")
    office.press(office.enter("lead"), "return", reason="措施不具体")
    office.press(office.enter("liaison_a"), "submit")
    office.press(head, "sign")
    pass_as(office, "acting_lead")
    assert office.states(task) == [S.IN_PROGRESS]


def test_nobody_passes_a_plan_they_signed_in_a_post_held_before(office: PlanOffice) -> None:
    (task,) = office.issue("001")
    office.submit(office.enter("liaison_a"), task)
    office.press(office.enter("head_a"), "sign")
    same_person(office, "lead", "head_a")
    with pytest.raises(DomainError, match="不能由您审批"):
        pass_as(office, "lead")
    assert office.states(task) == [S.PLAN_REVIEW]


def same_person(office: PlanOffice, *usernames: str) -> None:
    """Make accounts belong to one person, as after a change of post."""
    with office.database.writing() as session:
        users = [session.get_one(User, office.people.users[each]) for each in usernames]
        for user in users:
            user.person_id = users[0].person_id
        session.commit()


@pytest.mark.parametrize("grant", [True, False])
def test_nobody_decides_about_a_long_term_they_asked_for(
    database: Database, people: Cast, clock: ManualClock, *, grant: bool
) -> None:
    now = clock.now()
    with database.writing() as session:
        authorise(session, people, today=MONDAY, now=now)
        task = make_work(session, people, now=now).task(session, people, now=now)
        wish = side_steps.LongTermWish(
            reason="涉及历史遗留", stage_goal="完成确权", next_review_on=date(2027, 2, 1)
        )
        clerk = person(session, people, "acting_lead", today=MONDAY)
        side_steps.ask_long_term(session, task, wish, actor=clerk, now=now)
        session.commit()
        with pytest.raises(DomainError, match="不能由您审批"):
            decide(session, task, "acting_lead", people, clock, grant=grant)
        decide(session, task, "lead", people, clock, grant=grant)
        session.commit()
        request = session.scalars(select(LongTermRequest)).one()
        assert request.state is (RequestState.GRANTED if grant else RequestState.REFUSED)
        assert task.state is (S.LONG_TERM if grant else S.IN_PROGRESS)


def decide(
    session: Session, task: Task, who: str, people: Cast, clock: ManualClock, *, grant: bool
) -> None:
    side_steps.decide_long_term(
        session,
        task,
        Verb.TO_LONG_TERM,
        grant=grant,
        reason="" if grant else "可以按期完成",
        actor=person(session, people, who, today=MONDAY),
        now=clock.now(),
    )
