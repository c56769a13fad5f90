"""What a feature says about its own objects: the far side of the outbox, wired in by the job."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Protocol, runtime_checkable

from sqlalchemy.orm import Session

from tracker.kernel.links import Links
from tracker.notifications.models import Notification


@dataclass(frozen=True)
class Mention:
    """One person to be pinged in a group: by userid, else by mobile."""

    userid: str | None = None
    mobile: str | None = None


@dataclass(frozen=True)
class Entry:
    """What one notification says. `urgency` sorts, lower first; `heading` groups the lines.

    `line` is read in a unit's own group and in the office's group; a group shared by units reads
    counts only, unless the notification is about no unit at all (a report that has been issued).
    """

    notification_id: int
    urgency: int
    heading: str
    line: str
    mentions: tuple[Mention, ...] = ()


class Voice(Protocol):
    """Speaks for all notifications of one object type."""

    object_type: str

    def entries(
        self,
        session: Session,
        notifications: Sequence[Notification],
        *,
        today: date,
        links: Links,
    ) -> dict[int, Entry]:
        """Return entries by notification id, only for those still wanted; others are cancelled."""
        ...


@runtime_checkable
class PersonalVoice(Voice, Protocol):
    """A voice that knows who answers for what it speaks about."""

    def persons(
        self, session: Session, notifications: Sequence[Notification], *, today: date
    ) -> dict[int, tuple[int, ...]]:
        """Return by notification id whom its audience means that day, ids of persons; the first
        who can be reached is told."""
        ...
