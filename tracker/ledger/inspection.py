"""Inspects a ledger file; the document that `ledger inspect --json` prints, one entry per row."""

from datetime import date
from typing import Any, BinaryIO

from tracker.ledger.columns import Field
from tracker.ledger.corrections import Corrections
from tracker.ledger.header_words import HeaderWords
from tracker.ledger.items import ItemRow
from tracker.ledger.layouts import TableLayout
from tracker.ledger.notes import Note
from tracker.ledger.reading import read_ledger, refused_reading
from tracker.ledger.reading_result import LedgerReading, ReadRow
from tracker.spreadsheets.errors import RefusedFileError
from tracker.spreadsheets.reader import read_workbook


def inspect_file(
    data: BinaryIO,
    *,
    name: str,
    feedback_on: date | None = None,
    concentrated_end: date | None = None,
    unit: str | None = None,
    words: HeaderWords | None = None,
    corrections: Corrections | None = None,
) -> LedgerReading:
    """Read a ledger from a seekable stream; a file that is refused gives a reading that says why."""
    try:
        workbook = read_workbook(data, name=name)
        return read_ledger(
            workbook,
            feedback_on=feedback_on,
            concentrated_end=concentrated_end,
            unit=unit,
            words=words,
            corrections=corrections,
        )
    except RefusedFileError as error:
        return refused_reading(name, error)


def to_json(reading: LedgerReading) -> dict[str, Any]:
    """Return the reading as plain values, ready for `json.dumps`."""
    refused = reading.refused
    return {
        "file": reading.file,
        "refused": None if refused is None else {"code": refused.code, "detail": refused.detail},
        "sheets": [
            {"name": sheet.name, "state": sheet.state.value, "reason": sheet.reason or None}
            for sheet in reading.sheets
        ],
        "tables": [_table(table) for table in reading.layouts],
        "rows": [_row(row) for row in reading.rows],
        "counts": reading.counts,
    }


def _table(table: TableLayout) -> dict[str, Any]:
    """Say what each column was taken for, and where it is known from."""
    columns = [
        {"place": c.place, "header": c.label, "read_as": c.meaning.value, "origin": c.origin.value}
        for c in table.columns
    ]
    return {"sheet": table.sheet, "row": table.row, "read": table.is_read, "columns": columns}


def _row(row: ReadRow) -> dict[str, Any]:
    return {
        "sheet": row.sheet,
        "row": row.row,
        "reading": row.reading.value,
        **(_item(row.item) if row.item is not None else NOTHING),
        "hidden": row.hidden,
        "notes": [_note(note) for note in row.notes],
    }


def _item(item: ItemRow) -> dict[str, Any]:
    return {
        "issue": item.text(Field.ISSUE) or None,
        "unit": item.unit or None,
        "measures": list(item.measures),
        "lead_leader": "、".join(item.lead_leaders) or None,
        "lead_dept": item.text(Field.LEAD_DEPT) or None,
        "owners": list(item.owners),
        "due_text_raw": item.due.raw or None,
        "due_on": _iso(item.due.due_on),
        "long_term": item.long_term,
        "closed": item.closed,
        "closed_on": _iso(item.closed_on),
        "done_on": _iso(item.done_on),
        "issue_no": item.text(Field.ISSUE_NO) or None,
        "cat_l1": item.cat_l1 or None,
        "cat_l2": item.cat_l2 or None,
        "nature": item.nature,
        "kind": item.kind,
        "completion": item.completion,
        "extra": dict(item.extra),
    }


def _iso(day: date | None) -> str | None:
    return None if day is None else day.isoformat()


def _note(note: Note) -> dict[str, str | None]:
    return {
        "code": note.code,
        "column": note.column or None,
        "detail": note.detail,
        "weight": note.weight.value,
    }


NOTHING: dict[str, Any] = {
    "issue": None, "unit": None, "measures": [], "lead_leader": None, "lead_dept": None, "owners": [],
    "due_text_raw": None, "due_on": None, "long_term": False, "closed": False, "closed_on": None,
    "done_on": None, "issue_no": None, "cat_l1": None, "cat_l2": None, "nature": None, "kind": None,
    "completion": None, "extra": {},
}  # fmt: skip
