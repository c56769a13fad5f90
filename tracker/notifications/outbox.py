"""The outbox: a feature enqueues in its own transaction; the same key is never queued twice."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, cast

from sqlalchemy import Table
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from tracker.notifications.models import KEY, Notification
from tracker.notifications.rules import Audience, MessageState, Way


@dataclass(frozen=True, kw_only=True)
class Message:
    """One thing to be said once; the first seven fields are its key.

    `region_id` is the conducting region, whose switch and groups decide; `unit_id` None means
    that the message is about no single unit. `way`: by which kind of channel.
    """

    rule: str
    object_type: str
    object_id: int
    reopen_count: int = 0
    anchor_on: date
    occurrence: int = 1
    audience: Audience
    region_id: int
    unit_id: int | None = None
    way: Way = Way.DEFAULT


def enqueue(
    session: Session, message: Message, *, now: datetime, not_before: datetime | None = None
) -> bool:
    """Queue a message; return whether it is new. The caller commits it with its own change."""
    return _insert(session, [_row(message, now, not_before)]) == 1


def enqueue_all(
    session: Session,
    messages: Iterable[Message],
    *,
    now: datetime,
    not_before: datetime | None = None,
) -> int:
    """Queue many messages in few statements; return how many are new."""
    rows = [_row(message, now, not_before) for message in messages]
    rows.sort(key=lambda row: [row[name] for name in KEY])  # two processes wait, never deadlock
    return _insert(session, rows)


def _row(message: Message, now: datetime, not_before: datetime | None) -> dict[str, Any]:
    return {
        **vars(message),
        "state": MessageState.QUEUED,
        "queued_at": now,
        "not_before": not_before or now,
    }


def _insert(session: Session, rows: list[dict[str, Any]]) -> int:
    """Insert rows whose key is new; return how many. SQLAlchemy sends 1000 or so a statement."""
    if not rows:
        return 0
    on_sqlite = session.get_bind().dialect.name == "sqlite"
    insert = sqlite.insert if on_sqlite else postgresql.insert
    table = cast("Table", Notification.__table__)  # the table: bulk rows of a class compile slowly
    statement = insert(table).on_conflict_do_nothing(index_elements=KEY).returning(table.c.id)
    return len(session.execute(statement, rows).all())
