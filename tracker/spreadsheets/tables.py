"""What is written as a sheet: columns, rows, cells merged over rows."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from tracker.spreadsheets.workbook import CellValue

OutValue = CellValue | Decimal


class ColumnKind(StrEnum):
    """What a column holds; decides format, alignment and which input Excel accepts."""

    TEXT = "text"
    INTEGER = "integer"
    NUMBER = "number"
    DATE = "date"
    DATETIME = "datetime"


class Tone(StrEnum):
    """A colour that goes with a word."""

    ALERT = "alert"
    NOTICE = "notice"
    DONE = "done"


@dataclass(frozen=True)
class Column:
    """One column: width in characters, drop-down choices and an input hint where wanted.

    `tones` colour the cells that begin with a word. A column that is not `locked` is for typing into:
    it shows on a protected sheet, by another background and by whatever its title says. A hidden column
    is for machines.
    """

    title: str
    width: float = 12
    kind: ColumnKind = ColumnKind.TEXT
    choices: tuple[str, ...] = ()
    hint: str = ""
    checked: bool = False
    tones: tuple[tuple[str, Tone], ...] = ()
    hidden: bool = False
    locked: bool = True


@dataclass(frozen=True)
class RowSpan:
    """Cells of one column merged over data rows `first` to `last`, counted from 0, both included."""

    column: int
    first: int
    last: int


@dataclass(frozen=True)
class Table:
    """One sheet. `rows` may be an iterator. `notes` stand between title and header, one a line.

    `spare_rows` more rows below the data get the drop-downs and checks too. A sheet with a `footer`
    is meant for paper: it gets a print area, page numbers, and rows as high as their texts.
    A `protected` sheet, without a password, takes no typing but in columns that are not locked.
    """

    sheet_name: str
    columns: tuple[Column, ...]
    rows: Iterable[Sequence[OutValue]] = ()
    title: str = ""
    notes: tuple[str, ...] = ()
    spans: tuple[RowSpan, ...] = ()
    frozen_columns: int = 0
    autofilter: bool = True
    spare_rows: int = 0
    footer: str = ""
    protected: bool = False

    @property
    def header_row(self) -> int:
        """Return the header's row, counted from 0."""
        return bool(self.title) + len(self.notes)
