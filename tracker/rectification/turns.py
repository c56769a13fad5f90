"""办理时长: how long an office's tasks lay with liaison, head and the office itself. Internal."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, and_, select
from sqlalchemy.orm import Session

from tracker.kernel.permissions import Actor
from tracker.organizations.models import Region, Unit
from tracker.organizations.scope import conducts
from tracker.rectification.courts import PlanEvents, plan_events
from tracker.rectification.models import Task, TaskTransition
from tracker.rectification.rules.court import (
    REVIEWS,
    Move,
    Shares,
    Spell,
    added,
    shares,
    spells,
)
from tracker.rectification.rules.words import TaskState
from tracker.rounds.models import Round

NOT_COUNTED = (TaskState.DRAFT, TaskState.VOID)


@dataclass(frozen=True)
class TaskTurns:
    """One task of the office and who had it for how long."""

    row: Row[Any]
    spells: tuple[Spell, ...]
    shares: Shares


@dataclass(frozen=True)
class UnitTurns:
    """The tasks of a unit together."""

    unit_id: int
    unit: str
    tasks: int
    shares: Shares


@dataclass(frozen=True, kw_only=True)
class OwnReview:
    """One review by the office: of a closing, or of a plan, which covers several tasks at once."""

    unit: str
    state: TaskState
    start: date
    end: date
    is_open: bool
    task_nos: tuple[str, ...]
    task_id: int

    @property
    def days(self) -> int:
        """Return the calendar days it took, or has taken so far."""
        return (self.end - self.start).days


def load_turns(
    session: Session, round_id: int | None, *, actor: Actor, as_of: date
) -> list[TaskTurns]:
    """Return the turns of the office's own tasks of a round (None: of no round), in print order.

    Three statements; drafts and voided tasks are left out.
    """
    wanted = and_(
        conducts(actor, region=Task.region_id),
        Task.round_id == round_id if round_id else Task.round_id.is_(None),
        Task.state.not_in(NOT_COUNTED),
    )
    rows = session.execute(_rows(wanted)).all()
    steps = (
        select(TaskTransition.task_id, TaskTransition.occurred_on, TaskTransition.to_state)
        .join(Task, Task.id == TaskTransition.task_id)
        .where(wanted, TaskTransition.occurred_on <= as_of)
        .order_by(TaskTransition.occurred_on, TaskTransition.id)
    )
    moves: dict[int, list[Move]] = defaultdict(list)
    for task_id, on, state in session.execute(steps):
        moves[task_id].append(Move(on, state))
    events = plan_events(session, select(Task.feedback_id).where(wanted))
    return [_turns(row, moves[row.id], events, as_of) for row in rows]


def _rows(wanted: ColumnElement[bool]) -> Select[*tuple[Any, ...]]:
    return (
        select(
            Task.id,
            Task.task_no,
            Task.feedback_id,
            Task.lead_unit_id,
            Task.state,
            Unit.short_name.label("unit"),
        )
        .join(Unit, Unit.id == Task.lead_unit_id)
        .join(Region, Region.id == Unit.region_id)
        .where(wanted)
        .order_by(Region.sort_no, Unit.sort_no, Unit.id, Task.task_no)
    )


def _turns(row: Row[Any], moves: list[Move], events: PlanEvents, as_of: date) -> TaskTurns:
    mine = events.get((row.feedback_id, row.lead_unit_id), [])
    found = spells(moves, mine, as_of=as_of)
    return TaskTurns(row, found, shares(found))


def by_unit(turns: Iterable[TaskTurns]) -> list[UnitTurns]:
    """Return the turns of each unit's tasks together, in the order of print."""
    groups: dict[int, list[TaskTurns]] = defaultdict(list)
    for each in turns:
        groups[each.row.lead_unit_id].append(each)
    return [
        UnitTurns(unit_id, group[0].row.unit, len(group), added(each.shares for each in group))
        for unit_id, group in groups.items()
    ]


def own_reviews(turns: Iterable[TaskTurns], *, as_of: date) -> list[OwnReview]:
    """Return the office's own reviews, the longest first. A plan is reviewed once for all its
    tasks and stands here once."""
    found: dict[tuple[Any, ...], list[tuple[TaskTurns, Spell]]] = defaultdict(list)
    for each in turns:
        for spell in each.spells:
            if spell.state in REVIEWS:
                found[_review_key(each.row, spell)].append((each, spell))
    reviews = [_review(pairs, as_of) for pairs in found.values()]
    return sorted(reviews, key=lambda review: (-review.days, review.start, review.task_id))


def _review_key(row: Row[Any], spell: Spell) -> tuple[Any, ...]:
    if spell.state is TaskState.PLAN_REVIEW:
        return (spell.state, row.feedback_id, row.lead_unit_id, spell.start, spell.end)
    return (spell.state, row.id, spell.start, spell.end)


def _review(pairs: list[tuple[TaskTurns, Spell]], as_of: date) -> OwnReview:
    (first, spell), row = pairs[0], pairs[0][0].row
    return OwnReview(
        unit=row.unit,
        state=spell.state,
        start=spell.start,
        end=spell.end,
        is_open=spell.end == as_of and first.spells[-1] is spell and row.state is spell.state,
        task_nos=tuple(each.row.task_no for each, _ in pairs),
        task_id=row.id,
    )


def rounds_with_tasks(session: Session, *, actor: Actor) -> list[Round]:
    """Return the office's rounds that have tasks, the newest first."""
    held = select(Task.round_id).where(conducts(actor, region=Task.region_id))
    query = select(Round).where(Round.id.in_(held))
    return list(session.scalars(query.order_by(Round.term_id.desc(), Round.seq.desc())))
