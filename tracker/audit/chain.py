"""The chain: each entry's value covers the one before and all columns of its own.

Plain SHA-256, so that a new secret key, or another machine, changes nothing about old entries.
Whoever can write the database could compute a whole new chain: that is what anchors outside of it
are for (`anchors.py`).
"""

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from tracker.audit.models import AuditEntry, AuditHead

ANCHOR = "0" * 64
LINK_FORM = 2
READ_AT_ONCE = 1000


def link(previous: str, entry: AuditEntry) -> str:
    """Return the chain value of an entry after the one before it."""
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
    if entry.link_form is not None:
        fields += [
            entry.link_form,
            entry.region_id,
            entry.unit_id,
            entry.reason,
            entry.changes,
        ]
    return hashlib.sha256(json.dumps(fields, ensure_ascii=False).encode()).hexdigest()


@dataclass(frozen=True)
class ChainState:
    """What a walk over the whole chain found: `broken` is the first number that does not fit."""

    count: int
    last_chain: str
    broken: int | None
    problem: str = ""
    at: tuple[tuple[int, str], ...] = ()


def walk(session: Session, asked: frozenset[int] = frozenset()) -> ChainState:
    """Walk the chain from its beginning; `asked` are numbers whose chain values are wanted."""
    previous, expected = ANCHOR, 1
    found: list[tuple[int, str]] = []
    for entry in _all(session):
        problem = _misfit(entry, expected, previous)
        if problem:
            return ChainState(expected - 1, previous, expected, problem, tuple(found))
        previous = entry.chain
        if expected in asked:
            found.append((expected, previous))
        expected += 1
    return _against_head(session, expected - 1, previous, tuple(found))


def _all(session: Session) -> Iterator[AuditEntry]:
    """Yield every entry by number; a part at a time, for a trail of years does not fit in memory."""
    after = -(2**31)
    query = select(AuditEntry).order_by(AuditEntry.seq).limit(READ_AT_ONCE)
    while found := list(session.scalars(query.where(AuditEntry.seq > after))):
        yield from found
        after = found[-1].seq
        for entry in found:
            session.expunge(entry)


def _misfit(entry: AuditEntry, expected: int, previous: str) -> str:
    if entry.seq != expected:
        return f"第 {expected} 条不在，接下来是第 {entry.seq} 条：有记录被删除。"
    if entry.link_form is None and (entry.changes or entry.reason or entry.unit_id):
        return f"第 {expected} 条带有当时还没有的内容：记录被改动。"
    if entry.link_form not in (None, LINK_FORM):
        return f"第 {expected} 条的格式不认识：记录被改动，或来自更新的版本。"
    if entry.chain != link(previous, entry):
        return f"第 {expected} 条与校验值不符：记录被改动、调换或插入。"
    return ""


def _against_head(
    session: Session, count: int, last: str, found: tuple[tuple[int, str], ...]
) -> ChainState:
    head = session.scalar(select(AuditHead))
    seq, chain = (head.seq, head.chain) if head else (0, ANCHOR)
    if (seq, chain) == (count, last):
        return ChainState(count, last, None, at=found)
    problem = f"登记的末尾是第 {seq} 条，实际到第 {count} 条：末尾被截断或改动。"
    return ChainState(count, last, min(count, seq) + 1, problem, found)


def first_broken_link(session: Session) -> int | None:
    """Return the number of the first entry that does not fit the chain, or None when all do."""
    return walk(session).broken
