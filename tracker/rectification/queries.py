"""Load tasks, plans and evidence: only what this person may see."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, case, false, func, or_, select, true
from sqlalchemy.orm import Session, joinedload, selectinload

from tracker.feedback.models import Feedback, Issue
from tracker.files.models import FileCheck, StoredFile
from tracker.kernel.errors import NotVisibleError
from tracker.kernel.permissions import Actor, Role
from tracker.organizations.models import Region, Unit
from tracker.organizations.rules import OfficeMode
from tracker.organizations.scope import UNIT, conducts_row, sees
from tracker.rectification.courts import is_in_court
from tracker.rectification.models import (
    DocumentSignature,
    DueChange,
    Evidence,
    Extension,
    PlanRemark,
    PlanSubmission,
    ProgressReport,
    Review,
    SignOff,
    Task,
    TaskDuty,
    TaskTransition,
    TaskUnit,
    UnitDocument,
)
from tracker.rectification.paging import by_date
from tracker.rectification.rules.court import CAN_BE_OVERDUE
from tracker.rectification.rules.words import (
    COSIGNATURES,
    FINAL_STATES,
    Court,
    DocumentEventKind,
    DocumentKind,
    ReviewOutcome,
    TaskKind,
    TaskState,
)
from tracker.rounds.models import Round

PAGE_SIZE = 50
MOST_PLANS = 500
GONE_IN_SIMPLE_MODE = (
    TaskState.ISSUED,
    TaskState.PLANNING,
    TaskState.PLAN_REVIEW,
    TaskState.UNIT_CHECK,
)
DUE_SOON_DAYS = 7


def visible_tasks(actor: Actor) -> ColumnElement[bool]:
    """Return the condition under which the actor sees a task; a unit sees none in draft."""
    co_units = (
        select(Unit.id)
        .join(TaskUnit, TaskUnit.unit_id == Unit.id)
        .where(TaskUnit.task_id == Task.id)
        .correlate(Task)
    )
    seen = sees(actor, region=Task.region_id, unit=Task.lead_unit_id, co_units=co_units)
    if actor.role in (Role.UNIT_LIAISON, Role.UNIT_HEAD, Role.SUPERVISOR):
        return and_(seen, Task.state != TaskState.DRAFT)
    return seen


def task_parts() -> tuple[Any, ...]:
    """Return the loader options of a task with what its page needs."""
    return (
        joinedload(Task.issue).joinedload(Issue.inspection),
        joinedload(Task.feedback),
        joinedload(Task.round).joinedload(Round.region),
        joinedload(Task.lead_unit),
        selectinload(Task.measures),
        selectinload(Task.duties).joinedload(TaskDuty.person),
        selectinload(Task.co_units).joinedload(TaskUnit.unit),
    )


def get_task(session: Session, task_id: int, *, actor: Actor) -> Task:
    """Return a task with what its page needs. NotVisibleError when it is not for the actor."""
    query = select(Task).where(Task.id == task_id, visible_tasks(actor)).options(*task_parts())
    task = session.scalar(query)
    if task is None:
        raise NotVisibleError
    return task


@dataclass(frozen=True, kw_only=True)
class TaskFilter:
    """What a list of tasks is narrowed to. `after` is the last row of the page before."""

    state: TaskState | None = None
    court: Court | None = None
    unit_id: int | None = None
    round_id: int | None = None
    only: str = ""
    text: str = ""
    after: tuple[date, int] | None = None


def list_tasks(
    session: Session, wanted: TaskFilter, *, actor: Actor, today: date, size: int = PAGE_SIZE
) -> list[Task]:
    """Return one page by due date, and one row more when there is a next page."""
    query = narrowed(select(Task), wanted, actor=actor, today=today).options(
        joinedload(Task.issue), joinedload(Task.lead_unit), joinedload(Task.round)
    )
    return list(session.scalars(by_date(query, Task.due_on, after=wanted.after, size=size)))


def count_tasks(session: Session, wanted: TaskFilter, *, actor: Actor, today: date) -> int:
    """Return how many tasks a filter finds for this person."""
    query = narrowed(select(func.count(Task.id)), wanted, actor=actor, today=today)
    return session.scalar(query) or 0


def narrowed(query: Select[Any], wanted: TaskFilter, *, actor: Actor, today: date) -> Select[Any]:
    """Narrow a query over tasks: scope first, then what was asked for."""
    query = query.where(visible_tasks(actor))
    if wanted.state is not None:
        query = query.where(Task.state == wanted.state)
    if wanted.court is not None:
        query = query.where(is_in_court(wanted.court))
    if wanted.unit_id is not None:
        query = query.where(Task.lead_unit_id == wanted.unit_id)
    if wanted.round_id is not None:
        query = query.where(Task.round_id == wanted.round_id)
    if wanted.only in ONLY:
        query = query.where(ONLY[wanted.only][1](today))
    if wanted.text:
        found = Task.issue_id.in_(
            select(Issue.id).where(Issue.text.contains(wanted.text, autoescape=True))
        )
        query = query.where(or_(found, Task.task_no.contains(wanted.text, autoescape=True)))
    return query


def is_open() -> ColumnElement[bool]:
    """Return the condition of an open task, written so that the partial index serves it."""
    return Task.state.not_in(sorted(FINAL_STATES))


def is_overdue(today: date) -> ColumnElement[bool]:
    """Return the condition of 逾期: open, dated, past due, and with the unit.

    长期整改 has a review date instead, and a date that waits to be confirmed is never late.
    """
    return and_(_dated_with_unit(), Task.due_on < today)


def is_due_soon(today: date) -> ColumnElement[bool]:
    """Return the condition of a task due within a week, today included."""
    until = today + timedelta(days=DUE_SOON_DAYS)
    return and_(_dated_with_unit(), Task.due_on >= today, Task.due_on <= until)


def _dated_with_unit() -> ColumnElement[bool]:
    return and_(Task.state.in_(sorted(CAN_BE_OVERDUE)), Task.is_due_doubtful.is_(False))


def has_doubtful_due(_today: date) -> ColumnElement[bool]:
    """Return the condition of a task whose date waits to be confirmed (待确认)."""
    return and_(is_open(), Task.is_due_doubtful)


def has_damaged_evidence(_today: date) -> ColumnElement[bool]:
    """Return the condition of a task with evidence whose bytes are missing or were changed."""
    faulty = (
        select(Evidence.id)
        .join(FileCheck, FileCheck.file_id == Evidence.file_id)
        .where(Evidence.task_id == Task.id, FileCheck.fault.is_not(None))
    )
    return faulty.correlate(Task).exists()


def is_skippable(_today: date) -> ColumnElement[bool]:
    """Return the condition of a task at a step that its round or 简易模式 has switched off."""
    simple = select(Region.id).where(Region.id == Task.region_id, Region.mode == OfficeMode.SIMPLE)
    of_round = select(Round.id).where(
        Round.id == Task.round_id,
        or_(
            and_(Task.state == TaskState.ISSUED, Round.needs_acknowledgement.is_(False)),
            and_(Task.state == TaskState.PLAN_REVIEW, Round.needs_plan_review.is_(False)),
            and_(Task.state == TaskState.UNIT_CHECK, Round.needs_sign_off.is_(False)),
        ),
    )
    return and_(
        Task.state.in_(GONE_IN_SIMPLE_MODE),
        or_(
            simple.correlate(Task).exists(),
            of_round.correlate(Task).exists(),
            and_(Task.state == TaskState.PLANNING, Task.kind == TaskKind.IMMEDIATE),
        ),
    )


ONLY: dict[str, tuple[str, Any]] = {
    "all": ("全部（含已销号）", lambda _today: true()),
    "open": ("未销号", lambda _today: is_open()),
    "overdue": ("已逾期", is_overdue),
    "due-soon": ("7 天内到期", is_due_soon),
    "doubtful": ("时限待确认", has_doubtful_due),
    "skippable": ("停在已取消的环节", is_skippable),
    "damaged": ("材料校验不符", has_damaged_evidence),
}


def standing_in(
    session: Session, region_id: int, states: Collection[TaskState]
) -> dict[TaskState, int]:
    """Return how many of a region's tasks stand in each of these states; none is left out."""
    query = (
        select(Task.state, func.count())
        .where(Task.region_id == region_id, Task.state.in_(states))
        .group_by(Task.state)
    )
    found = {row.state: int(row[1]) for row in session.execute(query)}
    return {state: found[state] for state in states if state in found}


