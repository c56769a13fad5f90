"""What a spreadsheet file holds, as plain values. Rows and columns count from 1, as the file does."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum

CellValue = str | int | float | bool | date | datetime | None
"""An empty cell is None; a whole number is an int; a time of day or a duration is text."""


class SheetState(StrEnum):
    """How Excel shows a sheet; `very_hidden` can be reached by programs only."""

    VISIBLE = "visible"
    HIDDEN = "hidden"
    VERY_HIDDEN = "very_hidden"


class CellDefect(StrEnum):
    """Why a cell that is not empty in the file has no value here."""

    FORMULA_UNCACHED = "formula_uncached"
    ERROR_VALUE = "error_value"


@dataclass(frozen=True, slots=True)
class MergedRange:
    """A merged block, both ends included; its value stands in the top left cell."""

    first_row: int
    first_column: int
    last_row: int
    last_column: int


@dataclass(frozen=True, slots=True)
class Row:
    """One row; `cells[0]` is column A. Trailing empty cells are left out."""

    number: int
    cells: tuple[CellValue, ...]
    hidden: bool = False

    def value(self, column: int) -> CellValue:
        """Return the value of a column counted from 1; None beyond the last."""
        return self.cells[column - 1] if 0 < column <= len(self.cells) else None


@dataclass(frozen=True)
class Sheet:
    """One sheet: every row from 1 to the last that holds something, without a gap."""

    name: str
    state: SheetState
    rows: Sequence[Row]
    merged: tuple[MergedRange, ...] = ()
    defects: Mapping[tuple[int, int], CellDefect] = field(default_factory=dict)


@dataclass(frozen=True)
class OpenWorkbook:
    """A file as long as it is open: each sheet comes once. `date_1904`: bare serial numbers count from
    1904-01-01 instead of 1900.

    `tells_hidden_rows` is false when the format was read without knowing which rows are hidden.
    """

    name: str
    sheets: Iterable[Sheet]
    date_1904: bool = False
    tells_hidden_rows: bool = True


@dataclass(frozen=True)
class Workbook(OpenWorkbook):
    """A whole file, in memory."""

    sheets: tuple[Sheet, ...]
