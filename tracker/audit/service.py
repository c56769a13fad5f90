"""Write the audit trail: in the same transaction as the change, chained, the head locked last.

A service names what it does with `record`; the rows that changed are noted by the session and
attached here. What changed without any entry naming it gets an entry of its own.
"""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from sqlalchemy import event, insert, select
from sqlalchemy.orm import Session, SessionTransaction

from tracker.audit import masking
from tracker.audit.chain import ANCHOR, LINK_FORM, link
from tracker.audit.chain import first_broken_link as first_broken_link
from tracker.audit.changes import NOTED, Changes, RowChange, forget
from tracker.audit.models import AuditEntry, AuditHead
from tracker.kernel.clock import SystemClock
from tracker.kernel.db import CHANGED_BY, Base
from tracker.kernel.permissions import LABEL_CHARACTERS, Actor

PENDING = "pending_audit"
REASONS = ("reason", "decision_reason", "withdrawn_reason", "unfinished_reason", "end_reason")
ROWS_CHANGED = "rows_changed"


def record(
    session: Session,
    action: str,
    *,
    actor: Actor,
    now: datetime,
    object_type: str | None = None,
    object_id: int | None = None,
    result: str = "ok",
    detail: dict[str, Any] | None = None,
) -> None:
    """Note one fact. It is written at the commit of the session, or not at all.

    Texts of `detail` are masked, its `reason` stands apart; what rows changed need not be told.
    """
    told = masking.detail(detail or {})
    reason = told.pop("reason", None)
    entry = AuditEntry(
        at=now,
        actor=actor.label,
        user_id=actor.user_id,
        role=actor.role.value if actor.role else None,
        address=actor.address,
        action=action,
        object_type=object_type,
        object_id=object_id,
        result=result,
        detail=json.dumps(told, ensure_ascii=False, sort_keys=True, default=str),
        region_id=actor.region_id,
        unit_id=actor.unit_id,
        reason=str(reason) if reason else None,
        link_form=LINK_FORM,
    )
    session.info.setdefault(PENDING, []).append(entry)


@contextmanager
def savepoint(session: Session) -> Iterator[None]:
    """Run one part of a larger change: refused, it leaves neither rows nor entries behind.

    The entries of all parts are written together at the end, so that the chain's head is locked
    once, last, and no two people who change many rows can wait for each other.
    """
    session.flush()  # what was changed before belongs to before
    entries, changes = session.info.pop(PENDING, []), forget(session)
    try:
        with session.begin_nested():
            yield
    except BaseException:
        session.info[PENDING], session.info[NOTED] = entries, changes
        raise
    changes.take_in(forget(session))
    session.info[PENDING] = entries + session.info.pop(PENDING, [])
    session.info[NOTED] = changes


@event.listens_for(Session, "before_commit")
def _write_pending(session: Session) -> None:
    if session.in_nested_transaction():
        return
    session.flush()  # the change first, the chain's head last
    changes = forget(session)
    rows, totals = changes.rows(), changes.totals()
    if (rows or totals) and not session.info.get(PENDING):
        actor, now = _who(session, changes)
        record(session, ROWS_CHANGED, actor=actor, now=now)
    entries: list[AuditEntry] = session.info.pop(PENDING, [])
    if entries:
        _attach(entries, rows, totals)
        _append(session, entries)


def _append(session: Session, entries: list[AuditEntry]) -> None:
    head = session.scalar(select(AuditHead).with_for_update())
    if head is None:
        head = AuditHead(id=1, seq=0, chain=ANCHOR)
        session.add(head)
    for entry in entries:
        head.seq += 1
        entry.seq = head.seq
        head.chain = entry.chain = link(head.chain, entry)
    columns = [column.name for column in AuditEntry.__table__.columns if column.name != "id"]
    session.execute(
        insert(AuditEntry.__table__),  # type: ignore[arg-type]
        [{name: getattr(entry, name) for name in columns} for entry in entries],
    )


@event.listens_for(Session, "after_soft_rollback")
def _forget_pending(session: Session, undone: SessionTransaction) -> None:
    if not undone.nested:  # of a part, `savepoint` takes care
        session.info.pop(PENDING, None)
        forget(session)


def _attach(entries: list[AuditEntry], rows: list[RowChange], totals: list[dict[str, Any]]) -> None:
    """Give each row to the entry that names it, or its owner; the rest to the last entry."""
    named = {_place(entry): entry for entry in reversed(entries) if entry.object_id is not None}
    lines: dict[int, list[dict[str, Any]]] = {}
    for row in rows:
        entry = _entry_of(row, named) or entries[-1]
        lines.setdefault(id(entry), []).append(row.as_data())
        entry.reason = entry.reason or _reason(row)
    lines.setdefault(id(entries[-1]), []).extend(totals)
    for entry in entries:
        if found := lines.get(id(entry)):
            entry.changes = json.dumps(found, ensure_ascii=False, default=str)
            _name_the_new(entry, found)


def _place(entry: AuditEntry) -> tuple[str | None, int | None]:
    return table_of(entry.object_type), entry.object_id


def _entry_of(
    row: RowChange, named: dict[tuple[str | None, int | None], AuditEntry]
) -> AuditEntry | None:
    if (row.table, row.id) in named:
        return named[(row.table, row.id)]
    for column, value in row.values.items():
        if column.endswith("_id") and value is not None:
            found = named.get((table_of(column[:-3]), value))
            if found is not None:
                return found
    return None


def table_of(object_type: str | None) -> str | None:
    """Return the table an object type names: task → tasks, delivery → deliveries."""
    if object_type is None:
        return None
    plural = (f"{object_type}s", f"{object_type}es", f"{object_type[:-1]}ies")
    return next((name for name in plural if name in Base.metadata.tables), None)


def _reason(row: RowChange) -> str | None:
    """Return the reason a row was changed for, masked as all texts are."""
    for column in REASONS:
        value = row.values.get(column)
        if isinstance(value, str) and (row.verb == "created" or column in row.fields):
            return masking.mark(value)
    return None


def _name_the_new(entry: AuditEntry, lines: list[dict[str, Any]]) -> None:
    """An entry about a row that had no id yet gets it, when it made just one."""
    if entry.object_type is None or entry.object_id is not None:
        return
    table = table_of(entry.object_type)
    made = [line["id"] for line in lines if line["table"] == table and line["verb"] == "created"]
    if len(made) == 1 and isinstance(made[0], int):
        entry.object_id = made[0]


def _who(session: Session, changes: Changes) -> tuple[Actor, datetime]:
    """Return who changed rows no service spoke of: the request's person, else what the rows say."""
    ask: Callable[[], tuple[Actor, datetime]] | None = session.info.get(CHANGED_BY)
    if ask is not None:
        return ask()
    for row in changes.rows():
        stamps = row.values
        for by, at in (("updated_by", "updated_at"), ("created_by", "created_at")):
            if stamps.get(by) and stamps.get(at):
                return Actor(name=str(stamps[by])[:LABEL_CHARACTERS]), stamps[at]
    return Actor(name="system"), SystemClock().now()
