"""What the weekly report reads: a fixed number of statements, columns instead of objects."""

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any, TypeVar

from sqlalchemy import Row, Select, and_, func, or_, select
from sqlalchemy.orm import Session

from tracker.feedback.models import Issue
from tracker.kernel.clock import at_local
from tracker.notifications.models import Notification
from tracker.notifications.rules import Audience, MessageState
from tracker.organizations.models import Region, Unit
from tracker.people.models import Person
from tracker.rectification.courts import PlanEvents, plan_events
from tracker.rectification.deadlines import due_moves
from tracker.rectification.models import (
    ProgressReport,
    Task,
    TaskDuty,
    TaskTransition,
)
from tracker.rectification.rules.court import Move
from tracker.rectification.rules.deadline import DueMove
from tracker.rectification.rules.words import DutyRole

Value = TypeVar("Value")


@dataclass(frozen=True)
class History:
    """All tasks of a round in the order of print, and how each came to be where it is."""

    tasks: list[Row[Any]]
    moves: dict[int, list[Move]]
    due_changes: dict[int, list[DueMove]]


@dataclass(frozen=True, kw_only=True)
class Details:
    """What the lines of the tables say besides states and dates, by task id."""

    leaders: dict[int, list[str]] = field(default_factory=dict)
    updated: dict[int, date] = field(default_factory=dict)
    reasons: dict[int, str] = field(default_factory=dict)
    reminders: dict[int, int] = field(default_factory=dict)
    plan_events: PlanEvents = field(default_factory=dict)
    """By feedback and unit."""


def load_history(session: Session, region_id: int, round_id: int, *, as_of: date) -> History:
    """Read tasks, transitions up to the day, and all changes of due dates: three statements."""
    of_round = and_(Task.region_id == region_id, Task.round_id == round_id)
    moves = (
        select(TaskTransition.task_id, TaskTransition.occurred_on, TaskTransition.to_state)
        .join(Task, Task.id == TaskTransition.task_id)
        .where(of_round, TaskTransition.occurred_on <= as_of)
        .order_by(TaskTransition.occurred_on, TaskTransition.id)
    )
    return History(
        tasks=_in_print_order(session.execute(_tasks().where(of_round)).all()),
        moves=_grouped((row[0], Move(*row[1:])) for row in session.execute(moves)),
        due_changes=due_moves(session, select(Task.id).where(of_round)),
    )


def _tasks() -> Select[*tuple[Any, ...]]:
    return (
        select(
            Task.id,
            Task.lead_unit_id,
            Task.feedback_id,
            Task.task_no,
            Task.original_due,
            Task.due_on,
            Task.is_due_doubtful,
            Task.done_on,
            Task.closed_on,
            Task.next_review_on,
            func.coalesce(Task.goal, Issue.text).label("text"),
            Issue.issue_no,
            Unit.short_name.label("unit"),
            Region.sort_no.label("region_place"),
            Unit.sort_no.label("unit_place"),
        )
        .join(Issue, Issue.id == Task.issue_id)
        .join(Unit, Unit.id == Task.lead_unit_id)
        .join(Region, Region.id == Unit.region_id)
    )


def _in_print_order(rows: Iterable[Row[Any]]) -> list[Row[Any]]:
    """Sort by 党政序列; by code point within a unit, so that every database agrees."""
    return sorted(
        rows,
        key=lambda row: (
            row.region_place,
            row.unit_place,
            row.lead_unit_id,
            row.issue_no,
            row.task_no,
            row.id,
        ),
    )


def load_details(session: Session, task_ids: Collection[int], *, as_of: date) -> Details:
    """Read what the lines need, by the day: at most five statements, none without lines."""
    if not task_ids:
        return Details()
    return Details(
        leaders=_leaders(session, task_ids, as_of),
        updated=_updated(session, task_ids, as_of),
        reasons=_reasons(session, task_ids, as_of),
        reminders=_reminders(session, task_ids, as_of),
        plan_events=plan_events(session, select(Task.feedback_id).where(Task.id.in_(task_ids))),
    )


def _leaders(session: Session, task_ids: Collection[int], as_of: date) -> dict[int, list[str]]:
    query = (
        select(TaskDuty.task_id, Person.name)
        .join(Person, Person.id == TaskDuty.person_id)
        .where(
            TaskDuty.task_id.in_(task_ids),
            TaskDuty.role == DutyRole.LEAD_LEADER,
            TaskDuty.from_on <= as_of,
            or_(TaskDuty.to_on.is_(None), TaskDuty.to_on >= as_of),
        )
        .order_by(TaskDuty.id)
    )
    return _grouped((task_id, name) for task_id, name in session.execute(query))


def _updated(session: Session, task_ids: Collection[int], as_of: date) -> dict[int, date]:
    query = (
        select(ProgressReport.task_id, func.max(ProgressReport.reported_on))
        .where(ProgressReport.task_id.in_(task_ids), ProgressReport.reported_on <= as_of)
        .group_by(ProgressReport.task_id)
    )
    return dict(session.execute(query).all())


def _reasons(session: Session, task_ids: Collection[int], as_of: date) -> dict[int, str]:
    """Return the newest reason each unit gave; a later report without one keeps it."""
    query = (
        select(ProgressReport.task_id, ProgressReport.unfinished_reason)
        .where(
            ProgressReport.task_id.in_(task_ids),
            ProgressReport.reported_on <= as_of,
            func.coalesce(ProgressReport.unfinished_reason, "") != "",
        )
        .order_by(ProgressReport.reported_on, ProgressReport.id)
    )
    return {task_id: reason or "" for task_id, reason in session.execute(query)}


def _reminders(session: Session, task_ids: Collection[int], as_of: date) -> dict[int, int]:
    """Count the reminders that a group is known to have received by the end of the day."""
    query = (
        select(Notification.object_id, func.count(Notification.id))
        .where(
            Notification.object_type == "task",
            Notification.object_id.in_(task_ids),
            Notification.audience == Audience.UNIT,
            Notification.state == MessageState.SENT,
            Notification.settled_at < at_local(as_of + timedelta(days=1), 0),
        )
        .group_by(Notification.object_id)
    )
    return dict(session.execute(query).all())


Key = TypeVar("Key")


def _grouped(pairs: Iterable[tuple[Key, Value]]) -> dict[Key, list[Value]]:
    found: dict[Key, list[Value]] = defaultdict(list)
    for key, value in pairs:
        found[key].append(value)
    return dict(found)
