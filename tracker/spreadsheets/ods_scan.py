"""One pass over the content.xml of an .ods: merged cells, hidden rows, formulas without a value.

The cell reader tells none of these. How far the cells reach is found here too, before they are laid out:
a row of an .ods can stand for a million.
"""

from typing import IO
from xml.parsers import expat  # a document type is refused below, so nothing can expand

from tracker.spreadsheets.errors import RefusedFileError
from tracker.spreadsheets.guard import damaged
from tracker.spreadsheets.sheet_scan import BLOCK_BYTES, MAX_AREA_CELLS, SheetScan
from tracker.spreadsheets.workbook import CellDefect, MergedRange

CELLS = frozenset({"table-cell", "covered-table-cell"})
HIDDEN = frozenset({"collapse", "filter"})


def scan_ods(stream: IO[bytes]) -> dict[str, SheetScan]:
    """Scan all sheets. Raises RefusedFileError: damaged, too_many_cells."""
    return _Scanner().run(stream)


class _Scanner:
    def __init__(self) -> None:
        self.sheets: dict[str, SheetScan] = {}
        self.found = SheetScan()
        self.depth = self.row = self.column = self.repeated = 0
        self.hidden: list[range] = []
        self.parser = expat.ParserCreate()
        self.parser.StartElementHandler = self.start
        self.parser.EndElementHandler = self.end
        self.parser.StartDoctypeDeclHandler = self.refuse_doctype

    def run(self, stream: IO[bytes]) -> dict[str, SheetScan]:
        try:
            while block := stream.read(BLOCK_BYTES):
                self.parser.Parse(block, False)
            self.parser.Parse(b"", True)
        except (expat.ExpatError, ValueError) as error:
            raise damaged() from error
        return self.sheets

    def refuse_doctype(self, *_: object) -> None:
        raise damaged()

    def start(self, name: str, attributes: dict[str, str]) -> None:
        kind = name.rpartition(":")[2] if name.startswith("table:") else ""
        if kind == "table":
            self.depth += 1
            if self.depth == 1:
                self.start_sheet(attributes.get("table:name", ""))
        elif self.depth == 1 and kind == "table-row":
            self.start_row(attributes)
        elif self.depth == 1 and kind in CELLS:
            self.start_cell(attributes)

    def end(self, name: str) -> None:
        if name == "table:table-row" and self.depth == 1:
            self.row += self.repeated
        elif name == "table:table":
            self.depth -= 1
            if self.depth == 0:
                last = self.found.last_row
                numbers = (
                    n for rows in self.hidden for n in range(rows.start, min(rows.stop, last + 1))
                )
                self.found.hidden_rows.update(numbers)

    def start_sheet(self, name: str) -> None:
        self.found = self.sheets[name] = SheetScan()
        self.row = 1
        self.hidden = []

    def start_row(self, attributes: dict[str, str]) -> None:
        self.repeated = int(attributes.get("table:number-rows-repeated", "1"))
        self.column = 1
        if attributes.get("table:visibility") in HIDDEN:
            self.hidden.append(range(self.row, self.row + self.repeated))

    def start_cell(self, attributes: dict[str, str]) -> None:
        count = int(attributes.get("table:number-columns-repeated", "1"))
        has_value = "office:value-type" in attributes
        if not has_value and "table:formula" in attributes:
            self.found.defects[self.row, self.column] = CellDefect.FORMULA_UNCACHED
            has_value = True
        self.merge(attributes)
        if has_value:
            self.grow(self.row + self.repeated - 1, self.column + count - 1)
        self.column += count

    def merge(self, attributes: dict[str, str]) -> None:
        rows = int(attributes.get("table:number-rows-spanned", "1"))
        columns = int(attributes.get("table:number-columns-spanned", "1"))
        if rows > 1 or columns > 1:
            last_row, last_column = self.row + rows - 1, self.column + columns - 1
            self.found.merged.append(MergedRange(self.row, self.column, last_row, last_column))

    def grow(self, row: int, column: int) -> None:
        self.found.last_row = max(self.found.last_row, row)
        self.found.last_column = max(self.found.last_column, column)
        if sum(s.last_row * s.last_column for s in self.sheets.values()) > MAX_AREA_CELLS:
            raise RefusedFileError(
                "too_many_cells",
                "工作表的内容超出可读范围。请删除多余的行和列（或拆分文件）后重新选择。",
            )
