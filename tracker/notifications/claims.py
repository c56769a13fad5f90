"""Who sends to which channel: routing in SQL, and the lease that one process holds."""

from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast

from sqlalchemy import (
    ColumnElement,
    Connection,
    Select,
    Table,
    and_,
    bindparam,
    case,
    exists,
    func,
    or_,
    select,
    update,
)
from sqlalchemy.orm import Session

from tracker.kernel.clock import at_local, local_date
from tracker.kernel.settings import Setting
from tracker.notifications import personal
from tracker.notifications.allowance import Allowance, allowance
from tracker.notifications.models import IS_BEGUN, IS_QUEUED, Channel, Digest, Notification
from tracker.notifications.rules import (
    GROUPS,
    Audience,
    ChannelKind,
    ChannelState,
    MessageState,
)

PUSH_SWITCH = "push_enabled"
CHANNELS = cast("Table", Channel.__table__)
IN_OFFICE = (Audience.OFFICE, Audience.LEAD)


_PUSHING = select(Setting.scope).where(
    Setting.key == PUSH_SWITCH, Setting.value == "1", Setting.scope.startswith("region:")
)


def regions_that_push(session: Session) -> list[int]:
    """Return the regions whose lead has switched pushing on (推送总开关)."""
    scopes = session.connection().scalars(_PUSHING)
    return [int(scope.partition(":")[2]) for scope in scopes]


def routed_channel() -> ColumnElement[Any]:
    """Return the channel of a notification: the unit's own group, else the shared one, never both.

    What is for the office goes to the office's group, what is for a person where it was addressed.
    NULL: there is no channel, it waits.
    """
    own = _first_active(
        ChannelKind.UNIT, Channel.unit_id == Notification.unit_id, Notification.unit_id.is_not(None)
    )
    shared = _first_active(ChannelKind.SHARED, Channel.region_id == Notification.region_id)
    office = _first_active(ChannelKind.OFFICE, Channel.region_id == Notification.region_id)
    return case(
        (personal.IS_PERSONAL, Notification.channel_id),
        (Notification.audience.in_(IN_OFFICE), office),
        else_=func.coalesce(own, shared),
    )


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
        IS_QUEUED,
        Notification.not_before <= now,
        Notification.region_id.in_(regions),
        Notification.object_type.in_(object_types),
    )


@dataclass(frozen=True)
class Routes:
    """The groups in use by whom they hear: the rule of `routed_channel`, for many at once.

    `own` by unit, `shared` and `office` by region; the oldest group of each.
    """

    own: dict[int, int]
    shared: dict[int, int]
    office: dict[int, int]

    def of(self, *, region_id: int, unit_id: int | None, is_for_office: bool) -> int | None:
        """Return the group of whom a message is for; None: there is none, it waits."""
        if is_for_office:
            return self.office.get(region_id)
        own = None if unit_id is None else self.own.get(unit_id)
        return self.shared.get(region_id) if own is None else own


def routes(session: Session, *, state: ChannelState = ChannelState.ACTIVE) -> Routes:
    """Return the groups in use, or where messages would go if those of another state were."""
    found = Routes({}, {}, {})
    query = select(Channel.id, Channel.kind, Channel.region_id, Channel.unit_id).where(
        Channel.state == state, Channel.kind.in_(GROUPS)
    )
    for channel_id, kind, region_id, unit_id in session.execute(query.order_by(Channel.id)):
        if unit_id is not None:
            found.own.setdefault(unit_id, channel_id)
        else:
            places = found.shared if kind is ChannelKind.SHARED else found.office
            places.setdefault(region_id, channel_id)
    return found


_ANYTHING = select(
    or_(
        exists(
            select(Notification.id).where(IS_QUEUED, Notification.not_before <= bindparam("now"))
        ),
        exists(select(Digest.id).where(IS_BEGUN)),
    )
)


def is_anything_there(session: Session, *, now: datetime) -> bool:
    """Return whether anything is queued or begun at all; one statement."""
    return bool(session.scalar(_ANYTHING, {"now": now}))


