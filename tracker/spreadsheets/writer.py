"""Writes tables as .xlsx: title, header, widths, frozen panes, formats, drop-downs, merged cells.

The same tables with the same `created_at` give the same bytes. Text is always written as text, never
as a formula. Tables without cells merged over rows are written in constant memory.
"""

import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any

import xlsxwriter
import xlsxwriter.utility

from tracker.spreadsheets.sanitise import safe_text
from tracker.spreadsheets.workbook import CellValue

OutValue = CellValue | Decimal
MAX_INLINE_CHOICES = 255  # characters; beyond, the list goes to a hidden sheet
CHOICES_SHEET = "选项"
LAST_ROW = 1_048_575


class ColumnKind(StrEnum):
    """What a column holds; decides format, alignment and which input Excel accepts."""

    TEXT = "text"
    INTEGER = "integer"
    NUMBER = "number"
    DATE = "date"
    DATETIME = "datetime"


@dataclass(frozen=True)
class Column:
    """One column: width in characters, drop-down choices and an input hint where wanted."""

    title: str
    width: float = 12
    kind: ColumnKind = ColumnKind.TEXT
    choices: tuple[str, ...] = ()
    hint: str = ""
    checked: bool = False


@dataclass(frozen=True)
class RowSpan:
    """Cells of one column merged over data rows `first` to `last`, counted from 0, both included."""

    column: int
    first: int
    last: int


@dataclass(frozen=True)
class Table:
    """One sheet. `rows` may be an iterator. `notes` stand between title and header, one a line.

    `spare_rows` more rows below the data get the drop-downs and checks too.
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

    @property
    def header_row(self) -> int:
        """Return the header's row, counted from 0."""
        return bool(self.title) + len(self.notes)


def write_workbook(tables: Sequence[Table], *, created_at: datetime) -> bytes:
    """Return an .xlsx with one sheet per table, in order."""
    target = io.BytesIO()
    streaming = not any(table.spans for table in tables)
    book = xlsxwriter.Workbook(target, {"constant_memory": streaming})
    book.set_properties({"created": created_at.replace(tzinfo=None)})
    formats = _Formats(book)
    choices: list[tuple[str, ...]] = []
    try:
        for table in tables:
            _SheetWriter(book, table, formats, choices).write()
        _write_choices(book, choices)
    finally:
        book.close()  # also after an error: it removes the temporary files of constant memory
    return target.getvalue()


class _Formats:
    def __init__(self, book: Any) -> None:
        body = {
            "border": 1,
            "valign": "vcenter",
            "text_wrap": True,
            "font_name": "宋体",
            "font_size": 11,
        }
        self.title = book.add_format(
            {
                "bold": True,
                "font_size": 16,
                "align": "center",
                "valign": "vcenter",
                "font_name": "黑体",
            }
        )
        self.note = book.add_format(
            {"font_color": "#555555", "valign": "vcenter", "text_wrap": True}
        )
        self.header = book.add_format(
            {**body, "bold": True, "align": "center", "bg_color": "#E8EEF4", "font_name": "黑体"}
        )
        self.body = {
            ColumnKind.TEXT: book.add_format({**body, "num_format": "@"}),
            ColumnKind.INTEGER: book.add_format({**body, "num_format": "0"}),
            ColumnKind.NUMBER: book.add_format({**body, "num_format": "General"}),
            ColumnKind.DATE: book.add_format({**body, "num_format": "yyyy-mm-dd"}),
            ColumnKind.DATETIME: book.add_format({**body, "num_format": "yyyy-mm-dd hh:mm"}),
        }


