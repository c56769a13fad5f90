"""Whom a reminder for a person means on a day: who holds the duty in the task, heads or speaks for
its unit, or works in the office."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from tracker.kernel.permissions import Role
from tracker.notifications.models import Notification
from tracker.notifications.rules import Audience
from tracker.people.models import User
from tracker.rectification.models import Task, TaskDuty
from tracker.rectification.rules.words import DutyRole
from tracker.reminders.wanted import TASK

DUTIES = {
    Audience.OWNER: DutyRole.OWNER,
    Audience.LEAD_LEADER: DutyRole.LEAD_LEADER,
    Audience.UNIT: DutyRole.LIAISON,
}
OFFICE_ROLES = {
    Audience.OFFICE: (Role.OFFICE_CLERK, Role.OFFICE_LEAD),
    Audience.LEAD: (Role.OFFICE_LEAD,),
}


def recipients(
    session: Session, notifications: Sequence[Notification], *, today: date
) -> dict[int, tuple[int, ...]]:
    """Return persons by notification id, who came first to the duty first; of an office the clerks
    before the lead. At most four statements."""
    on_tasks = [it for it in notifications if it.object_type == TASK]
    tasks = {it.object_id for it in on_tasks if it.audience in DUTIES}
    headed = {it.object_id for it in on_tasks if it.audience is Audience.HEAD}
    units = {it.unit_id for it in notifications if it.audience is Audience.UNIT and it.unit_id}
    offices = {it.region_id for it in notifications if it.audience in OFFICE_ROLES}
    known = _Known(
        holders=_holders(session, tasks, today=today) if tasks else {},
        heads=_heads(session, headed) if headed else {},
        liaisons=_liaisons(session, units) if units else {},
        office=_office(session, offices) if offices else {},
    )
    return {it.id: tuple(dict.fromkeys(known.of(it))) for it in notifications}


@dataclass(frozen=True, kw_only=True)
class _Known:
    """Who answers: by task and duty, by task, by unit, by region and role."""

    holders: dict[tuple[int, DutyRole], list[int]]
    heads: dict[int, list[int]]
    liaisons: dict[int, list[int]]
    office: dict[tuple[int, Role], list[int]]

    def of(self, it: Notification) -> list[int]:
        if it.audience in OFFICE_ROLES:
            roles = OFFICE_ROLES[it.audience]
            return [one for role in roles for one in self.office.get((it.region_id, role), [])]
        found: list[int] = []
        if it.object_type == TASK and it.audience in DUTIES:
            found += self.holders.get((it.object_id, DUTIES[it.audience]), [])
        if it.object_type == TASK and it.audience is Audience.HEAD:
            found += self.heads.get(it.object_id, [])
        if it.audience is Audience.UNIT and it.unit_id is not None:
            found += self.liaisons.get(it.unit_id, [])
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


def _liaisons(session: Session, unit_ids: Collection[int]) -> dict[int, list[int]]:
    found: dict[int, list[int]] = defaultdict(list)
    query = select(User.unit_id, User.person_id).where(
        User.unit_id.in_(unit_ids), User.role == Role.UNIT_LIAISON, User.is_active
    )
    for unit_id, person_id in session.execute(query.order_by(User.id)):
        if unit_id is not None:
            found[unit_id].append(person_id)
    return found


def _office(session: Session, region_ids: Collection[int]) -> dict[tuple[int, Role], list[int]]:
    found: dict[tuple[int, Role], list[int]] = defaultdict(list)
    query = select(User.region_id, User.role, User.person_id).where(
        User.region_id.in_(region_ids),
        User.role.in_(OFFICE_ROLES[Audience.OFFICE]),
        User.is_active,
    )
    for region_id, role, person_id in session.execute(query.order_by(User.id)):
        found[region_id, role].append(person_id)
    return found
