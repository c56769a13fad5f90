"""Rows that somebody put into a ledger of ours for one more measure of a task that is there already."""

from collections.abc import Iterable

from sqlalchemy import select
from sqlalchemy.orm import Session

from tracker.ledger.items import ItemRow
from tracker.ledger.notes import Note, doubt
from tracker.ledger.texts import squeeze
from tracker.rectification.models import Measure

Place = tuple[str, int]
LATE = doubt(
    "measure_late",
    "这项任务已登记，本行新增的整改措施没有导入。请在整改任务中添加，或在已有措施的行里补写。",
    "整改措施",
)


def late_measures(session: Session, known: Iterable[tuple[int, ItemRow]]) -> dict[Place, Note]:
    """Return a note for each row whose measure its task does not have; `known`: task id and row."""
    rows = [(task_id, item) for task_id, item in known if item.measures]
    if not rows:
        return {}
    query = select(Measure.task_id, Measure.text).where(
        Measure.task_id.in_({id_ for id_, _ in rows})
    )
    have = {(row.task_id, squeeze(row.text)) for row in session.execute(query)}
    return {
        (item.sheet, item.row): LATE
        for task_id, item in rows
        if any((task_id, squeeze(text)) not in have for text in item.measures)
    }
