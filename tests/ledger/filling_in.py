"""A 填报表 in the hands of a unit: downloaded, typed into as a person would, sent back."""

import io
import re
from collections.abc import Mapping
from typing import Any

from openpyxl import load_workbook
from openpyxl.worksheet.worksheet import Worksheet

from tests.visitor import TOKEN, Visitor
from tracker.ledger.row_keys import FILL_IN_SHEET

WORKBOOK = "/fill-in/workbook"
NEW = "/fill-in/returns/new"
HEADER_ROW = 3
FIRST_ROW = 4


def download(visitor: Visitor, query: str = "") -> bytes:
    """Return the workbook as the page gives it."""
    response = visitor.get(WORKBOOK + query)
    assert response.status_code == 200, visitor.text[:2000]
    content: bytes = response.data
    return content


def sheet_of(content: bytes) -> Worksheet:
    """Return the sheet to fill in."""
    sheet: Worksheet = load_workbook(io.BytesIO(content))[FILL_IN_SHEET]
    return sheet


def titles_of(sheet: Worksheet) -> dict[str, int]:
    """Return the column of each title, without the mark of those to fill in."""
    found = enumerate((cell.value for cell in sheet[HEADER_ROW]), start=1)
    return {str(title).removesuffix("【填】"): place for place, title in found}


def typed(content: bytes, *rows: Mapping[str, Any]) -> bytes:
    """Return the workbook with cells typed in, the first mapping into the first task's row."""
    book = load_workbook(io.BytesIO(content))
    sheet = book[FILL_IN_SHEET]
    places = titles_of(sheet)
    for number, row in enumerate(rows, start=FIRST_ROW):
        for title, value in row.items():
            cell = sheet.cell(number, places[title])
            cell.value = value
            if isinstance(value, str):
                cell.data_type = "s"
    saved = io.BytesIO()
    book.save(saved)
    return saved.getvalue()


def bring_back(visitor: Visitor, content: bytes, name: str = "填报表.xlsx") -> str:
    """Send the file; return the preview's address, or "" when it was refused."""
    fields = {"file": (io.BytesIO(content), name)}
    response = visitor.post(NEW, fields, content_type="multipart/form-data")
    assert response.status_code in (302, 422), response.status_code
    return response.headers.get("Location", "")


def confirm(visitor: Visitor, page: str, **choices: str) -> int:
    """Confirm the preview as it is shown; `choice_1="theirs"` chooses for task 1."""
    text = visitor.get(page).get_data(as_text=True)
    token, version = TOKEN.search(text), re.search(r'name="version"[^>]*value="(\d+)"', text)
    assert token is not None
    fields = {name.replace("_", "-"): value for name, value in choices.items()}
    fields |= {"csrf_token": token[1], "version": version[1] if version else ""}
    return visitor.post_raw(page, fields).status_code
