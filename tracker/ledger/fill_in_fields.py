"""填报表: the columns of the workbook that a unit fills in, and what each of its cells may hold.

The same fields and limits as on the page 本月填报; cells are compared and kept as texts by one rule.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from tracker.kernel.labels import LabelledEnum
from tracker.rectification.rules.words import CompletionClass
from tracker.rectification.service.working import Progress
from tracker.spreadsheets.tables import Column, ColumnKind

FORMAT = 1
GUIDE_SHEET = "填写说明"
MARK = "【填】"
MOST_CHARACTERS = 20_000
MOST_COUNTED = 9_999
MOST_WAN = 99_999_999
YES = "是"
YES_WORDS = frozenset({"是", "√", "无变化", "y", "Y", "有", "1"})
NO_WORDS = frozenset({"否", "×", "n", "N", "0"})
SEPARATORS = re.compile(r"[、,，;；.。\s]+")
NUMBER = re.compile(r"(\d{1,12}|\d{1,3}(?:,\d{3}){1,3})(?:\.\d{1,4}0*)?", re.ASCII)


class FillField(LabelledEnum):
    """A cell that a unit fills in; the value is the name of the page's field."""

    NO_CHANGE = "is_no_change", "本月无变化"
    TEXT = "text", "本月进展"
    COMPLETION = "completion", "完成情况"
    DONE = "measures", "本次完成的措施序号"
    UNDONE = "undone_measures", "取消完成的措施序号"
    REASON = "unfinished_reason", "未完成原因"
    NEXT = "next_step", "下步打算"
    RULES = "rules_made", "累计建章立制（项）"
    ORGS = "orgs_held", "累计问责党组织（个）"
    PERSONS = "persons_held", "累计问责（人次）"
    RECOVERED = "recovered_wan", "累计挽回损失（万元）"

    @property
    def header(self) -> str:
        """Return the header of the column."""
        return f"{self.label}{MARK}"


F = FillField
TEXTS = (F.TEXT, F.REASON, F.NEXT)
COUNTS = (F.RULES, F.ORGS, F.PERSONS)
MEASURES = (F.DONE, F.UNDONE)
_WIDTHS = {F.NO_CHANGE: 8, F.TEXT: 36, F.COMPLETION: 12, F.REASON: 22, F.NEXT: 22}
_KINDS = {**dict.fromkeys(COUNTS, ColumnKind.INTEGER), F.RECOVERED: ColumnKind.NUMBER}
_HINTS = {
    F.NO_CHANGE: "没有变化时选“是”，本月进展可以不填。",
    F.TEXT: "做了什么、取得什么结果，写明时间、数字、文件名。没有填写的行不会提交。",
    F.COMPLETION: "从列表中选择。",
    F.DONE: "填左边“整改措施”前的序号，几条用顿号隔开，如 1、3。",
    F.UNDONE: "以前报过完成、其实没有完成的，填序号；没有则不填。",
    F.REASON: "没有按期完成的，写明原因。",
    F.NEXT: "下一步做什么、什么时候完成。",
    F.RULES: "累计数，不是本月数。填 0 至 9999 的整数。",
    F.ORGS: "累计数。填 0 至 9999 的整数。",
    F.PERSONS: "累计数。填 0 至 9999 的整数。",
    F.RECOVERED: "累计数，单位万元，可以有小数。",
}
_CHOICES = {
    F.NO_CHANGE: (YES,),
    F.COMPLETION: tuple(kind.label for kind in CompletionClass),
}


def column_of(field: FillField) -> Column:
    """Return the field's column in the workbook."""
    kind = _KINDS.get(field, ColumnKind.TEXT)
    return Column(
        field.header,
        _WIDTHS.get(field, 10),
        kind,
        choices=_CHOICES.get(field, ()),
        hint=_HINTS[field],
        checked=kind is not ColumnKind.TEXT,
        locked=False,
    )


@dataclass(frozen=True)
class Fault:
    """Why a cell cannot be taken."""

    field: FillField
    sentence: str


