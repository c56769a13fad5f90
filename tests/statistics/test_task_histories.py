"""Random histories of tasks: each evening's answers hold later on, and each reader sees its own."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

from hypothesis import HealthCheck, Phase, example, given, settings
from hypothesis import strategies as st
from sqlalchemy.orm import Session

from tests.factories.cast import TESTER, Cast
from tests.factories.work import Work, make_work
from tests.statistics.task_oracle import Told, sides
from tracker.feedback.models import IssueUnit
from tracker.feedback.rules import IssueNature
from tracker.kernel.clock import at_local
from tracker.kernel.db import Database
from tracker.kernel.permissions import Actor
from tracker.rectification.models import DueChange, Review, Task, TaskTransition
from tracker.rectification.rules.words import DueChangeKind, ReviewOutcome, TaskState
from tracker.statistics.queries.query import FigureQuery
from tracker.statistics.rules import Side
from tracker.statistics.service import measure, rows_behind

FED_BACK_ON = date(2026, 3, 2)
FIRST_DUE = date(2026, 3, 20)
PLACES = (("city", "a"), ("city", "b"), ("east", "e"))
STATES = (
    TaskState.IN_PROGRESS,
    TaskState.OFFICE_REVIEW,
    TaskState.CLOSED,
    TaskState.LONG_TERM,
    TaskState.VOID,
    TaskState.ENDED,
)
FIGURES = ("issues_fed_back", "closure_rate", "completion_rate", "tasks_overdue", "tasks_closed")
EXAMPLES = int(os.environ.get("TASK_HISTORIES", "6"))  # more of them: a campaign by hand
PHASES = (Phase.explicit, Phase.generate)  # each world is a database: shrinking would take an hour

task = st.integers(0, 5)
event = st.one_of(
    st.tuples(st.just("move"), task, st.sampled_from(STATES)),
    st.tuples(st.just("move"), task, st.sampled_from(STATES)),
    st.tuples(st.just("due"), task, st.integers(-10, 60)),
    st.tuples(st.just("confirm"), task, st.booleans()),
)
histories = st.lists(st.tuples(st.integers(0, 12), event), min_size=4, max_size=16)
many = settings(
    max_examples=EXAMPLES,
    deadline=None,
    phases=PHASES,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)


class World:
    """One history, told to the product's database and to the oracle."""

    def __init__(self, session: Session, people: Cast) -> None:
        self.session, self.people, self.today = session, people, FED_BACK_ON
        now = at_local(FED_BACK_ON, 9)
        work = {
            region: make_work(
                session, people, now=now, region=region, units=units, fed_back_on=FED_BACK_ON
            )
            for region, units in (("city", ("a", "b")), ("east", ("e",)))
        }
        self.tasks: list[Told] = []
        for number in range(6):
            region, unit = PLACES[number % len(PLACES)]
            self.tasks.append(self._issued(work[region], region, unit))
        self._share(self.tasks[3], self.tasks[4])

    def _share(self, first: Told, second: Told) -> None:
        """Make one common issue of two: a task for each of its units."""
        one, other = (self.session.get_one(Task, told.task_id) for told in (first, second))
        spare = other.issue
        other.issue = one.issue
        one.issue.nature = IssueNature.COMMON
        one.issue.units.append(IssueUnit(unit_id=other.lead_unit_id))
        self.session.flush()  # nothing points to the spare one any more
        self.session.delete(spare)
        second.issue_id = first.issue_id

    def _issued(self, work: Work, region: str, unit: str) -> Told:
        row = work.task(
            self.session, self.people, unit=unit, due_on=FIRST_DUE, now=at_local(self.today, 9)
        )
        self.session.flush()  # its id is wanted
        return Told(
            task_id=row.id,
            issue_id=row.issue_id or 0,
            region=region,
            unit=unit,
            fed_back_on=FED_BACK_ON,
            moves=[(FED_BACK_ON, TaskState.IN_PROGRESS)],
            dues=[(FED_BACK_ON, FIRST_DUE)],
        )

    def tell(self, name: str, number: int, what: Any) -> None:
        told = self.tasks[number]
        row = self.session.get_one(Task, told.task_id)
        getattr(self, f"_{name}")(told, row, what)
        self.session.flush()  # figures look at the database

    @property
    def _stamps(self) -> dict[str, Any]:
        return {"occurred_on": self.today, "recorded_at": at_local(self.today, 10)}

    def _move(self, told: Told, row: Task, state: TaskState) -> None:
        step = TaskTransition(
            task=row, from_state=row.state, to_state=state, verb="made", actor="t", **self._stamps
        )
        self.session.add(step)
        row.state = state
        told.moves.append((self.today, state))

    def _due(self, told: Told, row: Task, days: int) -> None:
        new = self.today + timedelta(days=days)
        change = DueChange(
            task_id=row.id,
            kind=DueChangeKind.CORRECTION,
            old_due=row.due_on,
            new_due=new,
            actor="t",
            **self._stamps,
        )
        self.session.add(change)
        row.due_on = new
        told.dues.append((self.today, new))

    def _confirm(self, told: Told, row: Task, is_done: bool) -> None:
        outcome = ReviewOutcome.CONFIRMED if is_done else ReviewOutcome.UNCONFIRMED
        self.session.add(
            Review(
                task_id=row.id,
                outcome=outcome,
                reviewed_on=self.today,
                recorded_at=at_local(self.today, 10),
                reviewer="t",
            )
        )
        told.words.append((self.today, is_done))

    def query(self, actor: Actor, region: str, day: date) -> FigureQuery:
        return FigureQuery(actor=actor, region_id=self.people.regions[region], as_of=day)

    def rows(self, query: FigureQuery, code: str, side: Side) -> set[int]:
        listed = rows_behind(self.session, query, code, side=side, is_whole=True)
        return {row for row, _amount, _cells in listed.rows}

    def answers(self, day: date) -> dict[str, Any]:
        """Return what the city's figures are as of a day: numbers and rows."""
        query = self.query(TESTER, "city", day)
        found: dict[str, Any] = {}
        for code in (*FIGURES, "overdue_share"):
            figure = measure(self.session, query, code)
            found[code] = (figure.text, self.rows(query, code, Side.NUMERATOR))
        return found


