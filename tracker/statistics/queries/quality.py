"""What is asked of each task besides its state: in time, extended, returned, reopened, with what
result. Each answer is one expression, summed for all figures in one statement (`together`)."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, Subquery, and_, case, cast, exists, func, select
from sqlalchemy.orm import Session, aliased

from tracker.organizations.models import Region, Unit
from tracker.rectification.models import (
    DueChange,
    ProgressReport,
    Review,
    Task,
    TaskTransition,
)
from tracker.rectification.rules.words import (
    UNCOUNTED_STATES,
    DueChangeKind,
    ReviewOutcome,
    TaskKind,
    TaskState,
)
from tracker.statistics.bands import MOST_OF, UnitBand
from tracker.statistics.queries.query import FigureQuery, Rows, SummedTogether
from tracker.statistics.queries.tasks import _tasks, led_by

ISSUED = frozenset(TaskState) - UNCOUNTED_STATES - {TaskState.DRAFT}
YUAN_OF_WAN = 10_000
UNIT = Region.code + "/" + Unit.code


@dataclass(frozen=True, kw_only=True)
class _Facts:
    """The columns that the answers are made of, as of the day."""

    query: FigureQuery
    state: ColumnElement[Any]
    extended: Any
    returned: Any
    steps: Any
    report: Any

    @property
    def is_issued(self) -> ColumnElement[bool]:
        return self.state.in_(ISSUED)

    @property
    def is_closed(self) -> ColumnElement[bool]:
        return self.state == TaskState.CLOSED


Answer = Callable[[_Facts], ColumnElement[Any]]


def _when(*conditions: Callable[[_Facts], ColumnElement[bool]]) -> Answer:
    return lambda facts: case((and_(*(one(facts) for one in conditions)), 1), else_=0)


def _amount(column: Callable[[_Facts], ColumnElement[Any]]) -> Answer:
    return lambda facts: case((facts.is_issued, func.coalesce(column(facts), 0)), else_=0)


def _issued(facts: _Facts) -> ColumnElement[bool]:
    return facts.is_issued


def _closed(facts: _Facts) -> ColumnElement[bool]:
    return facts.is_closed


def _immediate(_facts: _Facts) -> ColumnElement[bool]:
    return Task.kind == TaskKind.IMMEDIATE


def _fell_due(facts: _Facts) -> ColumnElement[bool]:
    """The original due date had come, and had been fixed: it is fixed once and never moves."""
    fixed_later = exists().where(
        DueChange.task_id == Task.id,
        DueChange.kind == DueChangeKind.FIXED,
        DueChange.occurred_on > facts.query.as_of,
    )
    return and_(Task.original_due <= facts.query.as_of, ~fixed_later.correlate(Task))


def _in_time(facts: _Facts) -> ColumnElement[bool]:
    """What the unit stated last by the day, done no later than the original due date."""
    said = aliased(ProgressReport)
    done_on = (
        select(said.done_on)
        .where(
            said.task_id == Task.id,
            said.done_on.is_not(None),
            said.reported_on <= facts.query.as_of,
        )
        .order_by(said.reported_on.desc(), said.id.desc())
        .limit(1)
        .correlate(Task)
        .scalar_subquery()
    )
    return done_on <= Task.original_due


def _was(name: str) -> Callable[[_Facts], ColumnElement[bool]]:
    return lambda facts: func.coalesce(facts.steps.c[name], 0) > 0


def _yuan(facts: _Facts) -> ColumnElement[Any]:
    """万元 have four decimals, so 元 are whole: sums stay exact where a database keeps floats."""
    return cast(func.round(facts.report.c.recovered_wan * YUAN_OF_WAN), BigInteger)


ANSWERS: dict[str, Answer] = {
    "issued": _when(_issued),
    "closed": _when(_closed),
    "fell_due": _when(_issued, _fell_due),
    "in_time": _when(_closed, _fell_due, _in_time),
    "immediate": _when(_issued, _immediate),
    "immediate_closed": _when(_closed, _immediate),
    "extended": _when(_issued, lambda facts: facts.extended.c.times > 0),
    "times_extended": _amount(lambda facts: facts.extended.c.times),
    "handed_in": _when(_issued, _was("handed_in")),
    "returned": _when(_issued, _was("handed_in"), lambda facts: facts.returned.c.times > 0),
    "times_returned": _amount(lambda facts: facts.returned.c.times),
    "ever_closed": _when(_issued, _was("closed")),
    "reopened": _when(_issued, _was("closed"), _was("reopened")),
    "times_reopened": _amount(lambda facts: facts.steps.c.reopened),
    "rules_made": _amount(lambda facts: facts.report.c.rules_made),
    "orgs_reported": _amount(lambda facts: facts.report.c.orgs_held),
    "persons_reported": _amount(lambda facts: facts.report.c.persons_held),
    "yuan_recovered": _amount(_yuan),
}


def _times(model: Any, on: Any, *conditions: ColumnElement[bool], by: FigureQuery) -> Subquery:
    return (
        select(model.task_id, func.count().label("times"))
        .where(on <= by.as_of, *conditions)
        .group_by(model.task_id)
        .subquery()
    )


def _steps(query: FigureQuery) -> Subquery:
    """Return by task how often it was handed to the office, closed, and opened again."""
    step, closed = TaskTransition, TaskState.CLOSED

    def times(condition: ColumnElement[bool]) -> ColumnElement[int]:
        return func.sum(case((condition, 1), else_=0))

    return (
        select(
            step.task_id,
            times(step.to_state == TaskState.OFFICE_REVIEW).label("handed_in"),
            times(step.to_state == closed).label("closed"),
            times(and_(step.from_state == closed, step.to_state != closed)).label("reopened"),
        )
        .where(step.occurred_on <= query.as_of)
        .group_by(step.task_id)
        .subquery()
    )


def _last_report(query: FigureQuery) -> Subquery:
    """Return the newest report of each task by the day: its results are running totals."""
    report = ProgressReport
    place = func.row_number().over(
        partition_by=report.task_id, order_by=(report.reported_on.desc(), report.id.desc())
    )
    wanted = (
        report.task_id,
        report.rules_made,
        report.orgs_held,
        report.persons_held,
        report.recovered_wan,
    )
    ranked = select(*wanted, place.label("place")).where(report.reported_on <= query.as_of)
    return ranked.subquery()


def _joined(query: FigureQuery) -> tuple[Rows, _Facts]:
    rows, state = _tasks(query, UNIT)
    extended = _times(
        DueChange, DueChange.occurred_on, DueChange.kind == DueChangeKind.EXTENSION, by=query
    )
    returned = _times(
        Review, Review.reviewed_on, Review.outcome == ReviewOutcome.RETURNED, by=query
    )
    steps, report = _steps(query), _last_report(query)
    rows = (
        rows.join(Unit, Unit.id == led_by(query))
        .join(Region, Region.id == Unit.region_id)
        .outerjoin(extended, extended.c.task_id == Task.id)
        .outerjoin(returned, returned.c.task_id == Task.id)
        .outerjoin(steps, steps.c.task_id == Task.id)
        .outerjoin(report, and_(report.c.task_id == Task.id, report.c.place == 1))
    )
    facts = _Facts(
        query=query,
        state=state.c.state,
        extended=extended,
        returned=returned,
        steps=steps,
        report=report,
    )
    return rows, facts


@dataclass(frozen=True)
class Tallied(SummedTogether):
    """The rows of one answer: what each task weighs in it, by lead unit."""

    name: str

    def __call__(self, query: FigureQuery) -> Rows:
        """Return the tasks that weigh anything."""
        rows, facts = _joined(query)
        amount = ANSWERS[self.name](facts)
        return rows.with_only_columns(
            Task.id.label("id"), amount.label("amount"), UNIT.label("part")
        ).where(amount > 0)

    def together(self, session: Session, query: FigureQuery) -> Mapping[Any, dict[Any, int]]:
        """Return the sums of every answer by lead unit: the history of tasks is read once for all."""
        rows, facts = _joined(query)
        sums = [func.sum(answer(facts)) for answer in ANSWERS.values()]
        grouped = rows.with_only_columns(UNIT.label("part"), *sums).group_by(Unit.id, Region.id)
        found = session.execute(grouped).all()
        return {
            Tallied(name): {row[0]: int(row[place]) for row in found if row[place]}
            for place, name in enumerate(ANSWERS, start=1)
        }


def units_banded(query: FigureQuery) -> Rows:
    """Return the units with issued tasks, by how many of theirs are closed."""
    rows, state = _tasks(query, led_by(query))
    inner = rows.where(state.c.state.in_(ISSUED)).add_columns(state.c.state).subquery()
    closed = func.sum(case((inner.c.state == TaskState.CLOSED, 1), else_=0))
    parts, whole = MOST_OF
    band = case(
        (closed == func.count(), UnitBand.ALL.value),
        (closed * whole >= func.count() * parts, UnitBand.MOST.value),
        else_=UnitBand.REST.value,
    )
    return select(
        inner.c.part.label("id"), func.min(inner.c.amount).label("amount"), band.label("part")
    ).group_by(inner.c.part)
