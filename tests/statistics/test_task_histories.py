"""Random histories of tasks: each evening's answers hold later on, and each reader sees its own."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from hypothesis import HealthCheck, Phase, example, given, settings
from hypothesis import strategies as st
from sqlalchemy.orm import Session

from tests.factories.cast import TESTER, Cast
from tests.factories.work import Work, make_work
from tests.statistics.task_oracle import Told, bands, by_unit, sides, sums, week
from tracker.feedback.models import IssueUnit
from tracker.feedback.rules import IssueNature
from tracker.kernel.clock import at_local
from tracker.kernel.db import Database, born
from tracker.kernel.permissions import Actor
from tracker.rectification.models import DueChange, ProgressReport, Review, Task, TaskTransition
from tracker.rectification.rules.words import (
    CompletionClass,
    DueChangeKind,
    ReviewOutcome,
    TaskKind,
    TaskState,
)
from tracker.statistics.queries.query import FigureQuery
from tracker.statistics.rules import Reading, Side
from tracker.statistics.service import measure_all, rows_behind

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
TASK_SHARES = (
    "on_time_rate",
    "immediate_rate",
    "unit_tasks",
    "extension_share",
    "return_share",
    "reopen_share",
)
SUMS = (
    "times_extended",
    "times_returned",
    "times_reopened",
    "rules_made",
    "orgs_reported",
    "persons_reported",
    "money_recovered",
    "overdue_longest",
)
WEIGHED = ("times_extended", "money_recovered")
FIGURES = (
    "issues_fed_back",
    "closure_rate",
    "completion_rate",
    "tasks_overdue",
    "tasks_closed",
    *TASK_SHARES,
    *SUMS,
    "units_banded",
    "overdue_week",
)
EXAMPLES = int(os.environ.get("TASK_HISTORIES", "6"))  # more of them: a campaign by hand
PHASES = (Phase.explicit, Phase.generate)  # each world is a database: shrinking would take an hour

task = st.integers(0, 5)
small = st.integers(0, 3)
event = st.one_of(
    st.tuples(st.just("move"), task, st.sampled_from(STATES)),
    st.tuples(st.just("move"), task, st.sampled_from(STATES)),
    st.tuples(st.just("due"), task, st.integers(-10, 60)),
    st.tuples(st.just("confirm"), task, st.booleans()),
    st.tuples(st.just("fix"), task, st.integers(-10, 40)),
    st.tuples(st.just("finish"), task, st.integers(0, 20)),
    st.tuples(st.just("extend"), task, st.integers(1, 40)),
    st.tuples(st.just("send_back"), task, st.none()),
    st.tuples(st.just("report"), task, st.tuples(small, small, small, st.integers(0, 999_999))),
)
histories = st.lists(st.tuples(st.integers(0, 12), event), min_size=4, max_size=16)
many = settings(
    max_examples=EXAMPLES,
    deadline=None,
    phases=PHASES,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)


Totals = tuple[int, int, int, int]


def _last_results(told: Told) -> Totals:
    return told.results[-1][1] if told.results else (0, 0, 0, 0)


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
        number = len(self.tasks)
        has_original, is_immediate = number >= len(PLACES), number % 2 == 0
        row = work.task(
            self.session,
            self.people,
            unit=unit,
            due_on=FIRST_DUE,
            now=at_local(self.today, 9),
            original_due=FIRST_DUE if has_original else None,
            kind=TaskKind.IMMEDIATE if is_immediate else TaskKind.DATED,
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
            original=(None, FIRST_DUE) if has_original else None,
            is_immediate=is_immediate,
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
        self._dated(told, row, days, DueChangeKind.CORRECTION)

    def _extend(self, told: Told, row: Task, days: int) -> None:
        self._dated(told, row, days, DueChangeKind.EXTENSION)
        told.extended.append(self.today)

    def _fix(self, told: Told, row: Task, days: int) -> None:
        """The original due date is fixed once."""
        if row.original_due is None:
            self._dated(told, row, days, DueChangeKind.FIXED)
            row.original_due = row.due_on
            told.original = (self.today, self.today + timedelta(days=days))

    def _finish(self, told: Told, row: Task, days_ago: int) -> None:
        """The unit says when it was done, and the office closes."""
        done_on = self.today - timedelta(days=days_ago)
        self._keep_report(row, done_on=done_on, results=_last_results(told))
        told.done.append((self.today, done_on))
        row.done_on = done_on
        self._move(told, row, TaskState.OFFICE_REVIEW)
        self._move(told, row, TaskState.CLOSED)

    def _send_back(self, told: Told, row: Task, _nothing: None) -> None:
        """退回: a task is handed in and comes back."""
        self._move(told, row, TaskState.OFFICE_REVIEW)
        self._move(told, row, TaskState.IN_PROGRESS)
        self._review(row, ReviewOutcome.RETURNED)
        told.returned.append(self.today)

    def _report(self, told: Told, row: Task, totals: Totals) -> None:
        self._keep_report(row, done_on=None, results=totals)
        told.results.append((self.today, totals))

    def _keep_report(self, row: Task, *, done_on: date | None, results: Totals) -> None:
        rules, orgs, persons, yuan = results
        report = ProgressReport(
            task_id=row.id,
            reported_on=self.today,
            text="进展",
            completion=CompletionClass.DONE if done_on else CompletionClass.PARTLY,
            done_on=done_on,
            rules_made=rules,
            orgs_held=orgs,
            persons_held=persons,
            recovered_wan=Decimal(yuan).scaleb(-4),
            **born(actor=TESTER, now=at_local(self.today, 10)),
        )
        self.session.add(report)

    def _dated(self, told: Told, row: Task, days: int, kind: DueChangeKind) -> None:
        new = self.today + timedelta(days=days)
        change = DueChange(
            task_id=row.id,
            kind=kind,
            old_due=row.due_on,
            new_due=new,
            actor="t",
            **self._stamps,
        )
        self.session.add(change)
        row.due_on = new
        told.dues.append((self.today, new))

    def _confirm(self, told: Told, row: Task, is_done: bool) -> None:
        self._review(row, ReviewOutcome.CONFIRMED if is_done else ReviewOutcome.UNCONFIRMED)
        told.words.append((self.today, is_done))

    def _review(self, row: Task, outcome: ReviewOutcome) -> None:
        self.session.add(
            Review(
                task_id=row.id,
                outcome=outcome,
                reviewed_on=self.today,
                recorded_at=at_local(self.today, 10),
                reviewer="t",
            )
        )

    def query(self, actor: Actor, region: str, day: date) -> FigureQuery:
        return FigureQuery(actor=actor, region_id=self.people.regions[region], as_of=day)

    def rows(self, query: FigureQuery, code: str, side: Side, part: str | None = None) -> set[int]:
        listed = rows_behind(self.session, query, code, side=side, part=part, is_whole=True)
        found = [row for row, _amount, _cells in listed.rows]
        assert len(found) == len(set(found))
        return set(found)

    def check_sums(self, query: FigureQuery, own: list[Told]) -> None:
        """Compare what weighs more than 1, the units, and the week with plain lists."""
        day = query.as_of
        figures = measure_all(self.session, query, FIGURES)
        read = {figure.definition.code: figure.reading for figure in figures}
        for code, expected in sums(own, day).items():
            if code not in read:
                continue
            assert read[code].numerator == expected, (code, day)
            if code in WEIGHED:
                listed = rows_behind(self.session, query, code, side=Side.NUMERATOR)
                assert listed.total == expected, (code, day)
        delta = read["overdue_week"]
        for (name, ids), part in zip(week(own, day).items(), delta.parts, strict=True):
            assert self.rows(query, "overdue_week", Side.NUMERATOR, name) == ids, (name, day)
            assert (part.key, part.numerator) == (name, len(ids)), day
        last, new, cleared, now = (int(part.numerator or 0) for part in delta.parts)
        assert last + new - cleared == now
        self._check_units(query, own, read)

    def _check_units(self, query: FigureQuery, own: list[Told], read: dict[str, Reading]) -> None:
        day = query.as_of
        if "units_banded" in read:
            self._check_bands(query, own, read["units_banded"])
        parts = read["unit_tasks"].parts
        assert [(part.numerator, part.denominator) for part in parts] == [
            pair for _unit, pair in sorted(by_unit(own, day).items())
        ]
        for part in parts[:1]:
            below = self.rows(query, "unit_tasks", Side.DENOMINATOR, part.key)
            assert len(below) == part.denominator

    def _check_bands(self, query: FigureQuery, own: list[Told], read: Reading) -> None:
        day, ids = query.as_of, self.people.units
        for name, units in bands(own, day).items():
            found = self.rows(query, "units_banded", Side.NUMERATOR, name)
            assert found == {ids[unit] for unit in units}, (name, day)
        expected = {name: len(units) for name, units in bands(own, day).items() if units}
        assert {part.key: part.numerator for part in read.parts} == expected, day

    def answers(self, day: date) -> dict[str, Any]:
        """Return what the city's figures are as of a day: numbers and rows."""
        query = self.query(TESTER, "city", day)
        found: dict[str, Any] = {}
        for figure in measure_all(self.session, query, (*FIGURES, "overdue_share")):
            code, parts = figure.definition.code, figure.reading.parts
            rows = () if code in SUMS else self.rows(query, code, Side.NUMERATOR)
            found[code] = (figure.text, parts, rows)
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
            if day == world.today:
                world.check_sums(query, mine)


OF_ISSUES = {"issues_fed_back", "closure_rate", "completion_rate"}
OFFICES_ONLY = {
    "units_banded",
    "extension_share",
    "return_share",
    "reopen_share",
    "times_extended",
    "times_returned",
    "times_reopened",
}
OF_UNITS = {"head_a", "liaison_b", "east_head"}
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
            world.check_sums(query, own)
            figures = measure_all(world.session, query, FIGURES)
            read = {figure.definition.code: figure.reading for figure in figures}
            hidden = OFFICES_ONLY if reader in OF_UNITS else set()
            assert read.keys() == set(FIGURES) - hidden
            for code, (above, _below) in sides(own, world.today).items():
                if code in hidden:
                    continue
                assert world.rows(query, code, Side.NUMERATOR) == above, (reader, code)
                counted = read[code]
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
                    own = issues if code in OF_ISSUES else tasks
                    assert world.rows(query, code, Side.NUMERATOR) == above & own, (reader, code)
