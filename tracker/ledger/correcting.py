"""更正, in the preview: what was typed in place of cells of the file, read again as if it stood there."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from tracker.kernel.db import born, touch
from tracker.kernel.errors import DomainError
from tracker.kernel.permissions import Actor
from tracker.ledger import importing, queries
from tracker.ledger.batches import audit_batch
from tracker.ledger.columns import BY_FIELD
from tracker.ledger.corrections import Cell, Correction, Corrections
from tracker.ledger.items import ItemRow
from tracker.ledger.layouts import TableLayout
from tracker.ledger.models import ImportBatch, ImportCorrection, ImportRow
from tracker.ledger.packing import unpack_item
from tracker.ledger.reading_result import LedgerReading
from tracker.ledger.remarks import labels_at

LONGEST = 10_000
LONGEST_LABEL = 200


@dataclass(frozen=True)
class Change:
    """A correction to make; `text` None takes the one that stands back. `column` as the file calls it."""

    cell: Cell
    text: str | None
    column: str = ""


def changes_of(
    typed: Mapping[Cell, str],
    taken_back: Iterable[int],
    rows: Sequence[ImportRow],
    standing: Mapping[Cell, ImportCorrection],
    layouts: Sequence[TableLayout],
) -> list[Change]:
    """Return what differs from what is read now. DomainError for a cell that cannot be corrected."""
    items = {(row.sheet, row.row_no): _item(row) for row in rows}
    ids = set(taken_back)
    found = {cell: Change(cell, None) for cell, row in standing.items() if row.id in ids}
    for cell, text in typed.items():
        item = items.get((cell.sheet, cell.row))
        if item is None:
            raise DomainError(f"工作表“{cell.sheet}”第 {cell.row} 行不能更正，请刷新页面后再试。")
        if cell in found or text == item.text(cell.field):
            continue
        label = labels_at(layouts, cell.sheet, cell.row).get(cell.field, "")[:LONGEST_LABEL]
        is_back = cell in standing and text == standing[cell].before
        found[cell] = Change(cell, None if is_back else _checked(cell, text), label)
    if not found:
        raise DomainError("没有改动。请先在有说明的行里填写更正后的内容。")
    return list(found.values())


def _item(row: ImportRow) -> ItemRow | None:
    packed = json.loads(row.cells)
    return unpack_item(packed) if packed else None


def _checked(cell: Cell, text: str) -> str:
    if len(text) > LONGEST:
        title = BY_FIELD[cell.field].title
        raise DomainError(f"第 {cell.row} 行的“{title}”超过 {LONGEST} 个字，请精简后再保存。")
    return text


def with_changes(corrections: Corrections, changes: Iterable[Change]) -> Corrections:
    """Return the corrections as they will stand."""
    pairs = dict(corrections.pairs())
    for change in changes:
        pairs.pop(change.cell, None)
        if change.text is not None:
            pairs[change.cell] = Correction(change.text, bool(change.column))
    return Corrections.of(pairs.items())


def correct_import(
    session: Session,
    batch: ImportBatch,
    changes: Sequence[Change],
    reading: LedgerReading,
    *,
    actor: Actor,
    now: datetime,
) -> None:
    """Keep corrections with who, when and what stood there; `reading` was made with them."""
    plan = importing.replace_reading(session, batch, reading, actor=actor, now=now)
    standing = queries.standing_corrections(session, batch)
    items = {(row.sheet, row.row): row.item for row in reading.rows}
    for change in changes:
        if (old := standing.get(change.cell)) is not None:
            old.is_standing = False
            touch(old, actor=actor, now=now)
        if change.text is not None:
            item = items.get((change.cell.sheet, change.cell.row))
            session.add(_kept(batch, change, item, actor=actor, now=now))
    made = sum(change.text is not None for change in changes)
    counts = {"corrected": made, "taken_back": len(changes) - made, **plan.counts}
    audit_batch(session, "ledger_cells_corrected", batch, counts, actor=actor, now=now)


def _kept(
    batch: ImportBatch, change: Change, item: ItemRow | None, *, actor: Actor, now: datetime
) -> ImportCorrection:
    cell = change.cell
    if item is None or cell.field not in item.corrected:
        title = change.column or BY_FIELD[cell.field].title
        raise DomainError(
            f"工作表“{cell.sheet}”第 {cell.row} 行的“{title}”没能更正，什么都没有保存。请刷新页面后再试。"
        )
    return ImportCorrection(
        batch_id=batch.id,
        sheet=cell.sheet,
        row_no=cell.row,
        field=cell.field.value,
        column=change.column,
        before=item.corrected[cell.field],
        text=change.text,
        **born(actor=actor, now=now),
    )
