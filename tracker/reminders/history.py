"""What was said before: the last of each rule about each object, read in bulk."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from typing import Any

from sqlalchemy import BindParameter, ColumnElement, Row, Select, bindparam, case, func, or_, select
from sqlalchemy.orm import Session

from tracker.kernel.clock import at_local, local_date
from tracker.notifications.models import Notification
from tracker.notifications.rules import Audience, MessageState
from tracker.reminders.queries import Candidate
from tracker.reminders.rules import NOTHING_SAID, History, Said, Step

ON_ITS_WAY = (MessageState.QUEUED, MessageState.SENDING, MessageState.RETRY_AT)
MOST_NAMED = 50_000
"""More objects than this are not named one by one: everything that was said is read."""
STILL_TO_COME = timedelta(days=5)
"""A day so far ahead was written by a clock that was wrong; a clock set back a little less is."""
Place = tuple[str, int, int, date]
"""An object whose date stands: type, id, times reopened, date. Another date is a new beginning."""
Key = tuple[str, str, int, int, date, int, Audience]
"""The one key of a notification: rule, object, times reopened, date, occurrence, audience."""

_PLACE = (
    Notification.object_type,
    Notification.object_id,
    Notification.reopen_count,
    Notification.anchor_on,
)
_RULE = (Notification.rule, Notification.audience)
_DROPPED: tuple[Any, ...] = (
    *_PLACE,
    *_RULE,
    Notification.occurrence,
    Notification.id,
    Notification.queued_at,
)


@dataclass(frozen=True)
class Dropped:
    """A notification that was never sent, for nobody had to act then; `on`: when it was queued."""

    id: int
    on: date


@dataclass
class Histories:
    """What each rule last said about each object, and what was queued and dropped."""

    said: dict[Place, dict[tuple[str, Audience], Said]] = field(default_factory=dict)
    dropped: dict[Key, Dropped] = field(default_factory=dict)

    def of(self, it: Candidate) -> History:
        """Return what was said about an object since its date stands."""
        if it.anchor.on is None:
            return NOTHING_SAID
        return self.said.get((*_object(it), it.anchor.on), NOTHING_SAID)

    def is_on_its_way(self, it: Candidate, step: Step) -> bool:
        """Return whether a step is queued and not sent."""
        said = self.of(it).get((step.rule.code, step.rule.audience))
        return step.is_said and said is not None and said.is_on_its_way

    def note(self, it: Candidate, step: Step, *, on: date) -> None:
        """Take a step as said on a day."""
        own = self.said.setdefault((*_object(it), step.anchor_on), {})
        own[step.rule.code, step.rule.audience] = Said(
            occurrence=step.occurrence, on=on, following=step.occurrence + 1
        )

    def copy(self) -> "Histories":
        """Return a copy to be noted in."""
        return Histories({place: dict(own) for place, own in self.said.items()}, self.dropped)


def _object(it: Candidate) -> tuple[str, int, int]:
    return it.object_type, it.object_id, it.reopen_count


def histories(session: Session, candidates: Collection[Candidate], *, today: date) -> Histories:
    """Return what was said about objects, with two statements however many there are.

    What was said later than `STILL_TO_COME` allows was said while the clock was ahead: its number
    is taken, the day does not count, or silence would last until then.
    """
    found = Histories()
    if not candidates:
        return found
    about = list(_about(candidates))
    for row in session.execute(_last_said(today).where(*about)):
        _note_said(found, row)
    was_dropped = Notification.state == MessageState.CANCELLED
    for row in session.execute(select(*_DROPPED).where(was_dropped, *about)):
        _note_dropped(found, row)
    return found


def _about(candidates: Collection[Candidate]) -> Iterator[ColumnElement[bool]]:
    """Yield conditions; numbers are written out, for a database takes only so many parameters."""
    yield Notification.object_type.in_({it.object_type for it in candidates})
    ids = {it.object_id for it in candidates}
    if len(ids) <= MOST_NAMED:
        named: BindParameter[Any] = bindparam(
            "ids", sorted(ids), expanding=True, literal_execute=True
        )
        yield Notification.object_id.in_(named)


def _last_said(today: date) -> Select[Any]:
    is_on_its_way = Notification.state.in_(ON_ITS_WAY)
    said_at = func.coalesce(Notification.settled_at, Notification.not_before)
    has_a_day = or_(is_on_its_way, said_at < at_local(today + STILL_TO_COME, 0))
    columns: tuple[Any, ...] = (
        *_PLACE,
        *_RULE,
        func.max(Notification.occurrence).label("occurrence"),
        func.max(case((is_on_its_way, Notification.occurrence))).label("on_its_way"),
        func.max(case((has_a_day, said_at))).label("said_at"),
    )
    return (
        select(*columns)
        .where(Notification.state != MessageState.CANCELLED)
        .group_by(*_PLACE, *_RULE)
    )


def _note_said(found: Histories, row: Row[Any]) -> None:
    place = (row.object_type, row.object_id, row.reopen_count, row.anchor_on)
    own = found.said.setdefault(place, {})
    own[row.rule, row.audience] = Said(
        occurrence=row.occurrence,
        on=None if row.said_at is None else local_date(row.said_at),
        is_on_its_way=row.on_its_way == row.occurrence,
        following=row.occurrence + 1,
    )


def _note_dropped(found: Histories, row: Row[Any]) -> None:
    """A number that was dropped is the next to be said; the object's rule goes on from there."""
    place = (row.object_type, row.object_id, row.reopen_count, row.anchor_on)
    key = (row.rule, *place, row.occurrence, row.audience)
    found.dropped[key] = Dropped(row.id, local_date(row.queued_at))
    own = found.said.setdefault(place, {})
    said = own.get((row.rule, row.audience), Said())
    if row.occurrence >= said.following:
        own[row.rule, row.audience] = replace(said, following=row.occurrence)
