"""Write digests down: their numbers, their parts, whose notifications are in them.

A few statements for all groups of a transaction, on its bare connection: they stand in the way of
every message.
"""

import json
import secrets
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast

from sqlalchemy import Connection, String, Table, bindparam, insert, update
from sqlalchemy import cast as to_type

from tracker.kernel.clock import local
from tracker.notifications.composing import Desk, frame_of
from tracker.notifications.digest import Item, Part, compose, mentions_of
from tracker.notifications.models import Channel, Delivery, Digest, Notification
from tracker.notifications.rules import WAYS, MessageState

DIGESTS, DELIVERIES = cast("Table", Digest.__table__), cast("Table", Delivery.__table__)
NOTIFICATIONS = cast("Table", Notification.__table__)

_DIGEST = insert(DIGESTS).returning(DIGESTS.c.id, DIGESTS.c.number)
_NUMBER = (
    update(DIGESTS)
    .where(DIGESTS.c.id.in_(bindparam("digests", expanding=True)))
    .values(number=bindparam("day", type_=String) + "-" + to_type(DIGESTS.c.id, String))
)
_PART = insert(DELIVERIES).returning(DELIVERIES.c.id, DELIVERIES.c.digest_id, DELIVERIES.c.part_no)
_CLAIM = (
    update(NOTIFICATIONS)
    .where(NOTIFICATIONS.c.id == bindparam("row"))
    .values(
        state=MessageState.SENDING,
        part_no=bindparam("part"),
        digest_id=bindparam("digest"),
        channel_id=bindparam("channel"),
    )
)


@dataclass(frozen=True, kw_only=True)
class Saying:
    """What one group, or one person, is to be told, before it is written down."""

    channel: Channel
    person_id: int | None
    items: Sequence[Item]


@dataclass(frozen=True)
class FrozenPart:
    """One message as it was frozen."""

    delivery_id: int
    part_no: int
    part_count: int
    attempts: int
    resends: int
    state: MessageState
    retry_at: datetime | None
    body: str
    mentions: str


@dataclass(frozen=True, kw_only=True)
class Frozen:
    """A digest as it was written down."""

    saying: Saying
    digest_id: int
    number: str
    parts: tuple[FrozenPart, ...]


def freeze(
    connection: Connection, sayings: Sequence[Saying], desk: Desk, *, holder: str
) -> list[Frozen]:
    """Write digests down, and claim the notifications they tell of; return them in order."""
    if not sayings:
        return []
    ids = _digests(connection, sayings, desk, holder=holder)
    day = f"{local(desk.now):%y%m%d}"
    connection.execute(_NUMBER, {"digests": ids, "day": day})
    numbers = [f"{day}-{digest_id}" for digest_id in ids]
    parts = [
        compose(saying.items, frame_of(saying.channel, number, desk))
        for saying, number in zip(sayings, numbers, strict=True)
    ]
    rows = [
        _part_row(saying, part, digest_id, no, len(own))
        for saying, digest_id, own in zip(sayings, ids, parts, strict=True)
        for no, part in enumerate(own, 1)
    ]
    _claim(connection, sayings, ids, parts)
    frozen = _parts(connection, rows)
    return [
        Frozen(saying=saying, digest_id=digest_id, number=number, parts=tuple(frozen[digest_id]))
        for saying, digest_id, number in zip(sayings, ids, numbers, strict=True)
    ]


def _digests(
    connection: Connection, sayings: Sequence[Saying], desk: Desk, *, holder: str
) -> list[int]:
    """Make digests whose numbers are not known yet; return their ids in order."""
    marks = [secrets.token_hex(10) for _saying in sayings]
    rows = [
        {
            "channel_id": saying.channel.id,
            "person_id": saying.person_id if saying.channel.kind in WAYS else None,
            "number": mark,
            "composed_at": desk.now,
            "composed_by": holder,
            "state": MessageState.SENDING,
        }
        for saying, mark in zip(sayings, marks, strict=True)
    ]
    ids = {mark: digest_id for digest_id, mark in connection.execute(_DIGEST, rows)}
    return [ids[mark] for mark in marks]


def _part_row(saying: Saying, part: Part, digest_id: int, no: int, count: int) -> dict[str, Any]:
    """Return a part's columns; everybody is pinged once, by the first."""
    mentions = mentions_of(saying.items, saying.channel.kind) if no == 1 else ()
    return {
        "digest_id": digest_id,
        "part_no": no,
        "part_count": count,
        "body": part.body,
        "mentions": json.dumps(mentions),
        "state": MessageState.QUEUED,
        "attempts": 0,
        "failures": 0,
        "resends": 0,
    }


def _claim(
    connection: Connection,
    sayings: Sequence[Saying],
    digest_ids: Sequence[int],
    parts: Sequence[Collection[Part]],
) -> None:
    claimed = [
        {"row": row_id, "part": no, "digest": digest_id, "channel": saying.channel.id}
        for saying, digest_id, own in zip(sayings, digest_ids, parts, strict=True)
        for no, part in enumerate(own, 1)
        for row_id in part.notification_ids
    ]
    connection.execute(_CLAIM, claimed)


def _parts(connection: Connection, rows: list[dict[str, Any]]) -> dict[int, list[FrozenPart]]:
    """Write parts down; return them by digest, in order."""
    ids = {
        (digest_id, part_no): delivery_id
        for delivery_id, digest_id, part_no in connection.execute(_PART, rows)
    }
    frozen: dict[int, list[FrozenPart]] = {}
    for row in rows:
        part = FrozenPart(
            delivery_id=ids[row["digest_id"], row["part_no"]],
            part_no=row["part_no"],
            part_count=row["part_count"],
            attempts=0,
            resends=0,
            state=MessageState.QUEUED,
            retry_at=None,
            body=row["body"],
            mentions=row["mentions"],
        )
        frozen.setdefault(row["digest_id"], []).append(part)
    return frozen
