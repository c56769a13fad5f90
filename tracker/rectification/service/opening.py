"""Has the next person opened what was submitted? Until then it can be withdrawn."""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import Select, exists, func, or_, select
from sqlalchemy.orm import Session

from tracker.kernel.permissions import Actor, Role
from tracker.organizations.scope import conducts_row
from tracker.rectification.models import (
    DocumentOpening,
    Task,
    TaskOpening,
    TaskTransition,
    UnitDocument,
)
from tracker.rectification.rules.words import DocumentState, TaskState
from tracker.rectification.service.documents import state_of

OPENERS = {
    TaskState.UNIT_CHECK: frozenset({Role.UNIT_HEAD}),
    TaskState.OFFICE_REVIEW: frozenset({Role.OFFICE_CLERK, Role.OFFICE_LEAD}),
    TaskState.PLAN_REVIEW: frozenset({Role.OFFICE_CLERK, Role.OFFICE_LEAD}),
}


def opens(task: Task, *, actor: Actor) -> bool:
    """Return whether this person's look at the task ends the time for withdrawing."""
    return actor.role in OPENERS.get(task.state, frozenset())


def unopened(session: Session, task_ids: Collection[int], *, actor: Actor) -> list[TaskTransition]:
    """Return the newest steps of tasks that nobody has opened yet and that are not the actor's."""
    query = select(TaskTransition).where(
        TaskTransition.id.in_(_newest(task_ids)),
        ~exists().where(TaskOpening.transition_id == TaskTransition.id),
        or_(TaskTransition.actor_user_id.is_(None), TaskTransition.actor_user_id != actor.user_id),
    )
    return [] if actor.user_id is None else list(session.scalars(query))


def note_openings(
    session: Session, task_ids: Collection[int], *, actor: Actor, now: datetime
) -> None:
    """Write down a first look at tasks. The caller commits.

    IntegrityError there: somebody else looked at the same moment, which is just as good.
    """
    session.add_all(
        TaskOpening(transition_id=step.id, user_id=actor.user_id, opened_at=now)
        for step in unopened(session, task_ids, actor=actor)
    )


def is_opened(session: Session, *tasks: Task) -> bool:
    """Return whether somebody has opened what the newest step of any of the tasks handed over."""
    newest = _newest([task.id for task in tasks])
    query = select(TaskOpening.id).where(TaskOpening.transition_id.in_(newest)).limit(1)
    return session.scalar(query) is not None


def opens_document(document: UnitDocument, *, actor: Actor) -> bool:
    """Return whether this person's look at a document ends the time for withdrawing it."""
    state = state_of(document)
    if state is DocumentState.HEAD_CHECK:
        return actor.role is Role.UNIT_HEAD and actor.unit_id == document.unit_id
    return (
        state is DocumentState.OFFICE_REVIEW
        and actor.role in OPENERS[TaskState.OFFICE_REVIEW]
        and conducts_row(actor, document.feedback.region_id)
    )


def is_first_look(session: Session, document: UnitDocument, *, actor: Actor) -> bool:
    """Return whether this look is the next person's first; whoever took the last step is not it."""
    return (
        opens_document(document, actor=actor)
        and document.events[-1].actor_user_id != actor.user_id
        and not is_document_opened(session, document)
    )


def note_document_opening(
    session: Session, document: UnitDocument, *, actor: Actor, now: datetime
) -> None:
    """Write down the first look at a document. The caller commits; see `note_openings`."""
    event = document.events[-1]
    session.add(DocumentOpening(event_id=event.id, user_id=actor.user_id, opened_at=now))


def is_document_opened(session: Session, document: UnitDocument) -> bool:
    """Return whether somebody has opened what the last step handed over."""
    query = select(DocumentOpening.id).where(DocumentOpening.event_id == document.events[-1].id)
    return session.scalar(query) is not None


def last_transition(session: Session, task: Task) -> TaskTransition:
    """Return the newest line of a task's history."""
    query = select(TaskTransition).where(TaskTransition.id.in_(_newest([task.id])))
    return session.scalars(query).one()


def _newest(task_ids: Collection[int]) -> Select[int]:
    return (
        select(func.max(TaskTransition.id))
        .where(TaskTransition.task_id.in_(task_ids))
        .group_by(TaskTransition.task_id)
    )
