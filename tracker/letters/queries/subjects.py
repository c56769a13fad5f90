"""What a letter, an interview or a decision may be about: this unit's tasks and issues, ours."""

from collections.abc import Collection, Iterable
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from tracker.feedback.models import Issue, IssueUnit
from tracker.feedback.queries import visible_issues
from tracker.kernel.errors import NotVisibleError
from tracker.kernel.permissions import Actor
from tracker.organizations.models import Unit
from tracker.organizations.queries import pickable_units
from tracker.rectification.models import Task
from tracker.rectification.queries import visible_tasks
from tracker.rectification.rules.words import TaskState

MOST = 200
UNSEEN = [TaskState.DRAFT, TaskState.VOID, TaskState.ENDED]


def addressees(session: Session, region_id: int, *, today: date) -> list[Unit]:
    """Return the units an office may write to: those it may name, and those with its tasks."""
    pickable = pickable_units(session, region_id, today=today)
    tasked = select(Task.lead_unit_id).where(Task.region_id == region_id)
    known = [unit.id for unit in pickable]
    query = select(Unit).where(Unit.id.in_(tasked), Unit.id.not_in(known))
    others = session.scalars(query.options(joinedload(Unit.region)).order_by(Unit.sort_no, Unit.id))
    return [*pickable, *others]


def get_addressee(session: Session, unit_id: int, region_id: int, *, today: date) -> Unit:
    """Return one of them. NotVisibleError for any other unit."""
    for unit in addressees(session, region_id, today=today):
        if unit.id == unit_id:
            return unit
    raise NotVisibleError


def tasks_about(
    session: Session, unit_id: int, region_id: int, *, actor: Actor, linked: Iterable[Task] = ()
) -> list[Task]:
    """Return the unit's tasks of the office, the open ones first by due date, at most MOST;
    those `linked` already stay among them."""
    query = (
        select(Task)
        .where(
            Task.lead_unit_id == unit_id,
            Task.region_id == region_id,
            Task.state.not_in(UNSEEN),
            visible_tasks(actor),
        )
        .options(joinedload(Task.issue))
        .order_by(Task.state == TaskState.CLOSED, Task.due_on, Task.id)
        .limit(MOST)
    )
    found = list(session.scalars(query))
    return found + [task for task in linked if task not in found]


def issues_about(
    session: Session, unit_id: int, region_id: int, *, actor: Actor, linked: Iterable[Issue] = ()
) -> list[Issue]:
    """Return the unit's issues of the office, the newest first, at most MOST, and the linked."""
    named = select(IssueUnit.issue_id).where(IssueUnit.unit_id == unit_id)
    query = (
        select(Issue)
        .where(Issue.id.in_(named), Issue.region_id == region_id, visible_issues(actor))
        .order_by(Issue.id.desc())
        .limit(MOST)
    )
    found = list(session.scalars(query))
    return found + [issue for issue in linked if issue not in found]


def chosen_tasks(
    session: Session, ids: Collection[int], unit_id: int, region_id: int, *, actor: Actor
) -> list[Task]:
    """Return the chosen tasks. NotVisibleError when one is another unit's or office's."""
    query = select(Task).where(
        Task.id.in_(ids),
        Task.lead_unit_id == unit_id,
        Task.region_id == region_id,
        Task.state != TaskState.DRAFT,
        visible_tasks(actor),
    )
    found = list(session.scalars(query)) if ids else []
    if len(found) != len(set(ids)):
        raise NotVisibleError
    return found


def chosen_issues(
    session: Session, ids: Collection[int], unit_id: int, region_id: int, *, actor: Actor
) -> list[Issue]:
    """Return the chosen issues. NotVisibleError when one is another unit's or office's."""
    named = select(IssueUnit.issue_id).where(IssueUnit.unit_id == unit_id)
    query = select(Issue).where(
        Issue.id.in_(ids),
        Issue.id.in_(named),
        Issue.region_id == region_id,
        visible_issues(actor),
    )
    found = list(session.scalars(query)) if ids else []
    if len(found) != len(set(ids)):
        raise NotVisibleError
    return found


def seen_task_ids(session: Session, tasks: Iterable[Task], *, actor: Actor) -> frozenset[int]:
    """Return which of these tasks the actor may open."""
    ids = [task.id for task in tasks]
    if not ids:
        return frozenset()
    return frozenset(session.scalars(select(Task.id).where(Task.id.in_(ids), visible_tasks(actor))))
