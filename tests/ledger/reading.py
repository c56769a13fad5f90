"""Short ways to read a ledger of the corpus."""

import io
from datetime import date

from tracker.ledger.columns import Field
from tracker.ledger.reading import read_ledger
from tracker.ledger.reading_result import LedgerReading, ReadRow
from tracker.spreadsheets.reader import read_workbook

FEEDBACK = date(2024, 11, 20)
CONCENTRATED_END = date(2025, 5, 20)


def read(content: bytes, *, unit: str | None = None) -> LedgerReading:
    """Read with the feedback date that all tests share."""
    workbook = read_workbook(io.BytesIO(content), name="台账.xlsx")
    return read_ledger(workbook, feedback_on=FEEDBACK, concentrated_end=CONCENTRATED_END, unit=unit)


def outcome(reading: LedgerReading) -> list[tuple[int, str, list[str]]]:
    """Return (row, reading, codes) of every row."""
    return [(row.row, row.reading.value, [note.code for note in row.notes]) for row in reading.rows]


def issue_of(row: ReadRow) -> str:
    """Return the issue text of an item."""
    return row.item.text(Field.ISSUE) if row.item else ""
