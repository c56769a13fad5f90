"""Finds the header of a ledger below its title rows, and what each column means."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from tracker.ledger.columns import COLUMNS, WRITTEN_ONLY, Field
from tracker.ledger.sheet_cells import HEADER_ZONE_ROWS, SheetCells
from tracker.ledger.texts import cell_text, squeeze
from tracker.spreadsheets.sheet_scan import column_letters

MAX_HEADER_ROWS = 3
MIN_KNOWN_COLUMNS = 3
LONGEST_TITLE = 12
BRACKETS = re.compile(r"\([^)]*\)|\[[^\]]*\]|【[^】]*】")
DECORATION = re.compile(r"[*:。★▲]")


def _plain(label: str) -> str:
    return DECORATION.sub("", squeeze(label)).upper()


TITLES: dict[str, Field] = {_plain(column.title): column.field for column in COLUMNS}
SYNONYMS: dict[str, Field] = {
    _plain(word): column.field for column in COLUMNS for word in column.synonyms
}


@dataclass(frozen=True)
class Header:
    """Where the header stands and which column is which; columns count from 1.

    `labels` are the file's own words; `extras` are the columns nobody knows, kept by their label.
    """

    first_row: int
    last_row: int
    columns: dict[Field, int]
    labels: dict[int, str]
    extras: dict[int, str]

    def label(self, field: Field) -> str:
        """Return the file's own word for a column, or "" when it has none."""
        return self.labels.get(self.columns.get(field, 0), "")


def find_header(cells: SheetCells) -> Header | None:
    """Return the best header among the first rows, or None when the sheet is no ledger.

    A header knows 反馈问题 and at least two more columns; it is one to three rows high.
    """
    rows = range(1, min(cells.last_row, HEADER_ZONE_ROWS) + 1)
    found = [header for first in rows for header in _candidates(cells, first)]
    best = max(_of_first_table(found), key=_worth, default=None)
    return None if best is None else _stretched(cells, best)


def _worth(header: Header) -> tuple[int, int]:
    return len(header.columns), header.first_row - header.last_row


def _of_first_table(found: list[Header]) -> list[Header]:
    """Keep the candidates of the first table that has 整改措施 or 整改时限: the header of a later one
    may know more columns, but what stands above it is no title then."""
    tables = [h.first_row for h in found if h.columns.keys() & {Field.MEASURE, Field.DUE}]
    first = min(tables, default=0)
    return [h for h in found if not tables or first <= h.first_row < first + MAX_HEADER_ROWS]


def header_at(cells: SheetCells, row: int) -> Header | None:
    """Return the header that a single row makes: printed ledgers repeat it on every page."""
    words = [value for value in cells.row(row).cells if isinstance(value, str)]
    if not any(_names_issue(word) for word in words if len(word) <= LONGEST_TITLE):
        return None
    header = _read(cells, row, row)
    return header if _is_header(header) else None


@lru_cache(maxsize=2048)
def _names_issue(word: str) -> bool:
    return Field.ISSUE in {_meaning(word, TITLES), _meaning(word, SYNONYMS)}


def _candidates(cells: SheetCells, first: int) -> Iterator[Header]:
    for last in range(first, min(first + MAX_HEADER_ROWS, cells.last_row + 1)):
        if last > first and not _is_second_line(cells, last):
            return
        header = _read(cells, first, last)
        if _is_header(header):
            yield header


def _is_header(header: Header) -> bool:
    return Field.ISSUE in header.columns and len(header.columns) >= MIN_KNOWN_COLUMNS


def _is_second_line(cells: SheetCells, row: int) -> bool:
    """Tell whether a row only fills in below merged or empty header cells; data rows never do."""
    filled = [
        column for column, value in enumerate(cells.row(row).cells, start=1) if cell_text(value)
    ]
    return bool(filled) and all(_may_stand_below(cells, row - 1, column) for column in filled)


def _may_stand_below(cells: SheetCells, row: int, column: int) -> bool:
    above = cells.covering(row, column)
    if above is not None:
        return above.last_column > above.first_column
    return not cell_text(cells.row(row).value(column))


def _read(cells: SheetCells, first: int, last: int) -> Header:
    """Read a window of rows as a header: in each column the lowest known word counts."""
    labels = dict(_labels(cells, first, last))
    columns: dict[Field, int] = {}
    for known in (TITLES, SYNONYMS):
        for column, words in labels.items():
            field = next((f for word in words if (f := _meaning(word, known))), None)
            if field is not None and field not in columns and column not in columns.values():
                columns[field] = column
    shown = {column: words[0].replace("\n", "") for column, words in labels.items()}
    taken = set(columns.values())
    extras = {
        column: label
        for column, label in shown.items()
        if column not in taken and label not in WRITTEN_ONLY
    }
    return Header(first, last, columns, shown, _distinct(extras))


def _distinct(extras: dict[int, str]) -> dict[int, str]:
    """Tell unknown columns of the same label apart by their letters."""
    labels = list(extras.values())
    return {
        column: label if labels.count(label) == 1 else f"{label}（{column_letters(column)}列）"
        for column, label in extras.items()
    }


def _labels(cells: SheetCells, first: int, last: int) -> Iterator[tuple[int, list[str]]]:
    """Give each column's words from the lowest row up, merged ones included."""
    width = max(len(cells.row(row).cells) for row in range(first, last + 1))
    for column in range(1, width + 1):
        words = [
            text for row in range(last, first - 1, -1) if (text := _word(cells, row, column, first))
        ]
        if words:
            yield column, list(dict.fromkeys(words))


def _word(cells: SheetCells, row: int, column: int, first: int) -> str:
    merged = cells.covering(row, column)
    if merged is None:
        return cell_text(cells.row(row).value(column))
    if merged.first_row < first:
        return ""
    return cell_text(cells.row(merged.first_row).value(merged.first_column))


def _meaning(word: str, known: dict[str, Field]) -> Field | None:
    """Look a word up as it stands, then without its bracketed remarks: 挽回损失(万元)."""
    plain = _plain(word)
    return known.get(plain) or known.get(BRACKETS.sub("", plain))


@lru_cache(maxsize=2048)
def meaning_of(word: str) -> Field | None:
    """Return what a word means wherever it stands."""
    return _meaning(word, TITLES) or _meaning(word, SYNONYMS)


def _stretched(cells: SheetCells, header: Header) -> Header:
    """Take in rows below that a header cell merged downwards covers."""
    last = header.last_row
    for column in header.labels:
        merged = cells.covering(header.first_row, column)
        if merged is not None:
            last = max(last, min(merged.last_row, header.first_row + MAX_HEADER_ROWS - 1))
    return Header(header.first_row, last, header.columns, header.labels, header.extras)
