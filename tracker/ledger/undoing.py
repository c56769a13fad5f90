"""撤销导入: take a whole import back while nothing was built on it. All of it, or nothing."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Table,
    delete,
    exists,
    func,
    insert,
    literal,
    null,
    or_,
    select,
    update,
)
from sqlalchemy.orm import Session

from tracker.kernel.db import Base, touch
from tracker.kernel.errors import DomainError
from tracker.kernel.permissions import Actor
from tracker.ledger.batches import audit_batch, claim_applied
from tracker.ledger.built_on import MADE, SHARED, Standing
from tracker.ledger.in_the_way import made_by, of_others, pointers_to, table_named, what_stands
from tracker.ledger.models import ImportBatch, ImportRow, ImportTrace, UndoneRow
from tracker.ledger.rules import BatchState
from tracker.ledger.tracing import packed, unpacked
from tracker.organizations.scope import ensure_conducts

READ_AT_ONCE = 500
NAMED = 5
UNTRACED = (
    "这份台账是在系统能够撤销导入之前导入的，没有留下它新建了哪些内容的记录，不能整批撤销。"
    "请逐项更正，或撤销录入有误的任务。"
)


@dataclass(frozen=True)
class Leaving:
    """What would go, by the word for it; and of what others use by now, how many stay."""

    going: dict[str, int]
    staying: dict[str, int]


def ensure_undoable(batch: ImportBatch) -> None:
    """Refuse an import that is not finished, was taken back already, or remembers nothing."""
    if batch.state is not BatchState.APPLIED:
        raise DomainError(f"这份台账{batch.state.label}，没有可以撤销的内容。")
    if not batch.is_traced:
        raise DomainError(UNTRACED)


def leaving(session: Session, batch: ImportBatch) -> Leaving:
    """Return what taking an import back takes away."""
    going = {word: _count(session, batch, table) for table, word in MADE.items()}
    staying = {}
    for table, word in SHARED.items():
        kept = _count(session, batch, table, _in_use(batch, table_named(table)))
        going[word] = _count(session, batch, table) - kept
        staying[word] = kept
    return Leaving(_more_than_none(going), _more_than_none(staying))


def _more_than_none(counts: dict[str, int]) -> dict[str, int]:
    return {word: number for word, number in counts.items() if number}


def _count(
    session: Session, batch: ImportBatch, table: str, *conditions: ColumnElement[bool]
) -> int:
    there = table_named(table)
    query = select(func.count(there.c.id)).where(there.c.id.in_(made_by(batch, table)), *conditions)
    return session.scalar(query) or 0


def undo_import(
    session: Session, batch: ImportBatch, reason: str, *, actor: Actor, now: datetime
) -> Leaving:
    """Take back what an import made, keep every row of it, and say who did it and why.

    DomainError when something was built on it, with what stands in the way first.
    """
    ensure_conducts(actor, batch.region_id)
    if not reason.strip():
        raise DomainError("请写明撤销导入的理由。")
    ensure_undoable(batch)
    claim_applied(session, batch)
    _hold(session, batch)
    if standing := what_stands(session, batch):
        raise DomainError(_refusal(standing))
    gone = leaving(session, batch)
    _take_away(session, batch)
    _put_back(session, batch, actor=actor, now=now)
    batch.state, batch.undone_at, batch.undone_by = BatchState.UNDONE, now, actor.label
    batch.undo_reason = reason.strip()
    touch(batch, actor=actor, now=now)
    counts = {"issues": batch.issues_made, "tasks": batch.tasks_made}
    audit_batch(
        session, "ledger_undone", batch, counts, actor=actor, now=now, reason=batch.undo_reason
    )
    return gone


def _refusal(standing: list[Standing]) -> str:
    told = "；".join(each.sentence for each in standing[:NAMED])
    more = f"等 {len(standing)} 处" if len(standing) > NAMED else ""
    return f"导入之后已有后续办理，不能整批撤销：{told}{more}。"


def _hold(session: Session, batch: ImportBatch) -> None:
    """Lock all that is to go, so that nobody builds on it between the look and the end."""
    for table in _made_tables():
        ids = select(table.c.id).where(table.c.id.in_(made_by(batch, table.name)))
        session.execute(ids.order_by(table.c.id).with_for_update())


def _made_tables() -> list[Table]:
    """Return the tables an import writes to, those that others point at first."""
    return [t for t in Base.metadata.sorted_tables if t.name in MADE or t.name in SHARED]


def _in_use(batch: ImportBatch, table: Table) -> ColumnElement[bool]:
    """Return the condition that others use a shared row by now, or have changed it."""
    uses = [
        exists().where(column == table.c.id, of_others(batch, column.table))
        for column in pointers_to(table.name)
    ]
    traces = ImportTrace.__table__.alias()
    edited = exists().where(
        traces.c.batch_id == batch.id,
        traces.c.table_name == table.name,
        traces.c.row_id == table.c.id,
        traces.c.seen_version != table.c.version,
    )
    return or_(*uses, edited)


def _take_away(session: Session, batch: ImportBatch) -> None:
    """Keep every row as it stands, then take it out of its table; what points at others goes first."""
    _let_go_of_rows(session, batch)
    for table in reversed(_made_tables()):
        is_going = table.c.id.in_(made_by(batch, table.name))
        if table.name in SHARED:
            is_going = is_going & ~_in_use(batch, table)
        _keep(session, batch, table, is_going)
        kept = select(UndoneRow.row_id).where(
            UndoneRow.batch_id == batch.id, UndoneRow.table_name == table.name
        )
        session.execute(delete(table).where(table.c.id.in_(kept)))
    _forget(session)


def _forget(session: Session) -> None:
    """Let the session hold nothing that may be gone: SQLite gives its id again."""
    names = {*MADE, *SHARED}
    for row in list(session):
        is_old = isinstance(row, Base) and row.__tablename__ in names
        if is_old and row in session:  # it may have left with what it is a part of
            session.expunge(row)


def _keep(
    session: Session, batch: ImportBatch, table: Table, is_going: ColumnElement[bool]
) -> None:
    rows = session.execute(select(table).where(is_going).order_by(table.c.id))
    for part in rows.mappings().partitions(READ_AT_ONCE):
        lines = [_kept(batch, table.name, row["id"], dict(row)) for row in part]
        session.execute(insert(UndoneRow), lines)


def _kept(batch: ImportBatch, table: str, row_id: int, content: dict[str, Any]) -> dict[str, Any]:
    return {
        "batch_id": batch.id,
        "table_name": table,
        "row_id": row_id,
        "content": packed(content),
    }


def _let_go_of_rows(session: Session, batch: ImportBatch) -> None:
    """The file's rows stay; which task each of them became is kept with the tasks."""
    linked = select(ImportRow.id, ImportRow.task_id).where(
        ImportRow.batch_id == batch.id, ImportRow.task_id.is_not(None)
    )
    lines = [
        _kept(batch, ImportRow.__tablename__, row.id, {"task_id": row.task_id})
        for row in session.execute(linked)
    ]
    if lines:
        session.execute(insert(UndoneRow), lines)
    session.execute(
        update(ImportRow)
        .where(ImportRow.batch_id == batch.id)
        .values(task_id=null())
        .execution_options(synchronize_session=False)
    )


def _put_back(session: Session, batch: ImportBatch, *, actor: Actor, now: datetime) -> None:
    """Give rows that were there before what stood in them, unless others changed them since."""
    for trace in _changed(session, batch):
        table = table_named(trace.table_name)
        before = {
            name: unpacked(table.c[name], value)
            for name, value in json.loads(trace.before or "{}").items()
        }
        stamps = {"version": table.c.version + 1, "updated_at": now, "updated_by": actor.label}
        session.execute(
            update(table)
            .where(table.c.id == trace.row_id, table.c.version == literal(trace.seen_version))
            .values(**before, **stamps)
        )


def _changed(session: Session, batch: ImportBatch) -> Iterator[ImportTrace]:
    query = select(ImportTrace).where(
        ImportTrace.batch_id == batch.id, ImportTrace.before.is_not(None)
    )
    yield from session.scalars(query.order_by(ImportTrace.id))
