"""Sixty working days, forty tasks: people are late, ask, are returned, withdraw, reopen — and every
evening what must always hold still holds."""

from collections import Counter
from datetime import date, timedelta
from itertools import pairwise

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.factories.cast import Cast
from tests.factories.work import make_work
from tests.rectification import expected_matrix as expected
from tests.rectification.month import PLAYS, Month, lend_for, make_feedbacks, make_rounds
from tracker.audit.service import first_broken_link
from tracker.kernel.clock import at_local
from tracker.kernel.db import Database
from tracker.organizations.models import Region
from tracker.organizations.rules import OfficeMode
from tracker.rectification.evidence_queries import evidence_that_counts
from tracker.rectification.models import (
    DueChange,
    ProgressReport,
    Task,
    TaskTransition,
)
from tracker.rectification.rules.words import DueChangeKind, TaskState
from tracker.rounds.models import Round
from tracker.workdays.queries import load_calendar

FIRST = date(2026, 3, 2)
DAYS = 60
TASKS = 40
SHORTENED_AFTER = 20  # a round drops acknowledgement, plan review and sign-off
SIMPLE_AFTER = 50  # the office becomes an office of two
BLOCKS = (
    expected.WHOLE,
    expected.ACKNOWLEDGEMENT_OFF,
    expected.PLAN_REVIEW_OFF,
    expected.SIGN_OFF_OFF,
    expected.ENDING_ON,
    expected.SIMPLE,
)
WHO = {
    "liaison_a": "liaison",
    "liaison_b": "liaison",
    "head_a": "head",
    "head_b": "head",
    "deputy_a": "deputy",
}


def who_may() -> dict[tuple[str, str], set[str]]:
    """Return (state, step) → people, from the lines written by hand."""
    found: dict[tuple[str, str], set[str]] = {}
    for block in BLOCKS:
        for line in block.strip().splitlines():
            state, step, _after, *people = line.split()
            found.setdefault((state, step), set()).update(people)
    return found


class Evening:
    """What must hold after every day."""

    def __init__(self, cast: Cast) -> None:
        self.names = {user_id: name for name, user_id in cast.users.items()}
        self.fixed: dict[int, date | None] = {}
        self.allowed = who_may()

    def check(self, session: Session) -> None:
        tasks = list(session.scalars(select(Task)))
        for task in tasks:
            self.closed_with_a_reason(session, task)
            self.original_due_stands(session, task)
            self.history_sums_to_the_state(session, task)

    def closed_with_a_reason(self, session: Session, task: Task) -> None:
        if task.state is not TaskState.CLOSED or task.is_historic:
            return
        proof = evidence_that_counts(session, task)
        stated = session.scalar(
            select(ProgressReport.id).where(
                ProgressReport.task_id == task.id, ProgressReport.no_evidence_reason.is_not(None)
            )
        )
        assert proof or stated, task.task_no

    def original_due_stands(self, session: Session, task: Task) -> None:
        changes = list(
            session.scalars(
                select(DueChange).where(DueChange.task_id == task.id).order_by(DueChange.id)
            )
        )
        fixed = [change for change in changes if change.kind is DueChangeKind.FIXED]
        assert len(fixed) <= 1, task.task_no
        if fixed:
            assert task.original_due == fixed[0].new_due
            assert task.due_on == changes[-1].new_due
        if task.original_due is not None:
            assert self.fixed.setdefault(task.id, task.original_due) == task.original_due

    def history_sums_to_the_state(self, session: Session, task: Task) -> None:
        steps = list(
            session.scalars(
                select(TaskTransition)
                .where(TaskTransition.task_id == task.id)
                .order_by(TaskTransition.id)
            )
        )
        assert steps[0].from_state is None
        for before, after in pairwise(steps):
            assert after.from_state is before.to_state, task.task_no
        assert steps[-1].to_state is task.state, task.task_no
        for step in steps[1:]:
            self.within_the_role(step)

    def within_the_role(self, step: TaskTransition) -> None:
        assert step.from_state is not None
        name = self.names[step.actor_user_id or 0]
        verb = step.verb
        state = "planning" if verb == "add" else step.from_state.value
        who = WHO.get(name, name)
        if verb.startswith("withdraw") and step.on_behalf_of:
            who = "liaison"  # the clerk takes back what the same clerk wrote for the unit
        assert who in self.allowed[state, verb], (name, state, verb)


@pytest.mark.parametrize("seed", [22])
def test_three_months_of_an_office(database: Database, people: Cast, seed: int) -> None:
    play, evening = Month(database, people, seed), Evening(people)
    start = at_local(FIRST, 8)
    with database.writing() as session:
        work = make_work(session, people, now=start, fed_back_on=FIRST - timedelta(days=20))
        rounds = make_rounds(session, people, session.get_one(Round, work.round_id), now=start)
        make_feedbacks(
            session,
            people,
            rounds,
            issues=TASKS,
            fed_back_on=FIRST - timedelta(days=20),
            now=start,
        )
        lend_for(session, people, FIRST, FIRST + timedelta(days=120), now=start)
        session.commit()
        shortened, region_id = rounds[-1].id, work.region_id
        calendar = load_calendar(session)
    day = FIRST
    for number in range(DAYS):
        play.play_day(day)
        with database.writing() as session:
            evening.check(session)
            if number == SHORTENED_AFTER:
                tour = session.get_one(Round, shortened)
                tour.needs_acknowledgement = tour.needs_plan_review = tour.needs_sign_off = False
            if number == SIMPLE_AFTER:
                session.get_one(Region, region_id).mode = OfficeMode.SIMPLE
            session.commit()
        day = calendar.next_workday(day + timedelta(days=1))
    with database.reading() as session:
        taken = Counter(session.scalars(select(TaskTransition.verb)))
        assert first_broken_link(session) is None
    rare = {verb.value: taken[verb.value] for verb in PLAYS if taken[verb.value] < 3}
    assert rare == {}
    assert min(play.beside.values()) >= 3, play.beside
    assert sum(play.refused.values()) > 100
