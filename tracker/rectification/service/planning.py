"""整改方案: the unit breaks issues into tasks and measures; signed, reviewed, returned as a whole."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload, selectinload

from tracker.audit.service import record
from tracker.feedback.models import Issue
from tracker.kernel.clock import local_date
from tracker.kernel.db import born, touch
from tracker.kernel.errors import DomainError
from tracker.kernel.permissions import Actor, Permission, may
from tracker.organizations.scope import OFFICE
from tracker.people.directory import person_named
from tracker.people.models import Person
from tracker.rectification.models import (
    DocumentEvent,
    DocumentSignature,
    Measure,
    PlanRemark,
    Task,
    TaskDuty,
    UnitDocument,
)
from tracker.rectification.rules.guards import PlannedTask, plan_faults
from tracker.rectification.rules.transitions import Verb
from tracker.rectification.rules.words import (
    DocumentEventKind,
    DocumentKind,
    DueChangeKind,
    DutyRole,
    SignatureWay,
    TaskKind,
    TaskState,
)
from tracker.rectification.service.issuing import draft_task
from tracker.rectification.service.opening import is_opened
from tracker.rectification.service.steps import change_due, ensure_may, switches_of, take_step
from tracker.rounds.deadlines import concentrated_end
from tracker.workdays.queries import load_calendar
from tracker.workdays.rules import WorkCalendar

LONGEST_NAME = 60
PLEDGE = "本方案已经党组织集体研究，本人对整改工作负总责。"


@dataclass(frozen=True, kw_only=True)
class PlanItem:
    """What the unit writes about one task. `measures` are texts in order."""

    goal: str
    measures: tuple[str, ...]
    lead_leader: str
    owners: tuple[str, ...]
    lead_dept: str
    support_depts: str
    due_on: date | None
    is_long_term: bool


def write_plan_item(
    session: Session, task: Task, item: PlanItem, *, actor: Actor, now: datetime
) -> None:
    """Fill in one task of the plan; only by whose plan it is, and while it is with the liaison."""
    _ensure_writable(session, task, actor=actor)
    task.goal, task.lead_dept, task.support_depts = item.goal, item.lead_dept, item.support_depts
    task.due_on, task.is_long_term = item.due_on, item.is_long_term
    if not task.is_long_term and task.kind is TaskKind.LONG_TERM:
        task.kind = TaskKind.DATED
    write_measures(session, task, item.measures, actor=actor, now=now)
    set_duty(session, task, DutyRole.LEAD_LEADER, (item.lead_leader,), actor=actor, now=now)
    set_duty(session, task, DutyRole.OWNER, item.owners, actor=actor, now=now)
    touch(task, actor=actor, now=now)


def write_measures(
    session: Session, task: Task, texts: tuple[str, ...], *, actor: Actor, now: datetime
) -> None:
    """Replace the texts of a task's measures in order; what stays keeps its row."""
    for seq, text in enumerate(texts, start=1):
        if seq <= len(task.measures):
            task.measures[seq - 1].text = text
        else:
            task.measures.append(Measure(seq=seq, text=text, **born(actor=actor, now=now)))
    for surplus in task.measures[len(texts) :]:
        session.delete(surplus)


def set_duty(
    session: Session,
    task: Task,
    role: DutyRole,
    names: tuple[str, ...],
    *,
    actor: Actor,
    now: datetime,
    person_of: Callable[[str], Person] | None = None,
) -> None:
    """Say who answers for a task from today on; who no longer does gets an end date.

    `person_of` finds the person of a name; by default the region's, one query per name.
    """
    today = local_date(now)
    wanted = {name.strip() for name in names if name.strip()}
    if any(len(name) > LONGEST_NAME for name in wanted):
        raise DomainError(f"一个人的姓名最多 {LONGEST_NAME} 个字。多人请用顿号分开。")
    for duty in [duty for duty in task.duties if duty.role is role and duty.to_on is None]:
        if duty.person.name in wanted:
            wanted.discard(duty.person.name)
        else:
            duty.to_on = today
    for name in sorted(wanted):
        person = (
            person_of(name)
            if person_of
            else person_named(session, task.region_id, name, actor=actor, now=now)
        )
        task.duties.append(
            TaskDuty(
                role=role,
                person_id=person.id,
                person=person,
                from_on=today,
                **born(actor=actor, now=now),
            )
        )


