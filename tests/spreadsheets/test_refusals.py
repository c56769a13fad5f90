"""Every reason for which a file is refused is reached by a file, in every reader that gives it."""

import ast
import io
import struct
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.ledgers.books import book
from tests.ledgers.factory import everyday_ledger, ledger, part, with_part
from tests.ledgers.ods_file import to_ods
from tests.ledgers.xls_file import container, to_xls
from tracker.ledger.reading import read_ledger
from tracker.spreadsheets import ods_scan, sheet_scan
from tracker.spreadsheets.errors import RefusedFileError
from tracker.spreadsheets.reader import open_workbook

ROOMS = Path(__file__).parents[2] / "tracker"
PLAIN = book(("反馈问题", "整改措施", "整改时限"), ("问题", "措施", "2026年12月底前"))
SHEET, BOOK = "xl/worksheets/sheet1.xml", "xl/workbook.xml"
OLE_START = bytes.fromhex("d0cf11e0a1b11ae1")
DOCTYPE = b'<!DOCTYPE x [<!ENTITY a "b">]><x/>'


def without(content: bytes, name: str) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(target, "w") as new:
        for entry in old.infolist():
            if entry.filename != name:
                new.writestr(entry, old.read(entry))
    return target.getvalue()


def swapped(content: bytes, name: str, old: bytes, new: bytes) -> bytes:
    """Return the file with one part changed, which it must have."""
    before = part(content, name)
    assert old in before
    return with_part(content, name, before.replace(old, new), replace=True)


def xlsx(old: bytes, new: bytes, name: str = SHEET) -> bytes:
    return swapped(everyday_ledger(), name, old, new)


def ods(old: bytes, new: bytes) -> bytes:
    return swapped(to_ods(PLAIN), "content.xml", old, new)


def locked() -> bytes:
    """A zip whose entries say that they need a password."""
    content = bytearray(everyday_ledger())
    for mark, place in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        start = -1
        while (start := content.find(mark, start + 1)) >= 0:
            content[start + place] |= 1
    return bytes(content)


def oddly_packed() -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_BZIP2) as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
    return target.getvalue()


def two_large_sheets() -> bytes:
    """Two sheets of which each alone could be laid out."""
    far = b'<worksheet><sheetData><row r="200000"><c r="T200000"><v>1</v></c></row></sheetData></worksheet>'
    content = with_part(everyday_ledger(), "xl/worksheets/sheet2.xml", far)
    content = swapped(
        content, SHEET, b"</sheetData>", far[far.index(b"<row") : far.index(b"</worksheet>")]
    )
    sheet = b'<sheet name="x" sheetId="9" r:id="rId99" xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"/>'
    content = swapped(content, BOOK, b"</sheets>", sheet + b"</sheets>")
    relation = b'<Relationship Id="rId99" Target="worksheets/sheet2.xml"/></Relationships>'
    return swapped(content, "xl/_rels/workbook.xml.rels", b"</Relationships>", relation)


def xls_of(kind: int = 0, more: bytes = b"") -> bytes:
    """An .xls whose sheet is of another kind, or with a record behind its first."""
    content = to_xls(PLAIN)
    stream = content[512:]
    first = 4 + struct.unpack_from("<H", stream, 2)[0]
    sheet = stream.index(struct.pack("<H", 0x85))
    changed = bytearray(stream[:first] + more + stream[first:])
    place = sheet + len(more) + 4
    struct.pack_into("<I", changed, place, struct.unpack_from("<I", changed, place)[0] + len(more))
    changed[place + 5] = kind
    return container("Workbook", bytes(changed))


