"""Rows of issues and tasks, from transitions and dated records, never from today's columns."""

from datetime import date
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Subquery,
    and_,
    case,
    exists,
    false,
    func,
    literal,
    or_,
    select,
)
from sqlalchemy.orm import aliased

from tracker.feedback.models import Feedback, Issue, IssueTag, IssueUnit
from tracker.organizations.models import UnitChange, UnitChangeItem
from tracker.organizations.rules import HandedOver
from tracker.organizations.scope import sees
from tracker.rectification.models import DueChange, Review, Task, TaskTransition
from tracker.rectification.rules.court import CAN_BE_OVERDUE
from tracker.rectification.rules.words import (
    CONFIRMATIONS,
    OPEN_STATES,
    UNCOUNTED_STATES,
    ReviewOutcome,
    TaskState,
)
from tracker.rounds.models import Inspection, Round, Term
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


def _due(query: FigureQuery) -> ColumnElement[Any]:
    """Return the due date as it stood: the last change by the day, else what the next replaced.

    A change that took the date away, or gave the first one, says that there was none: NEVER; so
    does a task's own that waits to be confirmed (待确认).
    """
    last = (
        select(func.coalesce(DueChange.new_due, NEVER))
        .where(DueChange.task_id == Task.id, DueChange.occurred_on <= query.as_of)
        .order_by(DueChange.occurred_on.desc(), DueChange.id.desc())
        .limit(1)
        .scalar_subquery()
    )
    coming = (
        select(func.coalesce(DueChange.old_due, NEVER))
        .where(DueChange.task_id == Task.id, DueChange.occurred_on > query.as_of)
        .order_by(DueChange.occurred_on, DueChange.id)
        .limit(1)
        .scalar_subquery()
    )
    own = case((Task.is_due_doubtful, NEVER), else_=Task.due_on)
    return func.coalesce(last, coming, own)


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
    return rows.where(*query.by_rounds(Task.round_id), *_of_issue(query, Task.issue_id)), state


def _of_issue(query: FigureQuery, issue_id: Any) -> list[ColumnElement[bool]]:
    """Return what is asked of a row's issue and of its `Feedback`, which the statement has joined."""
    wanted: list[ColumnElement[bool]] = []
    if query.source is not None:
        wanted.append(Feedback.source == query.source)
    if query.tag is not None:
        tagged = select(IssueTag.issue_id).where(IssueTag.tag == query.tag)
        wanted.append(issue_id.in_(tagged))
    return wanted


def narrowed_issues(query: FigureQuery, rows: Rows) -> Rows:
    """Narrow a selection of issues, however it was come by, to what is asked of issues."""
    return rows.join(Feedback, Feedback.id == Issue.feedback_id).where(
        *query.by_rounds(Feedback.round_id), *_of_issue(query, Issue.id)
    )


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
    due = _due(query)
    band = case(
        *((due >= ageing_from(name, query.as_of), name.value) for name, _days in AGEING_LIMITS),
        else_=Ageing.LONGER.value,
    )
    rows, state = _tasks(query, band)
    return rows.where(state.c.state.in_(CAN_BE_OVERDUE), due < query.as_of)


def _is_confirmed(query: FigureQuery) -> ColumnElement[bool]:
    """Return whether the office's last word by the day was 确认基本完成, not 收回."""
    last = (
        select(Review.outcome)
        .where(
            Review.task_id == Task.id,
            Review.reviewed_on <= query.as_of,
            Review.outcome.in_(sorted(CONFIRMATIONS)),
        )
        .order_by(Review.reviewed_on.desc(), Review.id.desc())
        .limit(1)
        .correlate(Task)
        .scalar_subquery()
    )
    return last == ReviewOutcome.CONFIRMED


def standing(query: FigureQuery, confirmed: ColumnElement[bool] | None = None) -> Subquery:
    """Return (issue_id, counted, closed, still_open, confirmed): how many of its tasks are so.

    One grouping for all issues: asked issue by issue, the history would be read once for each.
    A reader bound to units learns nothing of the tasks of others, not even whether they are closed.
    """
    state = states(query)
    wanted = false() if confirmed is None else confirmed

    def number(condition: ColumnElement[bool]) -> ColumnElement[int]:
        return func.sum(case((condition, 1), else_=0))

    return (
        select(
            Task.issue_id,
            number(state.c.state.not_in(UNCOUNTED_STATES)).label("counted"),
            number(state.c.state == TaskState.CLOSED).label("closed"),
            number(state.c.state.in_(OPEN_STATES)).label("still_open"),
            number(and_(state.c.state.in_(OPEN_STATES), wanted)).label("confirmed"),
        )
        .join(state, state.c.task_id == Task.id)
        .where(*_own_tasks(query))
        .group_by(Task.issue_id)
        .subquery()
    )


def _own_tasks(query: FigureQuery) -> list[ColumnElement[bool]]:
    if not query.is_of_units:
        return []
    return [sees(query.actor, region=Task.region_id, unit=Task.lead_unit_id)]


def _issues(query: FigureQuery) -> Rows:
    by_unit = exists().where(
        IssueUnit.issue_id == Issue.id,
        query.visible(region=Issue.region_id, unit=IssueUnit.unit_id),
    )
    return (
        select(Issue.id.label("id"), literal(1).label("amount"), Issue.nature.label("part"))
        .join(Feedback, Feedback.id == Issue.feedback_id)
        .join(Round, Round.id == Feedback.round_id)
        .join(Term, Term.id == Round.term_id)
        .outerjoin(Inspection, Inspection.id == Issue.inspection_id)
        .where(
            query.happened(Feedback.fed_back_on),
            query.in_round(),
            or_(query.visible(region=Issue.region_id, unit=Inspection.unit_id), by_unit),
            *_of_issue(query, Issue.id),
        )
    )


def issues_fed_back(query: FigureQuery) -> Rows:
    """Return issues of our rounds fed back by the day, by nature."""
    return _issues(query)


def issues_counted(query: FigureQuery) -> Rows:
    """Return issues fed back, without those whose every task is void or ended."""
    stands = standing(query)
    rows = issues_fed_back(query).outerjoin(stands, stands.c.issue_id == Issue.id)
    return rows.where(or_(stands.c.issue_id.is_(None), stands.c.counted > 0))


def issues_closed(query: FigureQuery) -> Rows:
    """Return issues with a closed task and no task that is still open."""
    stands = standing(query)
    rows = issues_fed_back(query).join(stands, stands.c.issue_id == Issue.id)
    return rows.where(stands.c.closed > 0, stands.c.still_open == 0)


def issues_completed(query: FigureQuery) -> Rows:
    """Return issues whose every counted task is closed, or confirmed by the office as 基本完成."""
    stands = standing(query, _is_confirmed(query))
    rows = issues_fed_back(query).join(stands, stands.c.issue_id == Issue.id)
    done = stands.c.closed + stands.c.confirmed
    return rows.where(stands.c.counted > 0, done == stands.c.counted)
