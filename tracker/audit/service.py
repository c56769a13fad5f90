"""Write the audit trail: in the same transaction as the change, chained, the head locked last."""

import hashlib
import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from sqlalchemy import event, select
from sqlalchemy.orm import Session

from tracker.audit.models import AuditEntry, AuditHead
from tracker.kernel.permissions import Actor

PENDING = "pending_audit"
ANCHOR = "0" * 64


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
    """Note one fact. It is written at the commit of the session, or not at all."""
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
        detail=json.dumps(detail or {}, ensure_ascii=False, sort_keys=True, default=str),
    )
    session.info.setdefault(PENDING, []).append(entry)


@contextmanager
def savepoint(session: Session) -> Iterator[None]:
    """Run one part of a larger change: refused, it leaves neither rows nor entries behind.

    The entries of all parts are written together at the end, so that the chain's head is locked
    once, last, and no two people who change many rows can wait for each other.
    """
    before = session.info.pop(PENDING, [])
    try:
        with session.begin_nested():
            yield
    except BaseException:
        session.info[PENDING] = before
        raise
    session.info[PENDING] = before + session.info.pop(PENDING, [])


@event.listens_for(Session, "before_commit")
def _write_pending(session: Session) -> None:
    if session.in_nested_transaction():
        return
    entries: list[AuditEntry] = session.info.pop(PENDING, [])
    if not entries:
        return
    session.flush()  # the change first, the chain's head last
    head = session.scalar(select(AuditHead).with_for_update())
    if head is None:
        head = AuditHead(id=1, seq=0, chain=ANCHOR)
        session.add(head)
    for entry in entries:
        head.seq += 1
        entry.seq = head.seq
        head.chain = entry.chain = link(head.chain, entry)
        session.add(entry)


@event.listens_for(Session, "after_rollback")
def _forget_pending(session: Session) -> None:
    session.info.pop(PENDING, None)


def link(previous: str, entry: AuditEntry) -> str:
    """Return the chain value of an entry: SHA-256 over the one before and all its columns."""
    fields = [
        previous,
        entry.seq,
        entry.at.isoformat(),
        entry.actor,
        entry.user_id,
        entry.role,
        entry.address,
        entry.action,
        entry.object_type,
        entry.object_id,
        entry.result,
        entry.detail,
    ]
    return hashlib.sha256(json.dumps(fields, ensure_ascii=False).encode()).hexdigest()


def first_broken_link(session: Session) -> int | None:
    """Return the number of the first entry that does not fit the chain, or None when all do."""
    previous, expected = ANCHOR, 1
    for entry in session.scalars(select(AuditEntry).order_by(AuditEntry.seq)):
        if entry.seq != expected or entry.chain != link(previous, entry):
            return expected
        previous, expected = entry.chain, expected + 1
    head = session.scalar(select(AuditHead))
    tail = (head.seq, head.chain) if head else (0, ANCHOR)
    return None if tail == (expected - 1, previous) else expected
