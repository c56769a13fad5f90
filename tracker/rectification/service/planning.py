"""整改方案: the unit breaks issues into tasks and measures; signed, reviewed, returned as a whole."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from itertools import zip_longest

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload, selectinload

from tracker.feedback.models import Issue
from tracker.kernel.clock import local_date
from tracker.kernel.db import born, touch
from tracker.kernel.errors import DomainError
from tracker.kernel.permissions import Actor
from tracker.people.directory import person_named
from tracker.people.models import Person
from tracker.rectification.models import (
    Measure,
    Task,
    TaskDuty,
    UnitDocument,
)
from tracker.rectification.rules.guards import PlannedTask, plan_faults
from tracker.rectification.rules.measure_lines import check_dues
from tracker.rectification.rules.transitions import Verb
from tracker.rectification.rules.words import (
    DocumentEventKind,
    DutyRole,
    TaskKind,
    TaskState,
)
from tracker.rectification.service.document_events import last_event
from tracker.rectification.service.issuing import draft_task
from tracker.rectification.service.plan_rows import find_plan, touch_plan
from tracker.rectification.service.steps import ensure_may, take_step
from tracker.rounds.deadlines import concentrated_end
from tracker.rounds.models import Round
from tracker.workdays.rules import WorkCalendar

LONGEST_NAME = 60


@dataclass(frozen=True, kw_only=True)
class PlanItem:
    """What the unit writes about one task. `measures` are texts in order, `measure_dues` theirs."""

    goal: str
    measures: tuple[str, ...]
    lead_leader: str
    owners: tuple[str, ...]
    lead_dept: str
    support_depts: str
    due_on: date | None
    is_long_term: bool
    measure_dues: tuple[date | None, ...] = ()


def write_plan_item(
    session: Session, task: Task, item: PlanItem, *, actor: Actor, now: datetime
) -> None:
    """Fill in one task of the plan; only by whose plan it is, and while it is with the liaison."""
    ensure_writable(session, task, actor=actor)
    check_dues(item.measure_dues, item.due_on)
    task.goal, task.lead_dept, task.support_depts = item.goal, item.lead_dept, item.support_depts
    task.due_on, task.is_long_term = item.due_on, item.is_long_term
    if not task.is_long_term and task.kind is TaskKind.LONG_TERM:
        task.kind = TaskKind.DATED
    write_measures(session, task, item.measures, actor=actor, now=now)
    for measure, due in zip_longest(task.measures[: len(item.measures)], item.measure_dues):
        measure.due_on = due
    set_duty(session, task, DutyRole.LEAD_LEADER, (item.lead_leader,), actor=actor, now=now)
    set_duty(session, task, DutyRole.OWNER, item.owners, actor=actor, now=now)
    touch(task, actor=actor, now=now)
    touch_plan(session, task, actor=actor, now=now)


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
    ensure_writable(session, siblings[0], actor=actor)
    task = draft_task(session, issue, plan.unit_id, actor=actor, now=now)
    take_step(session, task, Verb.ADD, actor=actor, now=now)
    touch(plan, actor=actor, now=now)
    return task


def merge_plan_task(session: Session, task: Task, *, actor: Actor, now: datetime) -> None:
    """Take a task the unit had added back out; the last one of an issue stays."""
    ensure_writable(session, task, actor=actor)
    others = select(Task.id).where(
        Task.issue_id == task.issue_id,
        Task.lead_unit_id == task.lead_unit_id,
        Task.id != task.id,
        Task.state == TaskState.PLANNING,
    )
    if session.scalar(others) is None:
        raise DomainError("每个问题至少保留一项整改任务。")
    take_step(session, task, Verb.MERGE, actor=actor, now=now, reason="方案编制中合并")
    touch_plan(session, task, actor=actor, now=now)


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
            joinedload(Task.round).joinedload(Round.region),
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
            last_measure_due=max((m.due_on for m in task.measures if m.due_on), default=None),
        ),
        limit,
    )


def names_of(task: Task, role: DutyRole) -> str:
    """Return who holds a duty now, joined by 、; empty when nobody does."""
    return "、".join(d.person.name for d in task.duties if d.role is role and d.to_on is None)


def ensure_writable(session: Session, task: Task, *, actor: Actor) -> None:
    """Refuse another unit's or office's plan, and one that the head or the office is reading."""
    ensure_may(task, Verb.ADD, actor=actor)
    if task.state is not TaskState.PLANNING:
        raise DomainError(f"任务现在是“{task.state.label}”，不能再修改方案。")
    plan = find_plan(session, task.feedback_id, task.lead_unit_id)
    if plan is not None and last_event(plan) is DocumentEventKind.SUBMITTED:
        raise DomainError("整改方案已提交主要负责人审签。需要修改时请先撤回。")
