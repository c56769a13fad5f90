"""One row of data, understood: what the wizard shows and what the import creates tasks from."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import TypeVar

from tracker.feedback.rules import IssueNature
from tracker.kernel.labels import LabelledEnum
from tracker.ledger.amounts import read_count, read_money
from tracker.ledger.cell_forms import EXTRA
from tracker.ledger.columns import BY_FIELD, Field
from tracker.ledger.corrections import Corrections
from tracker.ledger.day_text import DayReading, read_day_cell
from tracker.ledger.due_text import DueReading, read_due_cell
from tracker.ledger.header import Header
from tracker.ledger.header_words import HeaderWords
from tracker.ledger.notes import Note, doubt, info
from tracker.ledger.owners import without_phones
from tracker.ledger.row_cells import RowCells
from tracker.ledger.sheet_cells import SheetCells
from tracker.ledger.texts import (
    cell_text,
    half_width,
    says_nothing,
    split_list,
    split_measures,
    squeeze,
)
from tracker.ledger.words import read_completion, read_kind, read_nature, read_yes_no
from tracker.rectification.rules.words import CompletionClass, TaskKind
from tracker.spreadsheets.sheet_scan import column_letters
from tracker.spreadsheets.workbook import CellDefect

T = TypeVar("T")
W = TypeVar("W", bound=LabelledEnum)

HALF_WIDTH_FIELDS = frozenset({Field.SERIAL, Field.ROUND, Field.ISSUE_NO, Field.PHONE})
DEFECTS = {
    CellDefect.FORMULA_UNCACHED: ("formula_uncached", "是公式，但文件里没有保存计算结果，按空白处理。请打开后重新保存，或改成文字。"),
    CellDefect.ERROR_VALUE: ("error_value", "是公式错误值（如 #REF!），按空白处理。请改正。"),
}  # fmt: skip


@dataclass(frozen=True)
class Setting:
    """What the reading of a ledger is measured against; `unit` stands in where a row names none."""

    feedback_on: date | None = None
    concentrated_end: date | None = None
    unit: str | None = None
    date_1904: bool = False
    words: HeaderWords = field(default_factory=HeaderWords)
    corrections: Corrections = field(default_factory=Corrections)


@dataclass(frozen=True)
class ItemRow:
    """A row of data. `texts` holds every known column as the file says it, merged values repeated.

    `anchors` names the row where a value really stands, for those that come from a merged cell starting
    in an earlier row; `issue_row` is that of the issue. nature, kind and
    completion are None when the words are unknown; `key` is the row key as the file has it, `heard` the
    codes of the columns there are, kept with a key only; `institutions` 项, `accountability` 人次, `recovered` 万元.
    """

    sheet: str
    row: int
    issue_row: int
    texts: Mapping[Field, str]
    anchors: Mapping[Field, int]
    due: DueReading
    units: tuple[str, ...] = ()
    measures: tuple[str, ...] = ()
    lead_leaders: tuple[str, ...] = ()
    support_depts: tuple[str, ...] = ()
    owners: tuple[str, ...] = ()
    cat_l1: str = ""
    cat_l2: str = ""
    nature: IssueNature | None = None
    kind: TaskKind | None = None
    completion: CompletionClass | None = None
    done_on: date | None = None
    closed: bool = False
    closed_on: date | None = None
    institutions: int | None = None
    accountability: int | None = None
    recovered: Decimal | None = None
    extra: Mapping[str, str] = field(default_factory=dict)
    issue_merged: bool = False
    corrected: Mapping[Field, str] = field(default_factory=dict)
    """What the file says in the columns that a person has corrected."""
    key: str = ""
    heard: tuple[str, ...] = ()

    def anchor(self, wanted: Field) -> int:
        """Return the row of the file in which a column's value really stands."""
        return self.anchors.get(wanted, self.row)

    def text(self, wanted: Field) -> str:
        """Return a column as text, "" when empty or absent."""
        return self.texts.get(wanted, "")

    @property
    def unit(self) -> str:
        """Return the inspected unit or units as one text."""
        return "、".join(self.units)

    @property
    def long_term(self) -> bool:
        """Tell whether due text or 整改类型 says 长期."""
        return self.due.long_term or self.kind is TaskKind.LONG_TERM

    @property
    def immediate(self) -> bool:
        """Tell whether due text or 整改类型 says 立行立改."""
        return self.due.immediate or self.kind is TaskKind.IMMEDIATE


