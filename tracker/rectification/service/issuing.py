"""下发 and 签收: one task per issue and responsible unit."""

from collections import Counter
from collections.abc import Callable
from datetime import date, datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from tracker.feedback.models import Feedback, Issue
from tracker.kernel.clock import local_date
from tracker.kernel.db import born, touch
from tracker.kernel.errors import DomainError
from tracker.kernel.permissions import Actor, Permission, may
from tracker.organizations.scope import ensure_conducts
from tracker.rectification.models import Task, TaskTransition, UnitDocument
from tracker.rectification.rules.transitions import Verb
from tracker.rectification.rules.words import DocumentKind, DueChangeKind, TaskKind, TaskState
from tracker.rectification.service.plan_dates import computed_plan_due
from tracker.rectification.service.plan_rows import find_plan, touch_plan
from tracker.rectification.service.steps import (
    change_due,
    ensure_possible,
    switches_of,
    take_step,
)

TASK_NO_LENGTH = 60


def draft_task(
    session: Session,
    issue: Issue,
    unit_id: int,
    *,
    actor: Actor,
    now: datetime,
    occurred_on: date | None = None,
    **fields: object,
) -> Task:
    """Make one task of an issue for a unit, in draft, with the first line of its history."""
    task_no = next_task_no(session, issue)
    task = new_draft(issue, unit_id, task_no, actor=actor, now=now, **fields)
    session.add(task)
    session.flush()  # the history needs the task's id
    session.add(first_line(task, occurred_on or local_date(now), actor=actor, now=now))
    return task


def new_draft(
    issue: Issue, unit_id: int, task_no: str, *, actor: Actor, now: datetime, **fields: object
) -> Task:
    """Return a task in draft, not yet in a session."""
    return Task(
        region_id=issue.region_id,
        round_id=issue.feedback.round_id,
        feedback_id=issue.feedback_id,
        issue=issue,
        lead_unit_id=unit_id,
        task_no=task_no,
        kind=TaskKind.IMMEDIATE if issue.is_immediate else TaskKind.DATED,
        state=TaskState.DRAFT,
        **fields,
        **born(actor=actor, now=now),
    )


def first_line(task: Task, occurred_on: date, *, actor: Actor, now: datetime) -> TaskTransition:
    """Return the first line of a task's history, not yet in a session."""
    return TaskTransition(
        task=task,
        from_state=None,
        to_state=TaskState.DRAFT,
        verb=Verb.RECORD.value,
        occurred_on=occurred_on,
        recorded_at=now,
        actor=actor.label,
        actor_user_id=actor.user_id,
    )


def next_task_no(session: Session, issue: Issue) -> str:
    """Return the next number of an issue's tasks: 届-轮-问题-任务, like 7-3-012-01.

    Where another unit's issue of the round has the same number, the unit's code stands between.
    """
    used = session.scalar(select(func.count()).select_from(Task).where(Task.issue_id == issue.id))

    def is_taken(task_no: str) -> bool:
        taken = select(Task.id).where(Task.region_id == issue.region_id, Task.task_no == task_no)
        return session.scalar(taken) is not None

    return _first_free(issue, used or 0, is_taken)


class TaskNumbers:
    """`next_task_no` for many tasks at once: the region's numbers are read once."""

    def __init__(self, session: Session, region_id: int) -> None:
        query = select(Task.task_no, Task.issue_id).where(Task.region_id == region_id)
        rows = session.execute(query).all()
        self._taken = {row.task_no for row in rows}
        self._used = Counter(row.issue_id for row in rows)

    def next(self, issue: Issue) -> str:
        """Return the next number of an issue that has its id, and keep it from being given again."""
        task_no = _first_free(issue, self._used[issue.id], self._taken.__contains__)
        self._taken.add(task_no)
        self._used[issue.id] += 1
        return task_no


def _first_free(issue: Issue, used: int, is_taken: Callable[[str], bool]) -> str:
    tour = issue.feedback.round
    prefix = f"{tour.term.number}-{tour.seq}-" if tour else f"{issue.feedback.code}-"
    unit = f"{issue.inspection.unit.code}-" if issue.inspection else ""
    number = issue.issue_no.removeprefix(prefix)
    for stem in (f"{prefix}{number}", f"{prefix}{unit}{number}", f"{prefix}{issue.id}"):
        task_no = f"{stem}-{used + 1:02d}"
        if len(task_no) <= TASK_NO_LENGTH and not is_taken(task_no):
            return task_no
    raise DomainError(f"问题 {issue.issue_no} 的任务编号重复，请修改问题编号。")


def draft_tasks(session: Session, issue: Issue, *, actor: Actor, now: datetime) -> list[Task]:
    """Make the missing tasks of an issue: one per responsible unit."""
    if not issue.units:
        raise DomainError(f"问题 {issue.issue_no} 还没有责任单位，请先补充。")
    have = set(session.scalars(select(Task.lead_unit_id).where(Task.issue_id == issue.id)))
    missing = [link.unit_id for link in issue.units if link.unit_id not in have]
    return [draft_task(session, issue, unit_id, actor=actor, now=now) for unit_id in missing]


