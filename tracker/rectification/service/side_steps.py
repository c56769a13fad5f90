"""Beside the main way: 长期整改 asked and granted, steps switched off skipped, running rows, ending."""

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from tracker.audit.service import record
from tracker.kernel.clock import local_date
from tracker.kernel.db import born, touch
from tracker.kernel.errors import DomainError
from tracker.kernel.permissions import Actor, Permission, may
from tracker.rectification.models import LongTermRequest, Task
from tracker.rectification.rules.guards import check_next_review, check_not_asker
from tracker.rectification.rules.transitions import Verb
from tracker.rectification.rules.words import DueChangeKind, RequestState, TaskState
from tracker.rectification.service.lapsing import take_back, waiting_request
from tracker.rectification.service.plan_rows import touch_plan
from tracker.rectification.service.plan_steps import note_skipped_review
from tracker.rectification.service.signing import person_of
from tracker.rectification.service.steps import (
    change_due,
    ensure_own,
    ensure_possible,
    lent_by,
    on_behalf_of,
    take_step,
)


@dataclass(frozen=True, kw_only=True)
class LongTermWish:
    """What the unit's head asks for: a goal for the next stage, and when it is looked at again;
    on the way back the new due date instead."""

    reason: str
    stage_goal: str = ""
    next_review_on: date | None = None
    new_due: date | None = None


def ask_long_term(
    session: Session, task: Task, wish: LongTermWish, *, actor: Actor, now: datetime
) -> LongTermRequest:
    """申请转长期整改 from 整改中, or 申请恢复限期整改 from 长期整改; the office's lead decides."""
    _ensure_may_ask(task, actor)
    if task.state not in (TaskState.IN_PROGRESS, TaskState.LONG_TERM):
        raise DomainError(f"任务现在是“{task.state.label}”，不能申请。请刷新页面。")
    if waiting_request(session, task) is not None:
        raise DomainError("已有一份申请正在等待审批，请等待结果。")
    if not wish.reason.strip():
        raise DomainError("请写明申请的理由。")
    is_resume = task.state is TaskState.LONG_TERM
    if is_resume:
        _check_new_due(wish.new_due, today=local_date(now))
    else:
        _check_stage(wish, today=local_date(now))
    request = LongTermRequest(
        task_id=task.id,
        is_resume=is_resume,
        state=RequestState.ASKED,
        stage_goal=None if is_resume else wish.stage_goal.strip(),
        next_review_on=None if is_resume else wish.next_review_on,
        new_due=wish.new_due if is_resume else None,
        reason=wish.reason.strip(),
        asked_on=local_date(now),
        asked_by=actor.label,
        asker_user_id=actor.user_id,
        on_behalf_of=on_behalf_of(task, actor),
        ask_lent_by=lent_by(actor, Permission.LONG_TERM_REQUEST),
        **born(actor=actor, now=now),
    )
    session.add(request)
    touch(task, actor=actor, now=now)  # of two requests at once, the second is stale
    _audit(session, "long_term_asked", task, actor=actor, now=now)
    return request


def _ensure_may_ask(task: Task, actor: Actor) -> None:
    if not may(actor, Permission.LONG_TERM_REQUEST):
        raise DomainError("长期整改由党组织主要负责人申请。")
    ensure_own(task, actor=actor)


def _check_stage(wish: LongTermWish, *, today: date) -> None:
    if not wish.stage_goal.strip():
        raise DomainError("请写明下一阶段的目标。")
    check_next_review(wish.next_review_on, today=today)


def _check_new_due(new_due: date | None, *, today: date) -> None:
    if new_due is None or new_due < today:
        raise DomainError("请填写恢复限期整改后新的整改时限，不能早于今天。")


def withdraw_long_term(session: Session, task: Task, *, actor: Actor, now: datetime) -> None:
    """撤回长期整改的申请 until the office has decided."""
    _ensure_may_ask(task, actor)
    take_back(session, task, waiting_request(session, task), actor=actor, now=now)


