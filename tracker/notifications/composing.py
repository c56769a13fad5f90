"""From claimed notifications to frozen parts: ask the voices, compose, keep what is still wanted."""

import json
import secrets
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, and_, select, update
from sqlalchemy.orm import Session

from tracker.kernel.clock import local, local_date
from tracker.kernel.links import Links
from tracker.kernel.logs import get_logger
from tracker.notifications.claims import is_due, routed_channel
from tracker.notifications.digest import Frame, Item, Part, compose, mentions_of, recompose
from tracker.notifications.models import Channel, Delivery, Digest, Notification
from tracker.notifications.rules import (
    Audience,
    ChannelKind,
    MessageState,
    Reason,
)
from tracker.notifications.texts import DigestTexts
from tracker.notifications.voices import Entry, Mention, Voice

log = get_logger(__name__)
Mentions = tuple[tuple[str | None, str | None], ...]


@dataclass(frozen=True, kw_only=True)
class Desk:
    """What composing needs besides the rows: who speaks, where links lead, and when."""

    voices: Mapping[str, Voice]
    links: Links
    now: datetime


def compose_batch(
    session: Session, channel: Channel, desk: Desk, *, regions: Sequence[int], holder: str
) -> Digest | None:
    """Claim what is due for a channel into a new digest with frozen parts; None: nothing to say."""
    due = _due(channel, desk, regions)
    if session.scalar(select(Notification.id).where(due).limit(1)) is None:
        return None  # the usual end of a channel's work, found without writing anything
    digest = Digest(
        channel_id=channel.id,
        number=secrets.token_hex(10),
        composed_at=desk.now,
        composed_by=holder,
        state=MessageState.SENDING,
    )
    session.add(digest)
    session.flush()  # its number carries its id
    digest.number = f"{local(desk.now):%y%m%d}-{digest.id}"
    items = _items(session, _claim(session, channel, digest, due), desk)
    parts = compose(items, _frame(channel, digest, desk))
    if not parts:
        session.delete(digest)
        return None
    _freeze(session, digest, parts, mentions_of(items, channel.kind))
    return digest


def _due(channel: Channel, desk: Desk, regions: Sequence[int]) -> ColumnElement[bool]:
    due = is_due(regions=regions, object_types=desk.voices.keys(), now=desk.now)
    return and_(due, routed_channel() == channel.id)


def _claim(
    session: Session, channel: Channel, digest: Digest, due: ColumnElement[bool]
) -> list[Notification]:
    session.execute(
        update(Notification)
        .where(due)
        .values(digest_id=digest.id, channel_id=channel.id, state=MessageState.SENDING)
        .execution_options(synchronize_session=False)
    )
    query = select(Notification).where(Notification.digest_id == digest.id)
    return list(session.scalars(query.order_by(Notification.id)))


def refresh(session: Session, channel: Channel, digest: Digest, desk: Desk) -> None:
    """Before going on with a digest: cancel what is no longer wanted, say the rest anew.

    Parts that have been sent stay as they are; numbers and marks of parts never change.
    """
    frame = _frame(channel, digest, desk)
    for part in digest.deliveries:
        if is_unsent(part):
            rows = [
                row
                for row in digest.notifications
                if row.part_no == part.part_no and row.state is not MessageState.CANCELLED
            ]
            _refresh_part(part, _items(session, rows, desk), frame)


def is_unsent(part: Delivery) -> bool:
    """Return whether a part is still to be sent, or once more."""
    return part.state in (MessageState.QUEUED, MessageState.RETRY_AT) or (
        part.state is MessageState.UNCERTAIN and part.retry_at is not None
    )


def _refresh_part(part: Delivery, items: list[Item], frame: Frame) -> None:
    if items:
        said = recompose(items, frame, part_no=part.part_no, part_count=part.part_count)
        part.body = said.body
        return
    part.retry_at = None
    if part.state is not MessageState.UNCERTAIN:
        part.state, part.answer = MessageState.CANCELLED, Reason.NOT_WANTED.label


def _items(session: Session, rows: list[Notification], desk: Desk) -> list[Item]:
    """Return what is to be said. Rows no longer wanted are cancelled; rows whose voice fails are
    put back, so that one feature's fault silences nobody else."""
    items: list[Item] = []
    for object_type in sorted({row.object_type for row in rows}):
        own = [row for row in rows if row.object_type == object_type]
        entries = _ask(session, desk.voices[object_type], own, desk)
        if entries is None:
            put_back(own)
            continue
        _cancel((row for row in own if row.id not in entries), now=desk.now)
        items += [_item(row, entries[row.id]) for row in own if row.id in entries]
    return items


def _ask(
    session: Session, voice: Voice, rows: list[Notification], desk: Desk
) -> dict[int, Entry] | None:
    try:
        with session.begin_nested():
            return voice.entries(session, rows, today=local_date(desk.now), links=desk.links)
    except Exception:
        log.exception("voice failed", object_type=voice.object_type, count=len(rows))
        return None


def put_back(rows: Iterable[Notification]) -> None:
    """Return claimed notifications to the queue."""
    for row in rows:
        row.state, row.state_reason = MessageState.QUEUED, None
        row.digest_id = row.channel_id = row.part_no = row.settled_at = None


def _cancel(rows: Iterable[Notification], *, now: datetime) -> None:
    for row in rows:
        row.state, row.state_reason = MessageState.CANCELLED, Reason.NOT_WANTED.label
        row.settled_at = now
        row.digest_id = row.part_no = None


def _item(row: Notification, entry: Entry) -> Item:
    return Item(
        notification_id=row.id,
        urgency=entry.urgency,
        heading=entry.heading,
        line=entry.line,
        mentions=tuple((who.userid, who.mobile) for who in entry.mentions),
        is_open=row.unit_id is None and row.audience is Audience.LIAISONS,
    )


def _frame(channel: Channel, digest: Digest, desk: Desk) -> Frame:
    in_office = channel.kind is ChannelKind.OFFICE
    return Frame(
        kind=channel.kind,
        number=digest.number,
        today=local_date(desk.now),
        link=desk.links.home() if in_office else desk.links.tasks(),
        texts=DigestTexts(),
    )


def _freeze(session: Session, digest: Digest, parts: list[Part], mentions: Mentions) -> None:
    """Write the parts down; everybody is pinged once, by the first one."""
    for no, part in enumerate(parts, 1):
        session.add(
            Delivery(
                digest=digest,
                part_no=no,
                part_count=len(parts),
                body=part.body,
                mentions=json.dumps(mentions if no == 1 else ()),
                state=MessageState.QUEUED,
            )
        )
    place = {row_id: no for no, part in enumerate(parts, 1) for row_id in part.notification_ids}
    for row in digest.notifications:
        row.part_no = place.get(row.id)


def frozen_mentions(part: Delivery) -> tuple[Mention, ...]:
    """Return whom a frozen part pings."""
    return tuple(Mention(userid, mobile) for userid, mobile in json.loads(part.mentions or "[]"))
