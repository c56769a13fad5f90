"""What is due for single persons on a channel: one digest for each, one after the other."""

import hashlib
from collections.abc import Iterator
from datetime import datetime

from sqlalchemy import ColumnElement, and_, exists, func, or_, select
from sqlalchemy.orm import Session

from tracker.kernel.clock import at_local, local_date
from tracker.notifications.allowance import Allowance
from tracker.notifications.models import IS_BEGUN, Channel, Digest, Notification
from tracker.notifications.rules import (
    GROUPS,
    PERSONAL,
    WAY_KINDS,
    WAYS,
    ChannelKind,
    ChannelState,
    MessageState,
    names_one_person,
)
from tracker.people.models import Person

IS_PERSONAL = or_(Notification.audience.in_(PERSONAL), Notification.way.in_(WAY_KINDS))
FOR_GROUPS = ~IS_PERSONAL


def _is_free(now: datetime, most: Allowance) -> ColumnElement[bool]:
    """Nothing that was begun for the same person on the same channel is still open, and the person
    has not been spoken to there as often as may be on this day; what came to nothing does not
    count."""
    had = (
        select(func.count(Digest.id))
        .where(
            Digest.channel_id == Notification.channel_id,
            Digest.person_id == Notification.person_id,
            Digest.composed_at >= at_local(local_date(now), 0),
            Digest.composed_at <= now,
            Digest.state.not_in((MessageState.FAILED, MessageState.CANCELLED)),
            Digest.refused_at.is_(None),
        )
        .correlate(Notification)
        .scalar_subquery()
    )
    is_open = exists().where(
        Digest.channel_id == Notification.channel_id,
        Digest.person_id == Notification.person_id,
        IS_BEGUN,
    )
    return and_(~is_open, had < most.of(Notification.region_id))


def fresh(
    session: Session, due: ColumnElement[bool], *, now: datetime, most: Allowance
) -> Iterator[tuple[int, datetime]]:
    """Yield the channels that have something to say to a person, with the longest waiting."""
    query = (
        select(Notification.channel_id, func.min(Notification.queued_at))
        .join(Channel, Channel.id == Notification.channel_id)
        .where(due, IS_PERSONAL, Channel.state == ChannelState.ACTIVE, _is_free(now, most))
        .group_by(Notification.channel_id)
    )
    for channel_id, at in session.execute(query):
        if channel_id is not None:
            yield channel_id, at


def due_for_one(
    session: Session, channel: Channel, due: ColumnElement[bool], *, now: datetime, most: Allowance
) -> list[Notification]:
    """Lock and return all that is due for the person who waits longest on a channel."""
    mine = (due, IS_PERSONAL, Notification.channel_id == channel.id)
    person_id = session.scalar(
        select(Notification.person_id)
        .where(*mine, _is_free(now, most))
        .order_by(Notification.queued_at, Notification.id)
        .limit(1)
    )
    if person_id is None:
        return []
    query = (
        select(Notification)
        .where(*mine, Notification.person_id == person_id)
        .order_by(Notification.id)
        .with_for_update(skip_locked=True)
    )
    return list(session.scalars(query))


def may_go_on(now: datetime) -> ColumnElement[bool]:
    """Return the condition of an open digest that nothing may overtake: one of a group always, one
    of a person only when it is due itself, for the other persons do not wait for this one."""
    of_group = exists().where(Channel.id == Digest.channel_id, Channel.kind.in_(GROUPS))
    return or_(of_group, Digest.retry_at.is_(None), Digest.retry_at <= now)


def key_mark(channel: Channel, person_id: int | None) -> str:
    """Return what the limiter counts by: a robot's key; of a person the channel and the person.

    So nobody is sent more than the limiter's 18 a minute, where the host drops what is over 30.
    """
    if person_id is None:
        return channel.key_mark
    return hashlib.sha256(f"{channel.key_mark} {person_id}".encode()).hexdigest()


def address_of(kind: ChannelKind, person: Person | None) -> str:
    """Return where a person is reached on a kind of channel; "" where nowhere, or for a group."""
    if person is None or kind not in WAYS:
        return ""
    if kind is ChannelKind.INBOX:
        return str(person.id)
    if kind is ChannelKind.MAIL:
        return person.email or ""
    userid = person.wecom_userid or ""
    return userid if names_one_person(userid) else ""


def is_unaddressed(now: datetime) -> ColumnElement[bool]:
    """Return the condition of a queued message for a person that has no way, or a broken one."""
    is_broken = exists().where(
        Channel.id == Notification.channel_id, Channel.state != ChannelState.ACTIVE
    )
    has_none = or_(Notification.channel_id.is_(None), is_broken)
    return and_(IS_PERSONAL, has_none, Notification.not_before <= now)