def history_of(session: Session, task: Task) -> list[TaskTransition]:
    """Return every transition of a task, oldest first."""
    query = select(TaskTransition).where(TaskTransition.task_id == task.id)
    return list(session.scalars(query.order_by(TaskTransition.id)))


def reports_of(session: Session, task: Task) -> list[ProgressReport]:
    """Return the progress reports of a task, newest first."""
    query = select(ProgressReport).where(ProgressReport.task_id == task.id)
    return list(session.scalars(query.order_by(ProgressReport.id.desc())))


def issued_units(session: Session, issue_id: int) -> frozenset[int]:
    """Return the units whose task of an issue has left the draft: they can no longer be dropped."""
    query = select(Task.lead_unit_id).where(
        Task.issue_id == issue_id, Task.state != TaskState.DRAFT
    )
    return frozenset(session.scalars(query))


def has_issued_tasks(session: Session, feedback_id: int) -> bool:
    """Return whether any dated task of a feedback has been issued: its clock runs."""
    query = select(Task.id).where(
        Task.feedback_id == feedback_id,
        Task.state != TaskState.DRAFT,
        Task.kind != TaskKind.IMMEDIATE,
    )
    return session.scalar(query.limit(1)) is not None


def progress_by_inspection(
    session: Session, round_id: int, *, actor: Actor
) -> dict[int | None, tuple[int, int]]:
    """Return (closed, all) tasks per inspection of a round; void and ended ones are left out."""
    closed = func.sum(case((Task.state == TaskState.CLOSED, 1), else_=0))
    query = (
        select(Issue.inspection_id, closed, func.count())
        .join(Task.issue)
        .where(
            Task.round_id == round_id,
            Task.state.not_in([TaskState.VOID, TaskState.ENDED]),
            visible_tasks(actor),
        )
        .group_by(Issue.inspection_id)
    )
    return {inspection_id: (done, total) for inspection_id, done, total in session.execute(query)}


