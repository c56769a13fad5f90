"""The plan's way: submitted, signed, sent to the office, returned or passed — always as a whole."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from tracker.audit.service import record
from tracker.files.models import StoredFile
from tracker.kernel.clock import local_date
from tracker.kernel.db import touch
from tracker.kernel.errors import DomainError
from tracker.kernel.permissions import Actor, Permission, may
from tracker.organizations.scope import OFFICE
from tracker.rectification.models import (
    DocumentEvent,
    DocumentSignature,
    PlanRemark,
    Task,
    UnitDocument,
)
from tracker.rectification.rules.transitions import Verb
from tracker.rectification.rules.words import (
    DocumentEventKind,
    DocumentKind,
    DueChangeKind,
    TaskState,
)
from tracker.rectification.service.opening import is_opened
from tracker.rectification.service.planning import (
    ensure_writable,
    faults_of,
    last_event,
    tasks_of_plan,
)
from tracker.rectification.service.signing import Signature, signature_by, signature_by_scan
from tracker.rectification.service.steps import (
    change_due,
    ensure_may,
    lent_by,
    switches_of,
    take_step,
)
from tracker.workdays.queries import load_calendar
from tracker.workdays.rules import WorkCalendar

PLEDGE = "本方案已经党组织集体研究，本人对整改工作负总责。"
SKIPPED = "方案审核已取消"
IN_THE_PLAN = frozenset({TaskState.ISSUED, TaskState.PLANNING, TaskState.PLAN_REVIEW})
UNIT_EVENTS = frozenset(
    {DocumentEventKind.SUBMITTED, DocumentEventKind.WITHDRAWN, DocumentEventKind.SIGNED}
)


def submit_plan(session: Session, plan: UnitDocument, *, actor: Actor, now: datetime) -> None:
    """报送 the whole plan. With sign-off it first waits for the head; the state stays planning."""
    tasks = _tasks_in(session, plan, TaskState.PLANNING)
    ensure_may(tasks[0], Verb.SUBMIT_PLAN, actor=actor)
    ensure_writable(session, tasks[0], actor=actor)
    _ensure_complete(tasks, load_calendar(session))
    _note(session, plan, DocumentEventKind.SUBMITTED, actor=actor, now=now)
    plan.submitted_on = local_date(now)
    if not switches_of(tasks[0]).sign_off:
        _send_to_office(session, plan, tasks, Verb.SUBMIT_PLAN, actor=actor, now=now)


def sign_plan(session: Session, plan: UnitDocument, *, actor: Actor, now: datetime) -> None:
    """签字背书 by the first responsible person or a deputy: the plan goes on to the office."""
    tasks = _waiting_for_signature(session, plan)
    ensure_may(tasks[0], Verb.SIGN_PLAN, actor=actor)
    signature = signature_by(
        session,
        actor,
        Permission.PLAN_SIGN,
        switches_of(tasks[0]),
        submitter_user_id=plan.events[-1].actor_user_id,
    )
    _sign(session, plan, tasks, Verb.SIGN_PLAN, signature, actor=actor, now=now)


def sign_plan_by_scan(
    session: Session, plan: UnitDocument, file: StoredFile, *, actor: Actor, now: datetime
) -> None:
    """上传签字扫描件: the head has signed on paper, and the liaison brings the scan."""
    tasks = _waiting_for_signature(session, plan)
    ensure_may(tasks[0], Verb.SIGN_PLAN_SCAN, actor=actor)
    signature = signature_by_scan(file, switches_of(tasks[0]))
    _sign(session, plan, tasks, Verb.SIGN_PLAN_SCAN, signature, actor=actor, now=now)


def _waiting_for_signature(session: Session, plan: UnitDocument) -> list[Task]:
    if last_event(plan) is not DocumentEventKind.SUBMITTED:
        raise DomainError("整改方案还没有提交审签，或刚被撤回。请刷新页面。")
    tasks = _tasks_in(session, plan, TaskState.PLANNING)
    _ensure_complete(tasks, load_calendar(session))
    return tasks


def _sign(
    session: Session,
    plan: UnitDocument,
    tasks: list[Task],
    verb: Verb,
    signature: Signature,
    *,
    actor: Actor,
    now: datetime,
) -> None:
    session.add(
        DocumentSignature(
            document_id=plan.id,
            way=signature.way,
            signed_at=now,
            signed_by=actor.label,
            signer_user_id=actor.user_id,
            lent_by=signature.lent_by,
            file=signature.file,
            pledge=PLEDGE,
        )
    )
    _note(
        session,
        plan,
        DocumentEventKind.SIGNED,
        actor=actor,
        now=now,
        reason=signature.way.label,
        lent=signature.lent_by,
    )
    plan.signed_on = local_date(now)
    _send_to_office(session, plan, tasks, verb, actor=actor, now=now)


def return_plan_by_head(
    session: Session, plan: UnitDocument, reason: str, *, actor: Actor, now: datetime
) -> None:
    """The head sends the plan back to the liaison."""
    if not may(actor, Permission.PLAN_SIGN):
        raise DomainError("只有主要负责人可以退回待审签的方案。")
    if last_event(plan) is not DocumentEventKind.SUBMITTED:
        raise DomainError("整改方案不在审签环节。请刷新页面。")
    ensure_may(_tasks_in(session, plan, TaskState.PLANNING)[0], Verb.SIGN_PLAN, actor=actor)
    _need_reason(reason)
    _note(
        session,
        plan,
        DocumentEventKind.RETURNED_BY_HEAD,
        actor=actor,
        now=now,
        reason=reason,
        lent=lent_by(actor, Permission.PLAN_SIGN),
    )
    plan.submitted_on = None


def withdraw_plan(session: Session, plan: UnitDocument, *, actor: Actor, now: datetime) -> None:
    """撤回: back to the liaison, from the head or from the office, until it was passed."""
    if last_event(plan) not in (DocumentEventKind.SUBMITTED, DocumentEventKind.SIGNED):
        raise DomainError("整改方案不在审签或审核环节，不能撤回。")
    signed = last_event(plan) is DocumentEventKind.SIGNED
    waiting = TaskState.PLAN_REVIEW if signed else TaskState.PLANNING
    tasks = _tasks_in(session, plan, waiting)
    for task in tasks:
        ensure_may(task, Verb.WITHDRAW_PLAN, actor=actor)
    if actor.role in OFFICE and plan.events[-1].actor_user_id != actor.user_id:
        raise DomainError("只能撤回本人代录的方案。需要单位修改时，请退回方案并写明理由。")
    if is_opened(session, *tasks):
        raise DomainError("巡察办已经打开查看，不能撤回。如需修改，请联系巡察办退回。")
    for task in tasks:
        if task.state is TaskState.PLAN_REVIEW:
            take_step(session, task, Verb.WITHDRAW_PLAN, actor=actor, now=now)
    _note(session, plan, DocumentEventKind.WITHDRAWN, actor=actor, now=now)
    plan.submitted_on = plan.signed_on = None


def pass_plan(session: Session, plan: UnitDocument, *, actor: Actor, now: datetime) -> None:
    """审核通过 by the lead: every task starts, and its original due date is fixed for good."""
    for task in _tasks_in(session, plan, TaskState.PLAN_REVIEW):
        take_step(session, task, Verb.PASS_PLAN, actor=actor, now=now)
        change_due(session, task, DueChangeKind.FIXED, task.due_on, actor=actor, now=now)
    lent = lent_by(actor, Permission.PLAN_APPROVE)
    _note(session, plan, DocumentEventKind.PASSED, actor=actor, now=now, lent=lent)
    plan.passed_on = local_date(now)


def return_plan(
    session: Session,
    plan: UnitDocument,
    reason: str,
    remarks: dict[int, str],
    *,
    actor: Actor,
    now: datetime,
) -> None:
    """退回 the whole plan once, with remarks per task (`remarks` by task id)."""
    _need_reason(reason)
    tasks = _tasks_in(session, plan, TaskState.PLAN_REVIEW)
    ensure_may(tasks[0], Verb.RETURN_PLAN, actor=actor)
    event = _note(session, plan, DocumentEventKind.RETURNED, actor=actor, now=now, reason=reason)
    for task in tasks:
        take_step(session, task, Verb.RETURN_PLAN, actor=actor, now=now, reason=reason)
        if remarks.get(task.id, "").strip():
            session.add(
                PlanRemark(event_id=event.id, task_id=task.id, text=remarks[task.id].strip())
            )
    plan.return_count += 1
    plan.submitted_on = plan.signed_on = None


def _send_to_office(
    session: Session,
    plan: UnitDocument,
    tasks: list[Task],
    verb: Verb,
    *,
    actor: Actor,
    now: datetime,
) -> None:
    review = switches_of(tasks[0]).plan_review
    for task in tasks:
        take_step(session, task, verb, actor=actor, now=now)
        if not review:
            change_due(session, task, DueChangeKind.FIXED, task.due_on, actor=actor, now=now)
    if not review:
        _note(
            session, plan, DocumentEventKind.PASSED, actor=actor, now=now, reason="本轮不设方案审核"
        )
        plan.passed_on = local_date(now)


def note_skipped_review(session: Session, task: Task, *, actor: Actor, now: datetime) -> None:
    """Note that a plan is through once the last of its tasks has skipped the review."""
    query = select(UnitDocument).where(
        UnitDocument.kind == DocumentKind.PLAN,
        UnitDocument.feedback_id == task.feedback_id,
        UnitDocument.unit_id == task.lead_unit_id,
        UnitDocument.passed_on.is_(None),
    )
    plan = session.scalar(query)
    if plan is None or any(each.state in IN_THE_PLAN for each in tasks_of_plan(session, plan)):
        return
    _note(session, plan, DocumentEventKind.PASSED, actor=actor, now=now, reason=SKIPPED)
    plan.passed_on = local_date(now)


def _tasks_in(session: Session, plan: UnitDocument, state: TaskState) -> list[Task]:
    tasks = [task for task in tasks_of_plan(session, plan) if task.state is state]
    if not tasks:
        raise DomainError(f"这份方案没有“{state.label}”的任务。请刷新页面，查看最新情况。")
    return tasks


def _ensure_complete(tasks: list[Task], calendar: WorkCalendar) -> None:
    faults = [
        f"{task.task_no} 缺{'、'.join(lacks)}"
        for task in tasks
        if (lacks := faults_of(task, calendar))
    ]
    if faults:
        raise DomainError(f"方案还不完整：{'；'.join(faults)}。请补充后再报送。")


def _need_reason(reason: str) -> None:
    if not reason.strip():
        raise DomainError("退回必须写明理由。")


def _note(
    session: Session,
    plan: UnitDocument,
    kind: DocumentEventKind,
    *,
    actor: Actor,
    now: datetime,
    reason: str | None = None,
    lent: str | None = None,
) -> DocumentEvent:
    event = DocumentEvent(
        kind=kind,
        occurred_on=local_date(now),
        recorded_at=now,
        actor=actor.label,
        actor_user_id=actor.user_id,
        on_behalf_of=_on_behalf_of(plan, kind, actor),
        lent_by=lent,
        reason=reason,
    )
    plan.events.append(event)
    touch(plan, actor=actor, now=now)
    session.flush()  # remarks need the event's id
    record(
        session,
        f"plan_{kind.value}",
        actor=actor,
        now=now,
        object_type="unit_document",
        object_id=plan.id,
    )
    return event


def _on_behalf_of(plan: UnitDocument, kind: DocumentEventKind, actor: Actor) -> str | None:
    return plan.unit.name if kind in UNIT_EVENTS and actor.role in OFFICE else None