class RowReader(RowCells):
    """Reads one row of data; collects the notes on the way."""

    def __init__(self, cells: SheetCells, header: Header, setting: Setting, number: int) -> None:
        super().__init__(cells, header, setting.corrections, number)
        self.setting = setting
        self.notes: list[Note] = []

    def read(self, categories: tuple[str, str]) -> ItemRow:
        """Return the row; `categories` are those of the sub-headings above it."""
        texts = self.cleaned()
        self.part_phones(texts)
        self.note_issue_no()
        self.note_defects()
        done, closed = self.day(Field.DONE_ON), self.day(Field.CLOSED_ON)
        is_closed = self.is_closed(texts, closed)
        own_category = texts.get(Field.CATEGORY_1, "") or texts.get(Field.CATEGORY_2, "")
        first, second = ("", "") if own_category else categories
        return ItemRow(
            sheet=self.cells.sheet.name,
            row=self.number,
            issue_row=self.anchor(Field.ISSUE),
            texts=texts,
            anchors=self.anchors(),
            due=self.due(),
            units=self.units(texts),
            measures=split_measures(texts.get(Field.MEASURE, "")),
            lead_leaders=split_list(texts.get(Field.LEAD_LEADER, "")),
            support_depts=split_list(texts.get(Field.SUPPORT_DEPTS, "")),
            owners=split_list(texts.get(Field.OWNER, "")),
            cat_l1=texts.get(Field.CATEGORY_1, first),
            cat_l2=texts.get(Field.CATEGORY_2, second),
            nature=self.word(Field.NATURE, texts, read_nature(texts.get(Field.NATURE, ""))),
            kind=self.word(Field.KIND, texts, read_kind(texts.get(Field.KIND, ""))),
            completion=self.word(
                Field.COMPLETION, texts, read_completion(texts.get(Field.COMPLETION, ""))
            ),
            done_on=done.on,
            closed=is_closed,
            closed_on=closed.on if is_closed else None,
            institutions=self.noted(
                Field.INSTITUTIONS, *read_count(self.value(Field.INSTITUTIONS))
            ),
            accountability=self.noted(
                Field.ACCOUNTABILITY, *read_count(self.value(Field.ACCOUNTABILITY))
            ),
            recovered=self.noted(Field.RECOVERED, *read_money(self.value(Field.RECOVERED))),
            extra=dict(self.extras()),
            issue_merged=self.cells.is_merged(
                self.anchor(Field.ISSUE), self.header.columns[Field.ISSUE]
            ),
            corrected=self.corrected(),
            key=(key := self.key()),
            heard=self.heard() if key else (),
        )

    def cleaned(self) -> dict[Field, str]:
        """Return the columns as texts, the empty ones left out."""
        found = self.texts()
        for wanted in HALF_WIDTH_FIELDS & found.keys():
            found[wanted] = half_width(found[wanted])
        return {wanted: text for wanted, text in found.items() if text}

    def key(self) -> str:
        """Return the row's own key, never one filled down; "" when it has none."""
        return next((text for c in self.header.keys if (text := cell_text(self.row.value(c)))), "")

    def heard(self) -> tuple[str, ...]:
        """Return which cells the file, or a correction, could say something of."""
        extras = (EXTRA + label for label in self.header.extras.values())
        return (*(wanted.value for wanted in self.fields()), *extras)

    def noted(self, wanted: Field, result: T, notes: tuple[Note, ...]) -> T:
        """Keep notes with the file's word for the column, and pass the result on."""
        if not notes:
            return result
        column = self.header.label(wanted)
        self.notes += [Note(note.code, note.detail, note.weight, column) for note in notes]
        return result

    def note_defects(self) -> None:
        if not self.cells.sheet.defects:
            return
        mended = {column for f, column in self.header.columns.items() if self.correction(f)}
        for column, label in self.header.labels.items():
            defect = self.cells.defect(self.number, column)
            if defect is not None and column not in mended:
                code, detail = DEFECTS[defect]
                self.notes.append(doubt(code, f"“{label}”{detail}", label))

    def part_phones(self, texts: dict[Field, str]) -> None:
        """Telephone numbers beside the names of 责任人 go to 联系电话."""
        names, phones = without_phones(texts.get(Field.OWNER, ""))
        if phones:
            texts[Field.OWNER] = names
            told = texts.get(Field.PHONE, "")
            more = "、".join(phone for phone in phones if phone not in told)
            texts[Field.PHONE] = "、".join(text for text in (told, more) if text)
            detail = f"责任人中的电话“{'、'.join(phones)}”已登记为联系电话。"
            self.notes.append(info("phone_moved", detail, self.header.label(Field.OWNER)))

    def note_issue_no(self) -> None:
        """Excel turns 3-1 into the first of March."""
        value = self.value(Field.ISSUE_NO)
        if isinstance(value, date):
            detail = f"问题编号是日期 {cell_text(value)}，可能是 Excel 把“3-1”一类的编号自动改成了日期，请核对。"
            label = self.header.label(Field.ISSUE_NO)
            self.notes.append(doubt("issue_no_is_date", detail, label))

    def due(self) -> DueReading:
        reading = read_due_cell(
            self.value(Field.DUE),
            feedback_on=self.setting.feedback_on,
            concentrated_end=self.setting.concentrated_end,
            date_1904=self.setting.date_1904,
        )
        return self.noted(Field.DUE, reading, reading.notes)

    def day(self, wanted: Field) -> DayReading:
        reading = read_day_cell(
            self.value(wanted),
            feedback_on=self.setting.feedback_on,
            date_1904=self.setting.date_1904,
        )
        return self.noted(wanted, reading, reading.notes)

    def units(self, texts: Mapping[Field, str]) -> tuple[str, ...]:
        """Several units of a common issue stand in one cell; a line break in a name is only layout."""
        named = split_list(squeeze(texts.get(Field.UNIT, "")))
        if named:
            return named
        if self.setting.unit:
            return (self.setting.unit,)
        self.notes.append(
            doubt("unit_missing", "没有写被巡察单位，请补充。", self.header.label(Field.UNIT))
        )
        return ()

    def word(self, wanted: Field, texts: Mapping[Field, str], meant: W | None) -> W | None:
        text = texts.get(wanted, "")
        if meant is None and not says_nothing(text):
            title = BY_FIELD[wanted].title
            make = info if wanted is Field.COMPLETION else doubt
            self.notes.append(
                make(
                    "word_unknown",
                    f"{title}“{text}”不在可选范围内，原文保留。",
                    self.header.label(wanted),
                )
            )
        return meant

    def is_closed(self, texts: Mapping[Field, str], closed: DayReading) -> bool:
        """Decide by 是否销号; where it is silent, a closing date or 完成情况“已销号” says yes."""
        text = texts.get(Field.CLOSED, "")
        answer = read_yes_no(text) if text else None
        label = self.header.label(Field.CLOSED)
        if text and answer is None:
            self.notes.append(
                doubt("closed_unknown", f"是否销号“{text}”不能识别，按未销号登记，请核对。", label)
            )
            return False
        if answer is False and closed.on is not None:
            self.notes.append(
                doubt(
                    "closed_conflict",
                    f"是否销号为“{text}”，却有销号时间 {closed.raw}，按未销号登记，请核对。",
                    label,
                )
            )
            return False
        is_closed = bool(answer) if text else closed.on is not None or _says_closed(texts)
        if is_closed and closed.on is None:
            self.notes.append(
                doubt(
                    "closed_without_date",
                    "已销号但没有可用的销号时间，请补充。",
                    self.header.label(Field.CLOSED_ON) or label,
                )
            )
        return is_closed

    def extras(self) -> Iterator[tuple[str, str]]:
        """Give the columns nobody knows, so that an export can return them; one without a word in the
        header goes by its letters."""
        for column, label in self.header.extras.items():
            text = cell_text(self.cells.value(self.number, column))
            if text:
                yield label, text
        own = {*self.header.labels, *self.header.keys}
        for column, text in enumerate(self.cells.texts(self.number), start=1):
            if text and column not in own:
                yield f"{column_letters(column)}列", text


def _says_closed(texts: Mapping[Field, str]) -> bool:
    return squeeze(texts.get(Field.COMPLETION, "")).startswith("已销号")
