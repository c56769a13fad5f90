"""What was asked for and not decided: taken back by who asked, or gone when the task moves on."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from tracker.audit.service import record
from tracker.kernel.clock import local_date
from tracker.kernel.db import touch
from tracker.kernel.errors import DomainError
from tracker.kernel.permissions import Actor
from tracker.people.models import User
from tracker.rectification.models import Extension, LongTermRequest, Task
from tracker.rectification.rules.words import (
    FINAL_STATES,
    ExtensionState,
    RequestState,
    TaskState,
)

Asked = Extension | LongTermRequest
WAITING = (ExtensionState.ASKED, ExtensionState.SIGNED)


def waiting_extension(session: Session, task: Task) -> Extension | None:
    """Return the application for more time that is under way, if any."""
    query = select(Extension).where(Extension.task_id == task.id, Extension.state.in_(WAITING))
    return session.scalar(query)


def waiting_request(session: Session, task: Task) -> LongTermRequest | None:
    """Return the request for 长期整改, or back, that waits for the office's lead."""
    query = select(LongTermRequest).where(
        LongTermRequest.task_id == task.id, LongTermRequest.state == RequestState.ASKED
    )
    return session.scalar(query)


def take_back(
    session: Session, task: Task, asked: Asked | None, *, actor: Actor, now: datetime
) -> None:
    """撤回 by those who asked: the unit's liaisons, its head, or the office that wrote for it."""
    if asked is None:
        raise DomainError("没有等待办理的申请可以撤回。请刷新页面。")
    asker = session.get(User, asked.asker_user_id) if asked.asker_user_id else None
    if asker is None or asker.role is not actor.role:
        raise DomainError("申请由提出的一方撤回。如不同意，请在审签或审批时退回并写明理由。")
    _withdraw(session, task, asked, "申请人撤回", actor=actor, now=now)


def lapse_requests(session: Session, task: Task, *, actor: Actor, now: datetime) -> None:
    """End what waits on a task that has just gone where it can be granted no more.

    Nobody should find it again, with dates of long ago, once the task is reopened.
    """
    why = f"任务已转为“{task.state.label}”，申请自动失效"
    if task.state in FINAL_STATES | {TaskState.LONG_TERM}:
        extension = waiting_extension(session, task)
        if extension is not None:
            _withdraw(session, task, extension, why, actor=actor, now=now)
    if task.state in FINAL_STATES:
        request = waiting_request(session, task)
        if request is not None:
            _withdraw(session, task, request, why, actor=actor, now=now)


def _withdraw(
    session: Session, task: Task, asked: Asked, why: str, *, actor: Actor, now: datetime
) -> None:
    is_extension = isinstance(asked, Extension)
    asked.state = ExtensionState.WITHDRAWN if is_extension else RequestState.WITHDRAWN
    asked.decided_on, asked.decided_by = local_date(now), actor.label
    asked.decision_reason = why
    touch(asked, actor=actor, now=now)
    touch(task, actor=actor, now=now)
    record(
        session,
        "extension_withdrawn" if is_extension else "long_term_withdrawn",
        actor=actor,
        now=now,
        object_type="task",
        object_id=task.id,
        detail={"reason": why},
    )
