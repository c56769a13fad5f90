"""The quick scan of plain sheets finds what the parser finds, or leaves the sheet to it."""

import io
import random
import zipfile
from collections.abc import Iterator

import pytest

from tests.ledgers.corpus import CORPUS
from tests.ledgers.factory import everyday_ledger, formula_ledger, hidden_ledger, part
from tracker.spreadsheets import sheet_scan
from tracker.spreadsheets.errors import RefusedFileError
from tracker.spreadsheets.sheet_scan import SheetScan, scan_sheet

SHEET = "xl/worksheets/sheet1.xml"
PLAIN = (
    '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n<worksheet xmlns="x"><cols><col min="1"/></cols>'
    '<sheetData><row r="1" spans="1:3"><c r="A1" t="s"><v>0</v></c><c r="B1" s="2"/><c r="C1"><v>4.5</v></c></row>'
    '<row r="2" hidden="1"><c r="A2" t="inlineStr"><is><t>甲&amp;乙</t></is></c></row><row r="4"/>'
    '<row r="5"><c r="D5" s="1"/><c r="B5" t="str"><f>A1&amp;"x"</f><v>文</v></c></row></sheetData>'
    '<mergeCells count="1"><mergeCell ref="A1:B1"/></mergeCells></worksheet>'
).encode()
PIECES = [
    b"<row r=\"9\">", b"</row>", b"<c r=\"E9\"><v>1</v></c>", b"<c r=\"B2\"/>", b"<f>A1</f>", b"<v></v>", b"<v>1</v>", b" t=\"e\"",
    b" hidden=\"true\"", b" hidden=\"0\"", b" r=\"7\"", b" r=\"ZZ3\"", b"<!-- x -->", b"<![CDATA[x]]>", b"]]>", b"&", b"&#65;", b"&x;",
    b"<x:row>", b"'", b"\"", b"<", b">", b" ", b"\n", b"\xff", b"\x01", b"\xef\xbf\xbf", b"<is><r><t>x</t></r></is>", b"</sheetData>",
    b"<sheetData>", b"<c>", b"</c>", b"<c r=\"XFE1\"><v>1</v></c>", b"<row r=\"1048577\"><c r=\"A1048577\"><v>1</v></c></row>",
    b"<c r=\"C1\"><f>A1</f></c>", b"<c r=\"C1\" t=\"str\"><f>A1</f><v></v></c>", b" hidden=\"1\" hidden=\"0\"", b"<!DOCTYPE x>",
]  # fmt: skip


def by_parser(content: bytes) -> SheetScan | str:
    try:
        return sheet_scan._Scanner("整改台账", {}).run(io.BytesIO(content))
    except RefusedFileError as error:
        return f"{error.code} {error}"


def scanned(content: bytes) -> SheetScan | str:
    try:
        return scan_sheet(io.BytesIO(content), name="整改台账", padded_styles={})
    except RefusedFileError as error:
        return f"{error.code} {error}"


def changed(count: int, seed: int) -> Iterator[bytes]:
    """Give sheets that somebody has meddled with."""
    dice = random.Random(seed)
    places = [place for place in range(len(PLAIN)) if PLAIN[place : place + 1] in b'<>" /']
    for _ in range(count):
        content = PLAIN
        for _ in range(dice.choice((1, 1, 1, 2))):
            place = dice.choice(places)
            end = place + dice.choice((0, 0, 1, 5, 20))
            content = content[:place] + dice.choice([b"", *PIECES]) + content[end:]
        yield content


def test_a_plain_sheet_needs_no_parser(monkeypatch: pytest.MonkeyPatch) -> None:
    expected = by_parser(PLAIN)
    monkeypatch.setattr(sheet_scan, "_Scanner", None)
    assert scanned(PLAIN) == expected == SheetScan(last_row=5, last_column=3, hidden_rows={2})


@pytest.mark.parametrize("block", [7, 100, 1 << 19])
def test_it_makes_no_difference_where_blocks_end(
    monkeypatch: pytest.MonkeyPatch, block: int
) -> None:
    monkeypatch.setattr("tracker.spreadsheets.plain_scan.BLOCK_BYTES", block)
    monkeypatch.setattr("tracker.spreadsheets.plain_scan.LONGEST_PROLOG", 200)
    assert scanned(PLAIN) == by_parser(PLAIN)


def test_a_sheet_meddled_with_is_scanned_as_the_parser_scans_it() -> None:
    for content in changed(1500, seed=1):
        assert scanned(content) == by_parser(content), content


def test_another_encoding_is_left_to_the_parser() -> None:
    for declared, encoding in (("GB2312", "gb2312"), ("UTF-16", "utf-16"), ("iso-8859-1", "utf-8")):
        content = PLAIN.decode().replace("UTF-8", declared).encode(encoding)
        assert scanned(content) == by_parser(content)


@pytest.mark.parametrize("make", [everyday_ledger, formula_ledger, hidden_ledger])
def test_files_of_openpyxl_are_scanned_alike(make: object) -> None:
    assert callable(make)
    content = part(make(), SHEET)
    assert scanned(content) == by_parser(content)


def test_sheets_of_the_corpus_are_scanned_alike() -> None:
    compared = 0
    for file in CORPUS:
        content = file.build()
        if not file.name.endswith(".xlsx") or not zipfile.is_zipfile(io.BytesIO(content)):
            continue
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            for name in archive.namelist():
                if name.startswith("xl/worksheets/sheet"):
                    compared += 1
                    assert scanned(archive.read(name)) == by_parser(archive.read(name))
    assert compared > 50
