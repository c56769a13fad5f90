"""Bring in tasks that a ledger tells of: running ones as they stand, closed ones as closed (历史导入)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy.orm import Session

from tracker.feedback.models import Issue
from tracker.kernel.clock import local_date
from tracker.kernel.db import born
from tracker.kernel.permissions import Actor
from tracker.organizations.models import Unit
from tracker.people.directory import PersonBook
from tracker.people.models import Person
from tracker.rectification.models import DueChange, Measure, ProgressReport, Task
from tracker.rectification.rules.transitions import Verb
from tracker.rectification.rules.words import (
    CompletionClass,
    DueChangeKind,
    DutyRole,
    TaskKind,
    TaskState,
)
from tracker.rectification.service.issuing import TaskNumbers, first_line, new_draft
from tracker.rectification.service.planning import set_duty, write_measures
from tracker.rectification.service.steps import ensure_possible, note_step
from tracker.rectification.service.working import Progress

DUE_REASON = "按导入的台账登记"


@dataclass(frozen=True, kw_only=True)
class MeasureDraft:
    """One measure as the ledger has it."""

    text: str
    due_on: date | None = None
    done_on: date | None = None


@dataclass(frozen=True, kw_only=True)
class TaskDraft:
    """One task as the ledger has it.

    `closed_on` None means running. `recorded_on` is the day its history begins, `reason` what the
    history says of the last step. `owners` are pairs of name and mobile. `extra` is JSON of the
    columns we have no place for. `reported_on` is the day `progress` counts for.
    """

    issue: Issue
    unit: Unit
    kind: TaskKind
    recorded_on: date
    closed_on: date | None
    reason: str | None
    goal: str | None
    due_text_raw: str | None
    due_on: date | None
    is_long_term: bool
    is_due_doubtful: bool
    completion: CompletionClass | None
    done_on: date | None
    lead_dept: str | None
    support_depts: str | None
    remark: str | None
    extra: str | None
    measures: tuple[MeasureDraft, ...]
    lead_leaders: tuple[str, ...]
    owners: tuple[tuple[str, str | None], ...]
    progress: Progress | None
    reported_on: date


FIELDS = (
    "due_on",
    "goal",
    "due_text_raw",
    "is_long_term",
    "is_due_doubtful",
    "completion",
    "lead_dept",
    "support_depts",
    "remark",
    "extra",
)


def bring_in_tasks(
    session: Session, drafts: Sequence[TaskDraft], *, actor: Actor, now: datetime
) -> list[Task]:
    """Make the tasks, all of one region; their issues have ids. Nobody is told of any of them.

    Numbers and persons are read once, and each task is complete before it is first written: a
    ledger of thousands of rows takes a few statements per table.
    """
    if not drafts:
        return []
    region_id = drafts[0].issue.region_id
    numbers, book = TaskNumbers(session, region_id), PersonBook(session, region_id)
    with session.no_autoflush:
        tasks = [
            _complete(session, draft, numbers.next(draft.issue), book, actor=actor, now=now)
            for draft in drafts
        ]
    session.add_all(tasks)
    session.flush()  # histories need the ids
    for draft, task in zip(drafts, tasks, strict=True):
        _write_history(session, draft, task, actor=actor, now=now)
    return tasks


def _complete(
    session: Session,
    draft: TaskDraft,
    task_no: str,
    book: PersonBook,
    *,
    actor: Actor,
    now: datetime,
) -> Task:
    """Return the task with all it has, already where the step of the import leads."""
    fields = {name: getattr(draft, name) for name in FIELDS}
    tour = draft.issue.feedback.round
    empty: dict[str, object] = {"measures": [], "duties": [], "co_units": []}
    task = new_draft(
        draft.issue, draft.unit.id, task_no, actor=actor, now=now, round=tour, **fields, **empty
    )
    task.kind, task.original_due = draft.kind, draft.due_on
    is_closed = draft.closed_on is not None
    task.closed_on, task.done_on = draft.closed_on, draft.done_on if is_closed else None
    task.is_historic, task.is_sustained = is_closed, is_closed and draft.is_long_term
    task.last_progress_on = None  # all tasks name the same columns: they are written together
    task.state = ensure_possible(task, _verb(draft), actor=actor, reason=draft.reason)
    _write_measures(session, task, draft.measures, actor=actor, now=now)
    _set_duties(session, task, draft, book, actor=actor, now=now)
    if draft.progress is not None:
        session.add(_report(task, draft, draft.progress, actor=actor, now=now))
    return task


def _verb(draft: TaskDraft) -> Verb:
    return Verb.IMPORT_RUNNING if draft.closed_on is None else Verb.IMPORT_CLOSED


def _write_history(
    session: Session, draft: TaskDraft, task: Task, *, actor: Actor, now: datetime
) -> None:
    session.add(first_line(task, draft.recorded_on, actor=actor, now=now))
    note_step(
        session,
        task,
        _verb(draft),
        TaskState.DRAFT,
        actor=actor,
        now=now,
        occurred_on=draft.closed_on or draft.recorded_on,
        reason=draft.reason,
    )
    if draft.due_on is not None:
        session.add(_fixed_due(task, draft.due_on, actor=actor, now=now))


def _fixed_due(task: Task, due_on: date, *, actor: Actor, now: datetime) -> DueChange:
    return DueChange(
        task_id=task.id,
        kind=DueChangeKind.FIXED,
        old_due=None,
        new_due=due_on,
        occurred_on=local_date(now),
        recorded_at=now,
        actor=actor.label,
        reason=DUE_REASON,
    )


def _write_measures(
    session: Session,
    task: Task,
    drafts: tuple[MeasureDraft, ...],
    *,
    actor: Actor,
    now: datetime,
) -> None:
    write_measures(session, task, tuple(draft.text for draft in drafts), actor=actor, now=now)
    measures: list[Measure] = task.measures
    for measure, draft in zip(measures, drafts, strict=True):
        measure.due_on, measure.done_on = draft.due_on, draft.done_on


def _set_duties(
    session: Session,
    task: Task,
    draft: TaskDraft,
    book: PersonBook,
    *,
    actor: Actor,
    now: datetime,
) -> None:
    mobiles = dict(draft.owners)

    def person_of(name: str) -> Person:
        return book.named(name, actor=actor, now=now, mobile=mobiles.get(name))

    leaders, owners = draft.lead_leaders, tuple(mobiles)
    for role, names in ((DutyRole.LEAD_LEADER, leaders), (DutyRole.OWNER, owners)):
        set_duty(session, task, role, names, actor=actor, now=now, person_of=person_of)


def _report(
    task: Task, draft: TaskDraft, progress: Progress, *, actor: Actor, now: datetime
) -> ProgressReport:
    """Return the unit's report that the office takes over from the ledger (代录)."""
    reported_on = min(draft.reported_on, local_date(now))
    task.last_progress_on = reported_on
    return ProgressReport(
        task=task,
        reported_on=reported_on,
        text=progress.text,
        completion=progress.completion,
        unfinished_reason=progress.unfinished_reason or None,
        rules_made=progress.rules_made,
        persons_held=progress.persons_held,
        recovered_wan=progress.recovered_wan,
        done_on=progress.done_on,
        on_behalf_of=draft.unit.name,
        reporter_user_id=actor.user_id,
        **born(actor=actor, now=now),
    )