def requests_of(session: Session, task: Task) -> list[LongTermRequest]:
    """Return every request about 长期整改 of a task, oldest first."""
    query = select(LongTermRequest).where(LongTermRequest.task_id == task.id)
    return list(session.scalars(query.order_by(LongTermRequest.id)))


def decide_long_term(
    session: Session,
    task: Task,
    verb: Verb,
    *,
    grant: bool,
    reason: str,
    actor: Actor,
    now: datetime,
) -> None:
    """The lead grants what was asked for (TO_LONG_TERM or RESUME), or refuses with a reason."""
    ensure_possible(task, verb, actor=actor, reason="单位申请")
    request = waiting_request(session, task)
    if request is None or request.is_resume != (verb is Verb.RESUME):
        raise DomainError("没有等待审批的申请。长期整改先由单位主要负责人申请。")
    asker = person_of(session, request.asker_user_id)
    check_not_asker(actor.person_id, {asker} if asker is not None else ())
    if not grant and not reason.strip():
        raise DomainError("不批准必须写明理由。")
    if grant:
        _ensure_in_time(request, today=local_date(now))
        take_step(session, task, verb, actor=actor, now=now, reason=request.reason)
        _settle(session, task, request, actor=actor, now=now)
    request.state = RequestState.GRANTED if grant else RequestState.REFUSED
    request.decided_on, request.decided_by = local_date(now), actor.label
    request.decision_lent_by = lent_by(actor, Permission.LONG_TERM_APPROVE)
    request.decision_reason = reason.strip() or None
    touch(request, actor=actor, now=now)
    touch(task, actor=actor, now=now)
    _audit(session, f"long_term_{request.state.value}", task, actor=actor, now=now)


def _ensure_in_time(request: LongTermRequest, *, today: date) -> None:
    if request.is_resume and (request.new_due is None or request.new_due < today):
        raise DomainError(
            "申请中的整改时限没有填写，或者已经过去。请选择“不批准”，由单位写明新的时限后重新申请。"
        )


def _settle(
    session: Session, task: Task, request: LongTermRequest, *, actor: Actor, now: datetime
) -> None:
    if not request.is_resume:
        task.stage_goal, task.next_review_on = request.stage_goal, request.next_review_on
        return
    task.next_review_on, task.is_due_doubtful = None, False
    change_due(
        session,
        task,
        DueChangeKind.RESUME,
        request.new_due,
        actor=actor,
        now=now,
        reason=request.reason,
        lent=lent_by(actor, Permission.LONG_TERM_APPROVE),
    )


def skip_step(session: Session, task: Task, *, actor: Actor, now: datetime) -> None:
    """跳过已取消的环节: move on what stands at a step that the round or 简易模式 has switched off.

    Where that leaves the planning behind, the original due date is fixed now; a plan that was
    under review is through with its last task.
    """
    before = task.state
    after = ensure_possible(task, Verb.SKIP, actor=actor)
    if after is TaskState.IN_PROGRESS and task.original_due is None:
        if task.due_on is None:
            raise DomainError(f"任务 {task.task_no} 还没有整改时限，请先“更正时限”再跳过。")
        change_due(session, task, DueChangeKind.FIXED, task.due_on, actor=actor, now=now)
    take_step(session, task, Verb.SKIP, actor=actor, now=now, reason="该环节已取消")
    touch_plan(session, task, actor=actor, now=now)
    if before is TaskState.PLAN_REVIEW:
        note_skipped_review(session, task, actor=actor, now=now)


def register_running(
    session: Session, task: Task, due_on: date | None, *, actor: Actor, now: datetime
) -> None:
    """登记为整改中 (代录): a draft that the unit is working on already; its due date is fixed now."""
    ensure_possible(task, Verb.IMPORT_RUNNING, actor=actor)
    if due_on is None:
        raise DomainError("请填写整改时限。")
    change_due(session, task, DueChangeKind.FIXED, due_on, actor=actor, now=now)
    take_step(session, task, Verb.IMPORT_RUNNING, actor=actor, now=now)


def _audit(session: Session, action: str, task: Task, *, actor: Actor, now: datetime) -> None:
    record(session, action, actor=actor, now=now, object_type="task", object_id=task.id)
