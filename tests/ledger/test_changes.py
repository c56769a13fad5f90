"""The three-way comparison against a plain oracle: random sheets, no database."""

import re

from hypothesis import given
from hypothesis import strategies as st

from tracker.ledger.cell_forms import plain_form, text_of
from tracker.ledger.changes import DIFFERENT_ROWS, changed_cells
from tracker.ledger.columns import Field
from tracker.ledger.due_text import DueReading
from tracker.ledger.items import ItemRow
from tracker.ledger.keyed_rows import Keyed, KeyedRow
from tracker.ledger.row_keys import RowKey
from tracker.ledger.three_way import CellChange as C

COMPARED = [field for field in Field if field is not Field.SERIAL]
texts = st.sampled_from(
    ["", "甲", "乙", "甲、乙", "乙、甲", "1", "1.0", "2026-12-31", "2026年12月31日", "另一句"]
)
cells = st.fixed_dictionaries(dict.fromkeys(COMPARED, texts))


def row(
    key: RowKey, sent: dict[Field, str], returned: dict[Field, str], number: int = 3
) -> KeyedRow:
    said = {field: text for field, text in returned.items() if text}
    item = ItemRow(
        "表", number, number, said, {}, DueReading(""), key=str(key), heard=tuple(f.value for f in returned)
    )  # fmt: skip
    return KeyedRow(key, item, {field.value: text for field, text in sent.items() if text})


def keyed(*rows: KeyedRow, missing: int = 0) -> Keyed:
    tasks = frozenset(row.key.task_id for row in rows)
    places = {(row.item.sheet, row.item.row): row for row in rows}
    return Keyed(places, missing=missing, whole_tasks=tasks if not missing else frozenset())


def same(field: str, one: str, other: str) -> bool:
    """Say, without the code under test, whether two cells mean the same."""
    if field in ("lead_leader", "owner"):
        return set(one.split("、")) == set(other.split("、"))
    if field in ("institutions", "accountability", "recovered"):
        return one.removesuffix(".0") == other.removesuffix(".0")
    if field in ("due", "done_on", "closed_on"):
        return re.findall(r"\d+|[^\d年月日-]", one) == re.findall(r"\d+|[^\d年月日-]", other)
    return one == other


def expected(field: str, sent: str, returned: str, present: str) -> C | None:
    if same(field, returned, present):
        return None
    if same(field, sent, returned):
        return C.OURS
    return C.THEIRS if same(field, sent, present) else C.CONFLICT


@given(sent=cells, returned=cells, present=cells)
def test_every_field_is_judged_by_who_changed_it(
    sent: dict[Field, str], returned: dict[Field, str], present: dict[Field, str]
) -> None:
    returned = returned | {Field.ISSUE: "问题"}  # an emptied row is another matter
    now = {(7, 8): {field.value: text for field, text in present.items()}}
    found = {
        c.field: c for c in changed_cells(keyed(row(RowKey("a" * 8, 7, 8), sent, returned)), now)
    }
    for field in COMPARED:
        want = expected(field, sent[field], returned[field], present[field])
        got = found.get(field.value)
        assert (got.change if got else None) is want, field
        if got:
            assert (got.sent, got.present) == (sent[field], present[field])
            assert same(field, got.returned, returned[field])


@given(sent=texts, rows=st.lists(texts, min_size=1, max_size=4), present=texts)
def test_what_is_said_of_the_whole_task_is_one_cell_however_many_rows(
    sent: str, rows: list[str], present: str
) -> None:
    lines = [
        row(RowKey("a" * 8, 7, number), {Field.REMARK: sent}, {Field.REMARK: text, Field.UNIT: "单位"}, number)
        for number, text in enumerate(rows, start=1)
    ]  # fmt: skip
    now = {(7, 1): {"remark": present, "unit": "单位"}}
    found = [cell for cell in changed_cells(keyed(*lines), now) if cell.field == "remark"]
    said = {text for text in rows if text}
    other = said - {sent}
    if len(other) > 1:
        assert [cell.reason for cell in found] in ([DIFFERENT_ROWS], [])
        return
    text = other.pop() if other else (sent if said else "")
    want = expected("remark", sent, text, present)
    assert [cell.change for cell in found] == ([want] if want else [])
    assert all(cell.returned == text and cell.measure_id == 0 for cell in found)


@given(sent=texts, present=texts)
def test_a_column_that_is_not_in_the_sheet_says_nothing(sent: str, present: str) -> None:
    line = row(RowKey("a" * 8, 7, 1), {Field.GOAL: sent}, {Field.ISSUE: "问题"})
    found = changed_cells(keyed(line), {(7, 1): {"goal": present, "issue": "问题"}})
    assert "goal" not in {cell.field for cell in found}


def test_an_empty_cell_counts_only_when_all_rows_of_the_task_came_back() -> None:
    line = row(RowKey("a" * 8, 7, 1), {Field.GOAL: "目标"}, {Field.GOAL: "", Field.UNIT: "单位"})
    now = {(7, 1): {"goal": "目标", "unit": "单位"}}
    assert [c.change for c in changed_cells(keyed(line), now) if c.field == "goal"] == [C.THEIRS]
    assert [c for c in changed_cells(keyed(line, missing=1), now) if c.field == "goal"] == []


def test_a_written_cell_reads_as_the_reader_sees_it() -> None:
    assert text_of("  =1+1 ") == "=1+1"
    assert plain_form("recovered", "1.50") == plain_form("recovered", "1.5")
    assert plain_form("done_on", "2026/10/9") == "2026-10-09"
    assert plain_form("done_on", "2026-02-30") == "2026-02-30"
    assert plain_form("owner", "王丙，李乙") == plain_form("owner", "李乙、王丙")
