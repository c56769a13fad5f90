"""Writes a book of the corpus as .ods: content.xml by hand, as LibreOffice lays it out."""

import io
import re
import zipfile
from collections.abc import Iterator
from datetime import date
from itertools import groupby
from xml.sax.saxutils import escape, quoteattr

from tests.ledgers.books import Book, Cell, Sheet

MIME = "application/vnd.oasis.opendocument.spreadsheet"
SPACES = (
    'xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0" '
    'xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0" '
    'xmlns:style="urn:oasis:names:tc:opendocument:xmlns:style:1.0" '
    'xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0"'
)
MANIFEST = (
    '<manifest:manifest xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0">'
    f'<manifest:file-entry manifest:full-path="/" manifest:media-type="{MIME}"/>'
    '<manifest:file-entry manifest:full-path="content.xml" manifest:media-type="text/xml"/>'
    "</manifest:manifest>"
)
STYLES = (
    '<style:style style:name="shown" style:family="table"><style:table-properties table:display="true"/>'
    '</style:style><style:style style:name="hidden" style:family="table">'
    '<style:table-properties table:display="false"/></style:style>'
)
REFERENCE = re.compile(r"([A-Z]+)(\d+):([A-Z]+)(\d+)")


def to_ods(book: Book, *, trailing_rows: int = 1_048_000) -> bytes:
    """Return the book as .ods; like LibreOffice it says how many empty rows follow."""
    tables = "".join(_table(sheet, trailing_rows) for sheet in book.sheets)
    content = (
        f'<?xml version="1.0" encoding="UTF-8"?><office:document-content {SPACES} office:version="1.2">'
        f"<office:automatic-styles>{STYLES}</office:automatic-styles>"
        f"<office:body><office:spreadsheet>{tables}</office:spreadsheet></office:body></office:document-content>"
    )
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as out:
        out.writestr("mimetype", MIME, zipfile.ZIP_STORED)
        out.writestr("content.xml", content)
        out.writestr("META-INF/manifest.xml", MANIFEST)
    return target.getvalue()


def _table(sheet: Sheet, trailing_rows: int) -> str:
    spans, covered = _merged(sheet)
    width = max(map(len, sheet.rows))
    rows = "".join(
        _row(sheet, number, row, spans, covered) for number, row in enumerate(sheet.rows, start=1)
    )
    tail = (
        f'<table:table-row table:number-rows-repeated="{trailing_rows}">'
        f'<table:table-cell table:number-columns-repeated="{width}"/></table:table-row>'
    )
    style = "shown" if sheet.state == "visible" else "hidden"
    return (
        f'<table:table table:name={quoteattr(sheet.name)} table:style-name="{style}">'
        f'<table:table-column table:number-columns-repeated="{width}"/>{rows}{tail}</table:table>'
    )


def _merged(sheet: Sheet) -> tuple[dict[tuple[int, int], str], set[tuple[int, int]]]:
    spans: dict[tuple[int, int], str] = {}
    covered: set[tuple[int, int]] = set()
    for text in sheet.merges:
        match = REFERENCE.fullmatch(text)
        assert match
        left, right = column_number(match[1]), column_number(match[3])
        top, bottom = int(match[2]), int(match[4])
        spans[top, left] = (
            f' table:number-columns-spanned="{right - left + 1}" table:number-rows-spanned="{bottom - top + 1}"'
        )
        block = {(r, c) for r in range(top, bottom + 1) for c in range(left, right + 1)}
        covered |= block - {(top, left)}
    return spans, covered


def column_number(letters: str) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - 64
    return number


def _row(
    sheet: Sheet,
    number: int,
    row: tuple[Cell, ...],
    spans: dict[tuple[int, int], str],
    covered: set[tuple[int, int]],
) -> str:
    hidden = ' table:visibility="collapse"' if number in sheet.hidden_rows else ""
    width = max([len(row), *(c for r, c in {*spans, *covered} if r == number)])
    cells = [*row, *[None] * (width - len(row))]
    texts = (
        _cell(value, spans.get((number, c), ""), covered=(number, c) in covered)
        for c, value in enumerate(cells, start=1)
    )
    return f"<table:table-row{hidden}>{''.join(_repeated(texts))}</table:table-row>"


def _repeated(texts: Iterator[str]) -> Iterator[str]:
    """Equal cells beside each other are written once with their number, as LibreOffice does."""
    for text, group in groupby(texts):
        count = len(list(group))
        name, rest = text.split(" ", 1) if " " in text.split(">")[0] else (text[:-2], "/>")
        repeat = f' table:number-columns-repeated="{count}"' if count > 1 else ""
        yield f"{name}{repeat}{'' if rest == '/>' else ' '}{rest}"


def _cell(value: Cell, span: str, *, covered: bool) -> str:
    name = "table:covered-table-cell" if covered else "table:table-cell"
    if value is None:
        return f"<{name}{span}/>"
    if isinstance(value, bool):
        kind = f'office:value-type="boolean" office:boolean-value="{str(value).lower()}"'
        return f"<{name} {kind}{span}><text:p>{str(value).upper()}</text:p></{name}>"
    if isinstance(value, int | float):
        kind = f'office:value-type="float" office:value="{value}"'
        return f"<{name} {kind}{span}><text:p>{value}</text:p></{name}>"
    if isinstance(value, date):
        kind = f'office:value-type="date" office:date-value="{value.isoformat()}"'
        return f"<{name} {kind}{span}><text:p>{value.isoformat()}</text:p></{name}>"
    assert isinstance(value, str)
    lines = "".join(f"<text:p>{escape(line)}</text:p>" for line in value.split("\n"))
    return f'<{name} office:value-type="string"{span}>{lines}</{name}>'
