"""Who is told, and by which way: decided anew at each pass, so at the moment of sending.

Application message, else e-mail, else the inbox, or only the way that the rule names; where there
is no way nothing is sent, the message is cancelled with the reason, and the person stays on the
list of calls.
"""

from collections import defaultdict
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import exists, func, select
from sqlalchemy.orm import Session

from tracker.kernel.clock import at_local, local_date
from tracker.kernel.db import born
from tracker.kernel.permissions import Actor
from tracker.notifications.claims import is_due, regions_that_push
from tracker.notifications.composing import put_back
from tracker.notifications.models import IS_QUEUED, Channel, Digest, Notification
from tracker.notifications.personal import IS_PERSONAL, address_of, is_unaddressed
from tracker.notifications.rules import (
    WAY_KINDS,
    WAYS,
    ChannelKind,
    ChannelState,
    MessageState,
    Reason,
    Way,
)
from tracker.notifications.voices import PersonalVoice, Voice
from tracker.people.models import Person, User

STILL_OPEN = (MessageState.SENDING, MessageState.RETRY_AT, MessageState.UNCERTAIN)
SYSTEM = Actor(name="系统")
NewInbox = Callable[[Session, int, datetime], Channel]
"""Makes the inbox of a region that has none yet."""


@dataclass(frozen=True)
class Chosen:
    """Who is told, and by which way."""

    person: Person
    way: Channel


@dataclass
class _Directory:
    """What is known of persons and ways: loaded once for all messages of a pass."""

    people: dict[int, Person] = field(default_factory=dict)
    signing_in: set[int] = field(default_factory=set)
    ways: dict[tuple[int, ChannelKind], Channel] = field(default_factory=dict)
    refused: dict[tuple[int, int], datetime] = field(default_factory=dict)

    def choice(self, row: Notification, persons: Sequence[int]) -> Chosen | None:
        """Return the first of some persons whom a way reaches, and the way."""
        for person_id in persons:
            way = self.way_to(person_id, row.region_id, row.way)
            if way is not None:
                return Chosen(self.people[person_id], way)
        return None

    def way_to(self, person_id: int, region_id: int, wanted: Way) -> Channel | None:
        """Return the first way that reaches a person, a broken one only where no other does."""
        reaching = [
            way
            for kind in ((WAY_KINDS[wanted],) if wanted in WAY_KINDS else WAYS)
            if (way := self.ways.get((region_id, kind))) and self._reaches(way, person_id)
        ]
        usable = [way for way in reaching if way.state is ChannelState.ACTIVE]
        return next(iter((*usable, *reaching)), None)

    def _reaches(self, way: Channel, person_id: int) -> bool:
        person = self.people.get(person_id)
        if person is None or not address_of(way.kind, person):
            return False
        if way.kind is ChannelKind.INBOX and person_id not in self.signing_in:
            return False
        refused_at = self.refused.get((way.id, person_id))
        is_mended = person.updated_at is not None and person.updated_at > (
            refused_at or person.updated_at
        )
        return refused_at is None or is_mended


def address(
    session: Session,
    voices: Mapping[str, Voice],
    *,
    now: datetime,
    is_first: bool,
) -> None:
    """Choose person and way of what is queued for persons; later in a pass of what has none yet."""
    due = is_due(regions=regions_that_push(session), object_types=list(voices), now=now)
    query = select(Notification).where(due, IS_PERSONAL).order_by(Notification.id)
    if not is_first:
        query = query.where(is_unaddressed(now))
    rows = list(session.scalars(query.with_for_update(skip_locked=True)))
    if not rows:
        return
    persons = _persons(session, voices, rows, now=now)
    directory = _directory(session, rows, persons, now=now, new_inbox=_open_inbox)
    for row in rows:
        _choose(row, persons.get(row.id, ()), directory, now=now)


def is_needed(session: Session, *, now: datetime, is_first: bool) -> bool:
    """Return whether `address` has anything to do; one cheap statement."""
    queued = select(Notification.id).where(IS_QUEUED, IS_PERSONAL, Notification.not_before <= now)
    if not is_first:
        queued = queued.where(is_unaddressed(now))
    return bool(session.scalar(select(exists(queued))))


def let_go(session: Session, digest: Digest, voices: Mapping[str, Voice], *, now: datetime) -> None:
    """Before going on with a person's digest: put back what somebody else answers for by now."""
    open_rows = [row for row in digest.notifications if row.state in STILL_OPEN]
    persons = _persons(session, voices, open_rows, now=now)
    gone = [row for row in open_rows if digest.person_id not in persons.get(row.id, ())]
    if gone:
        put_back(gone)
        session.flush()  # the digest is asked what it still holds
        session.refresh(digest, ["notifications"])


