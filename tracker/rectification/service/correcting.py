"""Correct what a task says from a ledger that came back: goal, measures, departments, persons, remarks."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from tracker.audit.service import record
from tracker.kernel.db import born, touch
from tracker.kernel.errors import DomainError
from tracker.kernel.permissions import Actor, Permission, may
from tracker.organizations.scope import ensure_conducts
from tracker.people.directory import PersonBook
from tracker.people.models import Person
from tracker.rectification.models import Measure, Task, UnitDocument
from tracker.rectification.rules.correcting import correction_fault
from tracker.rectification.rules.words import DocumentEventKind, DocumentKind, DutyRole, TaskKind
from tracker.rectification.service.document_events import last_event
from tracker.rectification.service.planning import set_duty

PLAN_ITEMS = frozenset({"goal", "measures"})
Plans = Mapping[tuple[int, int], UnitDocument]
"""By (feedback id, unit id)."""


@dataclass
class Correction:
    """What changes in a task. `texts` are columns of Task (goal, lead_dept, support_depts, remark,
    extra), `measures` texts by the id of the measure, 0 for the first one of a task without any."""

    texts: dict[str, str | None] = field(default_factory=dict)
    duties: dict[DutyRole, tuple[str, ...]] = field(default_factory=dict)
    measures: dict[int, str] = field(default_factory=dict)
    measure_dues: dict[int, date] = field(default_factory=dict)

    @property
    def names(self) -> list[str]:
        """Return what changes, as the audit names it."""
        return sorted([*self.texts, *(role.value for role in self.duties), *(["measures"] * bool(self.measures))])  # fmt: skip


def plans_of(session: Session, tasks: Sequence[Task]) -> Plans:
    """Return the plans that tasks belong to, their events loaded."""
    query = (
        select(UnitDocument)
        .where(
            UnitDocument.feedback_id.in_({task.feedback_id for task in tasks}),
            UnitDocument.kind == DocumentKind.PLAN,
        )
        .options(selectinload(UnitDocument.events))
    )
    return {(plan.feedback_id, plan.unit_id): plan for plan in session.scalars(query)}


def why_not_correct(task: Task, what: str, plans: Plans, *, actor: Actor) -> str | None:
    """Return why this person may not correct something of a task now, or None."""
    if not may(actor, Permission.PLAN_DRAFT):
        return "您的角色不能修改任务内容。"
    plan = plans.get((task.feedback_id, task.lead_unit_id))
    return correction_fault(
        task.state,
        is_plan_item=what in PLAN_ITEMS,
        is_submitted=plan is not None and last_event(plan) is DocumentEventKind.SUBMITTED,
        is_passed=plan is not None and plan.passed_on is not None,
    )


def correct_task(
    session: Session,
    task: Task,
    correction: Correction,
    plans: Plans,
    book: PersonBook,
    *,
    actor: Actor,
    now: datetime,
) -> None:
    """Change what the ledger says otherwise; the trail keeps before and after of every row."""
    ensure_conducts(actor, task.region_id)
    for what in correction.names:
        fault = why_not_correct(task, what, plans, actor=actor)
        if fault is not None:
            raise DomainError(f"任务 {task.task_no}：{fault}")

    def person_of(name: str) -> Person:
        return book.named(name, actor=actor, now=now)

    for name, text in correction.texts.items():
        setattr(task, name, text)
    for role, names in correction.duties.items():
        set_duty(session, task, role, names, actor=actor, now=now, person_of=person_of)
    _write_measures(task, correction, actor=actor, now=now)
    touch(task, actor=actor, now=now)
    plan = plans.get((task.feedback_id, task.lead_unit_id))
    if plan is not None and task.kind is not TaskKind.IMMEDIATE:
        touch(plan, actor=actor, now=now)  # every open page of it is old now
    detail = {"changed": correction.names}
    record(session, "task_corrected", actor=actor, now=now, object_type="task", object_id=task.id, detail=detail)  # fmt: skip


def _write_measures(task: Task, correction: Correction, *, actor: Actor, now: datetime) -> None:
    known = {measure.id: measure for measure in task.measures}
    for measure_id, text in correction.measures.items():
        measure = known.get(measure_id)
        if measure is None and (measure_id or task.measures):
            raise DomainError(f"任务 {task.task_no} 的整改措施刚有变化，请重新核对。")
        if measure is None:
            task.measures.append(Measure(seq=1, text=text, **born(actor=actor, now=now)))
        else:
            measure.text = text
            touch(measure, actor=actor, now=now)
