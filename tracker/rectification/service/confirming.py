"""基本完成, confirmed by the office: dated, taken back with a reason, both kept for good."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from tracker.audit.service import record
from tracker.kernel.clock import local_date
from tracker.kernel.db import touch
from tracker.kernel.errors import DomainError
from tracker.kernel.permissions import Actor, Permission, may
from tracker.organizations.scope import ensure_conducts
from tracker.rectification.models import Review, Task
from tracker.rectification.rules.words import (
    CONFIRMATIONS,
    CompletionClass,
    ReviewOutcome,
    TaskState,
)
from tracker.rectification.service.reviewing import keep_review

# Where the unit has reported, or may.
REPORTED = frozenset(
    {TaskState.IN_PROGRESS, TaskState.UNIT_CHECK, TaskState.OFFICE_REVIEW, TaskState.LONG_TERM}
)


def confirm_completion(
    session: Session, task: Task, opinion: str, *, actor: Actor, now: datetime
) -> None:
    """确认基本完成: only what the unit itself has reported as 基本完成 on an open task."""
    _ensure_office(task, actor)
    if task.state not in REPORTED or task.completion is not CompletionClass.MOSTLY:
        raise DomainError("单位报告“基本完成”的在办任务才能确认。请先核对单位填报的完成情况。")
    if task.confirmed_completion is not None:
        raise DomainError("这项任务已经确认基本完成，不需要再次办理。")
    task.confirmed_completion, task.confirmed_on = CompletionClass.MOSTLY, local_date(now)
    _keep(session, task, ReviewOutcome.CONFIRMED, opinion, actor=actor, now=now)


def take_back_confirmation(
    session: Session, task: Task, reason: str, *, actor: Actor, now: datetime
) -> None:
    """收回确认: from today on the task no longer counts as 基本完成; past figures stay."""
    _ensure_office(task, actor)
    if task.confirmed_completion is not CompletionClass.MOSTLY:
        raise DomainError("这项任务没有“基本完成”的确认可以收回。请刷新页面。")
    if not reason.strip():
        raise DomainError("收回确认必须写明理由。")
    task.confirmed_completion = task.confirmed_on = None
    _keep(session, task, ReviewOutcome.UNCONFIRMED, reason, actor=actor, now=now)


def end_confirmation(session: Session, task: Task, *, actor: Actor, now: datetime) -> None:
    """Let a confirmation lapse that was given before a closing: 重新整改 begins without it."""
    query = select(Review.outcome).where(
        Review.task_id == task.id, Review.outcome.in_(sorted(CONFIRMATIONS))
    )
    if session.scalar(query.order_by(Review.id.desc()).limit(1)) is ReviewOutcome.CONFIRMED:
        keep_review(
            session, task, ReviewOutcome.UNCONFIRMED, actor=actor, now=now, reason="重新整改"
        )


def _ensure_office(task: Task, actor: Actor) -> None:
    if not may(actor, Permission.TASK_CONFIRM):
        raise DomainError("基本完成由巡察办确认。")
    ensure_conducts(actor, task.region_id)


def _keep(
    session: Session,
    task: Task,
    outcome: ReviewOutcome,
    reason: str,
    *,
    actor: Actor,
    now: datetime,
) -> None:
    touch(task, actor=actor, now=now)
    keep_review(session, task, outcome, actor=actor, now=now, reason=reason)
    record(
        session,
        f"completion_{outcome.value}",
        actor=actor,
        now=now,
        object_type="task",
        object_id=task.id,
    )
