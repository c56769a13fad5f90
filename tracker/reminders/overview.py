"""What the office reads about reminders: whom to call today, and what would be sent on a day."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import groupby

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from tracker.kernel.permissions import Role
from tracker.notifications.models import Channel, Notification
from tracker.notifications.rules import Audience, ChannelKind, ChannelState, MessageState
from tracker.organizations.models import Unit
from tracker.people.models import Person, User
from tracker.rectification.models import TaskDuty
from tracker.reminders import texts
from tracker.reminders.due import Due, Key, Selection, select_due, steps_of
from tracker.reminders.queries import TASK, Wanted
from tracker.reminders.rules import PERSONAL, AnchorKind, RuleStatus
from tracker.reminders.service import told_since
from tracker.workdays.rules import WorkCalendar

CALL_WITHIN_DAYS = 10
LONGEST_LOOK_BACK_DAYS = 60
"""Steps older than this were said long ago; a rule repeats after ten working days at most."""
ObjectKey = tuple[str, int]


@dataclass(frozen=True)
class Contact:
    """Somebody to call."""

    role: str
    name: str
    mobile: str | None


@dataclass(frozen=True, kw_only=True)
class Call:
    """One thing a unit is to be called about; `days_left` in calendar days, negative = late."""

    due: Due
    days_left: int
    line: str
    contacts: Sequence[Contact]
    told_at: datetime | None

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


@dataclass(frozen=True, kw_only=True)
class Preview:
    """One line that would be sent: to which group, about what. `is_trial` = a rule in dry run."""

    due: Due
    group: str | None
    unit: str
    line: str
    is_trial: bool


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
    units = _units(session, {it.candidate.unit_id for it in due})
    objects = {(it.candidate.object_type, it.candidate.object_id) for it in due}
    told = _last_told(session, objects)
    contacts = _contacts(session, due, today=today)
    due.sort(key=lambda it: (*_place(units, it), it.step.anchor_on, it.candidate.name))
    result = []
    for unit_id, own in groupby(due, key=lambda it: it.candidate.unit_id):
        name = units[unit_id].short_name
        calls = [_call(it, name, contacts, told, today) for it in own]
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


def _place(units: dict[int, Unit], due: Due) -> tuple[int, int]:
    return units[due.candidate.unit_id].sort_no, due.candidate.unit_id


def _call(
    due: Due,
    unit: str,
    contacts: dict[ObjectKey, list[Contact]],
    told: dict[ObjectKey, datetime],
    today: date,
) -> Call:
    it = due.candidate
    key = (it.object_type, it.object_id)
    return Call(
        due=due,
        days_left=(due.step.anchor_on - today).days,
        line=_line(due, unit, today),
        contacts=contacts.get(key, []),
        told_at=told.get(key),
    )


def _line(due: Due, unit: str, today: date) -> str:
    return texts.line(
        name=due.candidate.name,
        unit=unit,
        due_on=due.step.anchor_on,
        today=today,
        is_with_office=due.step.rule.anchor is AnchorKind.OFFICE_REVIEW,
        wording=due.step.rule.wording,
    )


def _units(session: Session, unit_ids: Collection[int]) -> dict[int, Unit]:
    found = session.scalars(select(Unit).where(Unit.id.in_(unit_ids)))
    return {unit.id: unit for unit in found}


def _last_told(session: Session, objects: Collection[ObjectKey]) -> dict[ObjectKey, datetime]:
    """Return when each object was last spoken of to its unit."""
    ids = {object_id for _, object_id in objects}
    query = (
        select(Notification.object_type, Notification.object_id, func.max(Notification.settled_at))
        .where(
            Notification.object_id.in_(ids),
            Notification.object_type.in_({kind for kind, _ in objects}),
            Notification.state == MessageState.SENT,
            Notification.audience == Audience.UNIT,
        )
        .group_by(Notification.object_type, Notification.object_id)
    )
    return {(kind, object_id): at for kind, object_id, at in session.execute(query) if at}


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


def _liaisons(session: Session, unit_ids: Collection[int]) -> dict[int, list[Contact]]:
    found: dict[int, list[Contact]] = defaultdict(list)
    query = (
        select(User.unit_id, Person.name, Person.mobile)
        .join(Person, Person.id == User.person_id)
        .where(User.role == Role.UNIT_LIAISON, User.is_active, User.unit_id.in_(unit_ids))
    )
    for unit_id, name, mobile in session.execute(query.order_by(User.id)):
        found[unit_id or 0].append(Contact(Role.UNIT_LIAISON.label, name, mobile))
    return found


def preview(
    session: Session,
    selection: Selection,
    region_ids: Collection[int],
    *,
    on: date,
    calendar: WorkCalendar,
) -> list[Preview]:
    """Return what would be sent on a day if everything stayed as it is, by group and unit.

    The switch is left aside, rules in dry run are marked; what has been queued before is not
    repeated. Nothing on a day off.
    """
    found = []
    for status in (RuleStatus.ACTIVE, RuleStatus.DRY_RUN):
        due = steps_of(session, selection, today=on, calendar=calendar, statuses=(status,))
        spoken = [it for it in due if not it.step.rule.is_in_product_only]
        found += [(it, status is RuleStatus.DRY_RUN) for it in spoken]
    if not found:
        return []
    told = told_since(session, min(it.step.on for it, _ in found))
    units = _units(session, {it.candidate.unit_id for it, _ in found})
    groups = Groups(session, region_ids)
    lines = [
        Preview(
            due=it,
            group=groups.of(it),
            unit=units[it.candidate.unit_id].short_name,
            line=_line(it, units[it.candidate.unit_id].short_name, on),
            is_trial=is_trial,
        )
        for it, is_trial in found
        if it.key not in told
    ]
    return sorted(
        lines, key=lambda it: (it.group or "~", *_place(units, it.due), it.due.step.anchor_on)
    )


class Groups:
    """Which group would hear a reminder: the unit's own, else its region's shared one."""

    def __init__(self, session: Session, region_ids: Collection[int]) -> None:
        """Read the usable channels of regions."""
        query = select(Channel.kind, Channel.region_id, Channel.unit_id, Channel.name).where(
            Channel.region_id.in_(region_ids), Channel.state == ChannelState.ACTIVE
        )
        rows = list(session.execute(query.order_by(Channel.id.desc())))
        self._own = {row.unit_id: row.name for row in rows if row.kind is ChannelKind.UNIT}
        self._shared = {row.region_id: row.name for row in rows if row.kind is ChannelKind.SHARED}
        self._office = {row.region_id: row.name for row in rows if row.kind is ChannelKind.OFFICE}

    def of(self, due: Due) -> str | None:
        """Return the group's name; None where there is none."""
        it = due.candidate
        if due.step.rule.audience in PERSONAL:
            return "本人（应用消息、邮件或站内消息）"
        if due.step.rule.audience is not Audience.UNIT:
            return self._office.get(it.region_id)
        return self._own.get(it.unit_id) or self._shared.get(it.region_id)


def queued_keys(session: Session, first: date) -> set[Key]:
    """Return what was said already of steps that a day to come may still repeat."""
    return set(told_since(session, first - timedelta(days=LONGEST_LOOK_BACK_DAYS)))
