"""What Excel and WPS put on the clipboard, read as it was meant."""

import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracker.spreadsheets.clipboard import read_clipboard, write_tsv
from tracker.spreadsheets.reader import read_workbook

TEXTS = st.text(
    st.one_of(
        st.sampled_from("\t\n\"',; 一。"),
        st.characters(exclude_characters="\r\0\ufeff", exclude_categories=["Cs"]),
    ),
    max_size=12,
)
TABLES = st.lists(st.lists(TEXTS, min_size=1, max_size=4), min_size=1, max_size=5)


@given(TABLES)
def test_any_table_of_texts_comes_back(table: list[list[str]]) -> None:
    assert read_clipboard(write_tsv(table)) == table


@given(TABLES)
def test_the_file_made_of_it_holds_the_same_texts(table: list[list[str]]) -> None:
    data = io.BytesIO(write_tsv(table).encode())
    if not data.getvalue().strip():
        return  # the guard refuses an empty file
    sheet = read_workbook(data, name="粘贴.tsv").sheets[0]
    for number, row in enumerate(table, start=1):
        read = sheet.rows[number - 1] if number <= len(sheet.rows) else None
        for column, text in enumerate(row, start=1):
            assert ((read.value(column) if read else None) or "") == text


@pytest.mark.parametrize(
    ("text", "rows"),
    [
        ("甲\t乙\r\n丙\t丁\r\n", [["甲", "乙"], ["丙", "丁"]]),
        ('"一\n二"\t乙\r\n', [["一\n二", "乙"]]),
        ('"含\t制表符"\t"说""好""的\n"\n', [["含\t制表符", '说"好"的\n']]),
        ('"三重一大"不落实\t"甲"\n', [['"三重一大"不落实', '"甲"']]),
        ('没有"收尾\t"也没有\n丙', [['没有"收尾', '"也没有'], ["丙"]]),
        ("甲\t\t\n\t乙\t", [["甲", "", ""], ["", "乙", ""]]),
        ("甲\n\n乙", [["甲"], [""], ["乙"]]),
        ("", []),
    ],
)
def test_what_excel_writes_is_read_as_meant(text: str, rows: list[list[str]]) -> None:
    assert read_clipboard(text) == rows
