"""Has the next person opened what was submitted? Until then it can be withdrawn."""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import Select, exists, func, or_, select
from sqlalchemy.orm import Session

from tracker.kernel.permissions import Actor, Permission, may
from tracker.organizations.scope import UNIT, conducts_row
from tracker.rectification.models import (
    DocumentEvent,
    DocumentOpening,
    Task,
    TaskOpening,
    TaskTransition,
    UnitDocument,
)
from tracker.rectification.rules.words import DocumentEventKind, DocumentState, TaskState
from tracker.rectification.service.documents import state_of
from tracker.rectification.service.steps import is_own

# Who is next is whoever may decide, by role or by loan.
OPENERS = {
    TaskState.UNIT_CHECK: Permission.TASK_SIGN,
    TaskState.OFFICE_REVIEW: Permission.TASK_RETURN,
}
HANDED_OVER = (DocumentEventKind.SUBMITTED, DocumentEventKind.SIGNED)


def opens(task: Task, *, actor: Actor) -> bool:
    """Return whether this person's look at the task ends the time for withdrawing."""
    permission = OPENERS.get(task.state)
    return permission is not None and may(actor, permission) and is_own(task, actor=actor)


def opened_event(
    plan: UnitDocument, states: Collection[TaskState], *, actor: Actor
) -> DocumentEvent | None:
    """Return the hand-over that this person's look at the plan opens; None when it opens none.

    `states` are those of the plan's tasks: in review it is the office that looks, before it the
    head or a deputy. Nobody opens what they handed over themselves.
    """
    in_review = TaskState.PLAN_REVIEW in states
    permission = Permission.PLAN_RETURN if in_review else Permission.PLAN_SIGN
    return _handed_over(plan, permission, in_review=in_review, actor=actor)


def opened_document_event(document: UnitDocument, *, actor: Actor) -> DocumentEvent | None:
    """Return the same of a document other than the plan."""
    in_review = state_of(document) is DocumentState.OFFICE_REVIEW
    permission = Permission.DOCUMENT_REVIEW if in_review else Permission.DOCUMENT_SIGN
    return _handed_over(document, permission, in_review=in_review, actor=actor)


def _handed_over(
    document: UnitDocument, permission: Permission, *, in_review: bool, actor: Actor
) -> DocumentEvent | None:
    event = document.events[-1] if document.events else None
    if event is None or event.kind not in HANDED_OVER or event.actor_user_id == actor.user_id:
        return None
    is_unit = actor.role in UNIT and actor.unit_id == document.unit_id
    is_next = conducts_row(actor, document.feedback.region_id) if in_review else is_unit
    return event if is_next and may(actor, permission) else None


def is_event_opened(session: Session, event: DocumentEvent) -> bool:
    """Return whether somebody has opened what an event of a document handed over."""
    query = select(DocumentOpening.id).where(DocumentOpening.event_id == event.id)
    return session.scalar(query) is not None


def note_event_opening(session: Session, event_id: int, *, actor: Actor, now: datetime) -> None:
    """Write down a first look at a document. The caller commits; IntegrityError as for tasks."""
    session.add(DocumentOpening(event_id=event_id, user_id=actor.user_id, opened_at=now))


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
