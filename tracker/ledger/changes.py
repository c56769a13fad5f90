"""Which cells of the rows that came back differ: from what went out, and from what stands here. Pure."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from tracker.ledger.cell_forms import EXTRA, plain_form
from tracker.ledger.columns import Field
from tracker.ledger.items import ItemRow
from tracker.ledger.keyed_rows import Keyed, KeyedRow, is_emptied
from tracker.ledger.three_way import CellChange, compare

OF_MEASURE = frozenset({Field.MEASURE, Field.DUE})
SILENT = frozenset({CellChange.NONE, CellChange.AGREED})
DIFFERENT_ROWS = "同一任务各行填写得不一致，没有采用。请改成一致后重新导入。"
Present = Mapping[tuple[int, int], Mapping[str, str]]
"""What stands here, by (task id, measure id or 0): cells by code; missing where there is no such row."""


@dataclass(frozen=True)
class ChangedCell:
    """A cell that differs. `due_on` is the day that a 整改时限 of the file names; with a `reason` it
    cannot be taken over."""

    task_id: int
    measure_id: int
    field: str
    sent: str
    returned: str
    present: str
    change: CellChange
    sheet: str
    row: int
    due_on: date | None = None
    reason: str | None = None

    @property
    def place(self) -> tuple[int, int, str]:
        """Return what the cell is known by."""
        return self.task_id, self.measure_id, self.field


def changed_cells(keyed: Keyed, present: Present) -> list[ChangedCell]:
    """Return every cell that differs, in the order of the file."""
    tasks: dict[int, list[KeyedRow]] = {}
    emptied: set[int] = set()
    for row in keyed.rows.values():
        if is_emptied(row.item):
            emptied.add(row.key.task_id)
        else:
            tasks.setdefault(row.key.task_id, []).append(row)
    first: dict[int, Mapping[str, str]] = {}
    for (task_id, _), cells in present.items():
        first.setdefault(task_id, cells)
    found: list[ChangedCell] = []
    for task_id, rows in tasks.items():
        whole = task_id in keyed.whole_tasks - emptied
        found += _of_task(rows, first.get(task_id, {}), is_whole=whole)
        for row in rows:
            found += _of_measure(row, present.get((task_id, row.key.measure_id)))
    return [cell for cell in found if cell.change not in SILENT]


def _of_task(
    rows: Sequence[KeyedRow], present: Mapping[str, str], *, is_whole: bool
) -> Iterator[ChangedCell]:
    """Compare what is said of the whole task: in a merged cell, once, or in each row."""
    codes = dict.fromkeys(code for row in rows for code in row.item.heard)
    for code in codes:
        if code in OF_MEASURE or code == Field.SERIAL:
            continue
        heard = [row for row in rows if code in row.item.heard]
        first = heard[0]
        said = {plain_form(code, t): (t, r) for r in heard if (t := cell_of(r.item, code))}
        sent = first.sent.get(code, "")
        other = {form: told for form, told in said.items() if form != plain_form(code, sent)}
        if not said and not is_whole:
            continue  # the row that said it for all may be the one that is missing
        unchanged = (sent, first) if said else ("", first)
        text, row = next(iter(other.values()), unchanged)
        cell = _compared(row, 0, code, sent, text, present.get(code, ""))
        yield replace(cell, reason=DIFFERENT_ROWS) if len(other) > 1 else cell


def _of_measure(row: KeyedRow, present: Mapping[str, str] | None) -> Iterator[ChangedCell]:
    for code in (code for code in row.item.heard if code in OF_MEASURE):
        sent, text = row.sent.get(code, ""), cell_of(row.item, code)
        now = (present or {}).get(code, "")
        cell = _compared(row, row.key.measure_id, code, sent, text, now)
        yield replace(cell, due_on=row.item.due.due_on) if code == Field.DUE else cell


def _compared(
    row: KeyedRow, measure_id: int, code: str, sent: str, returned: str, present: str
) -> ChangedCell:
    forms = [plain_form(code, text) for text in (sent, returned, present)]
    return ChangedCell(
        row.key.task_id,
        measure_id,
        code,
        sent,
        returned,
        present,
        compare(*forms),
        row.item.sheet,
        row.item.row,
    )


def cell_of(item: ItemRow, code: str) -> str:
    """Return what a row of the file says in a column."""
    if code.startswith(EXTRA):
        return item.extra.get(code.removeprefix(EXTRA), "")
    return item.text(Field(code))
