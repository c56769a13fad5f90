"""Writes tables as .xlsx: title, header, widths, frozen panes, formats, drop-downs, merged cells.

The same tables with the same `created_at` give the same bytes. Text is always written as text, never
as a formula. Everything is written in constant memory, cells merged over rows too.
"""

import io
from collections import deque
from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import xlsxwriter
import xlsxwriter.utility

from tracker.spreadsheets.formats import Formats
from tracker.spreadsheets.heights import lines_of, points
from tracker.spreadsheets.sanitise import safe_text
from tracker.spreadsheets.tables import Column, ColumnKind, OutValue, RowSpan, Table, Tone

__all__ = ["Column", "ColumnKind", "OutValue", "RowSpan", "Table", "Tone", "write_workbook"]

MAX_INLINE_CHOICES = 255  # characters; beyond, the list goes to a hidden sheet
CHOICES_SHEET = "选项"
LAST_ROW = 1_048_575


def write_workbook(tables: Sequence[Table], *, created_at: datetime) -> bytes:
    """Return an .xlsx with one sheet per table, in order."""
    target = io.BytesIO()
    book = xlsxwriter.Workbook(target, {"constant_memory": True})
    book.set_properties({"created": created_at.replace(tzinfo=None)})
    formats = Formats(book)
    choices: list[tuple[str, ...]] = []
    try:
        for table in tables:
            _SheetWriter(book, table, formats, choices).write()
        _write_choices(book, choices)
    finally:
        book.close()  # also after an error: it removes the temporary files of constant memory
    return target.getvalue()


class _SheetWriter:
    """Writes one table from top to bottom, as constant memory demands."""

    def __init__(
        self, book: Any, table: Table, formats: Formats, choices: list[tuple[str, ...]]
    ) -> None:
        self.table = table
        self.formats = formats
        self.choices = choices
        self.sheet = book.add_worksheet(table.sheet_name)
        self.first_data_row = table.header_row + 1
        spans = (span for span in table.spans if span.last > span.first)
        self.waiting = deque(sorted(spans, key=lambda span: span.first))
        self.open: dict[int, tuple[RowSpan, Any]] = {}
        self.styles = [formats.body[column.kind] for column in table.columns]

    def write(self) -> None:
        self.set_up()
        self.write_head()
        count = 0
        for count, row in enumerate(self.table.rows, start=1):
            self.write_row(count - 1, row)
        self.set_checks(count)
        self.set_tones(count)
        if self.table.footer:
            self.set_print(count)

    def set_up(self) -> None:
        table, sheet = self.table, self.sheet
        for index, column in enumerate(table.columns):
            options = {"hidden": True} if column.is_hidden else {}
            sheet.set_column(index, index, column.width, None, options)
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

    def write_row(self, index: int, row: Sequence[OutValue]) -> None:
        if len(row) != len(self.table.columns):
            raise ValueError(
                f"row {index} has {len(row)} values for {len(self.table.columns)} columns"
            )
        place_of_row = self.first_data_row + index
        self.open_spans(index, row)
        if self.table.footer:
            self.sheet.set_row(place_of_row, self.height(row))
        for place, value in enumerate(row):
            over = self.open.get(place)
            if over is None or over[0].first == index:
                self.write_cell(place_of_row, place, value)
            else:
                self.sheet.write_blank(place_of_row, place, None, over[1])

    def open_spans(self, index: int, row: Sequence[OutValue]) -> None:
        """Merge what begins in this row; forget what ended before it.

        `merge_range` would write the cells below at once, which constant memory forbids: they are
        written blank in their turn, and only the range is noted here.
        """
        for place in [place for place, (span, _) in self.open.items() if span.last < index]:
            del self.open[place]
        while self.waiting and self.waiting[0].first <= index:
            span = self.waiting.popleft()
            top, bottom = self.first_data_row + span.first, self.first_data_row + span.last
            self.sheet.merge.append([top, span.column, bottom, span.column])
            self.open[span.column] = (span, self.style_of(span.column, row[span.column]))

    def height(self, row: Sequence[OutValue]) -> float:
        """Return points: programs differ in fitting rows on opening, and none fits merged cells."""
        most = 1.0
        for place, value in enumerate(row):
            if isinstance(value, str):
                lines = lines_of(value, self.table.columns[place].width)
                over = self.open.get(place)
                rows = over[0].last - over[0].first + 1 if over else 1
                most = max(most, lines / rows)
        return points(most)

    def write_cell(self, row: int, place: int, value: OutValue) -> None:
        sheet, style = self.sheet, self.style_of(place, value)
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

    def style_of(self, place: int, value: OutValue) -> Any:
        """Choose the format: a date in a text column is still shown as a date."""
        if value is None or isinstance(value, str):
            return self.styles[place]
        kind = self.table.columns[place].kind
        if isinstance(value, date):
            if kind not in (ColumnKind.DATE, ColumnKind.DATETIME):
                timed = isinstance(value, datetime)
                kind = ColumnKind.DATETIME if timed else ColumnKind.DATE
        elif kind is ColumnKind.TEXT:
            kind = ColumnKind.NUMBER
        return self.formats.body[kind]

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

    def set_tones(self, count: int) -> None:
        """Colour words; the word stands in the cell, so nothing is told by colour alone."""
        last = self.table.header_row + max(count, 1)
        for place, column in enumerate(self.table.columns):
            for word, tone in column.tones:
                rule = {"type": "text", "criteria": "begins with", "value": word}
                style = {**rule, "format": self.formats.tones[tone]}
                self.sheet.conditional_format(self.first_data_row, place, last, place, style)

    def set_print(self, count: int) -> None:
        """Set the print area, and the foot of each printed page."""
        last = self.table.header_row + max(count, 1)
        self.sheet.print_area(0, 0, last, len(self.table.columns) - 1)
        self.sheet.set_margins(left=0.4, right=0.4, top=0.5, bottom=0.6)
        self.sheet.center_horizontally()
        left = self.table.footer.replace("&", "&&")
        self.sheet.set_footer(f"&L{left}&C第 &P 页，共 &N 页&R&A", {"margin": 0.3})

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
