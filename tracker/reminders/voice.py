"""Speaks for queued reminders at the moment of sending: what is still wanted, and its words."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from tracker.kernel.links import Links
from tracker.kernel.permissions import Role
from tracker.notifications.claims import regions_that_push
from tracker.notifications.models import Notification
from tracker.notifications.voices import Entry, Mention
from tracker.people.models import Person, User
from tracker.rectification.models import TaskDuty
from tracker.rectification.rules.words import DutyRole
from tracker.reminders import queries, texts
from tracker.reminders.due import Due, due_steps, key_of
from tracker.reminders.queries import TASK, Wanted
from tracker.reminders.recipients import recipients
from tracker.reminders.rules import WITH_OFFICE
from tracker.workdays.queries import load_calendar

LATE, TODAY, SOON, OFFICE_OWN = range(4)
Mentions = dict[int, tuple[Mention, ...]]


@dataclass
class ReminderVoice:
    """The voice of one kind of object that has a due date."""

    object_type: str

    def entries(
        self,
        session: Session,
        notifications: Sequence[Notification],
        *,
        today: date,
        links: Links,  # noqa: ARG002 - the digest carries the one link
    ) -> dict[int, Entry]:
        """Return entries of those that would still be queued today, by notification id.

        Asking the rules again covers all at once: closed, with the office, paused, moved due date,
        reopened, superseded by a higher step, rule or region switched off, a day off.
        """
        ids = {it.object_id for it in notifications}
        wanted = Wanted(
            None,
            region_ids=regions_that_push(session),
            object_ids=ids,
            kinds=(self.object_type,),
        )
        calendar = load_calendar(session)
        due, _told = due_steps(session, wanted, today=today, calendar=calendar)
        by_key = {it.key: it for it in due}
        units = {it.candidate.unit_id for it in due if it.candidate.unit_id is not None}
        names = queries.unit_names(session, units)
        liaisons = _liaisons(session, units) if units else {}
        duties = _duties(session, ids, today=today) if self.object_type == TASK else {}
        found = {}
        for each in notifications:
            it = by_key.get(key_of(each))
            if it is not None:
                unit_id = it.candidate.unit_id
                own = liaisons.get(unit_id, ()) if unit_id is not None else ()
                people = (*duties.get(each.object_id, ()), *own)
                place = it.candidate.place or names[unit_id]
                found[each.id] = entry_of(
                    each.id,
                    it,
                    place,
                    people,
                    today=today,
                    is_guessed=calendar.is_estimated(it.step.anchor_on),
                )
        return found

    def persons(
        self, session: Session, notifications: Sequence[Notification], *, today: date
    ) -> dict[int, tuple[int, ...]]:
        """Return whom a reminder means that day."""
        return recipients(session, notifications, today=today)


def entry_of(
    notification_id: int,
    due: Due,
    unit: str,
    people: tuple[Mention, ...],
    *,
    today: date,
    is_guessed: bool,
) -> Entry:
    """Return what is said of a step, the same in chat and where it is foreseen."""
    with_office = due.step.rule.anchor in WITH_OFFICE
    on = due.step.anchor_on
    return Entry(
        notification_id=notification_id,
        urgency=urgency(on, today=today, is_with_office=with_office),
        heading=texts.heading(due_on=on, today=today, is_with_office=with_office),
        line=texts.line(
            name=due.candidate.name,
            unit=unit,
            due_on=on,
            today=today,
            is_with_office=with_office,
            wording=due.step.rule.wording,
            is_guessed=is_guessed,
        ),
        mentions=() if with_office else tuple(dict.fromkeys(people)),
    )


def urgency(due_on: date, *, today: date, is_with_office: bool = False) -> int:
    """Return the place of a line: late first, then due today, then soon, then the office's own."""
    if is_with_office:
        return OFFICE_OWN
    return LATE if due_on < today else TODAY if due_on == today else SOON


def _liaisons(session: Session, unit_ids: Collection[int]) -> Mentions:
    """Return the liaisons who sign in for units. Heads and leaders are never mentioned."""
    query = (
        select(User.unit_id, Person.wecom_userid, Person.mobile)
        .join(Person, Person.id == User.person_id)
        .where(User.role == Role.UNIT_LIAISON, User.is_active, User.unit_id.in_(unit_ids))
    )
    return _grouped(session.execute(query.order_by(User.id)))


def _duties(session: Session, task_ids: Collection[int], *, today: date) -> Mentions:
    """Return the liaisons named in tasks themselves, who may have no sign-in."""
    query = (
        select(TaskDuty.task_id, Person.wecom_userid, Person.mobile)
        .join(Person, Person.id == TaskDuty.person_id)
        .where(
            TaskDuty.task_id.in_(task_ids),
            TaskDuty.role == DutyRole.LIAISON,
            TaskDuty.from_on <= today,
            or_(TaskDuty.to_on.is_(None), TaskDuty.to_on >= today),
        )
    )
    return _grouped(session.execute(query.order_by(TaskDuty.id)))


def _grouped(rows: object) -> Mentions:
    found: dict[int, list[Mention]] = defaultdict(list)
    for owner, userid, mobile in rows:  # type: ignore[attr-defined]
        if userid or mobile:
            found[owner].append(Mention(userid=userid, mobile=None if userid else mobile))
    return {owner: tuple(people) for owner, people in found.items()}


VOICES = tuple(ReminderVoice(kind) for kind in queries.KINDS)
