"""导入台账: keep the file and every row of it, show what would happen, then do it all or not at all.

Nothing an import does is told to anybody: it writes tasks, never messages.
"""

import json
from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from tracker.audit.service import record
from tracker.feedback.models import Feedback, Issue, IssueUnit
from tracker.feedback.rules import IssueNature
from tracker.files.models import StoredFile
from tracker.kernel.clock import local_date
from tracker.kernel.db import born, touch
from tracker.kernel.errors import DomainError
from tracker.kernel.permissions import Actor
from tracker.ledger.columns import Field
from tracker.ledger.drafting import draft_of
from tracker.ledger.homes import Homes
from tracker.ledger.models import ImportBatch, ImportRow
from tracker.ledger.packing import (
    pack_item,
    pack_layouts,
    pack_notes,
    to_text,
    unpack_item,
    unpack_notes,
)
from tracker.ledger.planning import ImportPlan, PlannedIssue, PlannedTask, SettledRow, plan_import
from tracker.ledger.reading import LedgerReading, ReadRow
from tracker.ledger.rules import BatchState, RowFate, RowReading
from tracker.organizations.scope import ensure_conducts
from tracker.rectification.service.historic import bring_in_tasks
from tracker.rounds.deadlines import concentrated_end
from tracker.rounds.models import Round
from tracker.workdays.queries import load_calendar

MAX_ROWS = 20_000
LANDING = (RowFate.NEW, RowFate.DOUBTFUL, RowFate.KNOWN)


def feedback_day(session: Session, tour: Round, given: date | None, *, today: date) -> date:
    """Return the feedback date a ledger is read against: the one given, or the round's only one.

    DomainError when there is none, several, or one to come.
    """
    if given is not None:
        if given > today:
            raise DomainError("反馈日期不能晚于今天，请核对。")
        return given
    query = select(Feedback.fed_back_on).where(
        Feedback.round_id == tour.id, Feedback.fed_back_on.is_not(None)
    )
    days = [day for day in session.scalars(query.distinct()) if day is not None]
    if len(days) != 1:
        why = "有几个不同的反馈日期" if days else "还没有反馈日期"
        raise DomainError(f"“{tour.name}”{why}，请填写这份台账的反馈日期。")
    return days[0]


def end_of_concentrated_period(session: Session, tour: Round, fed_back_on: date) -> date:
    """Return the last day of 集中整改期 that due texts of a ledger mean."""
    return concentrated_end(fed_back_on, tour.profile, load_calendar(session))


def check_readable(reading: LedgerReading, *, asking: bool = False) -> None:
    """Refuse a file that holds no ledger, or more rows than one import may have.

    `asking`: a person will say what the columns mean, so a table without a known header will do.
    """
    if reading.refused is not None and not (asking and reading.layouts):
        raise DomainError(reading.refused.detail)
    if len(reading.rows) > MAX_ROWS:
        raise DomainError(f"台账超过 {MAX_ROWS} 行，请按单位拆分成几个文件后分别导入。")


def preview_import(
    session: Session,
    file: StoredFile,
    tour: Round,
    reading: LedgerReading,
    *,
    fed_back_on: date,
    unit: str | None = None,
    actor: Actor,
    now: datetime,
) -> ImportBatch:
    """Keep a read file and all its rows, each with its fate. No issue or task is made yet.

    The caller has stored and read the file before it opened the writing session. A table without a
    known header is kept too, with rows that make nothing, until somebody says what its columns mean.
    """
    ensure_conducts(actor, tour.region_id)
    check_readable(reading, asking=True)
    today = local_date(now)
    plan = plan_import(session, tour, reading.rows, fed_back_on=fed_back_on, today=today)
    batch = ImportBatch(
        region_id=tour.region_id,
        round=tour,
        file=file,
        state=BatchState.PREVIEW,
        fed_back_on=fed_back_on,
        summary=to_text(_summary(plan, reading)),
        layouts=to_text(pack_layouts(reading.layouts)),
        unit_name=unit,
        **born(actor=actor, now=now),
    )
    batch.rows = [_row(row) for row in plan.rows]
    session.add(batch)
    session.flush()  # the audit entry names the id
    _audit(session, "ledger_previewed", batch, plan.counts, actor=actor, now=now)
    return batch


def reread_import(
    session: Session, batch: ImportBatch, reading: LedgerReading, *, actor: Actor, now: datetime
) -> None:
    """Put a new reading of the same file, by other header words, in the place of the one before."""
    ensure_conducts(actor, batch.region_id)
    _claim(session, batch, BatchState.PREVIEW)
    check_readable(reading)
    today, fed_back_on = local_date(now), batch.fed_back_on
    plan = plan_import(session, batch.round, reading.rows, fed_back_on=fed_back_on, today=today)
    session.execute(delete(ImportRow).where(ImportRow.batch_id == batch.id))
    session.add_all(_row(row, batch_id=batch.id) for row in plan.rows)
    batch.summary = to_text(_summary(plan, reading))
    batch.layouts = to_text(pack_layouts(reading.layouts))
    touch(batch, actor=actor, now=now)
    _audit(session, "ledger_columns_matched", batch, plan.counts, actor=actor, now=now)


