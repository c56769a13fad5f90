"""The plan's way: submitted, signed, sent to the office, returned or passed — always as a whole."""

from datetime import datetime
from itertools import takewhile

from sqlalchemy.orm import Session

from tracker.files.models import StoredFile
from tracker.kernel.clock import local_date
from tracker.kernel.errors import DomainError
from tracker.kernel.permissions import Actor, Permission, may
from tracker.organizations.scope import OFFICE
from tracker.rectification.models import (
    PlanRemark,
    Task,
    UnitDocument,
)
from tracker.rectification.rules.guards import check_not_asker
from tracker.rectification.rules.transitions import Verb
from tracker.rectification.rules.words import DocumentEventKind, DueChangeKind, TaskState
from tracker.rectification.service.document_events import (
    last_event,
    note_event,
    note_signature,
)
from tracker.rectification.service.milestones import complete_milestones
from tracker.rectification.service.opening import HANDED_OVER, is_event_opened, is_opened
from tracker.rectification.service.plan_rows import find_plan
from tracker.rectification.service.plan_runs import ensure_whole, run_reason
from tracker.rectification.service.plan_texts import keep_submission, submission_to_sign
from tracker.rectification.service.planning import (
    ensure_writable,
    faults_of,
    tasks_of_plan,
)
from tracker.rectification.service.signing import (
    Signature,
    person_of,
    signature_by,
    signature_by_scan,
)
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


def submit_plan(session: Session, plan: UnitDocument, *, actor: Actor, now: datetime) -> None:
    """报送 the whole plan. With sign-off it first waits for the head; the state stays planning."""
    tasks = _tasks_in(session, plan, TaskState.PLANNING)
    ensure_may(tasks[0], Verb.SUBMIT_PLAN, actor=actor)
    ensure_writable(session, tasks[0], actor=actor)
    ensure_whole(tasks_of_plan(session, plan))
    _ensure_complete(tasks, load_calendar(session))
    event = note_event(session, plan, DocumentEventKind.SUBMITTED, actor=actor, now=now)
    keep_submission(session, plan, event, tasks, now=now)
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
    signed = submission_to_sign(session, plan, tasks, now=now)
    note_signature(session, plan, signature, PLEDGE, sha256=signed.sha256, actor=actor, now=now)
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
    note_event(
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
    """撤回: back to the liaison, until whoever has to sign or review it has opened it."""
    if last_event(plan) not in (DocumentEventKind.SUBMITTED, DocumentEventKind.SIGNED):
        raise DomainError("整改方案不在审签或审核环节，不能撤回。")
    in_review = any(t.state is TaskState.PLAN_REVIEW for t in tasks_of_plan(session, plan))
    waiting = TaskState.PLAN_REVIEW if in_review else TaskState.PLANNING
    tasks = _tasks_in(session, plan, waiting)
    for task in tasks:
        ensure_may(task, Verb.WITHDRAW_PLAN, actor=actor)
    if actor.role in OFFICE and plan.events[-1].actor_user_id != actor.user_id:
        raise DomainError("只能撤回本人代录的方案。需要单位修改时，请退回方案并写明理由。")
    if is_event_opened(session, plan.events[-1]) or is_opened(session, *tasks):
        reader = "巡察办" if in_review else "主要负责人"
        raise DomainError(f"{reader}已经打开查看，不能撤回。如需修改，请联系{reader}退回。")
    for task in tasks:
        if task.state is TaskState.PLAN_REVIEW:
            take_step(session, task, Verb.WITHDRAW_PLAN, actor=actor, now=now)
    note_event(session, plan, DocumentEventKind.WITHDRAWN, actor=actor, now=now)
    plan.submitted_on = plan.signed_on = None


def pass_plan(session: Session, plan: UnitDocument, *, actor: Actor, now: datetime) -> None:
    """审核通过 by the lead: every task starts, and its original due date is fixed for good."""
    check_not_asker(actor.person_id, _hands_in(session, plan))
    reason = run_reason(plan)
    for task in _tasks_in(session, plan, TaskState.PLAN_REVIEW):
        take_step(session, task, Verb.PASS_PLAN, actor=actor, now=now, reason=reason)
        change_due(session, task, DueChangeKind.FIXED, task.due_on, actor=actor, now=now)
    lent = lent_by(actor, Permission.PLAN_APPROVE)
    note_event(session, plan, DocumentEventKind.PASSED, actor=actor, now=now, lent=lent)
    plan.passed_on = local_date(now)
    complete_milestones(session, plan, actor=actor, now=now)


def _hands_in(session: Session, plan: UnitDocument) -> set[int]:
    """Return the persons who submitted or signed what is under review."""
    events = takewhile(lambda each: each.kind in HANDED_OVER, reversed(plan.events))
    persons = (person_of(session, each.actor_user_id) for each in events)
    return {person for person in persons if person is not None}


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
    event = note_event(
        session, plan, DocumentEventKind.RETURNED, actor=actor, now=now, reason=reason
    )
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
    reason = run_reason(plan)
    for task in tasks:
        take_step(session, task, verb, actor=actor, now=now, reason=reason)
        if not review:
            change_due(session, task, DueChangeKind.FIXED, task.due_on, actor=actor, now=now)
    if not review:
        note_event(
            session, plan, DocumentEventKind.PASSED, actor=actor, now=now, reason="本轮不设方案审核"
        )
        plan.passed_on = local_date(now)
        complete_milestones(session, plan, actor=actor, now=now)


def note_skipped_review(session: Session, task: Task, *, actor: Actor, now: datetime) -> None:
    """Note that a plan is through once the last of its tasks has skipped the review."""
    plan = find_plan(session, task.feedback_id, task.lead_unit_id)
    if plan is None or plan.passed_on is not None:
        return
    if any(each.state in IN_THE_PLAN for each in tasks_of_plan(session, plan)):
        return
    note_event(session, plan, DocumentEventKind.PASSED, actor=actor, now=now, reason=SKIPPED)
    plan.passed_on = local_date(now)
    complete_milestones(session, plan, actor=actor, now=now)


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
