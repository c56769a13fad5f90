"""Reads a workbook into plain values: guard first, one scan, then python-calamine for the cells.

Row and column numbers are the file's own, from 1: calamine leaves out leading empty columns, which
are put back here.
"""

import zipfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from typing import BinaryIO

from python_calamine import (
    CalamineError,
    CalamineSheet,
    CalamineWorkbook,
    PasswordError,
    SheetMetadata,
    SheetTypeEnum,
    SheetVisibleEnum,
    load_workbook,
)

from tracker.spreadsheets.errors import RefusedFileError
from tracker.spreadsheets.file_formats import FileFormat, macro
from tracker.spreadsheets.guard import check_workbook, damaged, encrypted
from tracker.spreadsheets.lazy_rows import LazyRows
from tracker.spreadsheets.ods_scan import scan_ods
from tracker.spreadsheets.package import Package, open_package
from tracker.spreadsheets.sheet_scan import MAX_AREA_CELLS, SheetScan, scan_sheet
from tracker.spreadsheets.text_reader import read_text
from tracker.spreadsheets.workbook import (
    CellValue,
    MergedRange,
    OpenWorkbook,
    Row,
    Sheet,
    SheetState,
    Workbook,
)
from tracker.spreadsheets.xls_scan import scan_xls

RawValue = int | float | str | bool | time | date | datetime | timedelta


def read_workbook(data: BinaryIO, *, name: str) -> Workbook:
    """Read a whole table into memory; see `open_workbook`."""
    with open_workbook(data, name=name) as book:
        sheets = tuple(replace(sheet, rows=tuple(sheet.rows)) for sheet in book.sheets)
    return Workbook(name, sheets, book.date_1904, book.tells_hidden_rows)


@contextmanager
def open_workbook(data: BinaryIO, *, name: str) -> Iterator[OpenWorkbook]:
    """Open a table from a seekable stream; `name` is what the person called the file.

    .xlsx, .xls, .et, .ods, .csv or .tsv. Sheets and rows are read while they are gone through.

    Raises RefusedFileError for whatever the guard refuses, and for a file of too many cells, the sheets too.
    """
    kind = check_workbook(data, name=name)
    if kind is FileFormat.TEXT:
        yield read_text(data, name=name)
        return
    told = _told(data, kind)
    data.seek(0)
    try:
        with load_workbook(data) as book:
            scans = told.scans if told.is_certain or _covers(told.scans, book) else None
            yield OpenWorkbook(name, _sheets(book, scans), told.date_1904, scans is not None)
    except PasswordError as error:
        raise encrypted() from error
    except CalamineError as error:
        raise damaged() from error


@dataclass(frozen=True)
class _Told:
    """What a scan finds beside the cells; `scans` is None when it cannot be told.

    A certain scan names every sheet, or the file is damaged.
    """

    scans: dict[str, SheetScan] | None
    date_1904: bool = False
    is_certain: bool = True


def _covers(scans: dict[str, SheetScan] | None, book: CalamineWorkbook) -> bool:
    return scans is not None and all(meta.name in scans for meta in _worksheets(book))


def _worksheets(book: CalamineWorkbook) -> list[SheetMetadata]:
    return [meta for meta in book.sheets_metadata if meta.typ == SheetTypeEnum.WorkSheet]


def _told(data: BinaryIO, kind: FileFormat) -> _Told:
    if kind is FileFormat.OLE:
        found = scan_xls(data)
        if found is None:
            return _Told(None, is_certain=False)
        return _Told(found.sheets, found.date_1904, is_certain=False)
    if kind is FileFormat.ODS:
        with zipfile.ZipFile(data) as archive, archive.open("content.xml") as stream:
            return _Told(scan_ods(stream))
    package, scans = _scan(data)
    return _Told(scans, package.date_1904)


def _scan(data: BinaryIO) -> tuple[Package, dict[str, SheetScan]]:
    """Scan every sheet; the rectangles of all sheets together stay bearable as well."""
    scans: dict[str, SheetScan] = {}
    area = 0
    with zipfile.ZipFile(data) as archive:
        package = open_package(archive)
        for name, part in package.sheet_parts.items():
            with archive.open(part) as stream:
                scan = scan_sheet(stream, name=name, padded_styles=package.padded_styles)
            area += scan.last_row * scan.last_column
            if area > MAX_AREA_CELLS:
                raise RefusedFileError(
                    "too_many_cells",
                    "各工作表的单元格合计过多，不予读取。请拆分成几个文件后分别导入。",
                )
            scans[name] = scan
    return package, scans


def _sheets(book: CalamineWorkbook, scans: dict[str, SheetScan] | None) -> Iterator[Sheet]:
    if any(meta.typ == SheetTypeEnum.MacroSheet for meta in book.sheets_metadata):
        raise macro()
    for meta in _worksheets(book):
        scan = SheetScan() if scans is None else scans.get(meta.name)
        if scan is None:
            raise damaged()
        yield _sheet(book.get_sheet_by_name(meta.name), meta, scan)


def _sheet(sheet: CalamineSheet, meta: SheetMetadata, scan: SheetScan) -> Sheet:
    merged = tuple(
        MergedRange(top + 1, left + 1, bottom + 1, right + 1)
        for (top, left), (bottom, right) in sheet.merged_cell_ranges or ()
    )
    beyond = sheet.total_height if sheet.start else 0
    rows = LazyRows(lambda: _rows(sheet, scan), max(beyond, scan.last_row))
    return Sheet(meta.name, _state(meta), rows, merged or tuple(scan.merged), scan.defects)


def _state(meta: SheetMetadata) -> SheetState:
    """Translate calamine's flag, which can be compared but not hashed."""
    if meta.visible == SheetVisibleEnum.Visible:
        return SheetState.VISIBLE
    return SheetState.HIDDEN if meta.visible == SheetVisibleEnum.Hidden else SheetState.VERY_HIDDEN


def _rows(sheet: CalamineSheet, scan: SheetScan) -> Iterator[Row]:
    """Give every row from 1 to the last with a value or a defect."""
    number = 0
    left = sheet.start[1] if sheet.start else 0
    for number, raw in enumerate(sheet.iter_rows() if sheet.start else (), start=1):
        yield Row(number, _cells(raw, number, left, scan), number in scan.hidden_rows)
    for beyond in range(number + 1, scan.last_row + 1):
        yield Row(beyond, (), beyond in scan.hidden_rows)


def _cells(
    raw: Sequence[RawValue], number: int, left: int, scan: SheetScan
) -> tuple[CellValue, ...]:
    cells: list[CellValue] = [None] * left
    cells += [(raw_ or None) if type(raw_) is str else _value(raw_) for raw_ in raw]
    while cells and cells[-1] is None:
        cells.pop()
    if scan.padded:
        cells = [_padded(v, scan.padded.get((number, c))) for c, v in enumerate(cells, start=1)]
    return tuple(cells)


def _value(raw: RawValue) -> CellValue:
    """Make a plain value: nothing for an empty text, an int for a whole number."""
    if isinstance(raw, str):
        return raw or None
    if isinstance(raw, float) and raw.is_integer():
        return int(raw)
    if isinstance(raw, time | timedelta):
        return str(raw)
    return raw


def _padded(value: CellValue, width: int | None) -> CellValue:
    """Write a number out with the zeros its format shows: a code 007 stays 007."""
    if width and isinstance(value, int) and not isinstance(value, bool) and value >= 0:
        return str(value).zfill(width)
    return value
