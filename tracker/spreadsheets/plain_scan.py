"""The scan of a sheet whose XML is as plain as programs write it, many times faster than a parser.

Only bytes that the patterns below explain to the last are believed: rows of cells with numbers and
texts. For anything else `scan_plain` gives up, and the parser in `sheet_scan` decides.
"""

import re
from collections.abc import Iterator
from typing import IO, NamedTuple
from xml.parsers import expat  # a document type is refused in the prolog, so nothing can expand

BLOCK_BYTES = 1 << 19
LONGEST_PROLOG = 1 << 16
OPENING, CLOSING = b"<sheetData>", b"</sheetData>"
UTF_8 = re.compile(rb"(?:\xef\xbb\xbf)?<\?xml(?:(?!encoding)[^<>])*(?:encoding=[\"']utf-8[\"'][^<>]*)?\?>", re.IGNORECASE)  # fmt: skip
ODD_PROLOG = re.compile(rb"<!|<(?:\w+:)?(?:row|c|f|v|is)[\s/>]")
ODD_SIGNS = (b"]]>", b"\xef\xbf\xbe", b"\xef\xbf\xbf")
# Possessive quantifiers stand behind single signs only: Python before 3.11.5 errs with them behind groups.
SIGNS = rb"[^<&\x00-\x08\x0b\x0c\x0e-\x1f]*+"
TEXT = SIGNS + rb"(?:&(?:amp|lt|gt|quot|apos|#10|#13|#9);" + SIGNS + rb")*"
VALUE = rb"<v>[^<&\x00-\x1f]++</v>"
FORMULA = rb"<f(?: [a-z]+=\"[A-Za-z0-9:]*\")?>" + TEXT + rb"</f>"
INLINE = rb"<is><t(?: xml:space=\"preserve\")?>" + TEXT + rb"</t></is>"
CELL = (
    rb"<c r=\"[A-Z]{1,3}(?P=row)\"(?: s=\"[0-9]+\")?(?: t=\"(?:s|n|b|d|str|inlineStr)\")?(?:/>|>(?:"
    + INLINE + rb"|(?:" + FORMULA + rb")?" + VALUE + rb")</c>)"
)  # fmt: skip
ROW = re.compile(
    rb"\s*+<row r=\"(?P<row>[0-9]{1,7})\"(?P<more>(?: [A-Za-z0-9:]+=\"[^\"<&\x00-\x1f]*\")*)"
    rb"(?:/>|>(?P<cells>(?:" + CELL + rb")*)</row>)"
)
NAME = re.compile(rb" ([A-Za-z0-9:]+)=\"([^\"]*)\"")
COLUMN = re.compile(rb"<c r=\"([A-Z]{1,3})[0-9]+\"[^/>]*>")


class PlainRows(NamedTuple):
    """What a block of rows says: the last row with a value, the letters of columns with one, hidden rows."""

    last_row: int
    columns: frozenset[bytes]
    hidden: frozenset[int]


class NotPlainError(Exception):
    """The sheet is not written as plainly as that."""


def plain_blocks(stream: IO[bytes]) -> Iterator[PlainRows]:
    """Give the rows of a plain sheet block by block. Raises NotPlainError, at any point."""
    parser = expat.ParserCreate()
    rest = _prolog(stream, parser)
    while CLOSING not in rest:
        block = stream.read(BLOCK_BYTES)
        if not block or len(rest) > 8 * BLOCK_BYTES:
            raise NotPlainError
        rest += block
        end = rest.rfind(b"</row>") + len(b"</row>")
        if end >= len(b"</row>") and CLOSING not in rest:
            yield _rows(rest[:end])
            rest = rest[end:]
    rows, _, tail = rest.partition(CLOSING)
    yield _rows(rows)
    _finish(stream, parser, CLOSING + tail)


def _prolog(stream: IO[bytes], parser: "expat.XMLParserType") -> bytes:
    """Read what comes before the rows; return what was read beyond it."""
    start = stream.read(LONGEST_PROLOG)
    prolog, opening, rest = start.partition(OPENING)
    if not opening or not UTF_8.match(prolog) or ODD_PROLOG.search(prolog):
        raise NotPlainError
    _parse(parser, prolog + opening)
    return rest


def _finish(stream: IO[bytes], parser: "expat.XMLParserType", tail: bytes) -> None:
    """Let the parser see that what follows the rows is sound."""
    _parse(parser, tail)
    while block := stream.read(BLOCK_BYTES):
        _parse(parser, block)
    _parse(parser, b"", is_last=True)


def _parse(parser: "expat.XMLParserType", content: bytes, *, is_last: bool = False) -> None:
    try:
        parser.Parse(content, is_last)
    except expat.ExpatError as error:
        raise NotPlainError from error


def _rows(content: bytes) -> PlainRows:
    if any(sign in content for sign in ODD_SIGNS):
        raise NotPlainError
    try:
        content.decode()
    except UnicodeDecodeError as error:
        raise NotPlainError from error
    place, last_row, hidden = 0, 0, set()
    while match := ROW.match(content, place):
        place = match.end()
        number = int(match["row"])
        if match["more"] and _is_hidden(match["more"]):
            hidden.add(number)
        cells = match["cells"]
        if cells and number > last_row and (b"<v>" in cells or b"<is>" in cells):
            last_row = number
    if content[place:].strip():
        raise NotPlainError
    return PlainRows(last_row, frozenset(COLUMN.findall(content)), frozenset(hidden))


def _is_hidden(attributes: bytes) -> bool:
    found = NAME.findall(attributes)
    named = dict(found)
    if len(named) != len(found) or b"r" in named:
        raise NotPlainError
    return named.get(b"hidden", b"").lower() in {b"1", b"true", b"on"}
