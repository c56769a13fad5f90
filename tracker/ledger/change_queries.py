"""The cells that an import finds changed, as its page lists and counts them."""

from dataclasses import dataclass

from sqlalchemy import ColumnElement, and_, func, select
from sqlalchemy.orm import Session, joinedload

from tracker.kernel.labels import LabelledEnum
from tracker.ledger.models import ImportBatch, ImportChange
from tracker.ledger.rules import ChangeChoice
from tracker.ledger.three_way import CellChange
from tracker.rectification.models import Task

PAGE_SIZE = 50
C = CellChange


class ChangeList(LabelledEnum):
    """Under which heading a changed cell is listed; what must be chosen comes first."""

    OPEN = "open", "待选择"
    CONFLICT = "conflict", "两边都改了"
    THEIRS = "theirs", "表中改了"
    OURS = "ours", "系统里改了"
    BARRED = "barred", "不能通过表格修改"


_FREE = ImportChange.reason.is_(None)
CONDITIONS: dict[ChangeList, ColumnElement[bool]] = {
    ChangeList.OPEN: and_(_FREE, ImportChange.choice.is_(None)),
    ChangeList.CONFLICT: and_(_FREE, ImportChange.change == C.CONFLICT),
    ChangeList.THEIRS: and_(_FREE, ImportChange.change == C.THEIRS),
    ChangeList.OURS: and_(_FREE, ImportChange.change == C.OURS),
    ChangeList.BARRED: ImportChange.reason.is_not(None),
}


@dataclass(frozen=True)
class ChangeCounts:
    """How many cells there are by list, and how many will be taken over."""

    by_list: dict[ChangeList, int]
    taken: int

    @property
    def total(self) -> int:
        """Return how many cells differ."""
        return sum(n for which, n in self.by_list.items() if which is not ChangeList.OPEN)


def count_changes(session: Session, batch: ImportBatch) -> ChangeCounts:
    """Count the changed cells of an import."""
    taken = and_(_FREE, ImportChange.choice == ChangeChoice.TAKE)
    sums = [func.count().filter(condition) for condition in (*CONDITIONS.values(), taken)]
    found = session.execute(select(*sums).where(ImportChange.batch_id == batch.id)).one()
    return ChangeCounts(dict(zip(CONDITIONS, found, strict=False)), found[-1])


def changes_of(
    session: Session, batch: ImportBatch, which: ChangeList, *, page: int
) -> list[ImportChange]:
    """Return one page (from 1) of a list, in the order of the file, and one cell more when there is a
    next page."""
    query = (
        select(ImportChange)
        .where(ImportChange.batch_id == batch.id, CONDITIONS[which])
        .options(
            joinedload(ImportChange.task).joinedload(Task.lead_unit),
            joinedload(ImportChange.task).joinedload(Task.issue),
        )
        .order_by(ImportChange.id)
        .offset((page - 1) * PAGE_SIZE)
        .limit(PAGE_SIZE + 1)
    )
    return list(session.scalars(query))


def fields_of(session: Session, batch: ImportBatch) -> list[str]:
    """Return the columns in which the file changed something that can be taken over."""
    query = select(ImportChange.field).where(
        ImportChange.batch_id == batch.id, _FREE, ImportChange.change != C.OURS
    )
    return sorted(set(session.scalars(query)))
