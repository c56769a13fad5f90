"""Duties of a task pass from one person to another with dates; who did what stays as it was."""

from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from tracker.kernel.db import born, touch
from tracker.kernel.permissions import Actor
from tracker.people.models import Person
from tracker.rectification.models import TaskDuty


def pass_duty(
    session: Session,
    duty: TaskDuty,
    person: Person,
    days: tuple[date, date],
    *,
    actor: Actor,
    now: datetime,
) -> TaskDuty:
    """End a duty on the first of the two days and begin it for somebody else on the second.

    Returns the other's duty; one that they hold already is not doubled.
    """
    last, first = days
    duty.to_on = last
    touch(duty, actor=actor, now=now)
    held = session.scalar(
        select(TaskDuty).where(
            TaskDuty.task_id == duty.task_id,
            TaskDuty.role == duty.role,
            TaskDuty.person_id == person.id,
            TaskDuty.to_on.is_(None),
        )
    )
    if held is not None:
        return held
    passed = TaskDuty(
        task_id=duty.task_id,
        role=duty.role,
        person_id=person.id,
        from_on=first,
        **born(actor=actor, now=now),
    )
    session.add(passed)
    return passed
