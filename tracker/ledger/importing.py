"""导入台账, the preview: keep the file and every row of it, and show what would happen."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from tracker.feedback.models import Feedback
from tracker.files.models import StoredFile
from tracker.kernel.clock import local_date
from tracker.kernel.db import born, touch
from tracker.kernel.errors import DomainError
from tracker.kernel.permissions import Actor
from tracker.ledger.batches import audit_batch, claim_batch
from tracker.ledger.models import ImportBatch, ImportRow
from tracker.ledger.packing import (
    pack_item,
    pack_layouts,
    pack_notes,
    to_text,
)
from tracker.ledger.planning import ImportPlan, SettledRow, plan_import
from tracker.ledger.reading_result import LedgerReading
from tracker.ledger.rules import BatchState
from tracker.ledger.updating import find_changes, keep_changes
from tracker.organizations.scope import ensure_conducts
from tracker.rounds.deadlines import concentrated_end
from tracker.rounds.models import Round
from tracker.workdays.queries import load_calendar

MAX_ROWS = 20_000


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
    _keep_changes(session, batch, plan, actor=actor, now=now)
    audit_batch(session, "ledger_previewed", batch, plan.counts, actor=actor, now=now)
    return batch


def reread_import(
    session: Session, batch: ImportBatch, reading: LedgerReading, *, actor: Actor, now: datetime
) -> None:
    """Read the same file by other header words."""
    plan = replace_reading(session, batch, reading, actor=actor, now=now)
    audit_batch(session, "ledger_columns_matched", batch, plan.counts, actor=actor, now=now)


def replace_reading(
    session: Session, batch: ImportBatch, reading: LedgerReading, *, actor: Actor, now: datetime
) -> ImportPlan:
    """Put a new reading of the same file in the place of the one before; the caller audits it."""
    ensure_conducts(actor, batch.region_id)
    claim_batch(session, batch, BatchState.PREVIEW)
    check_readable(reading)
    today, fed_back_on = local_date(now), batch.fed_back_on
    plan = plan_import(session, batch.round, reading.rows, fed_back_on=fed_back_on, today=today)
    session.execute(delete(ImportRow).where(ImportRow.batch_id == batch.id))
    session.add_all(_row(row, batch_id=batch.id) for row in plan.rows)
    batch.summary = to_text(_summary(plan, reading))
    batch.layouts = to_text(pack_layouts(reading.layouts))
    _keep_changes(session, batch, plan, actor=actor, now=now)
    touch(batch, actor=actor, now=now)
    return plan


def _keep_changes(
    session: Session, batch: ImportBatch, plan: ImportPlan, *, actor: Actor, now: datetime
) -> None:
    found = find_changes(session, batch.round, plan.keyed, actor=actor, now=now)
    keep_changes(session, batch, found.cells)


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
        is_corrected=row.item is not None and bool(row.item.corrected),
    )


def cancel_import(session: Session, batch: ImportBatch, *, actor: Actor, now: datetime) -> None:
    """放弃 a previewed import; the file and its rows stay as a record."""
    ensure_conducts(actor, batch.region_id)
    claim_batch(session, batch, BatchState.CANCELLED)
    batch.state = BatchState.CANCELLED
    touch(batch, actor=actor, now=now)
    audit_batch(session, "ledger_cancelled", batch, {}, actor=actor, now=now)
