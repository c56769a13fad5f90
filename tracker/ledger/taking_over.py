"""Cells that were chosen from a corrected ledger, handed to the services that change what they are of."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from sqlalchemy.orm import Session

from tracker.feedback.models import Issue
from tracker.feedback.service import PLAIN, IssueDraft, edit_issue
from tracker.kernel.errors import DomainError
from tracker.kernel.permissions import Actor
from tracker.ledger.cell_forms import EXTRA, title_of
from tracker.ledger.change_rules import DUTIES, ISSUE_COLUMNS, TASK_COLUMNS
from tracker.ledger.changes import ChangedCell
from tracker.ledger.columns import Field
from tracker.ledger.packing import to_text
from tracker.ledger.task_cells import extra_of
from tracker.ledger.texts import split_list
from tracker.people.directory import PersonBook
from tracker.rectification.models import Task
from tracker.rectification.queries import issued_units
from tracker.rectification.service.correcting import Correction, Plans, correct_task
from tracker.rectification.service.extending import correct_due

DUE_REASON = "按更新的台账确认时限"


def take_over(
    session: Session,
    cells: Sequence[ChangedCell],
    tasks: Mapping[int, Task],
    plans: Plans,
    *,
    actor: Actor,
    now: datetime,
) -> None:
    """Write the cells; DomainError when two of them say different things of one issue."""
    if not cells:
        return
    by_task: dict[int, list[ChangedCell]] = {}
    for cell in cells:
        by_task.setdefault(cell.task_id, []).append(cell)
    book = PersonBook(session, tasks[cells[0].task_id].region_id)
    with session.no_autoflush:  # written together at the end, a few statements per table
        _take_issues(session, cells, tasks, actor=actor, now=now)
        for task_id, own in by_task.items():
            task = tasks[task_id]
            correction = _correction(task, own)
            if correction.names:
                correct_task(session, task, correction, plans, book, actor=actor, now=now)
            _confirm_due(session, task, own, actor=actor, now=now)


def _take_issues(
    session: Session,
    cells: Iterable[ChangedCell],
    tasks: Mapping[int, Task],
    *,
    actor: Actor,
    now: datetime,
) -> None:
    wanted: dict[int, dict[str, str | None]] = {}
    issues: dict[int, Issue] = {}
    for cell in cells:
        name = ISSUE_COLUMNS.get(cell.field)  # type: ignore[call-overload]
        if name is None:
            continue
        issue = tasks[cell.task_id].issue
        issues[issue.id] = issue
        text = cell.returned or None
        if wanted.setdefault(issue.id, {}).setdefault(name, text) != text:
            title = title_of(cell.field)
            raise DomainError(
                f"问题 {issue.issue_no} 的“{title}”在几个单位的行里改得不一样。请只采用其中一处。"
            )
    for issue_id, changes in wanted.items():
        issue = issues[issue_id]
        draft = _draft(issue, changes)
        issued = issued_units(session, issue_id)
        edit_issue(session, issue, draft, actor=actor, now=now, issued_unit_ids=issued)


def _draft(issue: Issue, changes: Mapping[str, str | None]) -> IssueDraft:
    """Return the issue as it is, but for what changes."""
    return IssueDraft(
        **({name: getattr(issue, name) for name in PLAIN} | dict(changes)),
        unit_ids=tuple(link.unit_id for link in issue.units),
        tags=tuple(row.tag for row in issue.tags),
    )


def _correction(task: Task, cells: Iterable[ChangedCell]) -> Correction:
    correction = Correction()
    extra = extra_of(task)
    for cell in cells:
        if cell.field.startswith(EXTRA):
            label = cell.field.removeprefix(EXTRA)
            extra = {k: v for k, v in extra.items() if k != label}
            extra |= {label: cell.returned} if cell.returned else {}
            correction.texts["extra"] = to_text(extra) if extra else None
        elif cell.field == Field.MEASURE:
            correction.measures[cell.measure_id] = cell.returned
        elif cell.field in DUTIES:
            correction.duties[DUTIES[Field(cell.field)]] = split_list(cell.returned)
        elif cell.field in TASK_COLUMNS:
            correction.texts[TASK_COLUMNS[Field(cell.field)]] = cell.returned or None
    return correction


def _confirm_due(
    session: Session, task: Task, cells: Iterable[ChangedCell], *, actor: Actor, now: datetime
) -> None:
    """Give a task without a known date the days of the ledger; it is due with its last measure, once
    each of them has one."""
    dues = [cell for cell in cells if cell.field == Field.DUE and cell.due_on is not None]
    if not dues:
        return
    days = {cell.measure_id: cell.due_on for cell in dues}
    for measure in task.measures:
        measure.due_on = days.get(measure.id, measure.due_on)
    known = [measure.due_on for measure in task.measures] or list(days.values())
    if any(day is None for day in known):
        return
    latest = max(day for day in known if day is not None)
    said = {cell.returned for cell in dues}
    is_one = len(said) == 1 and len(dues) == max(len(task.measures), 1)
    task.due_text_raw = said.pop() if is_one else None
    correct_due(session, task, latest, DUE_REASON, actor=actor, now=now)
