"""The forms of the import wizard, of an office's header words, and of a 填报表 that comes back."""

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import date

from flask import request
from flask_wtf.file import FileField, FileRequired
from wtforms import (
    BooleanField,
    DateField,
    FieldList,
    SelectField,
    StringField,
    SubmitField,
    TextAreaField,
)
from wtforms.validators import Optional

from tracker.ledger.columns import BY_FIELD, Field
from tracker.ledger.corrections import Cell
from tracker.ledger.header_words import MEANINGS, Meaning, label_of, meaning_from
from tracker.ledger.layouts import ColumnReading
from tracker.ledger.matching import Fault, FaultKind, TableGroup, faults_of
from tracker.web.forms import (
    ChineseForm,
    Difference,
    VersionedForm,
    at_most,
    chosen,
    required,
    stripped,
    without_nul,
)

THEIRS = "theirs"
OURS = "ours"
Days = dict[int, date | None]
FILE = re.compile(r"file-(\d{1,18})", re.ASCII)
CHOICE = re.compile(r"choice-(\d{1,18})", re.ASCII)


class LedgerForm(ChineseForm):
    """Which round a ledger goes into, and which feedback date it is read against."""

    round_id = SelectField("巡察轮次", [chosen("巡察轮次")], coerce=int)
    fed_back_on = DateField("反馈日期", [Optional()])
    unit = StringField("被巡察单位", [Optional(), at_most(120), without_nul], filters=[stripped])


class ImportForm(LedgerForm):
    """A ledger as a file."""

    file = FileField("台账文件", [FileRequired(message="请选择台账文件。")])
    submit = SubmitField("读取并预览")


class UndoImportForm(ChineseForm):
    """撤销导入: why."""

    reason = TextAreaField(
        "理由", [required("撤销导入的理由"), at_most(400), without_nul], filters=[stripped]
    )
    submit = SubmitField("撤销导入")


class PastedForm(LedgerForm):
    """A ledger pasted as a table; the text is kept on the page whatever happens to it."""

    table = TextAreaField("表格内容", [required("表格内容"), without_nul])
    has_header = BooleanField("粘贴的内容自带表头")
    submit = SubmitField("读取并预览")


class CorrectionsForm(VersionedForm):
    """更正: an input for each cell of the preview that a person should look at, named by its place."""

    submit = SubmitField("保存更正并重新读取")

    def typed(self) -> dict[Cell, str]:
        """Return what was sent for each cell; a picked day goes before the text beside it."""
        texts = dict(self._sent("text"))
        return {**texts, **{cell: day for cell, day in self._sent("day") if _is_day(day)}}

    def taken_back(self) -> list[int]:
        """Return the corrections that shall no longer stand."""
        return [int(each) for each in request.form.getlist("take_back") if NUMBER.fullmatch(each)]

    def value(self, part: str, cell: Cell, value: str) -> str:
        """Return what an input shows: what was sent and refused, else what is read now."""
        return request.form.get(name_of(part, cell), value)

    def _sent(self, part: str) -> Iterator[tuple[Cell, str]]:
        for name, text in request.form.items():
            cell = _cell_of(part, name)
            if cell is not None:
                yield cell, text.replace("\r\n", "\n").replace("\x00", "").strip()


NUMBER = re.compile(r"[0-9]{1,9}")
PLACE = re.compile(r"(text|day)-([0-9]{1,7})-([a-z0-9_]+)-(.+)", re.DOTALL)


def name_of(part: str, cell: Cell) -> str:
    """Return the name of a cell's input; `part`: text or day."""
    return f"{part}-{cell.row}-{cell.field.value}-{cell.sheet}"


def _cell_of(part: str, name: str) -> Cell | None:
    match = PLACE.fullmatch(name)
    if match is None or match[1] != part or match[3] not in set(Field):
        return None
    return Cell(match[4], int(match[2]), Field(match[3]))


def _is_day(text: str) -> bool:
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True


class HeaderWordForm(VersionedForm):
    """What a header word of the office means."""

    meaning = SelectField("对应栏目", [chosen("对应栏目")], choices=MEANINGS)
    submit = SubmitField("保存")


