"""更正, pure: what a person typed in the preview in place of cells of the file, by where they stand."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from tracker.ledger.columns import Field


@dataclass(frozen=True)
class Cell:
    """A cell of the file: `row` is where its value stands, in the first row of a merged one."""

    sheet: str
    row: int
    field: Field


@dataclass(frozen=True)
class Correction:
    """What stands in place of a cell. `of_column`: the file has that column, and must still have it."""

    text: str
    of_column: bool = True


@dataclass(frozen=True)
class Corrections:
    """All corrections of a file; every cell has at most one."""

    by_row: Mapping[tuple[str, int], Mapping[Field, Correction]] = field(default_factory=dict)

    @classmethod
    def of(cls, pairs: Iterable[tuple[Cell, Correction]]) -> "Corrections":
        """Return them by row; of several for one cell the last counts."""
        rows: dict[tuple[str, int], dict[Field, Correction]] = {}
        for cell, correction in pairs:
            rows.setdefault((cell.sheet, cell.row), {})[cell.field] = correction
        return cls(rows)

    def in_row(self, sheet: str, row: int) -> Mapping[Field, Correction]:
        """Return those whose cell stands in a row of the file."""
        return self.by_row.get((sheet, row), {})

    def pairs(self) -> Iterable[tuple[Cell, Correction]]:
        """Give every corrected cell."""
        for (sheet, row), fields in self.by_row.items():
            yield from ((Cell(sheet, row, wanted), each) for wanted, each in fields.items())


def pack_corrections(corrections: Corrections) -> list[list[Any]]:
    """Return corrections as JSON takes them."""
    return [
        [cell.sheet, cell.row, cell.field.value, each.text, each.of_column]
        for cell, each in corrections.pairs()
    ]


def unpack_corrections(packed: Iterable[list[Any]]) -> Corrections:
    """Return the corrections of `pack_corrections`."""
    return Corrections.of(
        (Cell(sheet, row, Field(code)), Correction(text, of_column))
        for sheet, row, code, text, of_column in packed
    )
