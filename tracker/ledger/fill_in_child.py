"""The other side of `fill_in_reading`: reads a filled workbook, returns its rows as JSON takes them."""

from collections.abc import Iterator
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from tracker.ledger.fill_in_zip import Unpacked, as_answer, unpack
from tracker.ledger.row_keys import FILL_IN_SHEET, KEY_TITLE, VERSION_TITLE
from tracker.spreadsheets.errors import RefusedFileError
from tracker.spreadsheets.reader import read_workbook
from tracker.spreadsheets.sanitise import clean_text, original_text
from tracker.spreadsheets.workbook import CellDefect, CellValue, Row, Sheet, Workbook

HEADER_WITHIN = 12  # rows
NO_SHEET = (
    "文件里没有找到填报表的行标识列，可能不是从本系统下载的填报表，或隐藏的列被删掉了。请重新下载填报表，"
    "把填写的内容复制过去后再交回。"
)
NO_BOOK = "压缩包里没有填报表。请把从本系统下载、填好的 .xlsx 放在压缩包最外层，再交回。"
SEVERAL = "压缩包里有几份填报表。请一份填报表连同它的材料压缩成一个文件，分别交回。"
DEFECTS = {
    CellDefect.FORMULA_UNCACHED: "是公式，没有保存计算结果",
    CellDefect.ERROR_VALUE: "是错误值",
}


def answer(question: dict[str, Any]) -> dict[str, Any]:
    """Read what is asked for; a refusal is an answer too."""
    path, name = Path(question["path"]), question["name"]
    try:
        if name.lower().endswith(".zip"):
            return _from_zip(path, Path(question["folder"]))
        return {"book": name, "place": None, "files": [], **_read(path, name)}
    except RefusedFileError as error:
        return {"refused": str(error)}


def _read(path: Path, name: str) -> dict[str, Any]:
    with path.open("rb") as data:
        return rows_of(read_workbook(data, name=name))


def _from_zip(path: Path, folder: Path) -> dict[str, Any]:
    """Read the one workbook of a zip; it lies in no deeper folder than any other .xlsx."""
    files = unpack(path, folder)
    tables = [each for each in files if each.path.lower().endswith(".xlsx")]
    top = min((each.depth for each in tables), default=0)
    read = [(each, _tried(each)) for each in tables if each.depth == top]
    books = [(each, found) for each, found in read if "rows" in found]
    if len(books) != 1:
        return {"refused": SEVERAL if books else NO_BOOK}
    book, found = books[0]
    others = [each for each in files if each is not book]
    return {
        "book": book.path.rpartition("/")[2],
        "place": book.place.name,
        "files": as_answer(others),
        **found,
    }


def _tried(each: Unpacked) -> dict[str, Any]:
    try:
        return _read(each.place, each.path)
    except RefusedFileError as error:
        return {"refused": str(error)}


def rows_of(book: Workbook) -> dict[str, Any]:
    """Return the rows of the sheet that has keys: by the titles of its columns, as texts."""
    for sheet in sorted(book.sheets, key=lambda sheet: sheet.name != FILL_IN_SHEET):
        header = next((row for row in sheet.rows[:HEADER_WITHIN] if KEY_TITLE in row.cells), None)
        if header is not None:
            return {"rows": [row for row in _rows(sheet, header) if row["key"] or row["cells"]]}
    return {"refused": NO_SHEET}


def _rows(sheet: Sheet, header: Row) -> Iterator[dict[str, Any]]:
    titles = {
        str(title).strip(): place
        for place, title in enumerate(header.cells, 1)
        if title is not None
    }
    for row in sheet.rows[header.number :]:
        cells = {title: text_of(row.value(place)) for title, place in titles.items()}
        defects = {
            title: DEFECTS[defect]
            for title, place in titles.items()
            if (defect := sheet.defects.get((row.number, place))) is not None
        }
        key, version = cells.pop(KEY_TITLE, ""), cells.pop(VERSION_TITLE, "")
        cells = {title: text for title, text in cells.items() if text}
        yield {
            "sheet": sheet.name,
            "row": row.number,
            "key": key,
            "version": version,
            "cells": cells,
            "defects": defects,
        }


def text_of(value: CellValue) -> str:
    """Return a cell as the text a person reads; text that looks like a formula stays text."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, float):
        return f"{Decimal(repr(value)).normalize():f}"
    if isinstance(value, datetime):
        is_day = not (value.hour or value.minute or value.second)
        return value.date().isoformat() if is_day else value.strftime("%Y-%m-%d %H:%M")
    if isinstance(value, date):
        return value.isoformat()
    return original_text(clean_text(str(value))).strip()
