"""A sheet seen through its merged cells: what a cell shows, and where that value really stands."""

from collections.abc import Iterator

from tracker.ledger.texts import cell_texts
from tracker.spreadsheets.errors import RefusedFileError
from tracker.spreadsheets.workbook import CellDefect, CellValue, MergedRange, Row, Sheet

HEADER_ZONE_ROWS = 60
HEADER_ZONE_COLUMNS = 200
BLANK_TAIL_ROWS = 200
WIDE_COLUMNS = 3


class SheetCells:
    """Values filled down inside their merged range only, in the range's first column only."""

    def __init__(self, sheet: Sheet) -> None:
        self.sheet = sheet
        self.last_row = _last_row(sheet)
        self._anchors: dict[tuple[int, int], int] = {}
        self._ends: dict[int, int] = {}
        self._covered_rows: set[int] = set()
        self._kept: dict[int, Row] = {}
        self._current = Row(0, ())
        self._texts: tuple[int, list[str]] = (0, [])
        self._wide_rows: set[int] = set()
        self._covering: dict[tuple[int, int], MergedRange] = {}
        for merged in sheet.merged:
            self._add(merged)

    def _add(self, merged: MergedRange) -> None:
        last = min(merged.last_row, self.last_row)
        for row in range(merged.first_row, min(last, HEADER_ZONE_ROWS) + 1):
            for column in range(
                merged.first_column, min(merged.last_column, HEADER_ZONE_COLUMNS) + 1
            ):
                self._covering[row, column] = merged
        if merged.last_column - merged.first_column + 1 >= WIDE_COLUMNS:
            self._wide_rows.add(merged.first_row)
        for row in range(merged.first_row + 1, last + 1):
            place = (row, merged.first_column)
            if place in self._anchors:
                raise RefusedFileError(
                    "damaged", f"工作表“{self.sheet.name}”的合并单元格互相重叠，无法读取。"
                )
            self._anchors[place] = merged.first_row
            self._covered_rows.add(row)
        if last > merged.first_row:
            self._ends[merged.first_row] = max(last, self._ends.get(merged.first_row, 0))

    def rows(self) -> Iterator[Row]:
        """Give every row from 1 to the last, those only covered by a merged cell included."""
        for row in self.sheet.rows:
            self._pass(row)
            yield row
        for number in range(len(self.sheet.rows) + 1, self.last_row + 1):
            yield Row(number, ())

    def _pass(self, row: Row) -> None:
        """Remember the row at hand, and those whose merged cells reach down to it."""
        self._current = row
        if row.number in self._ends:
            self._kept = {n: kept for n, kept in self._kept.items() if self._ends[n] >= row.number}
            self._kept[row.number] = row

    def row(self, number: int) -> Row:
        """Return a row by its number; the one just passed is at hand, a far one takes a search."""
        if number == self._current.number:
            return self._current
        if number in self._kept:
            return self._kept[number]
        rows = self.sheet.rows
        return rows[number - 1] if 0 < number <= len(rows) else Row(number, ())

    def texts(self, number: int) -> list[str]:
        """Return a row's own cells as texts, "" for an empty one; the row at hand is asked for often."""
        if self._texts[0] != number:
            self._texts = (number, cell_texts(self.row(number).cells))
        return self._texts[1]

    def has_covered(self, row: int) -> bool:
        """Tell whether a cell of the row lies in a merged one that begins above."""
        return row in self._covered_rows

    def anchor_row(self, row: int, column: int) -> int:
        """Return the row in which the value shown here really stands."""
        return self._anchors.get((row, column), row)

    def is_merged(self, row: int, column: int) -> bool:
        """Tell whether a cell merged over several rows starts here."""
        return self._anchors.get((row + 1, column)) == row

    def value(self, row: int, column: int) -> CellValue:
        """Return what the cell shows: its own value or that of the merged cell it lies in."""
        return self.row(self.anchor_row(row, column)).value(column)

    def defect(self, row: int, column: int) -> CellDefect | None:
        """Return why the cell shown here has no value although the file holds something."""
        return self.sheet.defects.get((self.anchor_row(row, column), column))

    def is_wide(self, row: int) -> bool:
        """Tell whether the row starts a cell merged over several columns."""
        return row in self._wide_rows

    def covering(self, row: int, column: int) -> MergedRange | None:
        """Return the merged range over a cell of the header zone."""
        return self._covering.get((row, column))


def _last_row(sheet: Sheet) -> int:
    """Return the last row with a value, or covered by a merged cell that begins among the values."""
    last = len(sheet.rows)
    covered = [merged.last_row for merged in sheet.merged if merged.first_row <= last]
    return max(last, min(max(covered, default=0), last + BLANK_TAIL_ROWS))
