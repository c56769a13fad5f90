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
from tracker.spreadsheets.writer import (
    Column,
    ColumnKind,
    OutValue,
    RowSpan,
    Table,
    Tone,
    write_workbook,
)

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


def test_merged_rows_may_come_one_by_one_and_lose_nothing_beside_them() -> None:
    day = date(2026, 3, 1)
    rows = ([f"组{n // 3}", day, n, "是" if n % 3 else None] for n in range(9))
    spans = (RowSpan(0, 6, 8), RowSpan(1, 0, 2), RowSpan(0, 0, 2), RowSpan(0, 3, 5))
    table = Table("台账", COLUMNS, rows, spans=spans)
    content = write_workbook([table], created_at=DAY)
    sheet = load_workbook(io.BytesIO(content))["台账"]
    merged = {str(area) for area in sheet.merged_cells.ranges}
    assert merged == {"A2:A4", "A5:A7", "A8:A10", "B2:B4"}
    found = read_workbook(io.BytesIO(content), name="x.xlsx").sheets[0].rows[1:]
    names = [row.value(1) for row in found]  # openpyxl would hide a value that lies covered
    assert names == ["组0", None, None, "组1", None, None, "组2", None, None]
    assert [row.value(2) for row in found] == [day, None, None, *[day] * 6]
    assert [row.value(3) for row in found] == list(range(9))


def test_a_sheet_for_paper_has_rows_as_high_as_their_texts() -> None:
    columns = (Column("问题", 10), Column("措施", 12))
    rows: list[list[OutValue]] = [
        ["一二三四五六七八", "甲"],
        ["长" * 40, "乙"],
        ["长" * 40, "丙"],
        ["a\nb\n\nc", None],
    ]
    paper = Table("清单", columns, rows, spans=(RowSpan(0, 1, 2),), footer="截至今日 & 昨日")
    screen = Table("台账", columns, rows)
    book = load_workbook(io.BytesIO(write_workbook([paper, screen], created_at=DAY)))
    heights = [book["清单"].row_dimensions[row].height for row in range(2, 6)]
    assert heights == [33, 78, 78, 63]  # 2 lines; 10 lines over two rows; 4 lines
    assert book["台账"].row_dimensions[3].height is None
    assert book["清单"].print_area == "'清单'!$A$1:$B$5"
    assert book["台账"].print_area in (None, "")


def test_words_are_coloured_and_stay_words() -> None:
    column = Column("状态", tones=(("逾期", Tone.ALERT),))
    content = write_workbook([Table("台账", (column,), [["逾期"], ["整改中"]])], created_at=DAY)
    sheet = load_workbook(io.BytesIO(content))["台账"]
    assert [row[0].value for row in sheet.iter_rows(min_row=2)] == ["逾期", "整改中"]
    rules = {str(area.sqref): area.rules for area in sheet.conditional_formatting}
    assert [(rule.type, rule.text) for rule in rules["A2:A3"]] == [("beginsWith", "逾期")]


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


def test_a_protected_sheet_opens_only_the_columns_to_fill_in() -> None:
    columns = (
        Column("问题", 30),
        Column("进展【填】", 30, locked=False),
        Column("金额【填】", 10, ColumnKind.NUMBER, checked=True, locked=False),
        Column("行标识", hidden=True),
    )
    table = Table("填报", columns, [["甲", None, Decimal("1.5"), "k"]], protected=True)
    sheet = load_workbook(io.BytesIO(write_workbook([table], created_at=DAY)))["填报"]
    assert sheet.protection.sheet
    assert not sheet.protection.password
    assert [cell.protection.locked for cell in sheet[2]] == [True, False, False, True]
    assert all(cell.protection.locked for cell in sheet[1])
    shades = [cell.fill.fgColor.rgb for cell in sheet[2]]
    assert shades[1] == shades[2] != shades[0]
    assert sheet.row_dimensions[1].height == 33, "two lines of 金额【填】"
    assert sheet.column_dimensions["D"].hidden
    assert not sheet.column_dimensions["C"].hidden


def test_what_is_to_fill_in_is_a_plain_column_on_a_sheet_without_protection() -> None:
    plain, marked = (
        write_workbook([Table("台账", (Column("问题", locked=locked),), [["甲"]])], created_at=DAY)
        for locked in (True, False)
    )
    assert plain == marked