def _persons(
    session: Session, voices: Mapping[str, Voice], rows: Sequence[Notification], *, now: datetime
) -> dict[int, tuple[int, ...]]:
    by_type: dict[str, list[Notification]] = defaultdict(list)
    for row in rows:
        by_type[row.object_type].append(row)
    found: dict[int, tuple[int, ...]] = {}
    for object_type, own in by_type.items():
        voice = voices[object_type]
        if isinstance(voice, PersonalVoice):
            found |= voice.persons(session, own, today=local_date(now))
    return found


def _choose(
    row: Notification, persons: tuple[int, ...], directory: _Directory, *, now: datetime
) -> None:
    """Take the first of those who answer for it whom some way reaches."""
    chosen = directory.choice(row, persons)
    row.person_id, row.channel_id = (persons or (None,))[0], None
    if chosen is None:
        reason = Reason.NO_WAY if persons else Reason.NOBODY
        row.state, row.state_reason, row.settled_at = MessageState.CANCELLED, reason.label, now
        return
    row.person_id = chosen.person.id
    row.channel_id = chosen.way.id if chosen.way.state is ChannelState.ACTIVE else None


def foresee(
    session: Session,
    rows: Sequence[Notification],
    persons: Mapping[int, tuple[int, ...]],
    *,
    now: datetime,
) -> dict[int, Chosen | None]:
    """Return whom each message would reach by which way at an instant; nothing is written."""
    directory = _directory(session, rows, persons, now=now, new_inbox=_inbox)
    return {row.id: directory.choice(row, persons.get(row.id, ())) for row in rows}


def _directory(
    session: Session,
    rows: Sequence[Notification],
    persons: Mapping[int, tuple[int, ...]],
    *,
    now: datetime,
    new_inbox: NewInbox,
) -> _Directory:
    ids = {person_id for each in persons.values() for person_id in each}
    people = session.scalars(select(Person).where(Person.id.in_(ids)))
    signing_in = session.scalars(
        select(User.person_id).where(User.person_id.in_(ids), User.is_active)
    )
    return _Directory(
        people={person.id: person for person in people},
        signing_in=set(signing_in),
        ways=_ways(session, {row.region_id for row in rows}, now=now, new_inbox=new_inbox),
        refused=_refused_today(session, ids, now=now),
    )


def _ways(
    session: Session, region_ids: Collection[int], *, now: datetime, new_inbox: NewInbox
) -> dict[tuple[int, ChannelKind], Channel]:
    """Return the ways of regions, the oldest of each kind; every region has an inbox."""
    query = select(Channel).where(
        Channel.region_id.in_(region_ids),
        Channel.kind.in_(WAYS),
    )
    found: dict[tuple[int, ChannelKind], Channel] = {}
    with_inbox = set()
    for way in session.scalars(query.order_by(Channel.id)):
        if way.kind is ChannelKind.INBOX:
            with_inbox.add(way.region_id)
        if way.state is not ChannelState.DISABLED:
            known = found.get((way.region_id, way.kind))
            if known is None or known.state is not ChannelState.ACTIVE:
                found[way.region_id, way.kind] = way
    for region_id in set(region_ids) - with_inbox:
        found[region_id, ChannelKind.INBOX] = new_inbox(session, region_id, now)
    return found


def _open_inbox(session: Session, region_id: int, now: datetime) -> Channel:
    """Give a region its inbox: it needs no address, so nobody has to set it up."""
    inbox = _inbox(session, region_id, now)
    session.add(inbox)
    session.flush()  # rows are about to name it
    return inbox


def _inbox(_session: Session, region_id: int, now: datetime) -> Channel:
    return Channel(
        region_id=region_id,
        kind=ChannelKind.INBOX,
        name=ChannelKind.INBOX.label,
        sealed_url="",
        key_mark=f"inbox {region_id}",
        key_tail="",
        state=ChannelState.ACTIVE,
        **born(actor=SYSTEM, now=now),
    )


def _refused_today(
    session: Session, person_ids: Collection[int], *, now: datetime
) -> dict[tuple[int, int], datetime]:
    """Return which channel's far end did not know which person today, and when it said so."""
    query = (
        select(Digest.channel_id, Digest.person_id, func.max(Digest.refused_at))
        .where(Digest.person_id.in_(person_ids), Digest.refused_at >= at_local(local_date(now), 0))
        .group_by(Digest.channel_id, Digest.person_id)
    )
    return {
        (channel_id, person_id): at
        for channel_id, person_id, at in session.execute(query)
        if person_id is not None and at is not None
    }
