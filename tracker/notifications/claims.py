"""Who sends to which channel: routing in SQL, and the lease that one process holds."""

from collections.abc import Collection
from datetime import datetime
from typing import Any, cast

from sqlalchemy import (
    ColumnElement,
    CursorResult,
    Select,
    and_,
    case,
    exists,
    func,
    or_,
    select,
    update,
)
from sqlalchemy.orm import Session

from tracker.kernel.settings import Setting
from tracker.notifications.models import Channel, Digest, Notification
from tracker.notifications.rules import (
    OPEN_STATES,
    Audience,
    ChannelKind,
    ChannelState,
    MessageState,
)

PUSH_SWITCH = "push_enabled"
IN_OFFICE = (Audience.OFFICE, Audience.LEAD)


def regions_that_push(session: Session) -> list[int]:
    """Return the regions whose lead has switched pushing on (推送总开关)."""
    scopes = session.scalars(
        select(Setting.scope).where(
            Setting.key == PUSH_SWITCH, Setting.value == "1", Setting.scope.startswith("region:")
        )
    )
    return [int(scope.partition(":")[2]) for scope in scopes]


def routed_channel() -> ColumnElement[Any]:
    """Return the channel of a notification: the unit's own group, else the shared one, never both.

    What is for the office goes to the office's group. NULL: there is no channel, it waits.
    """
    own = _first_active(
        ChannelKind.UNIT, Channel.unit_id == Notification.unit_id, Notification.unit_id.is_not(None)
    )
    shared = _first_active(ChannelKind.SHARED, Channel.region_id == Notification.region_id)
    office = _first_active(ChannelKind.OFFICE, Channel.region_id == Notification.region_id)
    return case((Notification.audience.in_(IN_OFFICE), office), else_=func.coalesce(own, shared))


def _first_active(kind: ChannelKind, *conditions: ColumnElement[bool]) -> Any:
    return (
        select(func.min(Channel.id))
        .where(Channel.kind == kind, Channel.state == ChannelState.ACTIVE, *conditions)
        .correlate(Notification)
        .scalar_subquery()
    )


def is_due(
    *, regions: Collection[int], object_types: Collection[str], now: datetime
) -> ColumnElement[bool]:
    """Return the condition under which a queued notification may be sent now."""
    return and_(
        Notification.state == MessageState.QUEUED,
        Notification.not_before <= now,
        Notification.region_id.in_(regions),
        Notification.object_type.in_(object_types),
    )


def channels_with_work(
    session: Session, *, regions: Collection[int], object_types: Collection[str], now: datetime
) -> list[int]:
    """Return channels that have something to send now, the longest waiting first."""
    routed = routed_channel().label("channel_id")
    due = is_due(regions=regions, object_types=object_types, now=now)
    waiting = select(routed, Notification.queued_at.label("since")).where(due).subquery()
    fresh = session.execute(
        select(waiting.c.channel_id, func.min(waiting.c.since))
        .where(waiting.c.channel_id.is_not(None))
        .group_by(waiting.c.channel_id)
    ).all()
    begun = session.execute(
        select(Digest.channel_id, func.min(Digest.composed_at))
        .where(open_digest(regions=regions, now=now))
        .group_by(Digest.channel_id)
    ).all()
    since: dict[int, datetime] = {}
    for channel_id, at in [*fresh, *begun]:
        since[channel_id] = min(at, since.get(channel_id, at))
    return sorted(since, key=lambda channel_id: (since[channel_id], channel_id))


def open_digest(*, regions: Collection[int], now: datetime) -> ColumnElement[bool]:
    """Return the condition of a digest that is begun, not finished, and due to be gone on with."""
    return and_(
        Digest.state.in_(OPEN_STATES),
        or_(Digest.retry_at.is_(None), Digest.retry_at <= now),
        exists().where(Channel.id == Digest.channel_id, Channel.state == ChannelState.ACTIVE),
        exists().where(Notification.digest_id == Digest.id, Notification.region_id.in_(regions)),
    )


def claim_channel(
    session: Session, channel_id: int, *, holder: str, now: datetime, until: datetime
) -> bool:
    """Take the lease of an active channel; return whether it is ours now.

    A lease that ends later than any could was written before the clock was set back.
    """
    too_late = until + (until - now)
    return _lease(
        session,
        (Channel.id == channel_id)
        & (Channel.state == ChannelState.ACTIVE)
        & or_(
            Channel.claimed_until.is_(None),
            Channel.claimed_until <= now,
            Channel.claimed_until > too_late,
        ),
        claimed_by=holder,
        claimed_until=until,
    )


def keep_channel(session: Session, channel_id: int, *, holder: str, until: datetime) -> bool:
    """Stretch the own lease; return False when it was lost, or the channel is out of use."""
    return _lease(
        session,
        (Channel.id == channel_id)
        & (Channel.state == ChannelState.ACTIVE)
        & (Channel.claimed_by == holder),
        claimed_until=until,
    )


def release_channel(session: Session, channel_id: int, *, holder: str) -> None:
    """Give the lease back."""
    _lease(
        session,
        (Channel.id == channel_id) & (Channel.claimed_by == holder),
        claimed_by=None,
        claimed_until=None,
    )


def expired_leases(*, now: datetime) -> Select[int]:
    """Return the channels whose holder has not been heard of in time."""
    return select(Channel.id).where(Channel.claimed_by.is_not(None), Channel.claimed_until <= now)


def _lease(session: Session, condition: ColumnElement[bool], **values: Any) -> bool:
    statement = (
        update(Channel)
        .where(condition)
        .values(**values)
        .execution_options(synchronize_session=False)
    )
    return cast("CursorResult[Any]", session.execute(statement)).rowcount == 1


def break_lease(session: Session, channel_id: int, *, now: datetime) -> None:
    """Take the lease away from a holder that has not been heard of in time."""
    _lease(
        session,
        (Channel.id == channel_id) & (Channel.claimed_until <= now),
        claimed_by=None,
        claimed_until=None,
    )
