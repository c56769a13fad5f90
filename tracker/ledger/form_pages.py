"""One page per issue (归零表): each word with its value beside it, an issue a sheet or one below the other."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from tracker.ledger.columns import Field
from tracker.ledger.header import Header
from tracker.ledger.header_words import HeaderWords, Meaning, Unread
from tracker.ledger.items import ItemRow, RowReader, Setting
from tracker.ledger.notes import Note, info
from tracker.ledger.row_kinds import SIGNATURE, SIGNATURE_NOTE
from tracker.ledger.sheet_cells import HEADER_ZONE_ROWS, SheetCells
from tracker.ledger.texts import cell_text, squeeze
from tracker.spreadsheets.workbook import CellValue, MergedRange, Row, Sheet

LEAST_FIELDS = 4
LEAST_ROWS = 3


@dataclass(frozen=True)
class Pair:
    """A word and the value right of it; `meaning` is None for a word nobody knows."""

    row: int
    label: str
    value: CellValue
    column: int
    meaning: Meaning | None

    @property
    def field(self) -> Field | None:
        """Return the field the word stands for, if it does."""
        return self.meaning if isinstance(self.meaning, Field) else None


@dataclass
class FormPage:
    """One filled-in form: its rows, and where each of its values stands."""

    rows: set[int] = field(default_factory=set)
    pairs: list[Pair] = field(default_factory=list)

    def has(self, wanted: Field | None) -> bool:
        """Tell whether a word stands in the form already."""
        return wanted is not None and any(pair.field is wanted for pair in self.pairs)

    @property
    def issue_row(self) -> int:
        """Return the row of 反馈问题: the one under which the whole form is listed."""
        return next(pair.row for pair in self.pairs if pair.field is Field.ISSUE)

    def as_table(self, cells: SheetCells) -> tuple[SheetCells, Header]:
        """Lay the form out as a table of one row, in the row of its issue."""
        number = self.issue_row
        columns = {pair.field: place for place, pair in enumerate(self.pairs, 1) if pair.field}
        labels = {place: pair.label for place, pair in enumerate(self.pairs, 1)}
        extras = {
            place: pair.label
            for place, pair in enumerate(self.pairs, 1)
            if pair.field is None and pair.meaning is not Unread.SKIPPED
        }
        places = {(pair.row, pair.column): place for place, pair in enumerate(self.pairs, 1)}
        defects = {
            (number, places[place]): defect
            for place, defect in cells.sheet.defects.items()
            if place in places
        }
        empty = [Row(n, ()) for n in range(1, number)]
        line = Row(number, tuple(p.value for p in self.pairs), cells.row(number).hidden)
        sheet = Sheet(cells.sheet.name, cells.sheet.state, (*empty, line), (), defects)
        return SheetCells(sheet), Header(number, number, columns, labels, extras)


def find_forms(cells: SheetCells, header: Header | None, words: HeaderWords) -> list[FormPage]:
    """Return the forms of a sheet; none when it is a table, which knows more words in its header."""
    known = len(header.columns) if header is not None else 0
    pages: list[FormPage] = [FormPage()]
    for row in cells.rows():
        pairs = list(_pairs(cells, row, words))
        if any(pages[-1].has(pair.field) for pair in pairs):
            pages.append(FormPage())
        pages[-1].pairs += pairs
        pages[-1].rows |= {pair.row for pair in pairs}
        if row.number == HEADER_ZONE_ROWS and not _is_form(pages[0], more_than=known):
            return []
    return pages if all(_is_form(page, more_than=known) for page in pages) else []


def read_forms(
    cells: SheetCells, pages: list[FormPage], setting: Setting
) -> Iterator[tuple[Row, ItemRow | None, list[Note]]]:
    """Give every row of the sheet: the item in the row of its issue, a note for each other row."""
    homes = {number: page for page in pages for number in page.rows}
    for row in cells.rows():
        page = homes.get(row.number)
        if page is None:
            yield row, None, [_beside(row)]
        elif row.number != page.issue_row:
            detail = f"一事一表中的一行，已并入第 {page.issue_row} 行的问题。"
            yield row, None, [info("form_row", detail)]
        else:
            reader = RowReader(*page.as_table(cells), setting, row.number)
            item = reader.read(("", ""))
            yield row, item, reader.notes


def _beside(row: Row) -> Note:
    texts = [text for value in row.cells if (text := squeeze(cell_text(value)))]
    if not texts:
        return info("blank", "空行。")
    if all(SIGNATURE.match(text) for text in texts):
        return SIGNATURE_NOTE
    return info("title", "标题或说明行，在表头之前。")


def _is_form(page: FormPage, *, more_than: int) -> bool:
    fields = {pair.field for pair in page.pairs} - {None}
    rows = {pair.row for pair in page.pairs if pair.field}
    return (
        Field.ISSUE in fields
        and len(fields) >= max(LEAST_FIELDS, more_than + 1)
        and len(rows) >= LEAST_ROWS
    )


def _pairs(cells: SheetCells, row: Row, words: HeaderWords) -> Iterator[Pair]:
    """Give the words of a row with their values; only a row with a word we know has any."""
    own = list(_own_cells(cells, row))
    place, found = 0, []
    while place < len(own):
        column, text = own[place]
        wanted = words.meaning_of(text)
        right = own[place + 1] if place + 1 < len(own) else None
        if right is None or (wanted and words.meaning_of(right[1])):
            if wanted:
                found.append(Pair(row.number, text, None, column, wanted))
            place += 1
            continue
        if text:
            found.append(Pair(row.number, text, row.value(right[0]), right[0], wanted))
        place += 2
    if any(pair.field for pair in found):
        yield from found


def _own_cells(cells: SheetCells, row: Row) -> Iterator[tuple[int, str]]:
    """Give the cells of a row from left to right, a cell merged over columns once."""
    column = 1
    while column <= len(row.cells):
        yield column, cell_text(row.value(column))
        merged: MergedRange | None = cells.covering(row.number, column)
        column = max(column, merged.last_column if merged else column) + 1
