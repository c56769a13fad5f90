"""Reads a whole ledger: every row of every sheet ends as item, ignored or refused, with its reason."""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date

from tracker.ledger.columns import Field
from tracker.ledger.corrections import Corrections
from tracker.ledger.form_pages import FormPage, find_forms, read_forms
from tracker.ledger.header import Header, find_header, guess_header, header_at
from tracker.ledger.header_words import HeaderWords
from tracker.ledger.items import ItemRow, RowReader, Setting
from tracker.ledger.layouts import TableLayout, form_layout, table_layout
from tracker.ledger.notes import Note, doubt, info
from tracker.ledger.reading_result import (
    LedgerReading,
    ReadRow,
    Refusal,
    SheetReading,
    SheetReadingState,
)
from tracker.ledger.row_keys import read_key
from tracker.ledger.row_kinds import Heading, aside
from tracker.ledger.rules import RowReading
from tracker.ledger.sheet_cells import SheetCells
from tracker.ledger.texts import cell_text, squeeze
from tracker.spreadsheets.errors import RefusedFileError
from tracker.spreadsheets.workbook import OpenWorkbook, Row, Sheet, SheetState

UNIT_LINE = re.compile(
    r"(?<![\u4e00-\u9fff])(?:被巡察|填报|整改|报送|责任)?(?:单位|党组织)(?:名称)?(?:\((?:盖章|公章|章)\))?:([^:\s,，;；]{2,40})"
)


def read_ledger(
    workbook: OpenWorkbook,
    *,
    feedback_on: date | None = None,
    concentrated_end: date | None = None,
    unit: str | None = None,
    words: HeaderWords | None = None,
    corrections: Corrections | None = None,
) -> LedgerReading:
    """Read every sheet of a workbook.

    `feedback_on` and `concentrated_end` (last day of 集中整改期) turn due texts into days; `unit` names
    the inspected unit of rows that name none; `words` are the office's own header words; `corrections`
    stand in place of cells, and are read as those would be. Raises RefusedFileError only for overlapping
    merges.
    """
    given = Setting(
        feedback_on,
        concentrated_end,
        unit,
        words=words or HeaderWords(),
        corrections=corrections or Corrections(),
    )
    stream = LedgerStream(workbook, given)
    rows = tuple(stream.rows())
    return replace(stream.told(), rows=rows)


