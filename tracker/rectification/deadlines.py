"""Load deadline ledgers (时限台账): of one task, of a page, of a whole export, without N+1."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Select, func, select
from sqlalchemy.orm import Session

from tracker.rectification.models import DueChange, Extension, Task
from tracker.rectification.rules.deadline import Deadline, DueMove

CHUNK = 500


def deadlines_of(session: Session, tasks: Sequence[Task], *, as_of: date) -> dict[int, Deadline]:
    """Return the ledgers of tasks as they stand today (`as_of`), by task id."""
    moves: dict[int, list[DueMove]] = {}
    ids = [task.id for task in tasks]
    for start in range(0, len(ids), CHUNK):
        moves |= due_moves(session, ids[start : start + CHUNK])
    return {task.id: deadline_of(task, moves.get(task.id, ()), as_of=as_of) for task in tasks}


def deadline_of(task: Task, moves: Iterable[DueMove] = (), *, as_of: date) -> Deadline:
    """Return the ledger of a task; without its moves it still tells how late the task is."""
    return Deadline(
        as_of=as_of,
        state=task.state,
        original_due=task.original_due,
        due_on=task.due_on,
        moves=tuple(moves),
        is_doubtful=task.is_due_doubtful,
        done_on=task.done_on,
        closed_on=task.closed_on,
        next_review_on=task.next_review_on,
    )


def days_left_of(tasks: Iterable[Task], *, as_of: date) -> dict[int, int | None]:
    """Return how many days tasks still have, negative when overdue; None where nothing runs."""
    return {task.id: deadline_of(task, as_of=as_of).days_left for task in tasks}


def due_moves(session: Session, task_ids: Sequence[int] | Select[int]) -> dict[int, list[DueMove]]:
    """Return every change of due dates with the application behind it, by task, in order of
    (day, entry): one statement. `task_ids` may be a select of them."""
    found: dict[int, list[DueMove]] = defaultdict(list)
    for task_id, *values in session.execute(_moves().where(DueChange.task_id.in_(task_ids))):
        found[task_id].append(DueMove(*values))
    return dict(found)


def _moves() -> Select[*tuple[Any, ...]]:
    return (
        select(
            DueChange.task_id,
            DueChange.occurred_on,
            DueChange.kind,
            DueChange.old_due,
            DueChange.new_due,
            DueChange.actor,
            _text(DueChange.reason),
            _text(DueChange.lent_by),
            Extension.asked_on,
            _text(Extension.asked_by),
            _text(Extension.signed_by),
            Extension.sign_way,
            _text(Extension.on_behalf_of),
            _text(Extension.sign_lent_by),
        )
        .outerjoin(Extension, Extension.id == DueChange.extension_id)
        .order_by(DueChange.occurred_on, DueChange.id)
    )


def _text(column: Any) -> ColumnElement[str]:
    return func.coalesce(column, "")
