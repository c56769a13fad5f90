"""A merged unit's open tasks pass to its successor: one act with the merger, taken back with it."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from tracker.audit.service import record
from tracker.kernel.db import touch
from tracker.kernel.errors import DomainError
from tracker.kernel.permissions import Actor
from tracker.organizations.changing import Decision, merge_unit, take_back_change
from tracker.organizations.models import Unit, UnitChange, UnitChangeItem
from tracker.organizations.rules import HandedOver, UnitChangeKind
from tracker.rectification.models import Task, TaskDuty, TaskTransition, TaskUnit, UnitDocument
from tracker.rectification.rules.words import OPEN_STATES, TaskState

IN_PLAN = frozenset({TaskState.PLANNING, TaskState.PLAN_REVIEW})


@dataclass(frozen=True, kw_only=True)
class Estate:
    """What a unit would hand over: open tasks it leads or helps with, and their documents."""

    tasks: list[Task]
    co_tasks: list[TaskUnit]
    documents: list[UnitDocument]


def estate_of(session: Session, unit_id: int) -> Estate:
    """Return what a unit has open; closed, void and ended tasks stay with it."""
    tasks = session.scalars(
        select(Task)
        .where(Task.lead_unit_id == unit_id, Task.state.in_(OPEN_STATES))
        .order_by(Task.id)
    ).all()
    links = session.scalars(
        select(TaskUnit)
        .join(Task, Task.id == TaskUnit.task_id)
        .where(TaskUnit.unit_id == unit_id, Task.state.in_(OPEN_STATES))
        .order_by(TaskUnit.id)
    ).all()
    documents = session.scalars(
        select(UnitDocument)
        .where(
            UnitDocument.unit_id == unit_id,
            UnitDocument.feedback_id.in_({task.feedback_id for task in tasks}),
        )
        .order_by(UnitDocument.id)
    ).all()
    return Estate(tasks=list(tasks), co_tasks=list(links), documents=list(documents))


def merge_with_tasks(
    session: Session,
    unit: Unit,
    successor: Unit,
    decision: Decision,
    *,
    actor: Actor,
    now: datetime,
) -> UnitChange:
    """Merge a unit, and hand its open tasks to the successor as of the same day."""
    change = merge_unit(session, unit, successor, decision, actor=actor, now=now)
    estate = estate_of(session, unit.id)
    for kind, row_id in _handed_over(session, estate, successor, decision.effective_on):
        session.add(UnitChangeItem(change_id=change.id, kind=kind, object_id=row_id))
    for task in estate.tasks:
        touch(task, actor=actor, now=now)
        _audit(session, "task_succeeded", task.id, change, actor=actor, now=now)
    return change


def _handed_over(
    session: Session, estate: Estate, heir: Unit, day: date
) -> Iterator[tuple[HandedOver, int]]:
    for document in _free_documents(session, estate, heir):
        document.unit_id = heir.id
        yield HandedOver.DOCUMENT, document.id
    for task in estate.tasks:
        task.lead_unit = heir
        yield HandedOver.TASK, task.id
    for duty in _running_duties(session, estate.tasks):
        duty.to_on = max(duty.from_on, day - timedelta(days=1))
        yield HandedOver.DUTY, duty.id
    for link in estate.co_tasks:
        if _is_free(session, link, heir):
            link.unit_id = heir.id
            yield HandedOver.CO_TASK, link.id


def _free_documents(session: Session, estate: Estate, heir: Unit) -> list[UnitDocument]:
    """Return the documents that the successor has none of; a plan under way may not be two."""
    wanted = {document.feedback_id for document in estate.documents}
    query = select(UnitDocument).where(
        UnitDocument.unit_id == heir.id, UnitDocument.feedback_id.in_(wanted)
    )
    held = {(document.feedback_id, document.kind) for document in session.scalars(query)}
    twice = [each for each in estate.documents if (each.feedback_id, each.kind) in held]
    planned = {task.feedback_id for task in estate.tasks if task.state in IN_PLAN}
    if any(document.feedback_id in planned for document in twice):
        raise DomainError(
            "两个单位对同一次反馈都有整改方案，其中被合并单位的方案还没有审定。请先审定或退回处理，再登记合并。"
        )
    return [document for document in estate.documents if document not in twice]


def _running_duties(session: Session, tasks: Iterable[Task]) -> list[TaskDuty]:
    ids = [task.id for task in tasks]
    query = select(TaskDuty).where(TaskDuty.task_id.in_(ids), TaskDuty.to_on.is_(None))
    return list(session.scalars(query.order_by(TaskDuty.id)))


def _is_free(session: Session, link: TaskUnit, heir: Unit) -> bool:
    """Return whether the successor neither leads the task nor helps with it already."""
    leads = select(Task.id).where(Task.id == link.task_id, Task.lead_unit_id == heir.id)
    helps = select(TaskUnit.id).where(TaskUnit.task_id == link.task_id, TaskUnit.unit_id == heir.id)
    return session.scalar(leads) is None and session.scalar(helps) is None


def take_back_with_tasks(
    session: Session, change: UnitChange, *, actor: Actor, now: datetime
) -> UnitChange:
    """Take back a change; of a merger, the tasks go back unless something was built on it."""
    items = session.scalars(
        select(UnitChangeItem)
        .where(UnitChangeItem.change_id == change.id)
        .order_by(UnitChangeItem.id)
    ).all()
    _ensure_untouched(session, change, items)
    taken = take_back_change(session, change, actor=actor, now=now)
    if change.kind is UnitChangeKind.MERGED:
        for item in items:
            _give_back(session, item, change, actor=actor, now=now)
    return taken


def _ensure_untouched(
    session: Session, change: UnitChange, items: Iterable[UnitChangeItem]
) -> None:
    ids = [item.object_id for item in items if item.kind is HandedOver.TASK]
    later = select(TaskTransition.task_id).where(
        TaskTransition.task_id.in_(ids), TaskTransition.recorded_at > change.created_at
    )
    passed_on = select(Task.id).where(Task.id.in_(ids), Task.lead_unit_id != change.successor_id)
    for query in (later, passed_on):
        found = session.scalar(query.limit(1))
        if found is not None:
            number = session.get_one(Task, found).task_no
            raise DomainError(f"任务“{number}”移交后已有新的办理，不能撤回这次合并。")


def _give_back(
    session: Session, item: UnitChangeItem, change: UnitChange, *, actor: Actor, now: datetime
) -> None:
    if item.kind is HandedOver.TASK:
        task = session.get_one(Task, item.object_id)
        task.lead_unit = change.unit
        touch(task, actor=actor, now=now)
        _audit(session, "task_given_back", task.id, change, actor=actor, now=now)
    elif item.kind is HandedOver.CO_TASK:
        link = session.get(TaskUnit, item.object_id)
        if link is not None:
            link.unit_id = change.unit_id
    elif item.kind is HandedOver.DOCUMENT:
        session.get_one(UnitDocument, item.object_id).unit_id = change.unit_id
    else:
        session.get_one(TaskDuty, item.object_id).to_on = None


def successions_of(session: Session, task: Task) -> list[UnitChange]:
    """Return the mergers that handed a task over, taken-back ones too, the newest first."""
    query = (
        select(UnitChange)
        .join(UnitChangeItem, UnitChangeItem.change_id == UnitChange.id)
        .where(UnitChangeItem.kind == HandedOver.TASK, UnitChangeItem.object_id == task.id)
    )
    return list(session.scalars(query.order_by(UnitChange.id.desc())))


def _audit(
    session: Session, action: str, task_id: int, change: UnitChange, *, actor: Actor, now: datetime
) -> None:
    detail = {"effective_on": change.effective_on, "document": change.document}
    record(
        session, action, actor=actor, now=now, object_type="task", object_id=task_id, detail=detail
    )
