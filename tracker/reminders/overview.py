"""今天该催谁: whom the office is to call today about what, with numbers and ready texts."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import groupby

from sqlalchemy import false, func, literal, or_, select
from sqlalchemy.orm import Session

from tracker.kernel.permissions import Role
from tracker.notifications.models import Channel, Notification
from tracker.notifications.rules import WAYS, Audience, MessageState
from tracker.organizations.models import Unit
from tracker.people.models import Person, User
from tracker.rectification.models import TaskDuty
from tracker.reminders import texts
from tracker.reminders.calling import ObjectKey
from tracker.reminders.due import Due, Selection, select_due, steps_of
from tracker.reminders.models import CallNote
from tracker.reminders.queries import TASK, Wanted
from tracker.reminders.rules import PERSONAL, WITH_OFFICE
from tracker.workdays.rules import WorkCalendar

CALL_WITHIN_DAYS = 10


@dataclass(frozen=True)
class Contact:
    """Somebody to call."""

    role: str
    name: str
    mobile: str | None


@dataclass(frozen=True)
class Told:
    """When something was last spoken of to its unit, and in which group, or by which way to one of
    its people."""

    at: datetime
    group: str | None
    is_to_person: bool = False


@dataclass(frozen=True)
class Called:
    """When somebody of the office called about something, and who."""

    at: datetime
    by: str


@dataclass(frozen=True, kw_only=True)
class Call:
    """One thing a unit is to be called about; `days_left` in calendar days, negative = late.

    `is_guessed`: its date lies in a year without the State Council's notice (推算).
    """

    due: Due
    days_left: int
    line: str
    contacts: Sequence[Contact]
    told: Told | None
    called: Called | None
    is_guessed: bool

    @property
    def key(self) -> str:
        """Return how the page's buttons name it."""
        it = self.due.candidate
        return f"{it.object_type}-{it.object_id}"

    @property
    def task_id(self) -> int | None:
        """Return the task's id where there is a page to open."""
        it = self.due.candidate
        return it.object_id if it.object_type == TASK else None


@dataclass(frozen=True)
class UnitCalls:
    """All calls to one unit, with a text ready to copy."""

    unit: str
    calls: Sequence[Call]
    text: str


def reaching(session: Session, region_ids: Collection[int], *, on: date) -> Selection:
    """Read what the call list and the preview choose from, for any day up to one."""
    return select_due(session, Wanted(None, region_ids=region_ids), on=on)


def call_list(
    session: Session, selection: Selection, *, today: date, calendar: WorkCalendar
) -> list[UnitCalls]:
    """Return 今天该催谁: what is late or due within ten days, by unit in the 党政序列.

    It needs neither pushing nor a group, and on a day off it reads as on the working day before.
    """
    day = calendar.previous_workday(today)
    last = day + timedelta(days=CALL_WITHIN_DAYS)
    found = steps_of(session, selection, today=day, calendar=calendar)
    due = _one_call_each([it for it in found if it.step.anchor_on <= last])
    units = units_by_id(session, {it.candidate.unit_id for it in due})
    objects = {(it.candidate.object_type, it.candidate.object_id) for it in due}
    told, called = _last_words(session, objects)
    known = _Known(contacts=_contacts(session, due, today=today), told=told, called=called)
    due.sort(key=lambda it: (*place_of(units, it), it.step.anchor_on, it.candidate.name))
    result = []
    for unit_id, own in groupby(due, key=lambda it: it.candidate.unit_id):
        name = units[unit_id].short_name
        calls = [_call(it, name, known, today, calendar) for it in own]
        text = texts.call(unit=name, items=[call.line for call in calls])
        result.append(UnitCalls(name, calls, text))
    return result


def _one_call_each(found: Sequence[Due]) -> list[Due]:
    """Return one line for each object that somebody in a unit is to be called about."""
    audiences = (Audience.UNIT, *PERSONAL)
    called = [it for it in found if it.step.rule.audience in audiences]
    called.sort(key=lambda it: audiences.index(it.step.rule.audience))
    return list(
        {(it.candidate.object_type, it.candidate.object_id): it for it in called[::-1]}.values()
    )


def place_of(units: dict[int, Unit], due: Due) -> tuple[int, int]:
    unit_id = due.candidate.unit_id
    return (units[unit_id].sort_no, unit_id) if unit_id is not None else (-1, 0)


@dataclass(frozen=True, kw_only=True)
class _Known:
    """What is known of each object on the list."""

    contacts: dict[ObjectKey, list[Contact]]
    told: dict[ObjectKey, Told]
    called: dict[ObjectKey, Called]


