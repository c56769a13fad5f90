"""One bounded pass over a sheet's XML before it is parsed into cells.

It finds what the cell reader does not tell (hidden rows, formulas without a saved value, error values,
numbers shown with leading zeros), and how far the cells reach: the cell reader lays out a full
rectangle, so one stray cell in the last corner would cost it the machine's memory.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import IO
from xml.parsers import expat  # a document type is refused below, so nothing can expand

from tracker.spreadsheets.errors import RefusedFileError
from tracker.spreadsheets.guard import damaged
from tracker.spreadsheets.plain_scan import NotPlainError, plain_blocks
from tracker.spreadsheets.workbook import CellDefect, MergedRange

MAX_AREA_CELLS = 6_000_000  # an honest ledger of 100,000 rows x 31 columns has 3.1 million
MAX_ROWS = 1_048_576
MAX_COLUMNS = 16_384
BLOCK_BYTES = 1 << 18
REFERENCE = re.compile(r"^([A-Za-z]{1,3})([0-9]{1,7})$")


@dataclass
class SheetScan:
    """Findings by (row, column), counted from 1; `last_row`, `last_column` are of cells with a value."""

    last_row: int = 0
    last_column: int = 0
    hidden_rows: set[int] = field(default_factory=set)
    defects: dict[tuple[int, int], CellDefect] = field(default_factory=dict)
    padded: dict[tuple[int, int], int] = field(default_factory=dict)
    merged: list[MergedRange] = field(default_factory=list)


def scan_sheet(stream: IO[bytes], *, name: str, padded_styles: Mapping[str, int]) -> SheetScan:
    """Scan one sheet part. Raises RefusedFileError: damaged, too_many_cells."""
    if not padded_styles and (found := _scan_plain(stream)) is not None:
        return found
    stream.seek(0)
    return _Scanner(name, padded_styles).run(stream)


def _scan_plain(stream: IO[bytes]) -> SheetScan | None:
    """Scan a sheet as programs write them; None where the parser must look, and to word a refusal."""
    found = SheetScan()
    try:
        for rows in plain_blocks(stream):
            columns = (column_number(letters.decode()) for letters in rows.columns)
            found.last_row = max(found.last_row, rows.last_row)
            found.last_column = max(found.last_column, *columns, 0)
            found.hidden_rows |= rows.hidden
            beyond = found.last_row > MAX_ROWS or found.last_column > MAX_COLUMNS
            if beyond or found.last_row * found.last_column > MAX_AREA_CELLS:
                return None
    except NotPlainError:
        return None
    return found


class _Scanner:
    def __init__(self, name: str, padded_styles: Mapping[str, int]) -> None:
        self.found = SheetScan()
        self.name = name
        self.padded_styles = padded_styles
        self.row = self.column = 0
        self.kind = ""
        self.formula_without_value = False
        self.parser = expat.ParserCreate()
        self.parser.StartElementHandler = self.start
        self.parser.EndElementHandler = self.end
        self.parser.StartDoctypeDeclHandler = self.refuse_doctype
        self.starts: dict[str, Callable[[dict[str, str]], None]] = {
            "row": self.start_row, "c": self.start_cell, "f": self.start_formula,
            "v": self.start_value, "is": self.start_value,
        }  # fmt: skip

    def run(self, stream: IO[bytes]) -> SheetScan:
        try:
            while block := stream.read(BLOCK_BYTES):
                self.parser.Parse(block, False)
            self.parser.Parse(b"", True)
        except (expat.ExpatError, ValueError) as error:
            raise damaged() from error
        self.finish_cell()
        return self.found

    def refuse_doctype(self, *_: object) -> None:
        raise damaged()

    def start(self, name: str, attributes: dict[str, str]) -> None:
        handler = self.starts.get(name) or self.starts.get(name.rpartition(":")[2])
        if handler is not None:
            handler(attributes)

    def start_row(self, attributes: dict[str, str]) -> None:
        self.finish_cell()
        self.row = int(attributes.get("r", self.row + 1))
        self.column = 0
        if attributes.get("hidden", "").lower() in {"1", "true", "on"}:
            self.found.hidden_rows.add(self.row)

    def start_cell(self, attributes: dict[str, str]) -> None:
        self.finish_cell()
        self.row, self.column = self.place(attributes.get("r", ""))
        self.kind = attributes.get("t", "")
        width = self.padded_styles.get(attributes.get("s", ""))
        if width:
            self.found.padded[self.row, self.column] = width

    def place(self, reference: str) -> tuple[int, int]:
        """Return row and column; a cell without a reference stands right of the one before."""
        if not reference:
            return self.row, self.column + 1
        match = REFERENCE.match(reference)
        if match is None:
            raise ValueError(reference)
        return int(match[2]), column_number(match[1])

    def start_formula(self, _: dict[str, str]) -> None:
        self.formula_without_value = self.kind != "str"

    def start_value(self, _: dict[str, str]) -> None:
        self.grow()
        if self.kind == "e":
            self.found.defects[self.row, self.column] = CellDefect.ERROR_VALUE
        if self.formula_without_value:
            self.parser.CharacterDataHandler = self.saw_value

    def saw_value(self, _: str) -> None:
        self.formula_without_value = False
        self.parser.CharacterDataHandler = None

    def end(self, name: str) -> None:
        """Stop listening behind the cells, where `f` and `c` mean other things."""
        if name.rpartition(":")[2] == "sheetData":
            self.finish_cell()
            self.parser.StartElementHandler = self.parser.EndElementHandler = None

    def finish_cell(self) -> None:
        if self.formula_without_value:
            self.grow()
            self.found.defects[self.row, self.column] = CellDefect.FORMULA_UNCACHED
            self.formula_without_value = False
            self.parser.CharacterDataHandler = None

    def grow(self) -> None:
        """Take the cell into the rectangle, unless that becomes too large to lay out."""
        found = self.found
        found.last_row = max(found.last_row, self.row)
        found.last_column = max(found.last_column, self.column)
        beyond = self.row > MAX_ROWS or self.column > MAX_COLUMNS or min(self.row, self.column) < 1
        if beyond or found.last_row * found.last_column > MAX_AREA_CELLS:
            raise RefusedFileError(
                "too_many_cells",
                f"工作表“{self.name}”的内容一直到第 {found.last_row} 行、第 {found.last_column} 列，"
                "超出可读范围。请删除多余的行和列（或拆分文件）后重新选择。",
            )


def column_number(letters: str) -> int:
    """Return 1 for A, 27 for AA."""
    number = 0
    for letter in letters.upper():
        number = number * 26 + ord(letter) - 64
    return number


def column_letters(number: int) -> str:
    """Return A for 1, AA for 27."""
    letters = ""
    while number > 0:
        number, rest = divmod(number - 1, 26)
        letters = chr(65 + rest) + letters
    return letters