Case = tuple[str, str, Callable[[], bytes]]
CASES: dict[str, Case] = {
    "no byte": ("empty", "a.xlsx", lambda: b""),
    "macros by name": ("macro", "a.xlsm", everyday_ledger),
    "macros in an .xls": ("macro", "a.xls", lambda: to_xls(PLAIN) + "_VBA_PROJECT".encode("utf-16-le")),
    "a sheet of macros in an .xls": ("macro", "a.xls", lambda: xls_of(kind=1)),
    "scripts in an .ods": ("macro", "a.ods", lambda: with_part(to_ods(PLAIN), "Basic/x.xml", b"<x/>")),
    "an unknown kind": ("unsupported", "a.pdf", everyday_ledger),
    "a password on a zip": ("encrypted", "a.xlsx", locked),
    "a password on an .ods": (
        "encrypted", "a.ods",
        lambda: with_part(to_ods(PLAIN), "META-INF/manifest.xml", b"<m><encryption-data/></m>", replace=True),
    ),
    "a password on an .xls": ("encrypted", "a.xls", lambda: xls_of(more=struct.pack("<HHHHH", 0x2F, 6, 1, 1, 1))),
    "an old password on an .xls": ("encrypted", "a.xls", lambda: xls_of(more=struct.pack("<HHHHH", 0x2F, 6, 0, 1, 1))),
    "no list of parts": ("not_what_it_says", "a.xlsx", lambda: without(everyday_ledger(), "[Content_Types].xml")),
    "another main part": ("not_what_it_says", "a.xlsx", lambda: xlsx(b"sheet.main+xml", b"other+xml", "[Content_Types].xml")),
    "an .ods that is something else": ("not_what_it_says", "a.ods", lambda: without(to_ods(PLAIN), "mimetype")),
    "a text with a zero": ("not_what_it_says", "a.csv", lambda: b"a,b\0c"),
    "a list of parts cut off": ("damaged", "a.xlsx", lambda: xlsx(b"</Types>", b"", "[Content_Types].xml")),
    "an odd compression": ("damaged", "a.xlsx", oddly_packed),
    "an .ods without content": ("damaged", "a.ods", lambda: without(to_ods(PLAIN), "content.xml")),
    "an .ods cut off": ("damaged", "a.ods", lambda: ods(b"</table:table>", b"")),
    "an .ods that counts in words": ("damaged", "a.ods", lambda: ods(b"<table:table-row", b'<table:table-row table:number-rows-repeated="x"')),
    "a workbook cut off": ("damaged", "a.xlsx", lambda: xlsx(b"</workbook>", b"", BOOK)),
    "a sheet that is not there": ("damaged", "a.xlsx", lambda: xlsx(b'"rId1"', b'"rId77"', BOOK)),
    "a sheet cut off": ("damaged", "a.xlsx", lambda: xlsx(b"</sheetData>", b"")),
    "an .xls without records": ("damaged", "a.xls", lambda: OLE_START + bytes(4096)),
    "a cell of a text too long": ("damaged", "a.csv", lambda: b'"' + b"x" * 200_000 + b'"'),
    "merges over each other": ("damaged", "a.xlsx", lambda: ledger([["a"] * 10] * 4, merges=["A2:A4", "A3:A5"])),
    "a document type": ("dtd", "a.ods", lambda: with_part(to_ods(PLAIN), "content.xml", DOCTYPE, replace=True)),
    "a bomb": ("ratio", "a.xlsx", lambda: with_part(everyday_ledger(), "xl/bomb.xml", b" " * 3_000_000)),
    "a large content": ("too_big", "a.xlsx", lambda: with_part(everyday_ledger(), "xl/b.bin", bytes(1_000_000))),
    "many parts": ("too_many_entries", "a.xlsx", lambda: with_part(everyday_ledger(), "xl/more.xml", b"<x/>")),
    "a far cell": ("too_many_cells", "a.xlsx", lambda: xlsx(b"</sheetData>", b'<row><c r="XFD1048576"><v>1</v></c></row></sheetData>')),
    "large sheets": ("too_many_cells", "a.xlsx", two_large_sheets),
    "a row repeated in an .ods": ("too_many_cells", "a.ods", lambda: ods(b"<table:table-row", b'<table:table-row table:number-rows-repeated="9000000"')),
    "many lines": ("too_many_cells", "a.csv", lambda: b"1,2\n" * 30_000),
    "no known encoding": ("encoding", "a.csv", lambda: b"\xff\x80\x81,\xff\xff\n"),
}  # fmt: skip
LIMITS = {
    "a large content": ("tracker.spreadsheets.guard.MAX_BYTES", 500_000),
    "many parts": ("tracker.spreadsheets.guard.MAX_ENTRIES", 5),
    "many lines": ("tracker.spreadsheets.text_reader.MAX_AREA_CELLS", 50_000),
}


@pytest.mark.parametrize("case", CASES)
def test_a_file_is_refused_for_its_reason(case: str, monkeypatch: pytest.MonkeyPatch) -> None:
    code, name, build = CASES[case]
    content = build()
    if case in LIMITS:
        monkeypatch.setattr(*LIMITS[case])
    with pytest.raises(RefusedFileError) as caught, open_workbook(io.BytesIO(content), name=name) as found:  # fmt: skip
        read_ledger(found)
    assert caught.value.code == code
    assert str(caught.value).endswith("。")


def test_every_reason_in_the_code_has_a_file() -> None:
    paths = [*(ROOMS / "spreadsheets").glob("*.py"), *(ROOMS / "ledger").glob("*.py")]
    calls = [
        node
        for path in paths
        if path.name != "fill_in_zip.py"  # no table: see tests/ledger/test_fill_in_zip.py
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "RefusedFileError"
    ]
    codes = {node.args[0].value for node in calls if isinstance(node.args[0], ast.Constant)}
    assert len(calls) > len(codes) > 10
    assert all(isinstance(node.args[0], ast.Constant) for node in calls)
    assert codes == {code for code, _, _ in CASES.values()}


def test_scans_refuse_a_document_type_by_themselves() -> None:
    """The guard has looked before: this is the second lock."""
    scans: list[Callable[[], object]] = [
        lambda: ods_scan.scan_ods(io.BytesIO(DOCTYPE)),
        lambda: sheet_scan.scan_sheet(io.BytesIO(DOCTYPE), name="a", padded_styles={}),
    ]
    for scan in scans:
        with pytest.raises(RefusedFileError) as caught:
            scan()
        assert caught.value.code == "damaged"
