"""Values, numbers of rows and columns, merges, hidden things: as the file has them."""

import io
from datetime import date, datetime, time

from openpyxl import Workbook as Book

from tests.ledgers.factory import (
    formula_ledger,
    hidden_ledger,
    mac_dates_ledger,
    part,
    saved,
    with_part,
)
from tracker.spreadsheets.reader import read_workbook
from tracker.spreadsheets.workbook import CellDefect, MergedRange, SheetState, Workbook


def read(content: bytes) -> Workbook:
    return read_workbook(io.BytesIO(content), name="台账.xlsx")


def test_values_come_as_plain_python_values() -> None:
    book = Book()
    book.worksheets[0].append(
        ["文", 3, 3.5, True, date(2025, 6, 30), datetime(2025, 6, 30, 8, 5), time(8, 5), None, "末"]  # noqa: DTZ001
    )
    (row,) = read(saved(book)).sheets[0].rows
    assert row.cells == (
        "文", 3, 3.5, True, date(2025, 6, 30), datetime(2025, 6, 30, 8, 5), "08:05:00", None, "末"  # noqa: DTZ001
    )  # fmt: skip
    assert isinstance(row.value(2), int)
    assert row.value(99) is None


def test_rows_and_columns_count_as_the_file_does() -> None:
    book = Book()
    sheet = book.worksheets[0]
    sheet["C4"] = "甲"
    sheet["E6"] = "乙"
    rows = read(saved(book)).sheets[0].rows
    assert [row.number for row in rows] == [1, 2, 3, 4, 5, 6]
    assert (rows[3].value(3), rows[5].value(5), rows[5].value(3)) == ("甲", "乙", None)


def test_merged_ranges_are_told_in_the_files_own_numbers() -> None:
    book = Book()
    sheet = book.worksheets[0]
    sheet["B2"] = "甲"
    sheet.merge_cells("B2:C4")
    assert read(saved(book)).sheets[0].merged == (MergedRange(2, 2, 4, 3),)


def test_hidden_sheets_and_rows_are_marked() -> None:
    book = read(hidden_ledger())
    assert [s.state for s in book.sheets] == [
        SheetState.VISIBLE,
        SheetState.HIDDEN,
        SheetState.VERY_HIDDEN,
    ]
    assert [row.number for row in book.sheets[0].rows if row.hidden] == [3]


def test_a_formula_without_a_saved_value_and_an_error_are_told() -> None:
    sheet = read(formula_ledger()).sheets[0]
    assert sheet.defects == {
        (2, 5): CellDefect.FORMULA_UNCACHED,
        (3, 8): CellDefect.ERROR_VALUE,
        (4, 4): CellDefect.FORMULA_UNCACHED,
    }


def test_a_formula_in_the_last_row_alone_still_makes_a_row() -> None:
    book = Book()
    book.worksheets[0]["A1"] = "甲"
    book.worksheets[0]["B3"] = "=A1"
    sheet = read(saved(book)).sheets[0]
    assert [row.number for row in sheet.rows] == [1, 2, 3]


def test_the_1904_calendar_is_told_and_its_dates_are_right() -> None:
    book = read(mac_dates_ledger())
    assert book.date_1904
    assert book.sheets[0].rows[1].value(8) == date(2025, 6, 30)


def test_a_number_shown_with_leading_zeros_keeps_them() -> None:
    book = Book()
    cell = book.worksheets[0].cell(1, 1, 7)
    cell.number_format = "000"
    assert read(saved(book)).sheets[0].rows[0].cells == ("007",)


def test_an_empty_sheet_has_no_rows() -> None:
    assert read(saved(Book())).sheets[0].rows == ()


def test_a_prefixed_name_space_hides_nothing_from_the_scan() -> None:
    sheet = part(hidden_ledger(), "xl/worksheets/sheet1.xml").decode()
    sheet = sheet.replace("<", "<x:").replace("<x:/", "</x:").replace("<x:?", "<?")
    sheet = sheet.replace("xmlns=", "xmlns:x=")
    content = with_part(hidden_ledger(), "xl/worksheets/sheet1.xml", sheet.encode(), replace=True)
    assert [row.number for row in read(content).sheets[0].rows if row.hidden] == [3]
