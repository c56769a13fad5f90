"""没有联系方式的人员: who answers for something and can neither be told nor called."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, and_, or_, select
from sqlalchemy.orm import Session

from tracker.kernel.permissions import Role
from tracker.organizations.models import Unit
from tracker.people.models import Person, User
from tracker.rectification.models import Task, TaskDuty
from tracker.reminders.queries import OPEN

IN_UNITS = (Role.UNIT_LIAISON, Role.UNIT_HEAD)


@dataclass
class Unreachable:
    """One person without mobile, userid and e-mail; `tasks`: how many open ones name them.

    `is_ours`: kept by the reader's office, who may add what is lacking.
    """

    person_id: int
    name: str
    is_ours: bool
    roles: list[str] = field(default_factory=list)
    units: list[str] = field(default_factory=list)
    task_ids: set[int] = field(default_factory=set)

    @property
    def tasks(self) -> int:
        """Return how many open tasks name the person."""
        return len(self.task_ids)


def unreachable(session: Session, region_id: int, *, today: date) -> list[Unreachable]:
    """Return a region's people without an address, most tasks first; two statements."""
    found: dict[int, Unreachable] = {}
    duties = (
        select(
            Person.id,
            Person.name,
            Person.region_id,
            TaskDuty.role,
            Unit.short_name,
            TaskDuty.task_id,
        )
        .join(TaskDuty, TaskDuty.person_id == Person.id)
        .join(Task, Task.id == TaskDuty.task_id)
        .join(Unit, Unit.id == Task.lead_unit_id)
        .where(
            OPEN,
            Task.region_id == region_id,
            TaskDuty.from_on <= today,
            or_(TaskDuty.to_on.is_(None), TaskDuty.to_on >= today),
            has_no_address(),
        )
    )
    sign_ins = (
        select(Person.id, Person.name, Person.region_id, User.role, Unit.short_name)
        .join(User, User.person_id == Person.id)
        .join(Unit, Unit.id == User.unit_id)
        .where(
            Unit.region_id == region_id,
            User.role.in_(IN_UNITS),
            User.is_active,
            has_no_address(),
        )
    )
    _note(found, session.execute(sign_ins.order_by(User.id)), region_id)
    _note(found, session.execute(duties.order_by(TaskDuty.id)), region_id)
    return sorted(found.values(), key=lambda one: (-one.tasks, one.name, one.person_id))


def has_no_address() -> ColumnElement[bool]:
    """Return the condition of a person whom no way and no telephone reaches."""
    columns = (Person.mobile, Person.wecom_userid, Person.email)
    return and_(*(or_(column.is_(None), column == "") for column in columns))


def _note(found: dict[int, Unreachable], rows: Iterable[Any], region_id: int) -> None:
    for person_id, name, home_id, role, unit, *task in rows:
        is_ours = home_id == region_id
        one = found.setdefault(person_id, Unreachable(person_id, name, is_ours))
        one.roles += [role.label] if role.label not in one.roles else []
        one.units += [unit] if unit not in one.units else []
        one.task_ids.update(task)
