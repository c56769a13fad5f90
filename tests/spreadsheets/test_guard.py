"""What the guard refuses, and that it passes what is honest."""

import io
import random
import struct
import zipfile

import pytest

from tests.ledgers.factory import everyday_ledger, part, with_part
from tracker.spreadsheets import guard
from tracker.spreadsheets.errors import RefusedFileError
from tracker.spreadsheets.guard import check_workbook
from tracker.spreadsheets.reader import read_workbook

SHEET = "xl/worksheets/sheet1.xml"


def refusal(content: bytes, name: str = "台账.xlsx") -> str:
    with pytest.raises(RefusedFileError) as caught:
        read_workbook(io.BytesIO(content), name=name)
    assert str(caught.value).endswith("。")
    return caught.value.code


def test_an_honest_workbook_passes_and_the_stream_is_rewound() -> None:
    stream = io.BytesIO(everyday_ledger())
    check_workbook(stream, name="台账.XLSX")
    assert stream.tell() == 0


@pytest.mark.parametrize("name", ["a.xlsm", "a.XLSM", "a.xltm", "a.xlsb", "a.xlam"])
def test_a_macro_format_is_refused_by_its_name(name: str) -> None:
    assert refusal(everyday_ledger(), name) == "macro"


@pytest.mark.parametrize("name", ["a.wps", "a.numbers", "a", "a.xlsx.exe", ".xlsx"])
def test_another_format_is_refused_with_advice_to_save_as_xlsx(name: str) -> None:
    assert refusal(everyday_ledger(), name) == "unsupported"


def test_macros_inside_a_file_called_xlsx_are_found() -> None:
    assert refusal(with_part(everyday_ledger(), "xl/vbaProject.bin", b"x")) == "macro"
    types = part(everyday_ledger(), "[Content_Types].xml").replace(
        b"application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml",
        b"application/vnd.ms-excel.sheet.macroEnabled.main+xml",
    )
    assert (
        refusal(with_part(everyday_ledger(), "[Content_Types].xml", types, replace=True)) == "macro"
    )


@pytest.mark.parametrize(
    "content",
    [
        b"<html><table></table></html>",
        "序号,反馈问题".encode(),
        b"%PDF-1.7",
        bytes.fromhex("d0cf11e0a1b11ae1") + b"x" * 600,
    ],
)
def test_something_else_called_xlsx_is_refused(content: bytes) -> None:
    assert refusal(content) == "not_what_it_says"


def test_a_word_document_called_xlsx_is_refused() -> None:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        archive.writestr("word/document.xml", "<w/>")
    assert refusal(target.getvalue()) == "not_what_it_says"


def test_a_zip_behind_something_else_is_refused() -> None:
    assert refusal(b"PK\x03\x04 junk" + everyday_ledger()) == "not_what_it_says"


def test_an_encrypted_workbook_is_told_apart() -> None:
    content = (
        bytes.fromhex("d0cf11e0a1b11ae1") + b"\0" * 600 + "EncryptedPackage".encode("utf-16-le")
    )
    assert refusal(content) == "encrypted"


def test_an_empty_and_a_cut_file_are_refused() -> None:
    assert refusal(b"") == "empty"
    assert refusal(everyday_ledger()[:-100]) == "damaged"
    assert refusal(everyday_ledger()[:2000]) == "damaged"


def test_too_many_entries_are_refused() -> None:
    target = io.BytesIO(everyday_ledger())
    with zipfile.ZipFile(target, "a") as archive:
        for number in range(guard.MAX_ENTRIES):
            archive.writestr(f"xl/x{number}.xml", b"")
    assert refusal(target.getvalue()) == "too_many_entries"


def test_a_bomb_is_refused_by_its_ratio() -> None:
    assert refusal(with_part(everyday_ledger(), "xl/bomb.xml", b" " * 3_000_000)) == "ratio"


def test_a_bomb_that_lies_about_its_size_is_refused() -> None:
    content = with_part(everyday_ledger(), "xl/bomb.xml", b" " * 3_000_000)
    lied = content.replace(struct.pack("<L", 3_000_000), struct.pack("<L", 3_000))
    assert refusal(lied) == "ratio"


def test_more_bytes_than_allowed_are_refused_while_inflating(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    content = everyday_ledger()
    monkeypatch.setattr(guard, "MAX_BYTES", 5_000)
    assert refusal(content) == "too_big"
    content = with_part(content, "xl/noise.xml", random.Random(1).randbytes(300_000))
    lied = content.replace(struct.pack("<L", 300_000), struct.pack("<L", 10))
    declared = sum(entry.file_size for entry in zipfile.ZipFile(io.BytesIO(lied)).infolist())
    monkeypatch.setattr(guard, "MAX_BYTES", declared)
    assert refusal(lied) == "too_big"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_a_document_type_is_refused(encoding: str) -> None:
    evil = '<!DOCTYPE x [<!ENTITY a "aaaa">]><worksheet/>'.encode(encoding)
    assert refusal(with_part(everyday_ledger(), SHEET, evil, replace=True)) == "dtd"


def test_a_part_given_twice_is_refused() -> None:
    assert refusal(with_part(everyday_ledger(), SHEET.upper(), b"<worksheet/>")) == "damaged"


def test_one_stray_cell_in_the_last_corner_is_refused_before_it_costs_memory() -> None:
    sheet = part(everyday_ledger(), SHEET)
    far = sheet.replace(
        b"</sheetData>", b'<row r="1048576"><c r="XFD1048576"><v>1</v></c></row></sheetData>'
    )
    assert refusal(with_part(everyday_ledger(), SHEET, far, replace=True)) == "too_many_cells"


def test_a_row_beyond_the_last_is_refused() -> None:
    sheet = part(everyday_ledger(), SHEET)
    far = sheet.replace(
        b"</sheetData>", b'<row r="1048577"><c r="A1048577"><v>1</v></c></row></sheetData>'
    )
    assert refusal(with_part(everyday_ledger(), SHEET, far, replace=True)) == "too_many_cells"


def test_a_wrong_checksum_is_refused() -> None:
    content = with_part(everyday_ledger(), "xl/noise.xml", random.Random(1).randbytes(50_000))
    place = len(content) - 30_000
    spoilt = content[:place] + bytes([content[place] ^ 1]) + content[place + 1 :]
    assert refusal(spoilt) == "damaged"


def test_broken_xml_is_refused() -> None:
    assert (
        refusal(with_part(everyday_ledger(), SHEET, b"<worksheet><sheetData>", replace=True))
        == "damaged"
    )