def add_plan_task(
    session: Session, plan: UnitDocument, issue: Issue, *, actor: Actor, now: datetime
) -> Task:
    """Break an issue into one more task while planning."""
    siblings = [task for task in tasks_of_plan(session, plan) if task.issue_id == issue.id]
    if not siblings:
        raise DomainError("这个问题不在本单位的整改方案里。")
    _ensure_writable(session, siblings[0], actor=actor)
    task = draft_task(session, issue, plan.unit_id, actor=actor, now=now)
    take_step(session, task, Verb.ADD, actor=actor, now=now)
    return task


def merge_plan_task(session: Session, task: Task, *, actor: Actor, now: datetime) -> None:
    """Take a task the unit had added back out; the last one of an issue stays."""
    _ensure_writable(session, task, actor=actor)
    others = select(Task.id).where(
        Task.issue_id == task.issue_id,
        Task.lead_unit_id == task.lead_unit_id,
        Task.id != task.id,
        Task.state == TaskState.PLANNING,
    )
    if session.scalar(others) is None:
        raise DomainError("每个问题至少保留一项整改任务。")
    take_step(session, task, Verb.MERGE, actor=actor, now=now, reason="方案编制中合并")


def tasks_of_plan(session: Session, plan: UnitDocument) -> list[Task]:
    """Return the tasks a plan covers: the unit's tasks of the feedback, immediate ones apart."""
    query = (
        select(Task)
        .where(
            Task.feedback_id == plan.feedback_id,
            Task.lead_unit_id == plan.unit_id,
            Task.kind != TaskKind.IMMEDIATE,
            Task.state != TaskState.VOID,
        )
        .options(
            joinedload(Task.issue),
            selectinload(Task.measures),
            selectinload(Task.duties).joinedload(TaskDuty.person),
        )
    )
    return list(session.scalars(query.order_by(Task.id)))


def faults_of(task: Task, calendar: WorkCalendar) -> list[str]:
    """Return what the plan still lacks for a task."""
    feedback = task.feedback
    limit = feedback.fed_back_on and concentrated_end(
        feedback.fed_back_on, feedback.profile, calendar
    )
    return plan_faults(
        PlannedTask(
            task_no=task.task_no,
            goal=task.goal,
            measures=len(task.measures),
            lead_leader=names_of(task, DutyRole.LEAD_LEADER),
            lead_dept=task.lead_dept,
            due_on=task.due_on,
            is_long_term=task.is_long_term,
        ),
        limit,
    )


def names_of(task: Task, role: DutyRole) -> str:
    """Return who holds a duty now, joined by 、; empty when nobody does."""
    return "、".join(d.person.name for d in task.duties if d.role is role and d.to_on is None)


def submit_plan(session: Session, plan: UnitDocument, *, actor: Actor, now: datetime) -> None:
    """报送 the whole plan. With sign-off it first waits for the head; the state stays planning."""
    tasks = _tasks_in(session, plan, TaskState.PLANNING)
    _ensure_writable(session, tasks[0], actor=actor)
    _ensure_complete(tasks, load_calendar(session))
    _note(session, plan, DocumentEventKind.SUBMITTED, actor=actor, now=now)
    plan.submitted_on = local_date(now)
    if not switches_of(tasks[0]).sign_off:
        _send_to_office(session, plan, tasks, actor=actor, now=now)


