"""Reads .csv and .tsv: UTF-8, UTF-16 as Excel's “Unicode text” has it, else GB18030."""

import codecs
import csv
import io
from pathlib import PurePath
from typing import BinaryIO

from tracker.spreadsheets.errors import RefusedFileError
from tracker.spreadsheets.file_formats import not_what_it_says
from tracker.spreadsheets.guard import damaged
from tracker.spreadsheets.sheet_scan import MAX_AREA_CELLS
from tracker.spreadsheets.workbook import CellValue, Row, Sheet, SheetState, Workbook

SAMPLE_ROWS = 60
DELIMITERS = ",\t;"
LONGEST_NAME = 31  # characters, as Excel allows for a sheet


def read_text(data: BinaryIO, *, name: str) -> Workbook:
    """Read separated text as a workbook of one sheet, which is called as the file is.

    Raises RefusedFileError: encoding, not_what_it_says, damaged, too_many_cells.
    """
    text = _decoded(data.read())
    path = PurePath(name)
    try:
        delimiter = "\t" if path.suffix.lower() == ".tsv" else _delimiter(text)
        lines = list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter))
    except csv.Error as error:
        raise damaged() from error
    if len(lines) * max(map(len, lines), default=0) > MAX_AREA_CELLS:
        raise RefusedFileError(
            "too_many_cells", "文件的行和列过多，不予读取。请拆分成几个文件后分别导入。"
        )
    rows = [Row(number, _cells(line)) for number, line in enumerate(lines, start=1)]
    while rows and not rows[-1].cells:
        rows.pop()
    sheet = Sheet(path.stem[:LONGEST_NAME], SheetState.VISIBLE, tuple(rows))
    return Workbook(name, (sheet,))


def _decoded(content: bytes) -> str:
    encodings = ["utf-8-sig", "gb18030"]
    if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        encodings = ["utf-16"]
    for encoding in encodings:
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" in text:
            raise not_what_it_says()
        return text
    raise RefusedFileError(
        "encoding",
        "不能判断文件的文字编码。请用 Excel 或 WPS 另存为“CSV UTF-8”或 .xlsx 后重新选择。",
    )


def _delimiter(text: str) -> str:
    """Return the sign that parts the first rows into most columns."""
    return max(DELIMITERS, key=lambda sign: _columns(text, sign))


def _columns(text: str, delimiter: str) -> int:
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    return sum(len(line) for line, _ in zip(reader, range(SAMPLE_ROWS), strict=False))


def _cells(line: list[str]) -> tuple[CellValue, ...]:
    cells: list[CellValue] = [text or None for text in line]
    while cells and cells[-1] is None:
        cells.pop()
    return tuple(cells)
