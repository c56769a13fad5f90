"""A feature of five lines: speaks for objects by number, until they are done."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date

from sqlalchemy.orm import Session

from tracker.kernel.links import Links
from tracker.notifications.models import Notification
from tracker.notifications.voices import Entry, Mention


@dataclass
class ThingVoice:
    """Every thing is overdue and mentions its liaison; those in `done` are wanted no more."""

    object_type: str = "thing"
    done: set[int] = field(default_factory=set)
    padding: str = ""
    mentions: tuple[Mention, ...] = (Mention(userid="liaison.one"), Mention(mobile="13800001111"))
    is_broken: bool = False

    def entries(
        self, session: Session, notifications: Sequence[Notification], *, today: date, links: Links
    ) -> dict[int, Entry]:
        if self.is_broken:
            raise RuntimeError("this feature has a fault")
        return {
            each.id: Entry(
                notification_id=each.id,
                urgency=0,
                heading="已逾期",
                line=f"T-{each.object_id:04d} 市甲局 逾期3天{self.padding}",
                mentions=self.mentions,
            )
            for each in notifications
            if each.object_id not in self.done
        }


@dataclass
class PersonVoice(ThingVoice):
    """A voice that knows who answers for things: persons by the thing's number."""

    answerable: dict[int, tuple[int, ...]] = field(default_factory=dict)

    def persons(
        self, session: Session, notifications: Sequence[Notification], *, today: date
    ) -> dict[int, tuple[int, ...]]:
        return {each.id: self.answerable.get(each.object_id, ()) for each in notifications}