@contextmanager
def told(database: Database, people: Cast) -> Iterator[World]:
    with database.writing() as session:
        yield World(session, people)
        session.rollback()


@many
@given(history=histories)
def test_each_evenings_figures_are_the_same_when_asked_later_and_as_plain_lists_say(
    database: Database, people: Cast, history: list[Any]
) -> None:
    evenings: dict[date, dict[str, Any]] = {}
    with told(database, people) as world:
        for days, happened in history:
            if days:
                evenings[world.today] = world.answers(world.today)
                world.today += timedelta(days=days)
            world.tell(*happened)
        for day, answers in evenings.items():
            assert world.answers(day) == answers, day
        mine = [task for task in world.tasks if task.region == "city"]
        for day in (*evenings, world.today):
            query = world.query(TESTER, "city", day)
            for code, (above, below) in sides(mine, day).items():
                assert world.rows(query, code, Side.NUMERATOR) == above, (code, day)
                if below is not None:
                    assert world.rows(query, code, Side.DENOMINATOR) == below, (code, day)
                    assert above <= below


READERS = {
    "clerk": ("city", {"a", "b"}),
    "leader": ("city", {"a", "b"}),
    "supervisor": ("city", {"a"}),
    "head_a": ("city", {"a"}),
    "liaison_b": ("city", {"b"}),
    "east_head": ("east", {"e"}),
    "east_clerk": ("east", {"e"}),
}


@many
@example(history=[(1, ("move", 3, TaskState.CLOSED))])  # of a common issue, one unit of two
@given(history=histories)
def test_each_reader_counts_the_rows_a_plain_list_gives_and_no_other(
    database: Database, people: Cast, history: list[Any]
) -> None:
    with told(database, people) as world:
        for days, happened in history:
            world.today += timedelta(days=days)
            world.tell(*happened)
        for reader, (region, units) in READERS.items():
            query = world.query(people.actor(reader), region, world.today)
            own = [task for task in world.tasks if task.unit in units and task.region == region]
            for code, (above, _below) in sides(own, world.today).items():
                assert world.rows(query, code, Side.NUMERATOR) == above, (reader, code)
                counted = measure(world.session, query, code).reading
                assert counted.numerator == len(above)
                if counted.parts:
                    assert sum(part.numerator or 0 for part in counted.parts) == len(above)


@many
@given(history=histories)
def test_one_units_share_is_what_a_plain_list_gives_whoever_asks(
    database: Database, people: Cast, history: list[Any]
) -> None:
    with told(database, people) as world:
        for days, happened in history:
            world.today += timedelta(days=days)
            world.tell(*happened)
        mine = [task for task in world.tasks if task.region == "city"]
        for unit in ("a", "b"):
            tasks = {task.task_id for task in mine if task.unit == unit}
            issues = {task.issue_id for task in mine if task.unit == unit}
            for reader in ("clerk", "leader"):
                query = replace(
                    world.query(people.actor(reader), "city", world.today),
                    unit_id=people.units[unit],
                )
                for code, (above, _below) in sides(mine, world.today).items():
                    own = tasks if code.startswith("tasks_") else issues
                    assert world.rows(query, code, Side.NUMERATOR) == above & own, (reader, code)