def issue_tasks(
    session: Session,
    feedback: Feedback,
    *,
    actor: Actor,
    now: datetime,
    immediate_due: date | None = None,
    usual_due: date | None = None,
) -> list[Task]:
    """下发 every draft of a feedback, making the missing ones first. Returns what was issued.

    An immediate issue needs no feedback date, but a due date typed now; all others need the
    feedback's date, because the clock starts there. In 简易模式 there is no plan to propose dates:
    `usual_due` is the due date of every task that has none of its own, fixed at issuing.
    """
    if not may(actor, Permission.TASK_ISSUE):
        raise DomainError(f"您的角色不能“{Verb.ISSUE.label}”。")
    ensure_conducts(actor, feedback.region_id)
    issues = _issuable(feedback)
    for issue in issues:
        draft_tasks(session, issue, actor=actor, now=now)
    wanted = {issue.id for issue in issues}
    drafts = [task for task in drafts_of(session, feedback) if task.issue_id in wanted]
    if not drafts:
        raise DomainError("没有待下发的任务，全部任务已经下发。")
    for task in drafts:
        _issue_one(session, task, immediate_due, usual_due, actor=actor, now=now)
    return drafts


def issue_task(
    session: Session, task: Task, due_on: date | None, *, actor: Actor, now: datetime
) -> None:
    """下发 one draft; `due_on` is for an immediate issue, or for 简易模式, where no plan follows."""
    ensure_possible(task, Verb.ISSUE, actor=actor)
    if task.feedback.fed_back_on is None and task.kind is not TaskKind.IMMEDIATE:
        raise DomainError("请先填写反馈日期，再下发整改任务。")
    _issue_one(session, task, due_on, due_on, actor=actor, now=now)


def _issuable(feedback: Feedback) -> list[Issue]:
    """Return the issues that may be issued now: all, or before the feedback the immediate ones."""
    issues = list(feedback.issues)
    if not issues:
        raise DomainError("还没有录入问题，不能下发。请先录入或导入问题。")
    if feedback.fed_back_on is None:
        issues = [issue for issue in issues if issue.is_immediate]
    if not issues:
        raise DomainError("请先填写反馈日期，再下发整改任务。")
    return issues


def drafts_of(session: Session, feedback: Feedback) -> list[Task]:
    """Return the feedback's tasks that wait to be issued."""
    query = select(Task).where(Task.feedback_id == feedback.id, Task.state == TaskState.DRAFT)
    return list(session.scalars(query.order_by(Task.id)))


def _issue_one(
    session: Session,
    task: Task,
    immediate_due: date | None,
    usual_due: date | None,
    *,
    actor: Actor,
    now: datetime,
) -> None:
    if task.kind is TaskKind.IMMEDIATE:
        if immediate_due is None:
            raise DomainError("有立行立改问题，请填写立行立改的整改时限。")
        change_due(session, task, DueChangeKind.FIXED, immediate_due, actor=actor, now=now)
    elif not switches_of(task).plan:
        due = task.due_on or usual_due
        if due is None:
            raise DomainError(f"任务 {task.task_no} 还没有整改时限，请填写“整改时限”后再下发。")
        change_due(session, task, DueChangeKind.FIXED, due, actor=actor, now=now)
    else:
        plan = ensure_plan(session, task.feedback, task.lead_unit_id, actor=actor, now=now)
        touch(plan, actor=actor, now=now)  # one more item: a page opened before is old
    take_step(session, task, Verb.ISSUE, actor=actor, now=now)


def ensure_plan(
    session: Session, feedback: Feedback, unit_id: int, *, actor: Actor, now: datetime
) -> UnitDocument:
    """Return the unit's plan for a feedback, made on first need with its due date."""
    plan = find_plan(session, feedback.id, unit_id)
    if plan is None:
        plan = UnitDocument(
            feedback_id=feedback.id,
            unit_id=unit_id,
            kind=DocumentKind.PLAN,
            due_on=computed_plan_due(session, feedback),
            **born(actor=actor, now=now),
        )
        session.add(plan)
        session.flush()  # several tasks of the same unit share it
    return plan


def acknowledge(session: Session, task: Task, *, actor: Actor, now: datetime) -> None:
    """签收 one task; the clock has been running since the feedback date anyway."""
    take_step(session, task, Verb.ACKNOWLEDGE, actor=actor, now=now)
    touch_plan(session, task, actor=actor, now=now)


def unacknowledged(session: Session, plan: UnitDocument) -> list[Task]:
    """Return the unit's tasks of the plan's feedback that wait for 签收, immediate ones too."""
    query = select(Task).where(
        Task.feedback_id == plan.feedback_id,
        Task.lead_unit_id == plan.unit_id,
        Task.state == TaskState.ISSUED,
    )
    return list(session.scalars(query.order_by(Task.id)))


def acknowledge_all(
    session: Session, plan: UnitDocument, *, actor: Actor, now: datetime
) -> list[Task]:
    """签收 everything of the plan's feedback that waits for it."""
    tasks = unacknowledged(session, plan)
    if not tasks:
        raise DomainError("没有待签收的任务。请刷新页面，查看最新情况。")
    for task in tasks:
        acknowledge(session, task, actor=actor, now=now)
    return tasks
