"""What waits for this person: a few counts in one statement, a few rows."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import ColumnElement, Select, and_, case, func, select
from sqlalchemy.orm import Session, joinedload

from tracker.files.models import FileCheck
from tracker.kernel.permissions import Actor, Permission, Role, may
from tracker.organizations.scope import conducts
from tracker.rectification.models import Evidence, Task, TaskTransition
from tracker.rectification.queries import (
    has_doubtful_due,
    is_due_soon,
    is_open,
    is_overdue,
    is_skippable,
    visible_tasks,
)
from tracker.rectification.rules.words import TaskState
from tracker.rectification.service.watching import Watched, watched_tasks
from tracker.watchdog import queries as watchdog
from tracker.watchdog.queries import Worries
from tracker.workdays.queries import load_calendar
from tracker.workdays.rules import year_without_notice

WAITING_FOR: dict[Role, tuple[TaskState, ...]] = {
    Role.OFFICE_CLERK: (TaskState.DRAFT, TaskState.PLAN_REVIEW, TaskState.OFFICE_REVIEW),
    Role.OFFICE_LEAD: (TaskState.PLAN_REVIEW, TaskState.OFFICE_REVIEW),
    Role.UNIT_LIAISON: (TaskState.ISSUED, TaskState.PLANNING),
    Role.UNIT_HEAD: (TaskState.UNIT_CHECK,),
}
ROWS = 8


@dataclass(frozen=True)
class Counts:
    """Tasks this person may see: open, late, due within a week, date doubtful, at a step that is
    switched off; and, closed ones too, with evidence whose bytes are no longer what was handed in."""

    open: int
    overdue: int
    due_soon: int
    doubtful: int
    skippable: int
    damaged: int


def counts(session: Session, *, actor: Actor, today: date) -> Counts:
    """Count in one statement over the person's own scope."""

    marks = (
        is_open(),
        is_overdue(today),
        is_due_soon(today),
        has_doubtful_due(today),
        and_(is_skippable(today), acts_on(actor)),
    )
    sums = [func.coalesce(func.sum(case((mark, 1), else_=0)), 0) for mark in marks]
    damaged = (
        select(func.count(func.distinct(Evidence.task_id)))
        .select_from(FileCheck)
        .join(Evidence, Evidence.file_id == FileCheck.file_id)
        .where(FileCheck.fault.is_not(None))
        .where(Evidence.task_id.in_(select(Task.id).where(visible_tasks(actor)).correlate(None)))
    )
    query = select(*sums, damaged.scalar_subquery())
    row = session.execute(query.where(visible_tasks(actor), is_open())).one()
    return Counts(*(int(value) for value in row))


def waiting(session: Session, *, actor: Actor) -> list[Task]:
    """Return the first tasks that wait for this person, the oldest deadline first."""
    states = WAITING_FOR.get(actor.role, ()) if actor.role else ()
    query = select(Task).where(visible_tasks(actor), acts_on(actor), Task.state.in_(states))
    return _rows(session, query)


def acts_on(actor: Actor) -> ColumnElement[bool]:
    """Return the condition under which the person has to act, not only may read: 提级 and 交叉
    rows wait for the office that conducts them, shared tasks for the unit that leads."""
    if actor.unit_id is not None:
        return Task.lead_unit_id == actor.unit_id
    return conducts(actor, region=Task.region_id)


def queue_lengths(session: Session, *, actor: Actor) -> dict[TaskState, int]:
    """Count what waits for this person, by state."""
    states = WAITING_FOR.get(actor.role, ()) if actor.role else ()
    query = (
        select(Task.state, func.count(Task.id))
        .where(visible_tasks(actor), acts_on(actor), Task.state.in_(states))
        .group_by(Task.state)
    )
    found = {row[0]: row[1] for row in session.execute(query)}
    return {state: found.get(state, 0) for state in states}


def late(session: Session, *, actor: Actor, today: date) -> list[Task]:
    """Return the first overdue tasks, the longest first."""
    return _rows(session, select(Task).where(visible_tasks(actor), is_overdue(today)))


def soon(session: Session, *, actor: Actor, today: date) -> list[Task]:
    """Return the first tasks due within a week."""
    return _rows(session, select(Task).where(visible_tasks(actor), is_due_soon(today)))


def _rows(session: Session, query: Select[Task]) -> list[Task]:
    limited = (
        query.options(joinedload(Task.issue), joinedload(Task.lead_unit))
        .order_by(Task.due_on, Task.id)
        .limit(ROWS)
    )
    return list(session.scalars(limited))


def happened(session: Session, *, actor: Actor, now: datetime) -> list[TaskTransition]:
    """Return what happened in the last two days, newest first; rows imported closed did not."""
    query = (
        select(TaskTransition)
        .join(TaskTransition.task)
        .where(visible_tasks(actor), Task.is_historic.is_(False))
        .where(TaskTransition.recorded_at > now - timedelta(days=2))
        .options(joinedload(TaskTransition.task))
        .order_by(TaskTransition.recorded_at.desc(), TaskTransition.id.desc())
        .limit(10)
    )
    return list(session.scalars(query))


def missing_notice(session: Session, *, actor: Actor, today: date) -> int | None:
    """Return the year whose notice of days off is missed, for whoever may take it in."""
    if not may(actor, Permission.CALENDAR_EDIT):
        return None
    return year_without_notice(load_calendar(session), today=today)


def worries(session: Session, *, actor: Actor, now: datetime) -> Worries:
    """Return what is wrong with the reminders themselves, for whoever reads what is sent."""
    if not may(actor, Permission.DELIVERY_READ):
        return Worries([], [])
    return watchdog.worries(session, actor, now=now)


def silent_watches(session: Session, *, actor: Actor, today: date) -> list[Watched]:
    """Return the watched tasks without news for too long, for whoever may order a watch."""
    if not may(actor, Permission.TASK_WATCH):
        return []
    calendar = load_calendar(session)
    found = watched_tasks(session, actor=actor, today=today, calendar=calendar)
    own = [each for each in found if each.silent_days and each.task.region_id == actor.region_id]
    return own[:ROWS]
