"""Writes a book of the corpus as .xls: BIFF8 records in an OLE container, by hand.

After [MS-XLS] and [MS-CFB]; only what a reader needs: strings, numbers, dates, merges, hidden rows and
sheets. The stream is made longer than 4096 bytes, so that no second allocation table is needed.
"""

import struct
from datetime import date

from tests.ledgers.books import Book, Cell, Sheet
from tests.ledgers.ods_file import REFERENCE, column_number

SECTOR = 512
END, FREE, FAT_SECTOR = 0xFFFFFFFE, 0xFFFFFFFF, 0xFFFFFFFD
STATES = {"visible": 0, "hidden": 1, "very_hidden": 2}
DATE_STYLE = 1
LONGEST_LABEL = 4_000  # characters; a longer one would have to go on in another record


def to_xls(book: Book, *, all_hidden: tuple[int, ...] | None = None, spoilt: bool = False) -> bytes:
    """Return the book as .xls.

    `all_hidden`: rows are hidden by default, these are told not to be, and nothing is told of the others.
    `spoilt`: with a record that readers of cells pass over and readers of formats stumble on.
    """
    sheets = [
        _sheet(sheet, date_1904=book.date_1904, all_hidden=all_hidden) for sheet in book.sheets
    ]
    if spoilt:
        sheets = [_spoilt(content) for content in sheets]
    head = _globals(book, [0] * len(sheets))
    places, place = [], len(head)
    for content in sheets:
        places.append(place)
        place += len(content)
    return container("Workbook", _globals(book, places) + b"".join(sheets))


def _record(kind: int, content: bytes = b"") -> bytes:
    return struct.pack("<HH", kind, len(content)) + content


def _globals(book: Book, places: list[int]) -> bytes:
    out = _record(0x0809, struct.pack("<HHHHII", 0x0600, 0x0005, 0x0DBB, 0x07CC, 0, 6))
    out += _record(0x0042, struct.pack("<H", 1200))  # code page: UTF-16
    out += _record(0x0022, struct.pack("<H", book.date_1904))
    out += _record(0x00E0, struct.pack("<HH", 0, 0) + bytes(16))  # style 0: general
    out += _record(0x00E0, struct.pack("<HH", 0, 14) + bytes(16))  # style 1: a date
    for sheet, place in zip(book.sheets, places, strict=True):
        name = sheet.name.encode("utf-16-le")
        head = struct.pack("<IBBBB", place, STATES[sheet.state], 0, len(name) // 2, 1)
        out += _record(0x0085, head + name)
    return out + _record(0x000A)


def _spoilt(content: bytes) -> bytes:
    """Put a cut-off ROW record before the end of a sheet."""
    return content[:-4] + _record(0x0208, b"\0") + content[-4:]


def _sheet(sheet: Sheet, *, date_1904: bool, all_hidden: tuple[int, ...] | None) -> bytes:
    width = max(map(len, sheet.rows))
    out = _record(0x0809, struct.pack("<HHHHII", 0x0600, 0x0010, 0x0DBB, 0x07CC, 0, 6))
    out += _record(0x0200, struct.pack("<IIHHH", 0, len(sheet.rows), 0, width, 0))
    if all_hidden is not None:
        out += _record(0x0225, struct.pack("<HH", 2, 255))
    for number in range(len(sheet.rows)):
        if all_hidden is not None and number + 1 not in all_hidden:
            continue
        flags = 0x0100 | (0x20 if number + 1 in sheet.hidden_rows else 0)
        out += _record(0x0208, struct.pack("<HHHHHHHH", number, 0, width, 255, 0, 0, flags, 15))
    for number, row in enumerate(sheet.rows):
        for column, value in enumerate(row):
            out += _cell(number, column, value, date_1904=date_1904)
    if sheet.merges:
        matches = [match for text in sheet.merges if (match := REFERENCE.fullmatch(text))]
        ranges = [
            (int(m[2]) - 1, int(m[4]) - 1, column_number(m[1]) - 1, column_number(m[3]) - 1)
            for m in matches
        ]
        packed = b"".join(struct.pack("<HHHH", *merged) for merged in ranges)
        out += _record(0x00E5, struct.pack("<H", len(ranges)) + packed)
    return out + _record(0x000A)


def _cell(row: int, column: int, value: Cell, *, date_1904: bool) -> bytes:
    if value is None:
        return b""
    if isinstance(value, bool):
        return _record(0x0205, struct.pack("<HHHBB", row, column, 0, value, 0))
    if isinstance(value, int | float):
        return _record(0x0203, struct.pack("<HHHd", row, column, 0, value))
    if isinstance(value, date):
        epoch = date(1904, 1, 1) if date_1904 else date(1899, 12, 30)
        days = (value - epoch).days
        return _record(0x0203, struct.pack("<HHHd", row, column, DATE_STYLE, days))
    assert isinstance(value, str)
    text = value.encode("utf-16-le")
    assert len(text) // 2 <= LONGEST_LABEL
    return _record(0x0204, struct.pack("<HHHHB", row, column, 0, len(text) // 2, 1) + text)


def container(name: str, stream: bytes) -> bytes:
    """Return an OLE file with one stream."""
    stream = stream.ljust(4096, b"\0")
    data = stream.ljust(-(-len(stream) // SECTOR) * SECTOR, b"\0")
    count = len(data) // SECTOR  # then one sector of directory, then the table of sectors itself
    tables = -(-(count + 2) // (SECTOR // 4 - 1))
    table = [*range(1, count), END, END, *[FAT_SECTOR] * tables]
    table += [FREE] * (tables * SECTOR // 4 - len(table))
    directory = _entry("Root Entry", 5, child=1, start=END, size=0)
    directory += _entry(name, 2, child=FREE, start=0, size=len(stream))
    directory += _entry("", 0, child=FREE, start=0, size=0) * 2
    first_table = count + 1
    head = bytes.fromhex("d0cf11e0a1b11ae1") + bytes(16)
    head += struct.pack("<HHHHH6x", 0x3E, 3, 0xFFFE, 9, 6)
    head += struct.pack("<IIIIIIIIII", 0, tables, count, 0, 4096, END, 0, END, 0, first_table)
    rest = [first_table + n if n < tables else FREE for n in range(1, 109)]
    head += struct.pack("<108I", *rest)
    return head + data + directory + struct.pack(f"<{len(table)}I", *table)


def _entry(name: str, kind: int, *, child: int, start: int, size: int) -> bytes:
    text = (name + "\0").encode("utf-16-le") if name else b""
    out = text.ljust(64, b"\0") + struct.pack("<HBB", len(text), kind, 1)
    out += struct.pack("<III", FREE, FREE, child) + bytes(16 + 4 + 16)
    return out + struct.pack("<IQ", start, size)
