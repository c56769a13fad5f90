"""What the workers of a pass write down: a part is begun, a digest of one part was taken.

Each step is a commit of its own in the life of a message; the steps of several messages share one.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import cast

from sqlalchemy import Connection, Table, bindparam, update

from tracker.notifications import claims, limiter
from tracker.notifications.channels import Receipt
from tracker.notifications.freezing import FrozenPart
from tracker.notifications.models import Channel, Delivery, Digest, Notification
from tracker.notifications.preparing import Ready
from tracker.notifications.receipts import ANSWERABLE
from tracker.notifications.rules import MessageState, Pace

FRESH = timedelta(seconds=60)  # what was asked longer ago is asked again before it is sent
CHANNELS, DIGESTS = cast("Table", Channel.__table__), cast("Table", Digest.__table__)
DELIVERIES = cast("Table", Delivery.__table__)
NOTIFICATIONS = cast("Table", Notification.__table__)


@dataclass(frozen=True, kw_only=True)
class Start:
    """A part that is to travel now."""

    ready: Ready
    part: FrozenPart


@dataclass(frozen=True, kw_only=True)
class Taken:
    """A digest's only part that the far end has taken; it took off with `until`."""

    ready: Ready
    part: FrozenPart
    until: datetime
    receipt: Receipt


@dataclass(frozen=True, kw_only=True)
class Written:
    """What was written down. `until`: how long a part that may travel has the robot for itself,
    None where it may not; `is_released`: whether the lease went back with the receipt."""

    until: datetime | None = None
    is_released: bool = False


def write_down(
    connection: Connection,
    entries: Sequence[Start | Taken],
    *,
    holder: str,
    pace: Pace,
    now: datetime,
) -> list[Written]:
    """Write entries of several messages down; return what came of each, in order."""
    taken = [entry for entry in entries if isinstance(entry, Taken)]
    starts = [entry for entry in entries if isinstance(entry, Start) and _is_timely(entry, now)]
    if len(taken) > 1 or (taken and starts):
        limiter.lock(connection, sorted({entry.ready.key_mark for entry in entries}))
    released = _record(connection, taken, holder, now)
    until = now + pace.lease
    begun = _begin(connection, starts, holder=holder, pace=pace, now=now)
    return [
        Written(
            until=until if entry.part.delivery_id in begun and isinstance(entry, Start) else None,
            is_released=isinstance(entry, Taken) and entry.ready.channel_id in released,
        )
        for entry in entries
    ]


def _is_timely(start: Start, now: datetime) -> bool:
    too_soon = start.part.retry_at is not None and start.part.retry_at > now
    return not too_soon and now - start.ready.prepared_at <= FRESH


_PARTS_SENDING = (
    update(DELIVERIES)
    .where(
        DELIVERIES.c.id.in_(bindparam("parts", expanding=True)),
        DELIVERIES.c.state == bindparam("was"),
        DELIVERIES.c.attempts == bindparam("tried"),
    )
    .values(
        state=MessageState.SENDING,
        attempts=bindparam("no"),
        resends=bindparam("again"),
        attempted_at=bindparam("now"),
    )
    .returning(DELIVERIES.c.id)
)
_WAIT = (
    update(DIGESTS)
    .where(DIGESTS.c.id == bindparam("digest"))
    .values(state=MessageState.RETRY_AT, retry_at=bindparam("wait"))
)


def _begin(
    connection: Connection, starts: list[Start], *, holder: str, pace: Pace, now: datetime
) -> set[int]:
    """Take tokens and mark parts as sending; return those that may travel.

    A part without a token is left with the instant to come back at; one whose lease was lost, or
    which somebody else has marked meanwhile, is left as it is.
    """
    until = now + pace.lease
    channels = {start.ready.channel_id for start in starts}
    kept = (
        claims.keep_channels(connection, channels, holder=holder, until=until) if channels else ()
    )
    by_key = {start.ready.key_mark: start for start in starts if start.ready.channel_id in kept}
    if not by_key:
        return set()
    waits = limiter.take_tokens(connection, by_key, pace=pace, now=now, until=until)
    if waits:
        digests = ((by_key[key].ready.digest_id, wait) for key, wait in waits.items())
        connection.execute(_WAIT, [{"digest": one, "wait": wait} for one, wait in digests])
    leaving = [start for key, start in by_key.items() if key not in waits]
    begun = set(_marked(connection, leaving, now))
    for start in leaving:
        if start.part.delivery_id not in begun:
            limiter.land(connection, start.ready.key_mark, until=until)
    return begun


