"""导入台账, the confirmation: make all that the preview showed, or nothing.

Nothing an import does is told to anybody: it writes tasks, never messages.
"""

import json
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy.orm import Session

from tracker.feedback.models import Issue, IssueUnit
from tracker.feedback.rules import IssueNature
from tracker.kernel.clock import local_date
from tracker.kernel.db import born, touch
from tracker.kernel.errors import DomainError
from tracker.kernel.permissions import Actor
from tracker.kernel.progress import Progress, unwatched
from tracker.ledger.batches import audit_batch, claim_batch
from tracker.ledger.columns import Field
from tracker.ledger.drafting import draft_of
from tracker.ledger.homes import Homes
from tracker.ledger.models import ImportBatch, ImportRow
from tracker.ledger.packing import to_text, unpack_item, unpack_notes
from tracker.ledger.planning import ImportPlan, PlannedIssue, PlannedTask, plan_import
from tracker.ledger.reading_result import ReadRow
from tracker.ledger.rules import BatchState, RowFate, RowReading
from tracker.ledger.tracing import traced
from tracker.ledger.updating import apply_changes, renew_changes
from tracker.organizations.scope import ensure_conducts
from tracker.rectification.service.historic import bring_in_tasks

LANDING = (RowFate.NEW, RowFate.DOUBTFUL, RowFate.KNOWN)


def apply_import(
    session: Session,
    batch: ImportBatch,
    *,
    actor: Actor,
    now: datetime,
    tell: Progress = unwatched,
) -> None:
    """Make what the preview showed: all of it, or, when anything is refused, nothing.

    Rows are matched again, so what somebody else entered meanwhile is left alone too.
    """
    ensure_conducts(actor, batch.region_id)
    claim_batch(session, batch, BatchState.APPLIED)
    rows = _rows(batch)
    tell("核对各行", 0, len(rows))
    plan = _plan(session, batch, rows, now=now)
    refused = [settled for settled in plan.rows if settled.fate is RowFate.REFUSED]
    if refused:
        first = refused[0]
        raise DomainError(
            f"预览之后单位库有变化，工作表“{first.row.sheet}”第 {first.row.row} 行已不能导入：{first.notes[0].detail}"
            "整个台账没有导入，请放弃后重新导入。"
        )
    with traced(session) as traces:
        updated = apply_changes(session, batch, plan.keyed, actor=actor, now=now)
        made = _make(session, batch, plan, actor=actor, now=now, tell=tell)
    traces.keep(session, batch)
    _link(rows, plan, made)
    batch.state, batch.applied_at = BatchState.APPLIED, now
    counts = plan.counts | {"updated": updated}
    batch.summary = to_text(json.loads(batch.summary) | {"updated": updated})
    batch.issues_made, batch.tasks_made = counts["issues"], counts["tasks"]
    batch.measures_made = counts["measures"]
    touch(batch, actor=actor, now=now)
    audit_batch(session, "ledger_imported", batch, counts, actor=actor, now=now)


def renew_preview(session: Session, batch: ImportBatch, *, actor: Actor, now: datetime) -> None:
    """Show what an import changes as things stand now, after it was refused for that."""
    ensure_conducts(actor, batch.region_id)
    claim_batch(session, batch, BatchState.PREVIEW)
    plan = _plan(session, batch, _rows(batch), now=now)
    renew_changes(session, batch, plan.keyed, actor=actor, now=now)
    touch(batch, actor=actor, now=now)


def _rows(batch: ImportBatch) -> list[ImportRow]:
    return [row for row in batch.rows if row.fate in LANDING]


def _plan(
    session: Session, batch: ImportBatch, rows: Sequence[ImportRow], *, now: datetime
) -> ImportPlan:
    read = [_read(row) for row in rows]
    today, fed_back_on = local_date(now), batch.fed_back_on
    return plan_import(session, batch.round, read, fed_back_on=fed_back_on, today=today)


def _read(row: ImportRow) -> ReadRow:
    item = unpack_item(json.loads(row.cells))
    return ReadRow(
        row.sheet, row.row_no, RowReading.ITEM, unpack_notes(json.loads(row.notes)), item
    )


def _make(
    session: Session,
    batch: ImportBatch,
    plan: ImportPlan,
    *,
    actor: Actor,
    now: datetime,
    tell: Progress,
) -> dict[tuple[str, int], int]:
    """Make issues, then tasks; return the task of each row."""
    homes = Homes(session, batch.round, batch.fed_back_on, actor=actor, now=now)
    work: list[tuple[PlannedTask, Issue]] = []
    total = sum(len(planned.missing) + 1 for planned in plan.issues)
    for place, planned in enumerate(plan.issues):
        tell("登记问题", place, total)
        if planned.missing:
            issue = _issue(session, homes, planned, actor=actor, now=now)
            work += [(task, issue) for task in planned.missing]
    session.flush()  # task numbers are counted by the issue's id
    today, fed_back_on = local_date(now), batch.fed_back_on
    drafts = [draft_of(task, issue, fed_back_on=fed_back_on, today=today) for task, issue in work]
    tell("登记任务", len(plan.issues), total)
    tasks = bring_in_tasks(session, drafts, actor=actor, now=now)
    tell("登记任务", total, total)
    return {
        (item.sheet, item.row): task.id
        for (planned_task, _), task in zip(reversed(work), reversed(tasks), strict=True)
        for item in planned_task.group.items
    }


def _issue(
    session: Session, homes: Homes, planned: PlannedIssue, *, actor: Actor, now: datetime
) -> Issue:
    """Return the issue that is there already, or a new one; with all its units either way."""
    group = planned.group
    issue = planned.known.issue if planned.known else None
    if issue is None:
        feedback = homes.feedback(None if planned.is_common else planned.tasks[0].unit, group.items)
        issue = Issue(
            feedback=feedback,
            inspection=feedback.inspection,
            region_id=feedback.region_id,
            issue_no=homes.number(feedback, group.issue_no),
            cat_l1=group.cat_l1 or None,
            cat_l2=group.cat_l2 or None,
            nature=IssueNature.COMMON if planned.is_common else IssueNature.INDIVIDUAL,
            text=group.text,
            detail=group.column(Field.DETAIL) or None,
            cause=group.column(Field.CAUSE) or None,
            is_immediate=group.immediate,
            units=[],
            **born(actor=actor, now=now),
        )
        session.add(issue)
    for task in planned.tasks if planned.is_common else ():
        homes.inspection(task.unit, task.group.items)
    have = {link.unit_id for link in issue.units}
    new = [task.unit.id for task in planned.missing if task.unit.id not in have]
    issue.units.extend(IssueUnit(unit_id=unit_id) for unit_id in dict.fromkeys(new))
    return issue


def _link(rows: Sequence[ImportRow], plan: ImportPlan, made: dict[tuple[str, int], int]) -> None:
    """Note on each row which task it became or was found to be."""
    known = {
        (item.sheet, item.row): task.task_id
        for issue in plan.issues
        for task in issue.tasks
        for item in task.group.items
        if task.task_id is not None
    }
    known |= {place: row.key.task_id for place, row in plan.keyed.rows.items()}
    for row, settled in zip(rows, plan.rows, strict=True):
        place = (row.sheet, row.row_no)
        row.task_id = made.get(place) or known.get(place)
        if settled.fate is RowFate.KNOWN:
            row.fate = RowFate.KNOWN
