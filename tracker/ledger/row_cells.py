"""The cells of one row of data: what the file says there, and what a person has put in its place."""

from tracker.ledger.columns import Field
from tracker.ledger.corrections import Correction, Corrections
from tracker.ledger.header import Header
from tracker.ledger.sheet_cells import SheetCells
from tracker.ledger.texts import cell_text
from tracker.spreadsheets.workbook import CellValue


class RowCells:
    """A row under a header, cell by cell."""

    def __init__(
        self, cells: SheetCells, header: Header, corrections: Corrections, number: int
    ) -> None:
        self.cells = cells
        self.header = header
        self.corrections = corrections
        self.number = number
        self.row = cells.row(number)
        self.is_alone = not cells.has_covered(number)

    def fields(self) -> list[Field]:
        """Return the columns of the file, and those it lacks that a person has filled in."""
        added = self.corrections.in_row(self.cells.sheet.name, self.number)
        lacking = [f for f, c in added.items() if f not in self.header.columns and not c.of_column]
        return [*self.header.columns, *lacking]

    def value(self, wanted: Field) -> CellValue:
        """Return what a column says, a correction before what stands in the file."""
        found = self.correction(wanted)
        return self.own_value(wanted) if found is None else found.text or None

    def own_value(self, wanted: Field) -> CellValue:
        """Return what stands in the file."""
        column = self.header.columns.get(wanted)
        if not column:
            return None
        return self.row.value(column) if self.is_alone else self.cells.value(self.number, column)

    def texts(self) -> dict[Field, str]:
        """Return what the columns say, corrections before what stands in the file."""
        found = {f: self.own_text(column) for f, column in self.header.columns.items()}
        for wanted in self.fields() if self.corrections.by_row else ():
            correction = self.correction(wanted)
            if correction is not None:
                found[wanted] = cell_text(correction.text or None)
        return found

    def own_text(self, column: int) -> str:
        """Return what the file says in a column, as text."""
        if not self.is_alone:
            return cell_text(self.cells.value(self.number, column))
        own = self.cells.texts(self.number)
        return own[column - 1] if column <= len(own) else ""

    def correction(self, wanted: Field) -> Correction | None:
        """Return what a person has put in place of a cell; a merged one is known by its first row."""
        if not self.corrections.by_row:
            return None
        has_column = wanted in self.header.columns
        row = self.anchor(wanted) if has_column else self.number
        found = self.corrections.in_row(self.cells.sheet.name, row).get(wanted)
        return found if found and (has_column or not found.of_column) else None

    def corrected(self) -> dict[Field, str]:
        """Return what the file says in the columns that a person has corrected."""
        if not self.corrections.by_row:
            return {}
        return {f: cell_text(self.own_value(f)) for f in self.fields() if self.correction(f)}

    def anchor(self, wanted: Field) -> int:
        """Return the row in which a column's value really stands."""
        return self.cells.anchor_row(self.number, self.header.columns[wanted])

    def anchors(self) -> dict[Field, int]:
        """Return the row of each value that stands in an earlier one."""
        if self.is_alone:
            return {}
        return {f: row for f in self.header.columns if (row := self.anchor(f)) != self.number}