def _marked(connection: Connection, starts: Iterable[Start], now: datetime) -> Iterator[int]:
    """Mark parts as sending; yield those that were as we know them. A repeat of a lost one is
    counted."""
    alike: dict[tuple[MessageState, int, int], list[int]] = defaultdict(list)
    for start in starts:
        part = start.part
        alike[part.state, part.attempts, part.resends].append(part.delivery_id)
    for (was, tried, resends), parts in alike.items():
        known = {
            "parts": parts,
            "was": was,
            "tried": tried,
            "no": tried + 1,
            "again": resends + (was is MessageState.UNCERTAIN),
            "now": now,
        }
        yield from connection.scalars(_PARTS_SENDING, known)


_PARTS_SENT = (
    update(DELIVERIES)
    .where(
        DELIVERIES.c.id.in_(bindparam("parts", expanding=True)),
        DELIVERIES.c.attempts == bindparam("no"),
        DELIVERIES.c.state.in_(ANSWERABLE),
    )
    .values(
        state=MessageState.SENT,
        errcode=bindparam("code"),
        answer=bindparam("words"),
        sent_at=bindparam("at"),
        retry_at=None,
    )
    .returning(DELIVERIES.c.id)
)
_ROWS_SENT = (
    update(NOTIFICATIONS)
    .where(
        NOTIFICATIONS.c.digest_id.in_(bindparam("digests", expanding=True)),
        NOTIFICATIONS.c.state != MessageState.CANCELLED,
    )
    .values(state=MessageState.SENT, settled_at=bindparam("at"))
)
_DIGESTS_SENT = (
    update(DIGESTS)
    .where(DIGESTS.c.id.in_(bindparam("digests", expanding=True)))
    .values(state=MessageState.SENT, retry_at=None)
)
_CHANNELS_SENT = (
    update(CHANNELS)
    .where(CHANNELS.c.id.in_(bindparam("channels", expanding=True)))
    .values(last_sent_at=bindparam("at"))
)
_CHANNELS_DONE = (
    _CHANNELS_SENT.where(CHANNELS.c.claimed_by == bindparam("holder"))
    .values(claimed_by=None, claimed_until=None)
    .returning(CHANNELS.c.id)
)


def _record(connection: Connection, taken: list[Taken], holder: str, now: datetime) -> set[int]:
    """Write receipts down and give the leases back; return the channels whose lease went.

    It does what `write_receipt` does, for many, on a bare connection; nothing for an attempt that
    is not the one that waits for an answer.
    """
    if not taken:
        return set()
    flights = [(one.ready.key_mark, one.until) for one in taken]
    limiter.land_all(connection, flights, at=now)
    written = set(_sent(connection, taken, now))
    ours = [one.ready for one in taken if one.part.delivery_id in written]
    if not ours:
        return set()
    known = {"digests": [ready.digest_id for ready in ours], "at": now}
    connection.execute(_ROWS_SENT, known)
    connection.execute(_DIGESTS_SENT, {"digests": known["digests"]})
    channels = {ready.channel_id for ready in ours}
    done = {"channels": list(channels), "at": now}
    released = set(connection.scalars(_CHANNELS_DONE, {**done, "holder": holder}))
    if released != channels:
        connection.execute(_CHANNELS_SENT, {**done, "channels": list(channels - released)})
    return released


def _sent(connection: Connection, taken: Iterable[Taken], now: datetime) -> Iterator[int]:
    """Mark parts as sent; yield those whose answer was waited for."""
    alike: dict[tuple[int, int | None, str], list[int]] = defaultdict(list)
    for one in taken:
        answer = (one.part.attempts + 1, one.receipt.errcode, one.receipt.answer[:400])
        alike[answer].append(one.part.delivery_id)
    for (no, code, words), parts in alike.items():
        known = {"parts": parts, "no": no, "code": code, "words": words, "at": now}
        yield from connection.scalars(_PARTS_SENT, known)