def sign_plan(session: Session, plan: UnitDocument, *, actor: Actor, now: datetime) -> None:
    """签字背书 by the first responsible person: the plan goes on to the office."""
    if not may(actor, Permission.PLAN_SIGN):
        raise DomainError("整改方案须由主要负责人签字背书。")
    if last_event(plan) is not DocumentEventKind.SUBMITTED:
        raise DomainError("整改方案还没有提交审签，或刚被撤回。请刷新页面。")
    tasks = _tasks_in(session, plan, TaskState.PLANNING)
    _ensure_complete(tasks, load_calendar(session))
    session.add(
        DocumentSignature(
            document_id=plan.id,
            way=SignatureWay.ONLINE,
            signed_at=now,
            signed_by=actor.label,
            pledge=PLEDGE,
        )
    )
    _note(session, plan, DocumentEventKind.SIGNED, actor=actor, now=now)
    plan.signed_on = local_date(now)
    _send_to_office(session, plan, tasks, actor=actor, now=now)


def return_plan_by_head(
    session: Session, plan: UnitDocument, reason: str, *, actor: Actor, now: datetime
) -> None:
    """The head sends the plan back to the liaison."""
    if not may(actor, Permission.PLAN_SIGN):
        raise DomainError("只有主要负责人可以退回待审签的方案。")
    if last_event(plan) is not DocumentEventKind.SUBMITTED:
        raise DomainError("整改方案不在审签环节。请刷新页面。")
    _need_reason(reason)
    _note(session, plan, DocumentEventKind.RETURNED_BY_HEAD, actor=actor, now=now, reason=reason)
    plan.submitted_on = None


def withdraw_plan(session: Session, plan: UnitDocument, *, actor: Actor, now: datetime) -> None:
    """撤回: back to the liaison, from the head or from the office, until it was passed."""
    if last_event(plan) not in (DocumentEventKind.SUBMITTED, DocumentEventKind.SIGNED):
        raise DomainError("整改方案不在审签或审核环节，不能撤回。")
    tasks = tasks_of_plan(session, plan)
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
    _note(session, plan, DocumentEventKind.PASSED, actor=actor, now=now)
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
    event = _note(session, plan, DocumentEventKind.RETURNED, actor=actor, now=now, reason=reason)
    for task in tasks:
        take_step(session, task, Verb.RETURN_PLAN, actor=actor, now=now, reason=reason)
        if remarks.get(task.id, "").strip():
            session.add(
                PlanRemark(event_id=event.id, task_id=task.id, text=remarks[task.id].strip())
            )
    plan.return_count += 1
    plan.submitted_on = plan.signed_on = None


def last_event(plan: UnitDocument) -> DocumentEventKind | None:
    """Return the last thing that happened to a plan."""
    return plan.events[-1].kind if plan.events else None


def _send_to_office(
    session: Session, plan: UnitDocument, tasks: list[Task], *, actor: Actor, now: datetime
) -> None:
    review = switches_of(tasks[0]).plan_review
    for task in tasks:
        take_step(session, task, Verb.SUBMIT_PLAN, actor=actor, now=now)
        if not review:
            change_due(session, task, DueChangeKind.FIXED, task.due_on, actor=actor, now=now)
    if not review:
        _note(
            session, plan, DocumentEventKind.PASSED, actor=actor, now=now, reason="本轮不设方案审核"
        )
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


def _ensure_writable(session: Session, task: Task, *, actor: Actor) -> None:
    """Refuse another unit's or office's plan, and one that the head or the office is reading."""
    ensure_may(task, Verb.ADD, actor=actor)
    if task.state is not TaskState.PLANNING:
        raise DomainError(f"任务现在是“{task.state.label}”，不能再修改方案。")
    query = select(UnitDocument).where(
        UnitDocument.kind == DocumentKind.PLAN,
        UnitDocument.feedback_id == task.feedback_id,
        UnitDocument.unit_id == task.lead_unit_id,
    )
    plan = session.scalar(query)
    if plan is not None and last_event(plan) is DocumentEventKind.SUBMITTED:
        raise DomainError("整改方案已提交主要负责人审签。需要修改时请先撤回。")


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
) -> DocumentEvent:
    event = DocumentEvent(
        kind=kind,
        occurred_on=local_date(now),
        recorded_at=now,
        actor=actor.label,
        actor_user_id=actor.user_id,
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
