"""Which rows of an .xls or .et are hidden, and from which year its days count: the cell reader tells neither.

xlrd lays every cell out in Python, so a large file is not given to it.
"""

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

import xlrd

from tracker.spreadsheets.guard import encrypted
from tracker.spreadsheets.sheet_scan import SheetScan

LARGEST_BYTES = 8_000_000  # about half a million cells: some seconds, some hundred megabytes


@dataclass(frozen=True)
class XlsScan:
    """Findings by sheet name."""

    sheets: dict[str, SheetScan]
    date_1904: bool


def scan_xls(data: BinaryIO) -> XlsScan | None:
    """Scan all sheets; None where it cannot be told: too large a file, or one that xlrd does not read.

    Raises RefusedFileError (encrypted) for one with a password.
    """
    data.seek(0)
    content = data.read(LARGEST_BYTES + 1)
    if len(content) > LARGEST_BYTES:
        return None
    with Path(os.devnull).open("w", encoding="utf-8") as nowhere:  # it would print to our answer
        try:
            return _scan(content, nowhere)
        except xlrd.XLRDError as error:
            if "encrypted" in str(error):  # the cell reader knows only one of the two ways
                raise encrypted() from error
            return None
        except Exception:  # a file may raise anything; what is lost is a remark
            return None


def _scan(content: bytes, log: Any) -> XlsScan:
    with xlrd.open_workbook(
        file_contents=content, logfile=log, formatting_info=True, on_demand=True, ragged_rows=True
    ) as book:
        sheets = {}
        for name in book.sheet_names():
            sheets[name] = SheetScan(hidden_rows=_hidden_rows(book.sheet_by_name(name)))
            book.unload_sheet(name)
        return XlsScan(sheets, book.datemode == 1)


def _hidden_rows(sheet: Any) -> set[int]:
    """Return the numbers of hidden rows; one without a record is as the sheet's rows are by default."""
    told = {index + 1: bool(row.hidden) for index, row in sheet.rowinfo_map.items()}
    by_default = bool(sheet.default_row_hidden)
    return {number for number in range(1, sheet.nrows + 1) if told.get(number, by_default)}
