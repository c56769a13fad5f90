"""Writes a book of the corpus as .xlsx with openpyxl; saved results of formulas are put in afterwards."""

import io
import re
import zipfile
from collections.abc import Iterator
from typing import Literal
from xml.sax.saxutils import escape

from openpyxl import Workbook
from openpyxl.utils import get_column_letter
from openpyxl.utils.datetime import CALENDAR_MAC_1904
from openpyxl.worksheet.worksheet import Worksheet

from tests.ledgers.books import Book, Cell, Error, Formula, Sheet, Shown

STATES: dict[str, Literal["visible", "hidden", "veryHidden"]] = {
    "visible": "visible",
    "hidden": "hidden",
    "very_hidden": "veryHidden",
}


def to_xlsx(book: Book) -> bytes:
    """Return the book as .xlsx."""
    out = Workbook()
    if book.date_1904:
        out.epoch = CALENDAR_MAC_1904
    out.remove(out.worksheets[0])
    for sheet in book.sheets:
        _fill(out.create_sheet(sheet.name), sheet)
    target = io.BytesIO()
    out.save(target)
    return _with_saved_results(target.getvalue(), book)


def _fill(target: Worksheet, sheet: Sheet) -> None:
    for number, row in enumerate(sheet.rows, start=1):
        for column, value in enumerate(row, start=1):
            if value is not None:
                _write(target, number, column, value)
    for merged in sheet.merges:
        target.merge_cells(merged)
    for number in sheet.hidden_rows:
        target.row_dimensions[number].hidden = True
    target.sheet_state = STATES[sheet.state]


def _write(target: Worksheet, row: int, column: int, value: Cell) -> None:
    cell = target.cell(row, column)
    if isinstance(value, Formula):
        cell.value = value.text
    elif isinstance(value, Error):
        cell.value = value.text
        cell.data_type = "e"
    elif isinstance(value, Shown):
        cell.value = value.number
        cell.number_format = value.number_format
    else:
        cell.value = value
        if isinstance(value, str):
            cell.data_type = "s"


def _with_saved_results(content: bytes, book: Book) -> bytes:
    results = list(_results(book))
    if not results:
        return content
    target = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(content)) as source,
        zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as out,
    ):
        for entry in source.infolist():
            part = source.read(entry)
            for name, place, text in results:
                if entry.filename == name:
                    part = _with_result(part.decode(), place, text).encode()
            out.writestr(entry, part)
    return target.getvalue()


def _results(book: Book) -> Iterator[tuple[str, str, str]]:
    for number, sheet in enumerate(book.sheets, start=1):
        for row, cells in enumerate(sheet.rows, start=1):
            for column, value in enumerate(cells, start=1):
                if isinstance(value, Formula) and value.saved is not None:
                    place = f"{get_column_letter(column)}{row}"
                    yield f"xl/worksheets/sheet{number}.xml", place, value.saved


def _with_result(part: str, place: str, text: str) -> str:
    pattern = re.compile(rf'<c r="{place}"([^>]*)>(<f>.*?</f>)(?:<v ?/>|<v></v>)</c>')
    changed, count = pattern.subn(
        lambda m: f'<c r="{place}"{m[1]} t="str">{m[2]}<v>{escape(text)}</v></c>', part
    )
    assert count == 1
    return changed