def _call(due: Due, unit: str, known: _Known, today: date, calendar: WorkCalendar) -> Call:
    it = due.candidate
    key = (it.object_type, it.object_id)
    is_guessed = calendar.is_estimated(due.step.anchor_on)
    return Call(
        due=due,
        days_left=(due.step.anchor_on - today).days,
        line=_line(due, unit, today, is_guessed=is_guessed),
        contacts=known.contacts.get(key, []),
        told=known.told.get(key),
        called=known.called.get(key),
        is_guessed=is_guessed,
    )


def _line(due: Due, unit: str, today: date, *, is_guessed: bool = False) -> str:
    return texts.line(
        is_guessed=is_guessed,
        name=due.candidate.name,
        unit=unit,
        due_on=due.step.anchor_on,
        today=today,
        is_with_office=due.step.rule.anchor in WITH_OFFICE,
        wording=due.step.rule.wording,
    )


def units_by_id(session: Session, unit_ids: Collection[int | None]) -> dict[int, Unit]:
    known = [one for one in unit_ids if one is not None]
    found = session.scalars(select(Unit).where(Unit.id.in_(known)))
    return {unit.id: unit for unit in found}


def _last_words(
    session: Session, objects: Collection[ObjectKey]
) -> tuple[dict[ObjectKey, Told], dict[ObjectKey, Called]]:
    """Return when each object was last spoken of in its unit's group, and last on the telephone;
    one statement."""
    kinds = {kind for kind, _ in objects}
    ids = {object_id for _, object_id in objects}
    told = (
        select(
            Notification.object_type,
            Notification.object_id,
            Notification.settled_at.label("at"),
            Channel.name.label("where_or_who"),
            func.coalesce(Channel.kind.in_(WAYS), false()).label("is_to_person"),
            literal(value=False).label("is_call"),
        )
        .outerjoin(Channel, Channel.id == Notification.channel_id)
        .where(
            Notification.object_type.in_(kinds),
            Notification.object_id.in_(ids),
            Notification.state == MessageState.SENT,
            Notification.audience == Audience.UNIT,
        )
    )
    called = select(
        CallNote.object_type,
        CallNote.object_id,
        CallNote.called_at,
        CallNote.called_by,
        false(),
        literal(value=True),
    ).where(CallNote.object_type.in_(kinds), CallNote.object_id.in_(ids))
    groups: dict[ObjectKey, Told] = {}
    calls: dict[ObjectKey, Called] = {}
    for kind, object_id, at, words, is_to_person, is_call in session.execute(
        told.union_all(called).order_by("at")
    ):
        if at is None:
            continue
        if is_call:
            calls[kind, object_id] = Called(at, words)
        else:
            groups[kind, object_id] = Told(at, words, bool(is_to_person))
    return groups, calls


def _contacts(
    session: Session, due: Sequence[Due], *, today: date
) -> dict[ObjectKey, list[Contact]]:
    """Return whom to call about each object: those named in the task, then the unit's liaisons."""
    found: dict[ObjectKey, list[Contact]] = defaultdict(list)
    tasks = {it.candidate.object_id for it in due if it.candidate.object_type == TASK}
    query = (
        select(TaskDuty.task_id, TaskDuty.role, Person.name, Person.mobile)
        .join(Person, Person.id == TaskDuty.person_id)
        .where(TaskDuty.task_id.in_(tasks), TaskDuty.from_on <= today)
        .where(or_(TaskDuty.to_on.is_(None), TaskDuty.to_on >= today))
    )
    for task_id, role, name, mobile in session.execute(query.order_by(TaskDuty.id)):
        found[(TASK, task_id)].append(Contact(role.label, name, mobile))
    liaisons = _liaisons(session, {it.candidate.unit_id for it in due})
    for it in due:
        own = found[(it.candidate.object_type, it.candidate.object_id)]
        named = {contact.name for contact in own}
        own += [each for each in liaisons[it.candidate.unit_id] if each.name not in named]
    return found


def _liaisons(
    session: Session, unit_ids: Collection[int | None]
) -> dict[int | None, list[Contact]]:
    found: dict[int | None, list[Contact]] = defaultdict(list)
    query = (
        select(User.unit_id, Person.name, Person.mobile)
        .join(Person, Person.id == User.person_id)
        .where(User.role == Role.UNIT_LIAISON, User.is_active, User.unit_id.in_(unit_ids))
    )
    for unit_id, name, mobile in session.execute(query.order_by(User.id)):
        found[unit_id].append(Contact(Role.UNIT_LIAISON.label, name, mobile))
    return found