class _SheetWriter:
    """Writes one table from top to bottom, as constant memory demands."""

    def __init__(
        self, book: Any, table: Table, formats: _Formats, choices: list[tuple[str, ...]]
    ) -> None:
        self.table = table
        self.formats = formats
        self.choices = choices
        self.sheet = book.add_worksheet(table.sheet_name)
        self.first_data_row = table.header_row + 1

    def write(self) -> None:
        self.set_up()
        self.write_head()
        covered = {(s.column, r) for s in self.table.spans for r in range(s.first + 1, s.last + 1)}
        count = 0
        for count, row in enumerate(self.table.rows, start=1):
            self.write_row(count - 1, row, covered)
        for span in self.table.spans:
            self.merge(span)
        self.set_checks(count)

    def set_up(self) -> None:
        table, sheet = self.table, self.sheet
        for index, column in enumerate(table.columns):
            sheet.set_column(index, index, column.width)
        sheet.freeze_panes(self.first_data_row, table.frozen_columns)
        sheet.set_landscape()
        sheet.set_paper(9)
        sheet.fit_to_pages(1, 0)
        sheet.repeat_rows(table.header_row)

    def write_head(self) -> None:
        table = self.table
        lines = [(table.title, self.formats.title, 30)] if table.title else []
        lines += [(note, self.formats.note, 32) for note in table.notes]
        for index, (text, style, height) in enumerate(lines):
            self.sheet.set_row(index, height)
            if len(table.columns) > 1:
                self.sheet.merge_range(
                    index, 0, index, len(table.columns) - 1, safe_text(text), style
                )
            else:
                self.sheet.write_string(index, 0, safe_text(text), style)
        self.sheet.set_row(table.header_row, 32)
        for index, column in enumerate(table.columns):
            self.sheet.write_string(
                table.header_row, index, safe_text(column.title), self.formats.header
            )

    def write_row(self, index: int, row: Sequence[OutValue], covered: set[tuple[int, int]]) -> None:
        if len(row) != len(self.table.columns):
            raise ValueError(
                f"row {index} has {len(row)} values for {len(self.table.columns)} columns"
            )
        for place, value in enumerate(row):
            if (place, index) not in covered:
                self.write_cell(self.first_data_row + index, place, value)

    def write_cell(self, row: int, place: int, value: OutValue) -> None:
        sheet, style = self.sheet, self.formats.body[self.style_of(place, value)]
        if isinstance(value, str):
            value = safe_text(value) or None
        if value is None:
            sheet.write_blank(row, place, None, style)
        elif isinstance(value, bool):
            sheet.write_string(row, place, "是" if value else "否", style)
        elif isinstance(value, int | float | Decimal):
            sheet.write_number(row, place, value, style)
        elif isinstance(value, date):  # a datetime is one too
            sheet.write_datetime(row, place, _naive(value), style)
        else:
            sheet.write_string(row, place, value, style)

    def style_of(self, place: int, value: OutValue) -> ColumnKind:
        """Choose the format: a date in a text column is still shown as a date."""
        kind = self.table.columns[place].kind
        dated = kind in {ColumnKind.DATE, ColumnKind.DATETIME}
        if isinstance(value, date) and not dated:
            return ColumnKind.DATETIME if isinstance(value, datetime) else ColumnKind.DATE
        if isinstance(value, int | float | Decimal) and kind is ColumnKind.TEXT:
            return ColumnKind.NUMBER
        return kind

    def merge(self, span: RowSpan) -> None:
        """Merge over rows; the value already stands in the first cell and is kept by Excel."""
        if span.last > span.first:
            row = self.first_data_row + span.first
            value = self.kept_value(row, span.column)
            last = self.first_data_row + span.last
            style = self.formats.body[self.style_of(span.column, value)]
            self.sheet.merge_range(row, span.column, last, span.column, "", style)
            self.write_cell(row, span.column, value)

    def kept_value(self, row: int, column: int) -> OutValue:
        rows = self.table.rows
        if not isinstance(rows, Sequence):
            raise TypeError("a table with spans needs its rows as a sequence")
        value: OutValue = rows[row - self.first_data_row][column]
        return value

    def set_checks(self, count: int) -> None:
        """Set the filter, the drop-downs and the checks once the number of rows is known."""
        table = self.table
        last = min(table.header_row + max(count + table.spare_rows, 1), LAST_ROW)
        if table.autofilter:
            self.sheet.autofilter(table.header_row, 0, last, len(table.columns) - 1)
        for place, column in enumerate(table.columns):
            rule = self.rule(column)
            if rule:
                self.sheet.data_validation(self.first_data_row, place, last, place, rule)

    def rule(self, column: Column) -> dict[str, Any] | None:
        hint = (
            {"input_title": column.title[:32], "input_message": column.hint} if column.hint else {}
        )
        if column.choices:
            source = self.source(column.choices)
            return {"validate": "list", "source": source, "error_type": "warning", **hint}
        if column.checked and column.kind is ColumnKind.DATE:
            limits = {"minimum": date(2000, 1, 1), "maximum": date(2099, 12, 31)}
            return {
                "validate": "date",
                "criteria": "between",
                **limits,
                "error_type": "warning",
                **hint,
            }
        if column.checked and column.kind in {ColumnKind.INTEGER, ColumnKind.NUMBER}:
            kind = "integer" if column.kind is ColumnKind.INTEGER else "decimal"
            return {"validate": kind, "criteria": ">=", "value": 0, "error_type": "warning", **hint}
        return {"validate": "any", **hint} if hint else None

    def source(self, choices: tuple[str, ...]) -> list[str] | str:
        """Return the list itself, or where it stands on the hidden sheet when it is too long."""
        if len(",".join(choices)) <= MAX_INLINE_CHOICES and not any("," in c for c in choices):
            return list(choices)
        if choices not in self.choices:
            self.choices.append(choices)
        column = xlsxwriter.utility.xl_col_to_name(self.choices.index(choices), col_abs=True)
        return f"='{CHOICES_SHEET}'!{column}$1:{column}${len(choices)}"


def _naive(value: date) -> date:
    """Excel knows no zone: an aware instant must have been made local by the caller."""
    if isinstance(value, datetime) and value.tzinfo is not None:
        return value.replace(tzinfo=None)
    return value


def _write_choices(book: Any, choices: list[tuple[str, ...]]) -> None:
    if not choices:
        return
    sheet = book.add_worksheet(CHOICES_SHEET)
    sheet.hide()
    for row in range(max(map(len, choices))):
        for place, values in enumerate(choices):
            if row < len(values):
                sheet.write_string(row, place, safe_text(values[row]))
