"""Written files are read back with openpyxl and with our own reader."""

import io
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import load_workbook

from tracker.spreadsheets.reader import read_workbook
from tracker.spreadsheets.sanitise import clean_text, original_text
from tracker.spreadsheets.writer import Column, ColumnKind, RowSpan, Table, write_workbook

DAY = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
COLUMNS = (
    Column("问题", 30),
    Column("时限", 12, ColumnKind.DATE, checked=True),
    Column("金额", 10, ColumnKind.NUMBER, checked=True),
    Column("销号", 8, choices=("是", "否")),
)


def test_title_header_widths_panes_and_formats_are_set() -> None:
    table = Table(
        "台账",
        COLUMNS,
        [["甲", date(2026, 3, 1), Decimal("1.5"), "是"]],
        title="整改台账",
        notes=("截至今日",),
        frozen_columns=1,
    )
    sheet = load_workbook(io.BytesIO(write_workbook([table], created_at=DAY)))["台账"]
    assert sheet["A1"].value == "整改台账"
    assert [cell.value for cell in sheet[3]] == ["问题", "时限", "金额", "销号"]
    assert [cell.value for cell in sheet[4]] == ["甲", datetime(2026, 3, 1), 1.5, "是"]  # noqa: DTZ001
    assert sheet["B4"].number_format == "yyyy-mm-dd"
    assert sheet.freeze_panes == "B4"
    assert sheet["A4"].alignment.wrap_text
    assert [str(rule.sqref) for rule in sheet.data_validations.dataValidation] == ["B4", "C4", "D4"]


def test_the_same_table_gives_the_same_bytes() -> None:
    def once() -> bytes:
        return write_workbook([Table("台账", COLUMNS, [["甲", None, None, None]])], created_at=DAY)

    assert once() == once()


def test_text_never_becomes_a_formula() -> None:
    table = Table("台账", (Column("问题"),), [["=1+1"], ["@SUM(A1)"], ["＝1"]])
    sheet = load_workbook(io.BytesIO(write_workbook([table], created_at=DAY)))["台账"]
    assert [row[0].value for row in sheet.iter_rows(min_row=2)] == ["'=1+1", "'@SUM(A1)", "'＝1"]
    assert {row[0].data_type for row in sheet.iter_rows(min_row=2)} == {"s"}


def test_cells_are_merged_over_rows_and_keep_their_value() -> None:
    rows = [["甲", None, None, None], ["", None, None, None], ["乙", None, None, None]]
    table = Table("台账", COLUMNS, rows, spans=(RowSpan(0, 0, 1), RowSpan(0, 2, 2)))
    sheet = load_workbook(io.BytesIO(write_workbook([table], created_at=DAY)))["台账"]
    assert [str(merged) for merged in sheet.merged_cells.ranges] == ["A2:A3"]
    assert (sheet["A2"].value, sheet["A4"].value) == ("甲", "乙")


def test_a_long_list_of_choices_goes_to_a_hidden_sheet() -> None:
    units = tuple(f"某某县第{number}局" for number in range(60))
    table = Table("台账", (Column("单位", choices=units),), spare_rows=5)
    book = load_workbook(io.BytesIO(write_workbook([table], created_at=DAY)))
    assert book["选项"].sheet_state == "hidden"
    rule = book["台账"].data_validations.dataValidation[0]
    assert (rule.formula1, str(rule.sqref)) == ("'选项'!$A$1:$A$60", "A2:A6")


def test_a_row_of_the_wrong_length_is_an_error() -> None:
    with pytest.raises(ValueError, match="row 0 has 1 values"):
        write_workbook([Table("台账", COLUMNS, [["甲"]])], created_at=DAY)


def test_rows_may_be_an_iterator() -> None:
    rows = ([str(number)] for number in range(3))
    content = write_workbook([Table("台账", (Column("号"),), rows)], created_at=DAY)
    read = read_workbook(io.BytesIO(content), name="x.xlsx").sheets[0].rows
    assert [row.value(1) for row in read] == ["号", "0", "1", "2"]


@settings(max_examples=40)
@given(st.lists(st.text(min_size=1, max_size=60), min_size=1, max_size=8))
def test_any_text_written_is_read_back(texts: list[str]) -> None:
    content = write_workbook(
        [Table("台账", (Column("文"),), [[text] for text in texts])], created_at=DAY
    )
    rows = read_workbook(io.BytesIO(content), name="x.xlsx").sheets[0].rows[1:]
    found = [original_text(str(row.value(1) or "")) for row in rows]
    expected = [clean_text(text) for text in texts]
    while expected and not expected[-1]:
        expected.pop()
    assert found == expected