def tasks_of_issue(session: Session, issue_id: int, *, actor: Actor) -> list[Task]:
    """Return an issue's tasks that the actor may see, by number."""
    query = select(Task).where(Task.issue_id == issue_id, visible_tasks(actor))
    return list(session.scalars(query.options(joinedload(Task.lead_unit)).order_by(Task.task_no)))


def is_issue_of_shared_task(actor: Actor) -> ColumnElement[bool]:
    """Return the condition of an issue whose task a co-responsible unit reads, and so it reads it."""
    if actor.role not in UNIT:
        return false()
    shared = (
        select(Task.id)
        .join(TaskUnit, TaskUnit.task_id == Task.id)
        .where(Task.issue_id == Issue.id, TaskUnit.unit_id == actor.unit_id)
        .where(Task.state != TaskState.DRAFT)
    )
    return shared.correlate(Issue).exists()


def shares_issue(session: Session, issue: Issue, *, actor: Actor) -> bool:
    """Return whether the actor reads an issue as a co-responsible unit of one of its tasks."""
    query = select(Issue.id).where(Issue.id == issue.id, is_issue_of_shared_task(actor))
    return session.scalar(query) is not None


def reviews_of(session: Session, task: Task, *, actor: Actor) -> list[Review]:
    """Return what was said about a task that is for the actor to read, newest first.

    A unit reads decisions, not who recommended or co-signed; 建议销号 stays in the office.
    """
    query = select(Review).where(Review.task_id == task.id, readable_reviews(actor, task.region_id))
    return list(session.scalars(query.order_by(Review.id.desc())))


def readable_reviews(actor: Actor, region_id: int) -> ColumnElement[bool]:
    """Return the condition under which a review of a region's task is for the actor to read."""
    if actor.role in UNIT:
        return Review.outcome.not_in([ReviewOutcome.RECOMMENDED, *COSIGNATURES])
    if not conducts_row(actor, region_id):
        return Review.outcome != ReviewOutcome.RECOMMENDED
    return true()


def sign_offs_of(session: Session, task: Task) -> list[SignOff]:
    """Return the signatures under closing requests, oldest first."""
    return list(
        session.scalars(select(SignOff).where(SignOff.task_id == task.id).order_by(SignOff.id))
    )


def due_changes_of(session: Session, task: Task) -> list[DueChange]:
    """Return how the due date came about, oldest first."""
    query = select(DueChange).where(DueChange.task_id == task.id).order_by(DueChange.id)
    return list(session.scalars(query))


