"""Has the next person opened what was submitted? Until then it can be withdrawn."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from tracker.kernel.permissions import Actor, Role
from tracker.rectification.models import Task, TaskOpening, TaskTransition
from tracker.rectification.rules.words import TaskState

OPENERS = {
    TaskState.UNIT_CHECK: frozenset({Role.UNIT_HEAD}),
    TaskState.OFFICE_REVIEW: frozenset({Role.OFFICE_CLERK, Role.OFFICE_LEAD}),
    TaskState.PLAN_REVIEW: frozenset({Role.OFFICE_CLERK, Role.OFFICE_LEAD}),
}


def opens(task: Task, *, actor: Actor) -> bool:
    """Return whether this person's look at the task ends the time for withdrawing."""
    return actor.role in OPENERS.get(task.state, frozenset())


def note_opening(session: Session, task: Task, *, actor: Actor, now: datetime) -> bool:
    """Write down a first look. True when it was newly written; the caller commits."""
    last = last_transition(session, task)
    if actor.user_id is None or last.actor_user_id == actor.user_id or is_opened(session, task):
        return False
    session.add(TaskOpening(transition_id=last.id, user_id=actor.user_id, opened_at=now))
    return True


def is_opened(session: Session, task: Task) -> bool:
    """Return whether somebody has opened what the newest step handed over."""
    last = last_transition(session, task)
    query = select(TaskOpening.id).where(TaskOpening.transition_id == last.id)
    return session.scalar(query) is not None


def last_transition(session: Session, task: Task) -> TaskTransition:
    """Return the newest line of a task's history."""
    query = select(TaskTransition).where(TaskTransition.task_id == task.id)
    return session.scalars(query.order_by(TaskTransition.id.desc()).limit(1)).one()
