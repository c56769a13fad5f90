"""Rows that came back with a key: which of our rows each is, and which keys mean nothing here."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from sqlalchemy import select
from sqlalchemy.orm import Session

from tracker.ledger.columns import Field
from tracker.ledger.copies import Sent, sent_rows
from tracker.ledger.items import ItemRow
from tracker.ledger.models import LedgerCopy
from tracker.ledger.notes import Note, doubt, info
from tracker.ledger.reading_result import ReadRow
from tracker.ledger.row_keys import RowKey, read_key
from tracker.ledger.rules import CopyKind, RowReading
from tracker.rectification.models import Task
from tracker.rectification.rules.words import TaskState
from tracker.rounds.models import Round

Place = tuple[str, int]
KNOWN = info("row_known", "按行标识对应到已有任务；改动的内容见“更新已有任务”。")
EMPTIED = info("row_emptied", "本行内容已清空，系统中的任务不改动、不删除。")
BROKEN = doubt("key_broken", "行标识不完整或已被改动，本行按没有行标识处理，请核对。")
ELSEWHERE = doubt("key_elsewhere", "行标识不是本轮次导出的台账的，本行按没有行标识处理，请核对。")
FILL_IN = doubt("key_fill_in", "行标识是填报表的，本行按没有行标识处理。填报表请在填报处导入。")
GONE = doubt("key_task_gone", "行标识对应的任务已撤销，本行没有导入，请核对。")


@dataclass(frozen=True)
class KeyedRow:
    """A row of the file that is one of ours, and what it said when it went out."""

    key: RowKey
    item: ItemRow
    sent: dict[str, str]


@dataclass
class Keyed:
    """The rows with a key, by place; notes of those without a good one; how many rows of the copies
    did not come back."""

    rows: dict[Place, KeyedRow] = field(default_factory=dict)
    notes: dict[Place, Note] = field(default_factory=dict)
    refused: dict[Place, Note] = field(default_factory=dict)
    missing: int = 0
    whole_tasks: frozenset[int] = frozenset()

    def is_settled(self, place: Place) -> bool:
        """Tell whether the key alone decided about a row."""
        return place in self.rows or place in self.refused


def match_keys(session: Session, tour: Round, rows: Sequence[ReadRow]) -> Keyed:
    """Find each row with a key of a ledger that this round sent out."""
    items = [r.item for r in rows if r.reading is RowReading.ITEM and r.item and r.item.key]
    keyed = Keyed()
    if not items:
        return keyed
    keys = {(item.sheet, item.row): read_key(item.key) for item in items}
    copies = _copies(session, {key.token for key in keys.values() if key})
    sent = {token: sent_rows(copy) for token, copy in copies.items() if _is_ours(copy, tour)}
    living = _living(session, tour)
    for item in items:
        _settle(keyed, item, keys[item.sheet, item.row], copies, sent, living)
    _refuse_doubles(keyed)
    _count_missing(keyed, sent)
    return keyed


def _copies(session: Session, tokens: set[str]) -> dict[str, LedgerCopy]:
    query = select(LedgerCopy).where(LedgerCopy.token.in_(tokens))
    return {copy.token: copy for copy in session.scalars(query)}


def _is_ours(copy: LedgerCopy, tour: Round) -> bool:
    own = (copy.round_id, copy.region_id) == (tour.id, tour.region_id)
    return own and copy.kind is CopyKind.LEDGER


def _living(session: Session, tour: Round) -> set[int]:
    query = select(Task.id).where(Task.round_id == tour.id, Task.state != TaskState.VOID)
    return set(session.scalars(query))


def _settle(
    keyed: Keyed,
    item: ItemRow,
    key: RowKey | None,
    copies: dict[str, LedgerCopy],
    sent: dict[str, Sent],
    living: set[int],
) -> None:
    place = (item.sheet, item.row)
    if key is None:
        keyed.notes[place] = BROKEN
    elif key.token not in sent:
        copy = copies.get(key.token)
        is_fill_in = copy is not None and copy.kind is CopyKind.FILL_IN
        keyed.notes[place] = FILL_IN if is_fill_in else ELSEWHERE
    elif (cells := sent[key.token].get((key.task_id, key.measure_id))) is None:
        keyed.notes[place] = BROKEN
    elif key.task_id not in living:
        keyed.refused[place] = GONE
    else:
        keyed.rows[place] = KeyedRow(key, item, cells)


def _refuse_doubles(keyed: Keyed) -> None:
    """Leave alone what several rows claim to be: nobody can tell which of them is meant."""
    places: dict[tuple[int, int], list[Place]] = {}
    for place, row in keyed.rows.items():
        places.setdefault((row.key.task_id, row.key.measure_id), []).append(place)
    for same in places.values():
        for place in same if len(same) > 1 else ():
            others = "、".join(
                f"“{sheet}”第 {row} 行" for sheet, row in same if (sheet, row) != place
            )
            keyed.refused[place] = doubt("key_twice", _twice(others))
            del keyed.rows[place]


def _twice(others: str) -> str:
    return (
        f"行标识与{others}相同，这几行都没有导入，系统中的任务不改动。新增的行请清空行标识，重复的行请删去，"
        "再重新导入。"
    )


def _count_missing(keyed: Keyed, sent: dict[str, Sent]) -> None:
    """Count the rows that did not come back; note which tasks came back with all of theirs."""
    back = {(row.key.task_id, row.key.measure_id) for row in keyed.rows.values()}
    tokens = {row.key.token for row in keyed.rows.values()}
    out = {pair for token in tokens for pair in sent[token]}
    keyed.missing = len(out - back)
    keyed.whole_tasks = frozenset(task for task, _ in back) - {task for task, _ in out - back}


def is_emptied(item: ItemRow) -> bool:
    """Tell whether a row was cleared but for its key, or its number too: such a row says nothing."""
    if not item.texts and not item.extra:
        return True
    says = item.text(Field.ISSUE) or item.text(Field.MEASURE)
    return Field.ISSUE in item.heard and not says


def note_of(row: KeyedRow) -> Note:
    """Return what the preview says of a row that was found by its key."""
    return EMPTIED if is_emptied(row.item) else KNOWN
