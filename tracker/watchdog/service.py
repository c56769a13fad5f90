"""Keep what is wrong as incidents, and tell the office once a day of each."""

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from tracker.kernel.clock import local_date
from tracker.kernel.permissions import Role
from tracker.notifications.models import Channel
from tracker.notifications.outbox import Message, enqueue_all
from tracker.notifications.rules import Audience, ChannelKind, ChannelState
from tracker.people.models import User
from tracker.watchdog import queries
from tracker.watchdog.models import IS_UNFINISHED, Incident
from tracker.watchdog.rules import IncidentKind, Trouble, troubles
from tracker.workdays.rules import WorkCalendar

INCIDENT, RULE = "incident", "watchdog"
TO_LEAD = Audience.OWNER  # in person: it is the lead who answers for what an office sends
OF_ROBOTS = (IncidentKind.ROBOT_BROKEN, IncidentKind.ROBOT_FAILING, IncidentKind.QUEUE_AGES)


def watch(session: Session, *, now: datetime, calendar: WorkCalendar) -> int:
    """Look whether the reminders run, keep what is wrong, tell of it; return how many were told.

    State-based like everything: what is wrong is computed anew each time, and any number of runs
    tells of it once a day.
    """
    found = troubles(queries.facts(session, now=now, calendar=calendar), now=now)
    lasting = _keep(session, found, now=now)
    return tell_office(session, lasting, now=now)


def _keep(session: Session, found: Sequence[Trouble], *, now: datetime) -> list[Incident]:
    """Write down what is wrong now, end what is not any more; return what lasts."""
    known = {
        (row.region_id, row.kind, row.subject): row for row in session.scalars(select(Incident))
    }
    wrong = {trouble.key: trouble for trouble in found}
    for key, row in known.items():
        if key not in wrong and row.ended_at is None:
            row.ended_at = now
    return [_kept(session, trouble, known.get(key), now) for key, trouble in wrong.items()]


def _kept(session: Session, trouble: Trouble, row: Incident | None, now: datetime) -> Incident:
    sentence = trouble.sentence[:400]
    if row is None:
        row = Incident(
            region_id=trouble.region_id,
            kind=trouble.kind,
            subject=trouble.subject,
            sentence=sentence,
            began_at=now,
        )
        session.add(row)
    elif row.ended_at is not None:
        row.began_at, row.ended_at = now, None
    if row.sentence != sentence:
        row.sentence = sentence
    return row


def tell_office(session: Session, incidents: Sequence[Incident], *, now: datetime) -> int:
    """Tell offices of incidents by every other way they have; return how many messages were new.

    The office's own group hears of what it is not itself in trouble with; its lead, by a way of
    the lead's own (application message, e-mail, inbox), of every robot in trouble, and of whatever
    the group cannot hear. The outbox's key makes it one message per incident, way and day. The
    first page tells of all of them anyway.
    """
    session.flush()  # the outbox's key is the incident's id
    groups = _office_groups(session, {incident.region_id for incident in incidents})
    messages = []
    for incident in incidents:
        is_heard = _can_hear(groups.get(incident.region_id), incidents, incident)
        if is_heard:
            messages.append(_message(incident, Audience.OFFICE, now))
        if not is_heard or incident.kind in OF_ROBOTS:
            messages.append(_message(incident, TO_LEAD, now))
    return enqueue_all(session, messages, now=now)


def _message(incident: Incident, audience: Audience, now: datetime) -> Message:
    return Message(
        rule=RULE,
        object_type=INCIDENT,
        object_id=incident.id,
        anchor_on=local_date(now),
        audience=audience,
        region_id=incident.region_id,
    )


def _office_groups(session: Session, region_ids: Collection[int]) -> dict[int, Channel]:
    query = select(Channel).where(
        Channel.region_id.in_(region_ids),
        Channel.kind == ChannelKind.OFFICE,
        Channel.state == ChannelState.ACTIVE,
    )
    found: dict[int, Channel] = {}
    for channel in session.scalars(query.order_by(Channel.id)):
        found.setdefault(channel.region_id, channel)  # the one that the outbox would take
    return found


def _can_hear(group: Channel | None, incidents: Sequence[Incident], incident: Incident) -> bool:
    """Return whether the office's own group is another robot than the one in trouble, and well."""
    if group is None:
        return False
    own = f"channel:{group.id}"
    is_in_trouble = any(each.subject == own and each.kind in OF_ROBOTS for each in incidents)
    return incident.subject != own and not is_in_trouble


def leads_of(session: Session, region_ids: Collection[int]) -> dict[int, tuple[int, ...]]:
    """Return by region the persons who sign in as its office's lead."""
    query = select(User.region_id, User.person_id).where(
        User.region_id.in_(region_ids), User.role == Role.OFFICE_LEAD, User.is_active
    )
    found: dict[int, tuple[int, ...]] = {}
    for region_id, person_id in session.execute(query.order_by(User.id)):
        found[region_id] = (*found.get(region_id, ()), person_id)
    return found


def lasting(session: Session, incident_ids: Collection[int]) -> dict[int, Incident]:
    """Return those of some incidents that last."""
    query = select(Incident).where(Incident.id.in_(incident_ids), IS_UNFINISHED)
    return {incident.id: incident for incident in session.scalars(query)}