def canonical(field: FillField, typed: str) -> str:
    """Return a cell's text as it is compared: the same meaning, the same words.

    What means nothing stays as it is, for `faults_of` to name.
    """
    text = typed.strip()
    if field is F.NO_CHANGE:
        return YES if text in YES_WORDS else "" if text in NO_WORDS else text
    if field in MEASURES:
        return "、".join(sorted_numbers(text)) if is_numbers(text) else text
    if field in _KINDS:
        return _number(text)
    return text


def _number(text: str) -> str:
    if not text:
        return "0"
    return f"{Decimal(text.replace(',', '')).normalize():f}" if NUMBER.fullmatch(text) else text


def is_numbers(text: str) -> bool:
    """Return whether a text is a list of numbers of measures."""
    return all(re.fullmatch(r"\d{1,4}", part, re.ASCII) for part in SEPARATORS.split(text) if part)


def sorted_numbers(text: str) -> list[str]:
    """Return the numbers of a list, each once, in order."""
    return [str(n) for n in sorted({int(part) for part in SEPARATORS.split(text) if part})]


def faults_of(cells: Mapping[FillField, str], seqs: Sequence[int]) -> list[Fault]:
    """Return what cannot be taken of a row; `seqs` are the numbers of the task's measures."""
    found = [(field, _fault(field, cells[field], seqs)) for field in FillField]
    return [Fault(field, sentence) for field, sentence in found if sentence]


def _fault(field: FillField, text: str, seqs: Sequence[int]) -> str:
    if field in TEXTS:
        is_long = len(text) > MOST_CHARACTERS
        return f"最多 {MOST_CHARACTERS} 个字，请精简。" if is_long else ""
    if field is F.NO_CHANGE:
        return "" if text in ("", YES) else f"只能填“{YES}”或留空，现在是“{text[:20]}”。"
    if field is F.COMPLETION:
        return "" if text in _CHOICES[field] else f"请从列表中选择，现在是“{text[:20]}”。"
    if field in MEASURES:
        return _measure_fault(text, seqs)
    return _number_fault(field, text)


def _measure_fault(text: str, seqs: Sequence[int]) -> str:
    if not is_numbers(text):
        return f"请只填措施的序号，如 1、3，现在是“{text[:20]}”。"
    unknown = [number for number in sorted_numbers(text) if int(number) not in seqs]
    return f"这项任务没有序号为 {'、'.join(unknown)} 的措施。" if unknown else ""


def _number_fault(field: FillField, text: str) -> str:
    amount = Decimal(text) if NUMBER.fullmatch(text) else None
    if field in COUNTS:
        is_good = amount is not None and amount == int(amount) and amount <= MOST_COUNTED
        return "" if is_good else f"请填 0 至 {MOST_COUNTED} 的整数，现在是“{text[:20]}”。"
    is_good = amount is not None and amount <= MOST_WAN
    return "" if is_good else f"请填不小于 0 的数，单位万元，最多四位小数，现在是“{text[:20]}”。"


def progress_of(cells: Mapping[FillField, str], ids_by_seq: Mapping[int, int]) -> Progress:
    """Return what a row without faults says, as the page would have said it."""
    by_label = {kind.label: kind for kind in CompletionClass}
    return Progress(
        text=cells[F.TEXT],
        completion=by_label[cells[F.COMPLETION]],
        is_no_change=cells[F.NO_CHANGE] == YES,
        unfinished_reason=cells[F.REASON],
        next_step=cells[F.NEXT],
        done_measures=_ids(cells[F.DONE], ids_by_seq),
        undone_measures=_ids(cells[F.UNDONE], ids_by_seq),
        rules_made=int(cells[F.RULES]),
        orgs_held=int(cells[F.ORGS]),
        persons_held=int(cells[F.PERSONS]),
        recovered_wan=Decimal(cells[F.RECOVERED]),
    )


def _ids(text: str, ids_by_seq: Mapping[int, int]) -> frozenset[int]:
    return frozenset(ids_by_seq[int(number)] for number in sorted_numbers(text))