def channels_with_work(
    session: Session, *, object_types: Collection[str], now: datetime
) -> list[int]:
    """Return channels that have something to send now: what is begun first, each the longest
    waiting first.

    One statement when there is nothing at all, as most of the time.
    """
    if not is_anything_there(session, now=now):
        return []
    regions = regions_that_push(session)
    begun = dict(_begun(session, regions, now))
    fresh: dict[int, datetime] = {}
    for channel_id, at in _fresh(session, regions, object_types, now):
        fresh[channel_id] = min(at, fresh.get(channel_id, at))
    later = fresh.keys() - begun.keys()
    return [
        *sorted(begun, key=lambda channel_id: (begun[channel_id], channel_id)),
        *sorted(later, key=lambda channel_id: (fresh[channel_id], channel_id)),
    ]


def _fresh(
    session: Session, regions: Collection[int], object_types: Collection[str], now: datetime
) -> Iterator[tuple[int, datetime]]:
    due = is_due(regions=regions, object_types=object_types, now=now)
    to_office = Notification.audience.in_(IN_OFFICE)
    whom = (Notification.region_id, Notification.unit_id, to_office)
    waiting = session.execute(
        select(*whom, func.min(Notification.queued_at))
        .where(due, personal.FOR_GROUPS)
        .group_by(*whom)
    ).all()
    most = allowance(session)
    yield from personal.fresh(session, due, now=now, most=most)
    if not waiting:
        return
    ways = routes(session)
    had = having_had_their_digests(session, now=now, most=most)
    for region_id, unit_id, is_for_office, at in waiting:
        channel_id = ways.of(
            region_id=region_id, unit_id=unit_id, is_for_office=bool(is_for_office)
        )
        if channel_id is not None and channel_id not in had:
            yield channel_id, at


def having_had_their_digests(session: Session, *, now: datetime, most: Allowance) -> set[int]:
    """Return the groups that have been spoken to as often as may be on this day.

    What came to nothing (refused, taken back) does not count; parts and resends are of one digest.
    """
    came_to_nothing = (MessageState.FAILED, MessageState.CANCELLED)
    query = (
        select(Digest.channel_id)
        .join(Channel, Channel.id == Digest.channel_id)
        .where(
            Digest.composed_at >= at_local(local_date(now), 0),
            Digest.composed_at <= now,
            Digest.state.not_in(came_to_nothing),
            Digest.person_id.is_(None),
        )
        .group_by(Digest.channel_id, Channel.region_id)
        .having(func.count() >= most.of(Channel.region_id))
    )
    return set(session.scalars(query))


def _begun(
    session: Session, regions: Collection[int], now: datetime
) -> Sequence[tuple[int, datetime]]:
    begun = session.execute(
        select(Digest.channel_id, func.min(Digest.composed_at))
        .where(open_digest(regions=regions, now=now))
        .group_by(Digest.channel_id)
    )
    return [(channel_id, at) for channel_id, at in begun]


def due_by_channel(
    session: Session,
    channels: Collection[Channel],
    *,
    regions: Collection[int],
    object_types: Collection[str],
    now: datetime,
    most: Allowance,
) -> dict[int, list[Notification]]:
    """Lock and return what is due for each of some groups, or for one person on each of some ways
    who has not had as many digests (`most`) today; what another process has is left out."""
    ways = routes(session)
    due = is_due(regions=regions, object_types=object_types, now=now)
    wanted = {channel.id for channel in channels if channel.kind in GROUPS}
    query = (
        select(Notification)
        .where(due, personal.FOR_GROUPS, _perhaps_for(channels, ways))
        .order_by(Notification.id)
        .with_for_update(skip_locked=True)
    )
    found: dict[int, list[Notification]] = defaultdict(list)
    for row in session.scalars(query):
        channel_id = ways.of(
            region_id=row.region_id,
            unit_id=row.unit_id,
            is_for_office=row.audience in IN_OFFICE,
        )
        if channel_id in wanted:
            found[channel_id].append(row)
    for channel in channels:
        if channel.kind not in GROUPS:
            found[channel.id] = personal.due_for_one(session, channel, due, now=now, most=most)
    return found