class LedgerStream:
    """A ledger read row by row, once; what else there is to tell of it is known when the rows are through."""

    def __init__(self, workbook: OpenWorkbook, given: Setting) -> None:
        self.workbook = workbook
        self.setting = replace(given, date_1904=workbook.date_1904)
        self.sheets: list[SheetReading] = []
        self.layouts: list[TableLayout] = []

    def rows(self) -> Iterator[ReadRow]:
        """Give every row of every sheet. Raises RefusedFileError like `read_ledger`."""
        for sheet in self.workbook.sheets:
            yield from self._sheet(sheet)

    def told(self) -> LedgerReading:
        """Return the reading without its rows."""
        is_read = any(sheet.state is SheetReadingState.READ for sheet in self.sheets)
        sheets, layouts = tuple(self.sheets), tuple(self.layouts)
        refused = None if is_read else NO_LEDGER
        return LedgerReading(self.workbook.name, refused, sheets, layouts=layouts)

    def _sheet(self, sheet: Sheet) -> Iterator[ReadRow]:
        cells = SheetCells(sheet)
        if sheet.state is not SheetState.VISIBLE:
            reason = "工作表已隐藏，没有读取。如需导入，请取消隐藏后重新选择。"
            yield from self._skip(cells, SheetReadingState.HIDDEN, info("sheet_hidden", reason))
            return
        if cells.last_row == 0:
            self.sheets.append(
                SheetReading(sheet.name, SheetReadingState.SKIPPED, "工作表是空的。")
            )
            return
        header = find_header(cells, self.setting.words)
        if forms := find_forms(cells, header, self.setting.words):
            yield from self._forms(cells, forms)
        elif header is None:
            yield from self._without_header(cells)
        else:
            yield from self._table(cells, header)

    def _table(self, cells: SheetCells, header: Header) -> Iterator[ReadRow]:
        self._read(cells.sheet)
        reader = _SheetReader(cells, header, self.setting)
        yield from reader.rows()
        words = self.setting.words
        self.layouts += [table_layout(cells, each, words, is_read=True) for each in reader.headers]

    def _forms(self, cells: SheetCells, forms: list[FormPage]) -> Iterator[ReadRow]:
        name = cells.sheet.name
        self._read(cells.sheet)
        self.layouts.append(form_layout(name, forms, self.setting.words))
        for row, item, notes in read_forms(cells, forms, self.setting):
            yield _form_row(name, row, item, notes)

    def _without_header(self, cells: SheetCells) -> Iterator[ReadRow]:
        """Skip the sheet; what looks like a header is shown for a person to say what it means."""
        reason = "没有找到表头（至少要有“反馈问题”和另外两个栏目），没有读取。"
        guess = guess_header(cells, self.setting.words)
        if guess is not None:
            self.layouts.append(table_layout(cells, guess, self.setting.words, is_read=False))
        yield from self._skip(cells, SheetReadingState.SKIPPED, info("no_header", reason))

    def _skip(self, cells: SheetCells, state: SheetReadingState, note: Note) -> Iterator[ReadRow]:
        name = cells.sheet.name
        self.sheets.append(SheetReading(name, state, note.detail))
        for row in cells.rows():
            yield ReadRow(name, row.number, RowReading.IGNORED, (note,), None, row.hidden)

    def _read(self, sheet: Sheet) -> None:
        reason = "" if self.workbook.tells_hidden_rows else HIDDEN_ROWS_UNKNOWN
        self.sheets.append(SheetReading(sheet.name, SheetReadingState.READ, reason))


def refused_reading(file: str, error: RefusedFileError) -> LedgerReading:
    """Return the reading of a file that the guard refused: no sheets, no rows."""
    return LedgerReading(file, Refusal(error.code, str(error)))


HIDDEN_ROWS_UNKNOWN = "这种文件不能判断是否有隐藏行，全部照常读取；公式按保存的结果读取。"
NO_LEDGER = Refusal(
    "no_header",
    "没有找到台账表头：至少要有“反馈问题”和另外两个栏目（如“整改措施”“整改时限”）。请下载模板对照后重新选择。",
)


def _form_row(sheet: str, row: Row, item: ItemRow | None, notes: list[Note]) -> ReadRow:
    if item is None:
        return ReadRow(sheet, row.number, RowReading.IGNORED, tuple(notes), None, row.hidden)
    return _item_row(sheet, row, item, notes, ISSUE_WORD)


def _item_row(sheet: str, row: Row, item: ItemRow, notes: list[Note], label: str) -> ReadRow:
    """Refuse a row without an issue; remark a hidden one."""
    if row.hidden:
        notes.append(info("row_hidden", "该行在文件中是隐藏的，已照常读取。"))
    reading = RowReading.ITEM
    if not item.text(Field.ISSUE) and read_key(item.key) is None:
        reading = RowReading.REFUSED
        notes.insert(0, doubt("issue_missing", MISSING_ISSUE, label))
    return ReadRow(sheet, row.number, reading, tuple(notes), item, row.hidden)


