"""From rows to issues, tasks and measures: what belongs together in a ledger.

Rows of one merged 反馈问题 cell are one issue; unmerged rows are one issue when number, unit and text
agree. Within an issue each unit has one task, with a measure per 整改措施. A common issue (共性, or one
merged cell over several units) is one issue with a task per unit.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from tracker.feedback.rules import IssueNature
from tracker.kernel.labels import LabelledEnum
from tracker.ledger.columns import Field
from tracker.ledger.items import ItemRow
from tracker.ledger.notes import Note, doubt
from tracker.ledger.texts import squeeze
from tracker.rectification.rules.words import CompletionClass

LEAST_FIRST = tuple(reversed(CompletionClass))


class RowReading(LabelledEnum):
    """What became of a row of the file. No row is dropped silently."""

    ITEM = "item", "已识别"
    IGNORED = "ignored", "非台账行"
    REFUSED = "refused", "未能导入"


class RowFate(LabelledEnum):
    """What an import makes of a row: where it is listed in the preview, the worst first."""

    REFUSED = "refused", "不能导入"
    DOUBTFUL = "doubtful", "需要看"
    NEW = "new", "可登记"
    KNOWN = "known", "已有"
    IGNORED = "ignored", "非台账行"


class BatchState(LabelledEnum):
    """How far an import has come."""

    PREVIEW = "preview", "待确认"
    APPLIED = "applied", "已导入"
    CANCELLED = "cancelled", "已放弃"
    UNDONE = "undone", "已撤销"


class ChangeChoice(LabelledEnum):
    """What a person decides about a cell that came back changed."""

    TAKE = "take", "采用表中"
    KEEP = "keep", "保留系统"


class CopyKind(LabelledEnum):
    """What kind of workbook went out."""

    LEDGER = "ledger", "整改台账"
    FILL_IN = "fill_in", "填报表"


@dataclass(frozen=True)
class MeasureLine:
    """One measure; `row` is where its text stands. Due, owners and dates are those of its row."""

    text: str
    item: ItemRow
    row: int

    @property
    def done(self) -> bool:
        """Tell whether the row says that the measure is finished."""
        return self.item.closed or self.item.completion is CompletionClass.DONE


@dataclass(frozen=True)
class TaskGroup:
    """What one unit has to do about one issue. `due_on` None with `to_confirm` is the 待确认 of §4."""

    unit: str
    items: tuple[ItemRow, ...]
    measures: tuple[MeasureLine, ...]
    due_on: date | None
    due_text_raw: str
    long_term: bool
    immediate: bool
    to_confirm: bool
    lead_leaders: tuple[str, ...]
    lead_dept: str
    support_depts: tuple[str, ...]
    owners: tuple[str, ...]
    completion: CompletionClass | None
    done_on: date | None
    closed: bool
    closed_on: date | None
    institutions: int | None
    accountability: int | None
    recovered: Decimal | None
    notes: tuple[Note, ...] = ()

    def text(self, wanted: Field) -> str:
        """Return a column of all rows of the task, each different text once, a line each."""
        return _joined(self.items, wanted)


@dataclass(frozen=True)
class IssueGroup:
    """One 反馈问题 with a task per unit. `nature` is None when the file says nothing."""

    issue_no: str
    text: str
    cat_l1: str
    cat_l2: str
    nature: IssueNature | None
    immediate: bool
    tasks: tuple[TaskGroup, ...]
    items: tuple[ItemRow, ...] = field(default=(), repr=False)

    def column(self, wanted: Field) -> str:
        """Return a column of all rows of the issue, each different text once, a line each."""
        return _joined(self.items, wanted)


def group_issues(items: Iterable[ItemRow]) -> tuple[IssueGroup, ...]:
    """Group rows in the order of the file; every row belongs to exactly one issue."""
    blocks: dict[tuple[str, int], list[ItemRow]] = {}
    for item in items:
        blocks.setdefault((item.sheet, item.issue_row), []).append(item)
    issues: dict[tuple[str, ...], list[ItemRow]] = {}
    for block in blocks.values():
        issues.setdefault(_issue_key(block), []).extend(block)
    return tuple(_issue(rows) for rows in issues.values())


def _issue_key(block: Sequence[ItemRow]) -> tuple[str, ...]:
    """Return what makes two blocks of rows the same issue.

    A common issue is known by its text alone, for units number it differently.
    """
    first = block[0]
    told = (squeeze(first.text(Field.ROUND)), squeeze(first.text(Field.ISSUE)))
    units = {unit for item in block for unit in item.units}
    if len(units) > 1 or any(item.nature is IssueNature.COMMON for item in block):
        return ("common", *told)
    return ("own", *told, squeeze(first.text(Field.ISSUE_NO)), "".join(units))


def _issue(items: Sequence[ItemRow]) -> IssueGroup:
    units = dict.fromkeys(unit for item in items for unit in item.units or ("",))
    tasks = tuple(_task(unit, [i for i in items if unit in (i.units or ("",))]) for unit in units)
    first = items[0]
    return IssueGroup(
        issue_no=next((number for i in items if (number := i.text(Field.ISSUE_NO))), ""),
        text=first.text(Field.ISSUE),
        cat_l1=first.cat_l1,
        cat_l2=first.cat_l2,
        nature=next((item.nature for item in items if item.nature), None),
        immediate=any(item.immediate for item in items),
        tasks=tasks,
        items=tuple(items),
    )


def _task(unit: str, items: Sequence[ItemRow]) -> TaskGroup:
    closed = all(item.closed for item in items)
    due_on, to_confirm, notes = _task_due(items)
    if not closed and any(item.closed for item in items):
        notes = (
            *notes,
            doubt(
                "partly_closed", "同一任务的措施有的已销号、有的未销号，整体按未销号登记，请核对。"
            ),
        )
    return TaskGroup(
        unit=unit,
        items=tuple(items),
        measures=tuple(_measures(items)),
        due_on=due_on,
        due_text_raw=_joined(items, Field.DUE, [item.due.raw for item in items]),
        long_term=any(item.long_term for item in items),
        immediate=any(item.immediate for item in items),
        to_confirm=to_confirm,
        lead_leaders=_union(items, lambda item: item.lead_leaders),
        lead_dept="、".join(dict.fromkeys(t for i in items if (t := i.text(Field.LEAD_DEPT)))),
        support_depts=_union(items, lambda item: item.support_depts),
        owners=_union(items, lambda item: item.owners),
        completion=_least([item.completion for item in items]),
        done_on=_latest([item.done_on for item in items]),
        closed=closed,
        closed_on=_latest([item.closed_on for item in items]) if closed else None,
        institutions=_total(items, Field.INSTITUTIONS, lambda item: item.institutions),
        accountability=_total(items, Field.ACCOUNTABILITY, lambda item: item.accountability),
        recovered=_total_money(items),
        notes=notes,
    )


def _task_due(items: Sequence[ItemRow]) -> tuple[date | None, bool, tuple[Note, ...]]:
    """The task is due with its last measure; one measure without a known date leaves it 待确认."""
    days = {item.due.due_on for item in items if item.due.due_on is not None}
    if any(item.due.to_confirm for item in items):
        return None, True, ()
    if len(days) > 1:
        detail = f"各措施的整改时限不同，任务时限取最晚的 {max(days).isoformat()}，请核对。"
        return max(days), False, (doubt("due_differs", detail),)
    return max(days, default=None), False, ()


def _measures(items: Sequence[ItemRow]) -> Iterable[MeasureLine]:
    """Give the measures; a measure cell merged over several rows counts once."""
    seen: set[tuple[str, int]] = set()
    for item in items:
        place = (item.sheet, item.anchor(Field.MEASURE))
        if place not in seen:
            seen.add(place)
            yield from (MeasureLine(text, item, place[1]) for text in item.measures)


def _joined(items: Sequence[ItemRow], wanted: Field, texts: Sequence[str] | None = None) -> str:
    given = texts if texts is not None else [item.text(wanted) for item in items]
    return "\n".join(dict.fromkeys(text for text in given if text))


def _union(items: Sequence[ItemRow], of: Callable[[ItemRow], tuple[str, ...]]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(name for item in items for name in of(item)))


def _least(words: Sequence[CompletionClass | None]) -> CompletionClass | None:
    known = [word for word in words if word is not None]
    return min(known, key=LEAST_FIRST.index) if known else None


def _latest(days: Sequence[date | None]) -> date | None:
    """Return the last day when every row has one."""
    known = [day for day in days if day is not None]
    return max(known) if known and len(known) == len(days) else None


def _total(
    items: Sequence[ItemRow], wanted: Field, of: Callable[[ItemRow], int | None]
) -> int | None:
    """Add up the rows, a merged cell once; None when no row says anything."""
    amounts = {(item.sheet, item.anchor(wanted)): of(item) for item in items}
    known = [amount for amount in amounts.values() if amount is not None]
    return sum(known) if known else None


def _total_money(items: Sequence[ItemRow]) -> Decimal | None:
    amounts = {(item.sheet, item.anchor(Field.RECOVERED)): item.recovered for item in items}
    known = [amount for amount in amounts.values() if amount is not None]
    return sum(known, Decimal(0)) if known else None
