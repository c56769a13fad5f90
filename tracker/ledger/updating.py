"""更新已有任务: what a corrected ledger changes, kept for a decision per cell, then applied.

At the confirmation every cell is compared again with what stands here by then.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from tracker.kernel.clock import local_date
from tracker.kernel.errors import DomainError
from tracker.kernel.permissions import Actor, Permission, may
from tracker.ledger.cell_forms import title_of
from tracker.ledger.change_rules import cell_fault, corrected_part
from tracker.ledger.changes import ChangedCell, changed_cells
from tracker.ledger.columns import Field
from tracker.ledger.keyed_rows import Keyed
from tracker.ledger.models import ImportBatch, ImportChange
from tracker.ledger.newest import CHUNK
from tracker.ledger.rules import ChangeChoice
from tracker.ledger.taking_over import take_over
from tracker.ledger.task_cells import TOLD, lines_of, told_of
from tracker.ledger.three_way import CellChange
from tracker.rectification.models import Task
from tracker.rectification.service.correcting import Plans, plans_of, why_not_correct
from tracker.rectification.service.extending import why_not_correct_due
from tracker.rounds.models import Round

DEFAULTS = {CellChange.THEIRS: ChangeChoice.TAKE, CellChange.OURS: ChangeChoice.KEEP}
NAMED = 5


class StaleChangesError(DomainError):
    """Cells changed here after the preview; nothing was taken over."""


@dataclass(frozen=True)
class Found:
    """The cells that differ now, and what they are of."""

    cells: list[ChangedCell]
    tasks: dict[int, Task]
    plans: Plans


def find_changes(
    session: Session, tour: Round, keyed: Keyed, *, actor: Actor, now: datetime, lock: bool = False
) -> Found:
    """Compare the rows that came back with what stands here; `lock`: until the transaction ends."""
    if not keyed.rows:
        return Found([], {}, {})
    ids = sorted({row.key.task_id for row in keyed.rows.values()})
    tasks = _tasks(session, ids, lock=lock)
    told = told_of(session, list(tasks.values()), as_of=local_date(now))
    present = {
        (task.id, line.measure.id if line.measure else 0): line.texts
        for task in tasks.values()
        for line in lines_of(tour, task, told[task.id], 0)
    }
    plans = plans_of(session, list(tasks.values()))
    cells = changed_cells(keyed, present)
    ruled = [_ruled(cell, tasks[cell.task_id], plans, actor=actor) for cell in cells]
    return Found([cell for cell in ruled if _is_told(cell)], tasks, plans)


def _tasks(session: Session, ids: Sequence[int], *, lock: bool) -> dict[int, Task]:
    found: dict[int, Task] = {}
    for part in (ids[start : start + CHUNK] for start in range(0, len(ids), CHUNK)):
        if lock:
            held = select(Task.id).where(Task.id.in_(part)).order_by(Task.id)
            session.execute(held.with_for_update())
        query = select(Task).where(Task.id.in_(part)).options(*TOLD).order_by(Task.id)
        query = query.execution_options(populate_existing=True)
        found |= {task.id: task for task in session.scalars(query)}
    return found


def _ruled(cell: ChangedCell, task: Task, plans: Plans, *, actor: Actor) -> ChangedCell:
    """Say why a cell cannot be taken over, where it cannot."""
    if cell.reason is not None:
        return cell
    reason = cell_fault(cell, task)
    return replace(cell, reason=reason or _barred(cell, task, plans, actor=actor))


def _barred(cell: ChangedCell, task: Task, plans: Plans, *, actor: Actor) -> str | None:
    """Return why this person may not change it now, by the rules of what it is a part of."""
    part = corrected_part(cell.field)
    if part is not None:
        return why_not_correct(task, part, plans, actor=actor)
    if cell.field == Field.DUE:
        return why_not_correct_due(task, actor=actor)
    return None if may(actor, Permission.FEEDBACK_EDIT) else "您的角色不能修改反馈问题。"


def _is_told(cell: ChangedCell) -> bool:
    """Tell whether a cell is worth a line: what only we changed and no sheet may change is not."""
    return cell.reason is None or cell.change is not CellChange.OURS


def keep_changes(session: Session, batch: ImportBatch, cells: Iterable[ChangedCell]) -> None:
    """Put the cells that differ in the place of those found before, each with what is proposed."""
    session.execute(delete(ImportChange).where(ImportChange.batch_id == batch.id))
    session.add_all(_row(batch, cell, _default(cell)) for cell in cells)


def _default(cell: ChangedCell) -> ChangeChoice | None:
    return DEFAULTS.get(cell.change) if cell.reason is None else ChangeChoice.KEEP


def _row(batch: ImportBatch, cell: ChangedCell, choice: ChangeChoice | None) -> ImportChange:
    return ImportChange(
        batch_id=batch.id,
        task_id=cell.task_id,
        measure_id=cell.measure_id,
        sheet=cell.sheet,
        row_no=cell.row,
        field=cell.field,
        sent=cell.sent,
        returned=cell.returned,
        present=cell.present,
        change=cell.change,
        choice=choice,
        reason=cell.reason,
    )


def apply_changes(
    session: Session, batch: ImportBatch, keyed: Keyed, *, actor: Actor, now: datetime
) -> int:
    """Take over what was chosen; return how many cells. DomainError while a conflict is undecided,
    StaleChangesError when a cell has changed since the preview: then nothing is taken over."""
    kept = _kept(session, batch)
    found = find_changes(session, batch.round, keyed, actor=actor, now=now, lock=True)
    stale = [cell for cell in found.cells if is_stale(cell, kept.get(cell.place))]
    if stale:
        raise StaleChangesError(_stale_sentence(stale, found))
    undecided = sum(change.choice is None for change in kept.values())
    if undecided:
        raise DomainError(
            f"还有 {undecided} 处两边都改了，没有选择。请先在“更新已有任务”中逐处选择采用表中还是保留系统。"
        )
    taken = [cell for cell in found.cells if _is_taken(kept.get(cell.place))]
    take_over(session, taken, found.tasks, found.plans, actor=actor, now=now)
    return len(taken)


def _kept(session: Session, batch: ImportBatch) -> dict[tuple[int, int, str], ImportChange]:
    rows = session.scalars(select(ImportChange).where(ImportChange.batch_id == batch.id))
    return {(row.task_id, row.measure_id, row.field): row for row in rows}


def _is_taken(kept: ImportChange | None) -> bool:
    return kept is not None and kept.choice is ChangeChoice.TAKE


def is_stale(cell: ChangedCell, kept: ImportChange | None) -> bool:
    """Tell whether a cell is no longer what somebody looked at when they decided."""
    if cell.reason is not None:
        return _is_taken(kept)
    if kept is None:
        return cell.change is not CellChange.OURS
    if kept.present == cell.present:
        return False
    return _is_taken(kept) or cell.change is not CellChange.OURS


def _stale_sentence(stale: Sequence[ChangedCell], found: Found) -> str:
    named = "、".join(
        f"{found.tasks[cell.task_id].task_no} 的“{title_of(cell.field)}”" for cell in stale[:NAMED]
    )
    more = f"等 {len(stale)} 处" if len(stale) > NAMED else ""
    return f"预览之后系统中又有变化：{named}{more}。没有导入任何内容，请重新选择后再确认。"


def renew_changes(
    session: Session, batch: ImportBatch, keyed: Keyed, *, actor: Actor, now: datetime
) -> None:
    """Show the cells as they stand now; one that is stale must be decided anew, others keep their choice."""
    kept = _kept(session, batch)
    found = find_changes(session, batch.round, keyed, actor=actor, now=now)
    rows = [_renewed(batch, cell, kept.get(cell.place)) for cell in found.cells]
    session.execute(delete(ImportChange).where(ImportChange.batch_id == batch.id))
    session.add_all(rows)


def _renewed(batch: ImportBatch, cell: ChangedCell, kept: ImportChange | None) -> ImportChange:
    if cell.reason is not None:
        return _row(batch, cell, ChangeChoice.KEEP)
    if is_stale(cell, kept):
        return _row(batch, replace(cell, change=CellChange.CONFLICT), None)
    return _row(batch, cell, kept.choice if kept else _default(cell))
