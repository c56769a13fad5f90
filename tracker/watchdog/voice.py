"""What the office's own group, and its lead in person, hear of the reminders' own troubles."""

from collections.abc import Sequence
from datetime import date

from sqlalchemy.orm import Session

from tracker.kernel.links import Links
from tracker.notifications.models import Notification
from tracker.notifications.voices import Entry
from tracker.watchdog.service import INCIDENT, lasting, leads_of

URGENCY = -1  # before everything that is due


class IncidentVoice:
    """Speaks for incidents; one that is over by then is not told any more."""

    object_type = INCIDENT

    def entries(
        self,
        session: Session,
        notifications: Sequence[Notification],
        *,
        today: date,  # noqa: ARG002 - what lasts is worth saying on any day
        links: Links,  # noqa: ARG002 - the digest carries the one link
    ) -> dict[int, Entry]:
        """Return entries of what lasts."""
        found = lasting(session, {each.object_id for each in notifications})
        return {
            each.id: Entry(
                notification_id=each.id,
                urgency=URGENCY,
                heading=found[each.object_id].kind.label,
                line=found[each.object_id].sentence,
            )
            for each in notifications
            if each.object_id in found
        }

    def persons(
        self,
        session: Session,
        notifications: Sequence[Notification],
        *,
        today: date,  # noqa: ARG002 - whoever leads now is told
    ) -> dict[int, tuple[int, ...]]:
        """Return the leads of the offices concerned."""
        leads = leads_of(session, {each.region_id for each in notifications})
        return {each.id: leads.get(each.region_id, ()) for each in notifications}


VOICES = (IncidentVoice(),)
