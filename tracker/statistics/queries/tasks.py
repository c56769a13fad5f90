"""Rows of issues and tasks, from transitions and dated records, never from today's columns."""

from datetime import date
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Subquery,
    and_,
    case,
    exists,
    func,
    literal,
    or_,
    select,
    tuple_,
)
from sqlalchemy.orm import aliased

from tracker.feedback.models import Feedback, IssueTag
from tracker.organizations.models import UnitChange, UnitChangeItem
from tracker.organizations.rules import HandedOver
from tracker.rectification.models import DueChange, Task, TaskTransition
from tracker.rectification.rules.court import CAN_BE_OVERDUE
from tracker.rectification.rules.words import (
    OPEN_STATES,
    UNCOUNTED_STATES,
    TaskState,
)
from tracker.statistics.queries.query import FigureQuery, Rows
from tracker.statistics.rules import AGEING_LIMITS, Ageing, ageing_from

UNDER_WAY = OPEN_STATES - {TaskState.DRAFT}
NEVER = date.max


def states(query: FigureQuery) -> Subquery:
    """Return (task_id, state, occurred_on): the last transition with occurred_on on or before the day.

    Of several on one day the one written down last. Said as “none later” both databases find it
    in one walk through the history, twice as fast as task by task.
    """
    last, later = aliased(TaskTransition), aliased(TaskTransition)
    is_later = or_(
        later.occurred_on > last.occurred_on,
        and_(later.occurred_on == last.occurred_on, later.id > last.id),
    )
    none_later = ~exists().where(
        later.task_id == last.task_id, later.occurred_on <= query.as_of, is_later
    )
    chosen = select(last.task_id.label("task_id"), last.to_state.label("state"), last.occurred_on)
    return chosen.where(last.occurred_on <= query.as_of, none_later).subquery()


def with_due(query: FigureQuery, rows: Rows) -> tuple[Rows, ColumnElement[Any]]:
    """Join to a selection of tasks the due date as it stood on the day.

    The last change by the day, else what the next one replaced. A change that took the date away,
    or gave the first one, says that there was none: NEVER; so does a task's own that waits to be
    confirmed (待确认).
    """
    last, coming = _last_change(query), _next_change(query)
    own = case((Task.is_due_doubtful, NEVER), else_=Task.due_on)
    joined = rows.outerjoin(last, last.c.task_id == Task.id).outerjoin(
        coming, coming.c.task_id == Task.id
    )
    return joined, func.coalesce(last.c.due_on, coming.c.due_on, own)


def _last_change(query: FigureQuery) -> Subquery:
    """Return (task_id, due_on) of each task whose date was changed by the day: of the last change."""
    last, later = aliased(DueChange), aliased(DueChange)
    none_later = ~exists().where(
        later.task_id == last.task_id,
        later.occurred_on <= query.as_of,
        tuple_(later.occurred_on, later.id) > tuple_(last.occurred_on, last.id),
    )
    given = func.coalesce(last.new_due, NEVER).label("due_on")
    return select(last.task_id, given).where(last.occurred_on <= query.as_of, none_later).subquery()


def _next_change(query: FigureQuery) -> Subquery:
    """Return (task_id, due_on) of each task whose date is changed later: what is replaced first."""
    first, before = aliased(DueChange), aliased(DueChange)
    none_before = ~exists().where(
        before.task_id == first.task_id,
        before.occurred_on > query.as_of,
        tuple_(before.occurred_on, before.id) < tuple_(first.occurred_on, first.id),
    )
    replaced = func.coalesce(first.old_due, NEVER).label("due_on")
    return (
        select(first.task_id, replaced)
        .where(first.occurred_on > query.as_of, none_before)
        .subquery()
    )


def led_by(query: FigureQuery) -> ColumnElement[int]:
    """Return the unit that led a task on the day: before a merger, the one that handed it over."""
    handed_over = (
        select(UnitChange.unit_id)
        .join(UnitChangeItem, UnitChangeItem.change_id == UnitChange.id)
        .where(
            UnitChangeItem.kind == HandedOver.TASK,
            UnitChangeItem.object_id == Task.id,
            UnitChange.effective_on > query.as_of,
            UnitChange.taken_back_on.is_(None),
        )
        .order_by(UnitChange.effective_on, UnitChange.id)
        .limit(1)
        .correlate(Task)
        .scalar_subquery()
    )
    return func.coalesce(handed_over, Task.lead_unit_id)


def _tasks(query: FigureQuery, part: Any) -> tuple[Rows, Subquery]:
    state = states(query)
    rows = (
        select(Task.id.label("id"), literal(1).label("amount"), part.label("part"))
        .join(state, state.c.task_id == Task.id)
        .join(Feedback, Feedback.id == Task.feedback_id)
        .where(query.visible(region=Task.region_id, unit=Task.lead_unit_id))
    )
    if query.round_id is not None:
        rows = rows.where(Task.round_id == query.round_id)
    if query.is_of_units:
        rows = rows.where(state.c.state != TaskState.DRAFT)
    return rows.where(*query.by_rounds(Task.round_id), *of_issue(query, Task.issue_id)), state


def of_issue(query: FigureQuery, issue_id: Any) -> list[ColumnElement[bool]]:
    """Return what is asked of a row's issue and of its `Feedback`, which the statement has joined."""
    wanted: list[ColumnElement[bool]] = []
    if query.source is not None:
        wanted.append(Feedback.source == query.source)
    if query.tag is not None:
        tagged = select(IssueTag.issue_id).where(IssueTag.tag == query.tag)
        wanted.append(issue_id.in_(tagged))
    return wanted


def source_tasks(query: FigureQuery) -> Rows:
    """Return tasks of feedback from above (no round of ours), neither void nor ended."""
    rows, state = _tasks(query, Feedback.source)
    return rows.where(Feedback.round_id.is_(None), state.c.state.not_in(UNCOUNTED_STATES))


def source_tasks_closed(query: FigureQuery) -> Rows:
    """Return those of `source_tasks` that are closed on the day."""
    rows, state = _tasks(query, Feedback.source)
    return rows.where(Feedback.round_id.is_(None), state.c.state == TaskState.CLOSED)


def tasks_under_way(query: FigureQuery) -> Rows:
    """Return tasks issued and not yet closed, void or ended."""
    rows, state = _tasks(query, literal(None))
    return rows.where(state.c.state.in_(UNDER_WAY))


def tasks_closed(query: FigureQuery) -> Rows:
    """Return tasks that are closed on the day, and were closed within the span."""
    rows, state = _tasks(query, literal(None))
    return rows.where(state.c.state == TaskState.CLOSED, query.happened(state.c.occurred_on))


def tasks_overdue(query: FigureQuery) -> Rows:
    """Return dated tasks past their due date whose turn is the unit's, by ageing."""
    rows, due = overdue_with_due(query)
    band = case(
        *((due >= ageing_from(name, query.as_of), name.value) for name, _days in AGEING_LIMITS),
        else_=Ageing.LONGER.value,
    )
    return rows.with_only_columns(
        Task.id.label("id"), literal(1).label("amount"), band.label("part")
    )


def overdue_with_due(query: FigureQuery) -> tuple[Rows, ColumnElement[Any]]:
    """Return `tasks_overdue` without its parts, and the column of the due date."""
    rows, state = _tasks(query, literal(None))
    rows, due = with_due(query, rows)
    return rows.where(state.c.state.in_(CAN_BE_OVERDUE), due < query.as_of), due