def visible_documents(actor: Actor) -> ColumnElement[bool]:
    """Return the condition under which the actor sees a unit's document."""
    region = (
        select(Feedback.region_id)
        .where(Feedback.id == UnitDocument.feedback_id)
        .correlate(UnitDocument)
        .scalar_subquery()
    )
    return sees(actor, region=region, unit=UnitDocument.unit_id)


def list_plans(session: Session, *, actor: Actor) -> list[UnitDocument]:
    """Return the plans the actor may see, those not passed yet first; at most `MOST_PLANS`."""
    feedback = joinedload(UnitDocument.feedback)
    query = (
        select(UnitDocument)
        .where(UnitDocument.kind == DocumentKind.PLAN, visible_documents(actor))
        .options(
            joinedload(UnitDocument.unit),
            feedback.joinedload(Feedback.round).joinedload(Round.region),
            feedback.joinedload(Feedback.region),
            selectinload(UnitDocument.events),
        )
        .order_by(UnitDocument.passed_on.is_not(None), UnitDocument.due_on, UnitDocument.id)
        .limit(MOST_PLANS)
    )
    return list(session.scalars(query))


def get_plan(session: Session, plan_id: int, *, actor: Actor) -> UnitDocument:
    """Return a plan the actor may see."""
    query = select(UnitDocument).where(
        UnitDocument.id == plan_id,
        UnitDocument.kind == DocumentKind.PLAN,
        visible_documents(actor),
    )
    plan = session.scalar(query.options(selectinload(UnitDocument.events)))
    if plan is None:
        raise NotVisibleError
    return plan


def plan_of_task(session: Session, task: Task, *, actor: Actor) -> UnitDocument | None:
    """Return the plan that covers a task, where the actor may see it."""
    query = select(UnitDocument).where(
        UnitDocument.kind == DocumentKind.PLAN,
        UnitDocument.feedback_id == task.feedback_id,
        UnitDocument.unit_id == task.lead_unit_id,
        visible_documents(actor),
    )
    return session.scalar(query)


def remarks_of(session: Session, plan: UnitDocument) -> dict[int, list[str]]:
    """Return the office's remarks of the last return, by task id."""
    returns = [event.id for event in plan.events if event.kind is DocumentEventKind.RETURNED]
    if not returns:
        return {}
    found: dict[int, list[str]] = {}
    for remark in session.scalars(select(PlanRemark).where(PlanRemark.event_id == returns[-1])):
        found.setdefault(remark.task_id, []).append(remark.text)
    return found


def get_submission(session: Session, submission_id: int, *, actor: Actor) -> PlanSubmission:
    """Return a kept text of a plan the actor may see."""
    query = (
        select(PlanSubmission)
        .join(UnitDocument, UnitDocument.id == PlanSubmission.document_id)
        .where(PlanSubmission.id == submission_id, visible_documents(actor))
    )
    found = session.scalar(query)
    if found is None:
        raise NotVisibleError
    return found


def signatures_of(session: Session, plan: UnitDocument) -> list[DocumentSignature]:
    """Return the signatures under a plan, oldest first."""
    query = select(DocumentSignature).where(DocumentSignature.document_id == plan.id)
    return list(session.scalars(query.order_by(DocumentSignature.id)))


def scan_of_sign_off(session: Session, sign_off_id: int, *, actor: Actor) -> StoredFile:
    """Return the signed scan under a closing request the actor may see."""
    task = select(Task.id).where(Task.id == SignOff.task_id, visible_tasks(actor))
    return _scan(session, SignOff.file_id, SignOff.id == sign_off_id, task.exists())


def scan_of_extension(session: Session, extension_id: int, *, actor: Actor) -> StoredFile:
    """Return the signed scan of an application for more time the actor may see."""
    task = select(Task.id).where(Task.id == Extension.task_id, visible_tasks(actor))
    return _scan(session, Extension.sign_file_id, Extension.id == extension_id, task.exists())


def scan_of_plan(session: Session, signature_id: int, *, actor: Actor) -> StoredFile:
    """Return the signed scan of a plan the actor may see."""
    plan = select(UnitDocument.id).where(
        UnitDocument.id == DocumentSignature.document_id, visible_documents(actor)
    )
    return _scan(
        session, DocumentSignature.file_id, DocumentSignature.id == signature_id, plan.exists()
    )


def _scan(session: Session, column: Any, *conditions: ColumnElement[bool]) -> StoredFile:
    found = session.scalar(select(StoredFile).where(StoredFile.id == column, *conditions))
    if found is None:
        raise NotVisibleError
    return found
