"""Finds the header of a ledger below its title rows, and what each column means."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from tracker.ledger.columns import WRITTEN_ONLY, Field
from tracker.ledger.header_words import (
    LONGEST_TITLE,
    SYNONYMS,
    TITLES,
    HeaderWords,
    Meaning,
    Unread,
    look_up,
)
from tracker.ledger.row_keys import KEY_TITLE
from tracker.ledger.sheet_cells import HEADER_ZONE_ROWS, SheetCells
from tracker.ledger.texts import cell_text, squeeze
from tracker.spreadsheets.sheet_scan import column_letters

MAX_HEADER_ROWS = 3
MIN_KNOWN_COLUMNS = 3
LONGEST_GUESSED = 40
KEY_WORD = squeeze(KEY_TITLE)


@dataclass(frozen=True)
class Header:
    """Where the header stands and which column is which; columns count from 1.

    `labels` are the file's own words, the lowest of each column; `extras` are the columns nobody knows,
    kept by their label. `words` are all words of a column, the lowest first. `keys` are the columns of
    row keys (`row_keys.py`), which stand in none of the others.
    """

    first_row: int
    last_row: int
    columns: dict[Field, int]
    labels: dict[int, str]
    extras: dict[int, str]
    words: Mapping[int, Sequence[str]] = field(default_factory=dict)
    keys: tuple[int, ...] = ()

    def label(self, field: Field) -> str:
        """Return the file's own word for a column, or "" when it has none."""
        return self.labels.get(self.columns.get(field, 0), "")


def find_header(cells: SheetCells, words: HeaderWords) -> Header | None:
    """Return the best header among the first rows, or None when the sheet is no ledger.

    A header knows 反馈问题 and at least two more columns; it is one to three rows high.
    """
    rows = range(1, min(cells.last_row, HEADER_ZONE_ROWS) + 1)
    found = [header for first in rows for header in _candidates(cells, first, words)]
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


def guess_header(cells: SheetCells, words: HeaderWords) -> Header | None:
    """Return what looks most like a header in a sheet that has none we know: for a person to say."""
    last = min(cells.last_row, HEADER_ZONE_ROWS)
    best = max(range(1, last + 1), key=lambda row: (_titles_in(cells, row), -row), default=0)
    if _titles_in(cells, best) < MIN_KNOWN_COLUMNS or best == cells.last_row:
        return None
    end = best
    while end < min(best + MAX_HEADER_ROWS - 1, last) and _is_second_line(cells, end + 1):
        end += 1
    return _stretched(cells, _read(cells, best, end, words))


def _titles_in(cells: SheetCells, row: int) -> int:
    """Return how many different short texts a row has."""
    texts = {value.strip() for value in cells.row(row).cells if isinstance(value, str)}
    return sum(0 < len(text) <= LONGEST_GUESSED for text in texts)


def header_at(cells: SheetCells, row: int, words: HeaderWords) -> Header | None:
    """Return the header that a single row makes: printed ledgers repeat it on every page."""
    values = cells.row(row).cells
    texts = [v for v in values if isinstance(v, str) and len(v) <= LONGEST_TITLE]
    if not words.may_name_issue(texts) or not any(map(words.names_issue, texts)):
        return None
    header = _read(cells, row, row, words)
    return header if _is_header(header) else None


def _candidates(cells: SheetCells, first: int, words: HeaderWords) -> Iterator[Header]:
    for last in range(first, min(first + MAX_HEADER_ROWS, cells.last_row + 1)):
        if last > first and not _is_second_line(cells, last):
            return
        header = _read(cells, first, last, words)
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


def _read(cells: SheetCells, first: int, last: int, words: HeaderWords) -> Header:
    """Read a window of rows as a header: in each column the lowest known word counts."""
    found = dict(_labels(cells, first, last))
    keys = tuple(c for c, texts in found.items() if any(squeeze(t) == KEY_WORD for t in texts))
    labels = {column: texts for column, texts in found.items() if column not in keys}
    learned = {
        column: meaning
        for column, texts in labels.items()
        if (meaning := words.learned_meaning(texts)) is not None
    }
    columns = _columns(labels, learned)
    shown = {column: texts[0].replace("\n", "") for column, texts in labels.items()}
    taken = set(columns.values())
    extras = {
        column: label
        for column, label in shown.items()
        if column not in taken
        and learned.get(column) is not Unread.SKIPPED
        and (label not in WRITTEN_ONLY or column in learned)
    }
    return Header(first, last, columns, shown, _distinct(extras), labels, keys)


def _columns(
    labels: Mapping[int, Sequence[str]], learned: Mapping[int, Meaning]
) -> dict[Field, int]:
    """Give each field its column: our own titles first, then what the office has learned, then synonyms.

    A column whose learned field another one has already goes by the shipped words after all, so that a
    file in our own columns reads the same in every office.
    """
    ours = {column: _first(texts, TITLES) for column, texts in labels.items()}
    others = {column: _first(texts, SYNONYMS) for column, texts in labels.items()}
    told = {c: m for c, m in learned.items() if isinstance(m, Field)}
    passed_over = learned.keys() - told.keys()
    columns: dict[Field, int] = {}
    for claims in ({c: f for c, f in ours.items() if c not in told}, told, ours, others):
        for column, wanted in claims.items():
            free = column not in passed_over and column not in columns.values()
            if wanted is not None and wanted not in columns and free:
                columns[wanted] = column
    return columns


def _first(texts: Sequence[str], known: Mapping[str, Field]) -> Field | None:
    return next((found for text in texts if (found := look_up(text, known))), None)


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


def _stretched(cells: SheetCells, header: Header) -> Header:
    """Take in rows below that a header cell merged downwards covers."""
    last = header.last_row
    for column in header.labels:
        merged = cells.covering(header.first_row, column)
        if merged is not None:
            last = max(last, min(merged.last_row, header.first_row + MAX_HEADER_ROWS - 1))
    return replace(header, last_row=last)
