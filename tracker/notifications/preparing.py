"""Prepare many groups in one short transaction: leases, tokens, routes, voices, frozen parts."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload, selectinload

from tracker.notifications import addressing, claims, limiter, personal
from tracker.notifications.allowance import Allowance, allowance
from tracker.notifications.composing import Desk, ask, is_unsent, refresh
from tracker.notifications.freezing import Frozen, FrozenPart, Saying, freeze
from tracker.notifications.models import IS_BEGUN, Channel, Delivery, Digest
from tracker.notifications.receipts import settle, settle_abandoned
from tracker.notifications.rules import WAYS, ChannelKind, Pace
from tracker.people.models import Person


@dataclass(frozen=True, kw_only=True)
class Ready:
    """One group's or one person's digest, under the lease of this pass, with the parts that are
    still to go. `to`: where a person is reached, for one of a group ""."""

    channel_id: int
    kind: ChannelKind
    key_mark: str
    sealed_url: str
    digest_id: int
    number: str
    to: str = field(repr=False)
    parts: tuple[FrozenPart, ...]
    prepared_at: datetime

    def __repr__(self) -> str:
        return f"Ready(channel {self.channel_id}, digest {self.digest_id})"


@dataclass(frozen=True)
class Prepared:
    """Digests ready to go, and the channels that must wait for their robot: until when."""

    ready: list[Ready]
    held: dict[int, datetime]


def prepare(
    session: Session,
    channel_ids: Collection[int],
    desk: Desk,
    *,
    holder: str,
    pace: Pace,
    busy: Collection[str] = (),
) -> Prepared:
    """Lease groups and freeze what they are to be told now; the others' leases are given back.

    Nothing is due for a group: when it has had its digests of the day; while its robot has no token
    or is `busy` with a message of this
    pass, or while a digest begun earlier waits, for nothing overtakes it.
    """
    until = desk.now + pace.lease
    leased = claims.lease_channels(session, channel_ids, holder=holder, now=desk.now, until=until)
    if not leased:
        return Prepared([], {})
    settle_abandoned(session, [channel.id for channel in leased], now=desk.now, pace=pace)
    marks = {channel.key_mark for channel in leased}
    free = limiter.free_instants(session, marks, pace=pace, now=desk.now)
    others = [channel for channel in leased if channel.key_mark not in busy]
    held = {it.id: free[it.key_mark] for it in others if free[it.key_mark] > desk.now}
    channels = {it.id: it for it in others if it.id not in held}
    regions = claims.regions_that_push(session)
    begun = _begun(session, list(channels), now=desk.now)
    most = allowance(session)
    had = claims.having_had_their_digests(session, now=desk.now, most=most)
    fresh = [it for it in leased if it.id in channels and it.id not in {*begun, *had}]
    resumed = _resumed(session, list(begun.values()), desk, regions)
    sayings = _said(session, fresh, desk, regions=regions, most=most)
    session.flush()  # rows no longer wanted; what follows goes past the session
    frozen = freeze(session.connection(), sayings, desk, holder=holder)
    ready = [
        *(_resumed_ready(digest, now=desk.now) for digest in resumed),
        *_frozen_ready(session, frozen, now=desk.now),
    ]
    told = {one.channel_id for one in ready}
    idle = [channel.id for channel in leased if channel.id not in told]
    if idle:
        claims.release_channels(session, idle, holder=holder)
    return Prepared(ready, held)


def _begun(session: Session, channel_ids: Sequence[int], *, now: datetime) -> dict[int, Digest]:
    """Return the oldest open digest of each channel that has one nothing may overtake."""
    query = (
        select(Digest)
        .where(Digest.channel_id.in_(channel_ids), IS_BEGUN, personal.may_go_on(now))
        .order_by(Digest.id.desc())
        .options(
            joinedload(Digest.channel),
            selectinload(Digest.deliveries),
            selectinload(Digest.notifications),
        )
    )
    return {digest.channel_id: digest for digest in session.scalars(query)}


def _resumed(
    session: Session, begun: list[Digest], desk: Desk, regions: Sequence[int]
) -> list[Digest]:
    """Go on with digests that are due; until then nothing overtakes them in their groups."""
    if not begun:
        return []
    ids = [digest.id for digest in begun]
    due = claims.open_digest(regions=regions, now=desk.now)
    due_ids = set(session.scalars(select(Digest.id).where(Digest.id.in_(ids), due)))
    found = [digest for digest in begun if digest.id in due_ids]
    for digest in found:
        if digest.person_id is not None:
            addressing.let_go(session, digest, desk.voices, now=desk.now)
        refresh(session, digest.channel, digest, desk)
        settle(digest, now=desk.now)
    return found


def _said(
    session: Session,
    channels: Sequence[Channel],
    desk: Desk,
    *,
    regions: Sequence[int],
    most: Allowance,
) -> list[Saying]:
    """Return what is due to be told; of groups where there is nothing to say, nothing."""
    due = claims.due_by_channel(
        session,
        channels,
        regions=regions,
        object_types=desk.new_ones,
        now=desk.now,
        most=most,
    )
    said = ask(session, due, desk)
    return [
        Saying(channel=channel, person_id=due[channel.id][0].person_id, items=said[channel.id])
        for channel in channels
        if said.get(channel.id)
    ]


def _resumed_ready(digest: Digest, *, now: datetime) -> Ready:
    parts = tuple(_part(part) for part in digest.deliveries if is_unsent(part))
    person = digest.person
    return _ready(digest.channel, person, digest.id, digest.number, parts, now=now)


def _frozen_ready(session: Session, frozen: Sequence[Frozen], *, now: datetime) -> list[Ready]:
    wanted = {
        one.saying.person_id
        for one in frozen
        if one.saying.person_id is not None and one.saying.channel.kind in WAYS
    }
    found = session.scalars(select(Person).where(Person.id.in_(wanted))) if wanted else ()
    persons = {person.id: person for person in found}
    return [
        _ready(
            one.saying.channel,
            persons.get(one.saying.person_id or 0),
            one.digest_id,
            one.number,
            one.parts,
            now=now,
        )
        for one in frozen
    ]


def _ready(
    channel: Channel,
    person: Person | None,
    digest_id: int,
    number: str,
    parts: tuple[FrozenPart, ...],
    *,
    now: datetime,
) -> Ready:
    return Ready(
        channel_id=channel.id,
        kind=channel.kind,
        key_mark=personal.key_mark(channel, None if person is None else person.id),
        sealed_url=channel.sealed_url,
        digest_id=digest_id,
        number=number,
        to=personal.address_of(channel.kind, person),
        parts=parts,
        prepared_at=now,
    )


def _part(part: Delivery) -> FrozenPart:
    return FrozenPart(
        delivery_id=part.id,
        part_no=part.part_no,
        part_count=part.part_count,
        attempts=part.attempts,
        resends=part.resends,
        state=part.state,
        retry_at=part.retry_at,
        body=part.body,
        mentions=part.mentions,
    )