class _SheetReader:
    """Goes through a sheet from top to bottom; remembers the sub-headings above."""

    def __init__(self, cells: SheetCells, header: Header, setting: Setting) -> None:
        self.cells = cells
        self.header = header
        self.headers = [header]
        self.is_unit_given = setting.unit is not None
        self.setting = (
            setting if setting.unit else replace(setting, unit=_unit_above(cells, header))
        )
        self.headings: dict[int, str] = {}
        numbers = range(header.first_row, header.last_row + 1)
        values = (value for number in numbers for value in cells.row(number).cells)
        self.header_words = {squeeze(cell_text(value)) for value in values}

    def rows(self) -> Iterator[ReadRow]:
        first, last = self.header.first_row, self.header.last_row
        for row in self.cells.rows():
            if row.number < first:
                yield self.ignored(row, info("title", "标题或说明行，在表头之前。"))
            elif row.number <= last:
                yield self.ignored(row, info("header", "表头。"))
            else:
                yield self.below(row)

    def below(self, row: Row) -> ReadRow:
        """Read a row below the header."""
        if self.repeats_header(row):
            return self.ignored(row, info("header", "重复的表头。"))
        if any(read_key(cell_text(row.value(column))) for column in self.header.keys):
            return self.item(row)
        issue_column = self.header.columns[Field.ISSUE]
        covered = self.cells.anchor_row(row.number, issue_column) != row.number
        texts, is_wide = self.cells.texts(row.number), self.cells.is_wide(row.number)
        found = aside(texts, self.header, wide=is_wide, covered=covered)
        if found is None or (found.note.code == "blank" and self.has_defects(row)):
            return self.item(row)
        if found.heading is not None:
            self.enter(found.heading)
        elif (unit := unit_named([row])) is not None and not self.is_unit_given:
            self.setting = replace(self.setting, unit=unit)  # a second table, of another unit
            self.headings = {}
        return self.ignored(row, found.note)

    def repeats_header(self, row: Row) -> bool:
        """Recognise the header of a next page; a header of another layout takes over from here."""
        if self.says_header(row):
            return True
        other = header_at(self.cells, row.number, self.setting.words)
        if other is None:
            return False
        if not other.columns.items() <= self.header.columns.items():
            self.headers.append(other)
            self.header = replace(other, last_row=self.header.last_row)
            self.headings = {}
        return True

    def says_header(self, row: Row) -> bool:
        """Tell whether a row has two words at least, and all of them stand in the header."""
        own = set()
        for shown in self.cells.texts(row.number):
            if text := squeeze(shown):
                if text not in self.header_words:
                    return False
                own.add(text)
        return len(own) > 1

    def item(self, row: Row) -> ReadRow:
        reader = RowReader(self.cells, self.header, self.setting, row.number)
        item = reader.read(self.categories())
        return _item_row(item.sheet, row, item, reader.notes, self.header.label(Field.ISSUE))

    def has_defects(self, row: Row) -> bool:
        return bool(self.cells.sheet.defects) and any(
            (row.number, column) in self.cells.sheet.defects for column in self.header.labels
        )

    def ignored(self, row: Row, note: Note) -> ReadRow:
        return ReadRow(
            self.cells.sheet.name, row.number, RowReading.IGNORED, (note,), None, row.hidden
        )

    def enter(self, heading: Heading) -> None:
        """A heading of level 1 ends the one of level 2 before it."""
        self.headings = {
            level: text for level, text in self.headings.items() if level < heading.level
        }
        self.headings[heading.level] = heading.text

    def categories(self) -> tuple[str, str]:
        """Return (一级类别, 二级类别): a ledger with only （一） headings has them as its first level."""
        first, second, *_ = [*(self.headings[level] for level in sorted(self.headings)), "", ""]
        return first, second


ISSUE_WORD = "反馈问题"
MISSING_ISSUE = (
    "反馈问题是空的，不能导入。如属于上一行的问题，请合并“反馈问题”单元格，或在本行重复填写问题。"
)


def _unit_above(cells: SheetCells, header: Header) -> str | None:
    return unit_named([cells.row(number) for number in range(1, header.first_row)])


def unit_named(rows: Sequence[Row]) -> str | None:
    """Find “填报单位：某局” among rows beside the data, when they name one unit."""
    found = Counter(
        match[1]
        for row in rows
        for value in row.cells
        for match in UNIT_LINE.finditer(re.sub(r"[ \u3000]+", " ", squeeze_line(cell_text(value))))
    )
    return next(iter(found)) if len(found) == 1 else None


def squeeze_line(text: str) -> str:
    """Half-width, spaces around a colon dropped: “单位： 某局” as “单位:某局”."""
    return re.sub(r"\s*:\s*", ":", text.replace("：", ":").replace("（", "(").replace("）", ")"))
