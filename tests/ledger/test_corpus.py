"""Every file of the corpus is read exactly as its literals say: all rows, all values, all sentences."""

import io
from typing import Any

import pytest

from tests.ledger.reading import CONCENTRATED_END, FEEDBACK
from tests.ledgers.books import LedgerFile, RowSays
from tests.ledgers.corpus import CORPUS
from tests.ledgers.corpus.notes import DOUBTS
from tracker.ledger.columns import Field
from tracker.ledger.inspection import inspect_file
from tracker.ledger.items import ItemRow
from tracker.ledger.notes import Weight
from tracker.ledger.reading_result import LedgerReading, ReadRow

TEXTS = {
    "issue": Field.ISSUE, "issue_no": Field.ISSUE_NO, "detail": Field.DETAIL, "cause": Field.CAUSE, "goal": Field.GOAL,
    "lead_dept": Field.LEAD_DEPT, "phone": Field.PHONE, "progress": Field.PROGRESS, "evidence": Field.EVIDENCE,
    "unfinished": Field.UNFINISHED, "remark": Field.REMARK, "round": Field.ROUND, "team": Field.TEAM,
}  # fmt: skip
VALUES = (
    "unit", "cat_l1", "cat_l2", "nature", "kind", "completion", "done_on", "closed", "closed_on", "institutions",
    "accountability", "recovered", "long_term", "immediate",
)  # fmt: skip
LISTS = ("measures", "lead_leaders", "support_depts", "owners")


def read(file: LedgerFile) -> LedgerReading:
    return inspect_file(
        io.BytesIO(file.build()),
        name=file.name,
        feedback_on=FEEDBACK,
        concentrated_end=CONCENTRATED_END,
        unit=file.unit,
    )


def values_of(item: ItemRow | None) -> dict[str, Any]:
    """Return what is not empty, as the corpus spells it."""
    if item is None:
        return {}
    found: dict[str, Any] = {name: item.text(wanted) for name, wanted in TEXTS.items()}
    found |= {name: getattr(item, name) for name in VALUES}
    found |= {name: list(getattr(item, name)) for name in LISTS}
    found |= {"due": item.due.raw, "due_on": item.due.due_on, "extra": dict(item.extra)}
    return {name: _spelled(value) for name, value in found.items() if _is_told(value)}


def _is_told(value: Any) -> bool:
    return value is not None and value is not False and value not in ("", [], {})


def _spelled(value: Any) -> Any:
    return value if isinstance(value, bool | int | list | dict) else str(value)


def as_said(row: ReadRow) -> RowSays:
    notes = tuple(sorted((note.code, note.column, note.detail) for note in row.notes))
    return RowSays(row.row, row.reading.value, notes, values_of(row.item), row.hidden)


def sorted_notes(row: RowSays) -> RowSays:
    return RowSays(row.number, row.reading, tuple(sorted(row.notes)), row.values, row.hidden)


@pytest.mark.parametrize("file", CORPUS, ids=[file.name for file in CORPUS])
def test_a_file_of_the_corpus_is_read_as_it_must_be(file: LedgerFile) -> None:
    reading = read(file)
    assert (reading.refused.code if reading.refused else "") == file.refused
    told = [(sheet.name, sheet.state.value, sheet.reason) for sheet in reading.sheets]
    assert told == [(sheet.name, sheet.state, sheet.reason) for sheet in file.sheets]
    for sheet in file.sheets:
        found = [as_said(row) for row in reading.rows if row.sheet == sheet.name]
        assert found == [sorted_notes(row) for row in sheet.rows]
    counts = reading.counts
    assert (counts["issues"], counts["tasks"], counts["measures"]) == file.counts
    assert len(reading.rows) == file.rows  # rows read + rows reported = rows in the file
    for row in reading.rows:
        for note in row.notes:
            assert (note.weight is Weight.DOUBT) == (note.code in DOUBTS)


def test_the_corpus_is_large_and_each_file_has_a_name_of_its_own() -> None:
    names = [file.name for file in CORPUS]
    assert len(set(names)) == len(names) >= 60
    for file in CORPUS:
        assert sum(len(sheet.rows) for sheet in file.sheets) == file.rows