def _perhaps_for(channels: Collection[Channel], ways: Routes) -> ColumnElement[bool]:
    """Return a condition that all notifications for some groups meet, and few others."""
    units = [channel.unit_id for channel in channels if channel.unit_id is not None]
    shared = [channel.region_id for channel in channels if channel.kind is ChannelKind.SHARED]
    office = [channel.region_id for channel in channels if channel.kind is ChannelKind.OFFICE]
    others = or_(Notification.unit_id.is_(None), Notification.unit_id.not_in(list(ways.own)))
    return or_(
        Notification.unit_id.in_(units),
        and_(Notification.region_id.in_(shared), others),
        and_(Notification.region_id.in_(office), Notification.audience.in_(IN_OFFICE)),
    )


def open_digest(*, regions: Collection[int], now: datetime) -> ColumnElement[bool]:
    """Return the condition of a digest that is begun, not finished, and due to be gone on with."""
    return and_(
        IS_BEGUN,
        or_(Digest.retry_at.is_(None), Digest.retry_at <= now),
        exists().where(Channel.id == Digest.channel_id, Channel.state == ChannelState.ACTIVE),
        exists().where(Notification.digest_id == Digest.id, Notification.region_id.in_(regions)),
    )


def next_retry(session: Session, *, after: datetime) -> datetime | None:
    """Return when the first digest put off to later than an instant comes due; None: there is
    none."""
    in_use = exists().where(Channel.id == Digest.channel_id, Channel.state == ChannelState.ACTIVE)
    put_off = select(func.min(Digest.retry_at)).where(IS_BEGUN, Digest.retry_at > after, in_use)
    return session.scalar(put_off)


def lease_channels(
    session: Session, channel_ids: Collection[int], *, holder: str, now: datetime, until: datetime
) -> list[Channel]:
    """Take the leases of active channels; return those that are ours now.

    A lease that ends later than any could was written before the clock was set back. Channels
    that another process is just taking are passed over.
    """
    too_late = until + (until - now)
    query = (
        select(Channel)
        .where(
            Channel.id.in_(channel_ids),
            Channel.state == ChannelState.ACTIVE,
            or_(
                Channel.claimed_until.is_(None),
                Channel.claimed_until <= now,
                Channel.claimed_until > too_late,
            ),
        )
        .order_by(Channel.id)
        .with_for_update(skip_locked=True)
    )
    found = list(session.scalars(query))
    if found:
        mine = Channel.id.in_([channel.id for channel in found])
        _lease(session, mine, claimed_by=holder, claimed_until=until)
    return found


_KEEP = (
    update(CHANNELS)
    .where(
        CHANNELS.c.id.in_(bindparam("channels", expanding=True)),
        CHANNELS.c.state == ChannelState.ACTIVE,
        CHANNELS.c.claimed_by == bindparam("holder"),
    )
    .values(claimed_until=bindparam("until"))
    .returning(CHANNELS.c.id)
)


def keep_channels(
    connection: Connection, channel_ids: Collection[int], *, holder: str, until: datetime
) -> set[int]:
    """Stretch own leases; return the channels not lost meanwhile, nor out of use."""
    known = {"channels": list(channel_ids), "holder": holder, "until": until}
    return set(connection.scalars(_KEEP, known))


def release_channels(session: Session, channel_ids: Collection[int], *, holder: str) -> None:
    """Give leases back."""
    _lease(
        session,
        Channel.id.in_(channel_ids) & (Channel.claimed_by == holder),
        claimed_by=None,
        claimed_until=None,
    )


def expired_leases(*, now: datetime) -> Select[int]:
    """Return the channels whose holder has not been heard of in time."""
    return select(Channel.id).where(Channel.claimed_by.is_not(None), Channel.claimed_until <= now)


def _lease(session: Session, condition: ColumnElement[bool], **values: Any) -> None:
    statement = update(Channel).where(condition).values(**values)
    session.execute(statement.execution_options(synchronize_session=False))


def break_leases(session: Session, *, now: datetime) -> None:
    """Take leases away from holders that have not been heard of in time."""
    _lease(session, Channel.claimed_until <= now, claimed_by=None, claimed_until=None)
