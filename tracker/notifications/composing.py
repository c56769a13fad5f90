"""From claimed notifications to frozen parts: ask the voices, compose, keep what is still wanted."""

import json
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from tracker.kernel.clock import local_date
from tracker.kernel.links import Links
from tracker.kernel.logs import get_logger
from tracker.notifications.digest import Frame, Item, recompose
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


@dataclass(frozen=True, kw_only=True)
class Desk:
    """What composing needs besides the rows: who speaks, of what anew, where links lead, when."""

    voices: Mapping[str, Voice]
    new_ones: Collection[str]
    links: Links
    now: datetime


def refresh(session: Session, channel: Channel, digest: Digest, desk: Desk) -> None:
    """Before going on with a digest: cancel what is no longer wanted, say the rest anew.

    Parts that have been sent stay as they are; numbers and marks of parts never change.
    """
    frame = frame_of(channel, digest.number, desk)
    for part in digest.deliveries:
        if is_unsent(part):
            rows = [
                row
                for row in digest.notifications
                if row.part_no == part.part_no and row.state is not MessageState.CANCELLED
            ]
            _refresh_part(part, ask(session, {part.id: rows}, desk)[part.id], frame)


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


def ask(
    session: Session, rows: Mapping[int, list[Notification]], desk: Desk
) -> dict[int, list[Item]]:
    """Return what is to be said in each group, every voice asked once for all groups.

    Rows no longer wanted are cancelled; rows whose voice fails are put back, so that one feature's
    fault silences nobody else, and one group's rows no other group.
    """
    said: dict[int, list[Item]] = {group: [] for group in rows}
    types = sorted({row.object_type for own in rows.values() for row in own})
    for voice in (desk.voices[object_type] for object_type in types):
        own = {
            group: [row for row in all_ if row.object_type == voice.object_type]
            for group, all_ in rows.items()
        }
        entries = _ask(session, voice, [row for each in own.values() for row in each], desk)
        for group, each in own.items():
            said[group] += _said(session, voice, each, entries, desk)
    return said


def _said(
    session: Session,
    voice: Voice,
    rows: list[Notification],
    entries: dict[int, Entry] | None,
    desk: Desk,
) -> list[Item]:
    """Return one group's items; where the voice failed over all groups, ask for this one alone."""
    if entries is None and rows:
        entries = _ask(session, voice, rows, desk)
    if entries is None:
        put_back(rows)
        return []
    _cancel((row for row in rows if row.id not in entries), now=desk.now)
    return [item_of(row, entries[row.id]) for row in rows if row.id in entries]


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


def item_of(row: Notification, entry: Entry) -> Item:
    """Return one notification as a digest says it."""
    return Item(
        notification_id=row.id,
        urgency=entry.urgency,
        heading=entry.heading,
        line=entry.line,
        mentions=tuple((who.userid, who.mobile) for who in entry.mentions),
        is_open=row.unit_id is None and row.audience is Audience.LIAISONS,
    )


def frame_of(channel: Channel, number: str, desk: Desk) -> Frame:
    """Return everything about a digest that is not an entry."""
    in_office = channel.kind is ChannelKind.OFFICE
    return Frame(
        kind=channel.kind,
        number=number,
        today=local_date(desk.now),
        link=desk.links.home() if in_office else desk.links.tasks(),
        texts=DigestTexts(),
    )


def frozen_mentions(mentions: str) -> tuple[Mention, ...]:
    """Return whom a frozen part pings."""
    return tuple(Mention(userid, mobile) for userid, mobile in json.loads(mentions or "[]"))
