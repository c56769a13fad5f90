"""Whom a reminder for persons means on a day: who holds the duty in the task, or heads its unit."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from datetime import date

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from tracker.kernel.permissions import Role
from tracker.notifications.models import Notification
from tracker.notifications.rules import Audience
from tracker.people.models import User
from tracker.rectification.models import Task, TaskDuty
from tracker.rectification.rules.words import DutyRole

DUTIES = {Audience.OWNER: DutyRole.OWNER, Audience.LEAD_LEADER: DutyRole.LEAD_LEADER}


def recipients(
    session: Session, notifications: Sequence[Notification], *, today: date
) -> dict[int, tuple[int, ...]]:
    """Return persons by notification id, who came first to the duty first; at most two
    statements."""
    tasks = {it.object_id for it in notifications if it.audience in DUTIES}
    headed = {it.object_id for it in notifications if it.audience is Audience.HEAD}
    holders = _holders(session, tasks, today=today) if tasks else {}
    heads = _heads(session, headed) if headed else {}
    found = {}
    for it in notifications:
        duty = DUTIES.get(it.audience)
        people = heads.get(it.object_id, []) if duty is None else holders.get((it.object_id, duty))
        found[it.id] = tuple(dict.fromkeys(people or ()))
    return found


def _holders(
    session: Session, task_ids: Collection[int], *, today: date
) -> dict[tuple[int, DutyRole], list[int]]:
    found: dict[tuple[int, DutyRole], list[int]] = defaultdict(list)
    query = select(TaskDuty.task_id, TaskDuty.role, TaskDuty.person_id).where(
        TaskDuty.task_id.in_(task_ids),
        TaskDuty.from_on <= today,
        or_(TaskDuty.to_on.is_(None), TaskDuty.to_on >= today),
    )
    for task_id, role, person_id in session.execute(query.order_by(TaskDuty.id)):
        found[task_id, role].append(person_id)
    return found


def _heads(session: Session, task_ids: Collection[int]) -> dict[int, list[int]]:
    """Return who signs in as head of the unit that leads a task."""
    found: dict[int, list[int]] = defaultdict(list)
    query = (
        select(Task.id, User.person_id)
        .join(User, User.unit_id == Task.lead_unit_id)
        .where(Task.id.in_(task_ids), User.role == Role.UNIT_HEAD, User.is_active)
    )
    for task_id, person_id in session.execute(query.order_by(User.id)):
        found[task_id].append(person_id)
    return found