class ColumnsForm(VersionedForm):
    """对应列: a meaning for each column of a ledger, in the order of its groups of tables."""

    meanings = FieldList(
        SelectField("对应栏目", [chosen("对应栏目")], choices=MEANINGS), label="对应列"
    )
    submit = SubmitField("确认并预览")
    groups: Sequence[TableGroup] = ()
    columns: Sequence[ColumnReading] = ()
    is_whole = True

    @classmethod
    def of(cls, groups: Sequence[TableGroup], version: int) -> "ColumnsForm":
        """Return the form with what the reader took each column for, or with what was sent."""
        columns = [column for group in groups for column in group.columns]
        form = cls(data={"meanings": [c.meaning.value for c in columns], "version": str(version)})
        form.groups, form.columns = groups, columns
        form.is_whole = len(form.meanings.entries) == len(columns)
        for column in columns[len(form.meanings.entries) :]:
            form.meanings.append_entry(column.meaning.value)
        for entry, column in zip(form.meanings.entries, columns, strict=False):
            entry.label.text = column.label
        return form

    @property
    def choices(self) -> list[Meaning]:
        """Return what was chosen, once it is valid."""
        return [meaning_from(entry.data) for entry in self.meanings.entries]

    def changes(self) -> list[Difference]:
        """Return the columns chosen otherwise than they are read now."""
        pairs = [
            Difference(column.label, MEANINGS.get(entry.data, ""), label_of(column.meaning))
            for entry, column in zip(self.meanings.entries, self.columns, strict=False)
        ]
        return [pair for pair in pairs if pair.mine != pair.stored]

    def validate(self, extra_validators: object = None) -> bool:
        """Check each choice, then whether they go together; each fault stands at its column."""
        if not self.is_whole:
            self.form_errors.append("表单不完整，请刷新后重新选择。")
            return False
        if not super().validate(extra_validators):
            return False
        faults = list(faults_of(self.groups, self.choices))
        for fault in faults:
            self._tell(fault)
        if not (faults or Field.ISSUE in self.choices):
            self.form_errors.append(NO_ISSUE_AT_ALL)
        self.meanings.errors = [e.errors for e in self.meanings.entries if e.errors]
        return not (faults or self.form_errors)

    def _tell(self, fault: Fault) -> None:
        sentence = SENTENCES[fault.kind].format(
            sheet="、".join(fault.group.sheets),
            other=f"{fault.other.label}（{fault.other.place}）" if fault.other else "",
            field=label_of(self.choices[fault.place]),
        )
        if fault.kind in (FaultKind.NO_ISSUE, FaultKind.TOO_FEW):
            self.form_errors.append(sentence)
        else:
            entry = self.meanings.entries[fault.place]
            entry.errors = [*entry.errors, sentence]


ISSUE = BY_FIELD[Field.ISSUE].title
NO_ISSUE_AT_ALL = f"请指出哪一列是“{ISSUE}”，否则这份台账不能读取。"
SENTENCES = {
    FaultKind.TAKEN: "“{field}”已对应“{other}”，一个栏目只能对应一列，请改选其中一列。",
    FaultKind.DISAGREES: "与“{other}”是同样的表头，只能对应同一个栏目。请选成一样，或在文件中改一个表头后重新上传。",
    FaultKind.NO_ISSUE: f"工作表“{{sheet}}”没有一列对应“{ISSUE}”，请指出是哪一列。",
    FaultKind.TOO_FEW: f"工作表“{{sheet}}”除“{ISSUE}”外，至少还要有两列对应我们的栏目。",
    FaultKind.TOO_LONG: "表头超过 200 个字，不能记住。请在文件中改短后重新上传。",
}


class NewReturnForm(ChineseForm):
    """Which file comes back."""

    file = FileField("填报表", [FileRequired(message="请选择填好的填报表。")])
    submit = SubmitField("读取并预览")


class ReturnForm(VersionedForm):
    """The preview, as it was seen; with a choice for each task that both sides filled in."""

    document_on = DateField("材料日期（事情发生的日期）", [Optional()])
    is_confirmed_not_secret = BooleanField("我确认材料不涉密")
    submit = SubmitField("确认提交")


def choices_of(fields: Mapping[str, str]) -> dict[int, bool]:
    """Return by task id whether the workbook's words were chosen."""
    return {
        int(found[1]): value == THEIRS
        for name, value in fields.items()
        if (found := CHOICE.fullmatch(name)) and value in (THEIRS, OURS)
    }


def files_of(fields: Mapping[str, str], usual: date | None) -> tuple[dict[int, int], Days]:
    """Return the task each file is given to, and the day of each; `usual` where none is typed."""
    tasks: dict[int, int] = {}
    days: Days = {}
    for name, value in fields.items():
        found = FILE.fullmatch(name)
        if found is not None and re.fullmatch(r"\d{1,18}", value, re.ASCII):
            number = int(found[1])
            tasks[number] = int(value)
            days[number] = _day(fields.get(f"day-{number}", "")) or usual
    return tasks, days


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None
