"""A row of the preview, remark by remark: which cell each is about, and what may be typed there instead."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from tracker.ledger.columns import BY_FIELD, Field
from tracker.ledger.corrections import Cell
from tracker.ledger.items import ItemRow
from tracker.ledger.layouts import TableLayout
from tracker.ledger.models import ImportCorrection, ImportRow
from tracker.ledger.notes import Note, Weight
from tracker.ledger.packing import unpack_item, unpack_notes
from tracker.ledger.template import CHOICES

DAYS = frozenset({Field.DUE, Field.DONE_ON, Field.CLOSED_ON})
SHORT = 40
ABOUT: dict[str, Field] = {
    "closed_conflict": Field.CLOSED,
    "closed_day_assumed": Field.CLOSED_ON,
    "closed_unknown": Field.CLOSED,
    "closed_without_date": Field.CLOSED_ON,
    "done_in_future": Field.DONE_ON,
    "due_before_feedback": Field.DUE,
    "due_differs": Field.DUE,
    "due_immediate": Field.DUE,
    "due_missing": Field.DUE,
    "due_month_only": Field.DUE,
    "due_unclear": Field.DUE,
    "due_year_assumed": Field.DUE,
    "issue_missing": Field.ISSUE,
    "issue_no_is_date": Field.ISSUE_NO,
    "known_number_differs": Field.ISSUE_NO,
    "known_text_differs": Field.ISSUE,
    "nature_assumed": Field.NATURE,
    "partly_closed": Field.CLOSED,
    "round_differs": Field.ROUND,
    "unit_missing": Field.UNIT,
    "unit_unknown": Field.UNIT,
}
TITLES: dict[str, Field] = {column.title: column.field for column in BY_FIELD.values()}


@dataclass(frozen=True)
class ShownCell:
    """A cell with what is remarked about it. `column` is the file's own header, "" without such a column.

    `value` is what is read now; `before` is what the file says, None when nobody has corrected it.
    """

    cell: Cell
    column: str
    value: str
    notes: tuple[Note, ...] = ()
    before: str | None = None
    correction_id: int | None = None

    @property
    def title(self) -> str:
        """Return what the page calls the column."""
        return self.column or BY_FIELD[self.cell.field].title

    @property
    def is_long(self) -> bool:
        """Tell whether the value wants several lines."""
        return "\n" in self.value or len(self.value) > SHORT

    @property
    def is_day(self) -> bool:
        """Tell whether a day may be picked instead of typed."""
        return self.cell.field in DAYS

    @property
    def choices(self) -> tuple[str, ...]:
        """Return the words the column knows, if it has a list."""
        return CHOICES.get(self.cell.field, ())


@dataclass(frozen=True)
class ShownRow:
    """A row of the file as the preview shows it: its cells with remarks, and the remarks of no cell."""

    row: ImportRow
    item: ItemRow | None
    cells: tuple[ShownCell, ...]
    notes: tuple[Note, ...]


def shown_row(
    row: ImportRow,
    layouts: Sequence[TableLayout],
    standing: Mapping[Cell, ImportCorrection],
) -> ShownRow:
    """Sort a row's remarks by the cell they are about."""
    packed = json.loads(row.cells)
    item = unpack_item(packed) if packed else None
    notes = unpack_notes(json.loads(row.notes))
    if item is None:
        return ShownRow(row, None, (), notes)
    labels = labels_at(layouts, row.sheet, row.row_no)
    by_field = {note: _field_of(note, labels) for note in notes}
    fields = dict.fromkeys([*filter(None, by_field.values()), *item.corrected])
    cells = tuple(
        _cell(item, wanted, labels, standing, [n for n in notes if by_field[n] is wanted])
        for wanted in fields
    )
    return ShownRow(row, item, cells, tuple(n for n in notes if by_field[n] is None))


def labels_at(layouts: Sequence[TableLayout], sheet: str, row: int) -> dict[Field, str]:
    """Return the file's own header of each field in the table that a row lies in."""
    above = [t for t in layouts if t.sheet == sheet and t.is_read and t.row <= row]
    tables = above or [t for t in layouts if t.sheet == sheet and t.is_read]
    columns = tables[-1].columns if tables else ()
    return {c.meaning: c.label for c in columns if isinstance(c.meaning, Field)}


def cell_of(item: ItemRow, wanted: Field) -> Cell:
    """Return where a column's value stands: that of a merged cell in its first row."""
    return Cell(item.sheet, item.anchor(wanted), wanted)


def _field_of(note: Note, labels: Mapping[Field, str]) -> Field | None:
    """Return the field that a remark asks a person to look at; None for one that only tells."""
    if note.weight is not Weight.DOUBT:
        return None
    if note.code in ABOUT:
        return ABOUT[note.code]
    own = (wanted for wanted, label in labels.items() if label == note.column)
    return next(own, TITLES.get(note.column))


def _cell(
    item: ItemRow,
    wanted: Field,
    labels: Mapping[Field, str],
    standing: Mapping[Cell, ImportCorrection],
    notes: Sequence[Note],
) -> ShownCell:
    cell = cell_of(item, wanted)
    before = item.corrected.get(wanted)
    found = standing.get(cell) if before is not None else None
    correction_id = found.id if found else None
    return ShownCell(
        cell, labels.get(wanted, ""), item.text(wanted), tuple(notes), before, correction_id
    )


def units_wanted(rows: Sequence[ShownRow]) -> bool:
    """Tell whether any row wants a unit from a list."""
    return any(cell.cell.field is Field.UNIT for row in rows for cell in row.cells)


def choices_wanted(rows: Sequence[ShownRow]) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Give the fields on the page that have a list of words, each once."""
    fields = {cell.cell.field: cell.choices for row in rows for cell in row.cells if cell.choices}
    yield from ((wanted.value, words) for wanted, words in fields.items())