def _summary(plan: ImportPlan, reading: LedgerReading) -> dict[str, Any]:
    told = [s for s in reading.sheets if s.reason]
    return {
        "counts": plan.counts,
        "sheets": [[sheet.name, sheet.reason] for sheet in told],
        "new_units": [unit.name for unit in plan.new_units],
    }


def _row(settled: SettledRow, **batch: int) -> ImportRow:
    row = settled.row
    return ImportRow(
        **batch,
        sheet=row.sheet,
        row_no=row.row,
        fate=settled.fate,
        cells=to_text(pack_item(row.item)) if row.item is not None else "{}",
        notes=to_text(pack_notes(settled.notes)),
    )


def apply_import(session: Session, batch: ImportBatch, *, actor: Actor, now: datetime) -> None:
    """Make what the preview showed: all of it, or, when anything is refused, nothing.

    Rows are matched again, so what somebody else entered meanwhile is left alone too.
    """
    ensure_conducts(actor, batch.region_id)
    _claim(session, batch, BatchState.APPLIED)
    rows = [row for row in batch.rows if row.fate in LANDING]
    today, fed_back_on = local_date(now), batch.fed_back_on
    read = [_read(row) for row in rows]
    plan = plan_import(session, batch.round, read, fed_back_on=fed_back_on, today=today)
    refused = [settled for settled in plan.rows if settled.fate is RowFate.REFUSED]
    if refused:
        first = refused[0]
        raise DomainError(
            f"预览之后单位库有变化，工作表“{first.row.sheet}”第 {first.row.row} 行已不能导入：{first.notes[0].detail}"
            "整个台账没有导入，请放弃后重新导入。"
        )
    made = _make(session, batch, plan, actor=actor, now=now)
    _link(rows, plan, made)
    batch.state, batch.applied_at = BatchState.APPLIED, now
    counts = plan.counts
    batch.issues_made, batch.tasks_made = counts["issues"], counts["tasks"]
    batch.measures_made = counts["measures"]
    touch(batch, actor=actor, now=now)
    _audit(session, "ledger_imported", batch, counts, actor=actor, now=now)


def cancel_import(session: Session, batch: ImportBatch, *, actor: Actor, now: datetime) -> None:
    """放弃 a previewed import; the file and its rows stay as a record."""
    ensure_conducts(actor, batch.region_id)
    _claim(session, batch, BatchState.CANCELLED)
    batch.state = BatchState.CANCELLED
    touch(batch, actor=actor, now=now)
    _audit(session, "ledger_cancelled", batch, {}, actor=actor, now=now)


def _claim(session: Session, batch: ImportBatch, target: BatchState) -> None:
    """Of two people who press at once one goes on, the other is told."""
    if batch.state is not BatchState.PREVIEW:
        raise DomainError(f"这份台账{batch.state.label}，不能再办理。如需导入，请重新上传。")
    waiting = (ImportBatch.id == batch.id, ImportBatch.state == BatchState.PREVIEW)
    claimed = session.execute(
        update(ImportBatch)
        .where(*waiting)
        .values(state=target)
        .execution_options(synchronize_session=False)
    )
    if claimed.rowcount != 1:  # type: ignore[attr-defined]
        raise DomainError("这份台账刚被别人办理过。请刷新页面，查看最新情况。")


def _read(row: ImportRow) -> ReadRow:
    item = unpack_item(json.loads(row.cells))
    return ReadRow(
        row.sheet, row.row_no, RowReading.ITEM, unpack_notes(json.loads(row.notes)), item
    )


def _make(
    session: Session, batch: ImportBatch, plan: ImportPlan, *, actor: Actor, now: datetime
) -> dict[tuple[str, int], int]:
    """Make issues, then tasks; return the task of each row."""
    homes = Homes(session, batch.round, batch.fed_back_on, actor=actor, now=now)
    work: list[tuple[PlannedTask, Issue]] = []
    for planned in plan.issues:
        if planned.missing:
            issue = _issue(session, homes, planned, actor=actor, now=now)
            work += [(task, issue) for task in planned.missing]
    session.flush()  # task numbers are counted by the issue's id
    today, fed_back_on = local_date(now), batch.fed_back_on
    drafts = [draft_of(task, issue, fed_back_on=fed_back_on, today=today) for task, issue in work]
    tasks = bring_in_tasks(session, drafts, actor=actor, now=now)
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
    for row, settled in zip(rows, plan.rows, strict=True):
        place = (row.sheet, row.row_no)
        row.task_id = made.get(place) or known.get(place)
        if settled.fate is RowFate.KNOWN:
            row.fate = RowFate.KNOWN


def _audit(
    session: Session,
    action: str,
    batch: ImportBatch,
    counts: dict[str, int],
    *,
    actor: Actor,
    now: datetime,
) -> None:
    detail = {"round": batch.round_id, "sha256": batch.file.sha256, **counts}
    record(
        session,
        action,
        actor=actor,
        now=now,
        object_type="import_batch",
        object_id=batch.id,
        detail=detail,
    )
