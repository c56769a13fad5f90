"""What would be sent on a day: every message to groups and to persons, as it will be composed.

It asks what the sender asks: the rules, the routes, who answers, the ways to them, the words. What
other features have queued goes along, for it shares the digests.
"""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from tracker.kernel.clock import at_local
from tracker.kernel.links import Links
from tracker.notifications import addressing, claims
from tracker.notifications.composing import Desk, frame_of, item_of
from tracker.notifications.digest import compose
from tracker.notifications.models import IS_QUEUED, Channel, Digest, Notification
from tracker.notifications.rules import WAYS, ChannelKind, ChannelState, is_personal
from tracker.notifications.voices import Entry, Voice
from tracker.organizations.models import Unit
from tracker.people.models import Person
from tracker.reminders.due import Due, Selection, message_of, steps_after, steps_of
from tracker.reminders.overview import place_of, units_by_id
from tracker.reminders.recipients import recipients
from tracker.reminders.rules import RuleStatus
from tracker.reminders.voice import entry_of
from tracker.workdays.rules import WorkCalendar

SLOT = (9, 7)
BEFORE_ALL = 10**12  # ids of what is not stored rise, and are nobody's


@dataclass(frozen=True, kw_only=True)
class Preview:
    """One line that would be sent: to which group or person, about what.

    `notification`: as it is queued, or would be; never stored. `rule`: the label of what says it.
    `channel` None: there is no group, or no way to anybody. `is_trial`: a rule in dry run;
    `is_waiting`: queued already and not sent.
    """

    notification: Notification
    entry: Entry
    rule: str
    name: str
    unit: str
    channel: Channel | None
    person: Person | None = None
    is_trial: bool = False
    is_waiting: bool = False
    place: tuple[int, int] = (-1, 0)

    @property
    def group(self) -> str | None:
        """Return where it goes: the name of the group, or of the person with the way."""
        if self.channel is None:
            return None
        if self.person is None:
            return self.channel.name
        return f"{self.person.name}（{self.channel.kind.label}）"

    @property
    def kind(self) -> ChannelKind | None:
        """Return by which kind of channel."""
        return self.channel.kind if self.channel else None

    @property
    def is_to_person(self) -> bool:
        """Return whether it is for one person."""
        return is_personal(self.notification.audience, self.notification.way)

    @property
    def line(self) -> str:
        """Return its words."""
        return self.entry.line


@dataclass
class Messages:
    """How many messages the lines make: by the name of a group, and by the way to persons."""

    groups: dict[str, int] = field(default_factory=dict)
    ways: dict[ChannelKind, int] = field(default_factory=dict)
    persons: dict[ChannelKind, int] = field(default_factory=dict)

    @property
    def in_groups(self) -> int:
        """Return how many go to groups."""
        return sum(self.groups.values())


@dataclass(frozen=True)
class _Line:
    """A step, or what another feature has queued, with what is to be said."""

    notification: Notification
    entry: Entry
    rule: str
    due: Due | None = None
    unit: str = ""
    is_trial: bool = False
    is_waiting: bool = False


def preview(
    session: Session,
    selection: Selection,
    region_ids: Collection[int],
    *,
    on: date,
    calendar: WorkCalendar,
    others: Sequence[Voice] = (),
) -> list[Preview]:
    """Return what would be sent on a day if everything stayed as it is, by group and unit: what
    comes due, and what is queued and still wanted then.

    The switch is left aside, rules in dry run are marked; what has been said before is not
    repeated. Nothing on a day off.
    """
    found, units = _steps(session, selection, on=on, calendar=calendar)
    if calendar.is_workday(on):
        found += _queued_by(session, others, region_ids, on=on)
    chosen = _persons(session, [it.notification for it in found], on=on)
    groups = _groups(session, region_ids)
    ways = claims.routes(session)
    lines = []
    for it in found:
        to = chosen.get(it.notification.id)
        channel = _group_of(it.notification, ways, groups) if to is None else to.way
        if to is None and is_personal(it.notification.audience, it.notification.way):
            channel = None
        lines.append(
            Preview(
                notification=it.notification,
                entry=it.entry,
                rule=it.rule,
                name=it.due.candidate.name if it.due else it.entry.heading,
                unit=it.unit,
                channel=channel if channel and channel.state is ChannelState.ACTIVE else None,
                person=to.person if to else None,
                is_trial=it.is_trial,
                is_waiting=it.is_waiting,
                place=place_of(units, it.due) if it.due else (-1, 0),
            )
        )
    return sorted(lines, key=lambda it: (it.group or "~", it.place, it.notification.anchor_on))


def _steps(
    session: Session, selection: Selection, *, on: date, calendar: WorkCalendar
) -> tuple[list[_Line], dict[int, Unit]]:
    active, told = steps_after(session, selection, today=on, calendar=calendar)
    waits = {it: told.is_on_its_way(it.candidate, it.step) for it in active}
    said = [it for it in active if waits[it] or not it.step.is_said]
    said.sort(key=lambda it: (not waits[it], it.key))  # as they come to be numbered
    trials = steps_of(
        session, selection, today=on, calendar=calendar, statuses=(RuleStatus.DRY_RUN,)
    )
    trials = [it for it in trials if not it.step.rule.is_in_product_only]
    units = units_by_id(session, {it.candidate.unit_id for it in (*said, *trials)})
    lines = []
    for no, it in enumerate((*said, *trials), 1):
        unit_id = it.candidate.unit_id
        unit = units[unit_id].short_name if unit_id is not None else it.candidate.place
        entry = entry_of(
            no - BEFORE_ALL,
            it,
            unit,
            (),
            today=on,
            is_guessed=calendar.is_estimated(it.step.anchor_on),
        )
        row = Notification(id=no - BEFORE_ALL, **vars(message_of(it)))
        lines.append(
            _Line(row, entry, it.step.rule.label, it, unit, no > len(said), waits.get(it, False))
        )
    return lines, units


def _queued_by(
    session: Session, voices: Sequence[Voice], region_ids: Collection[int], *, on: date
) -> list[_Line]:
    """Return what other features have queued and still want said."""
    query = (
        select(Notification)
        .where(IS_QUEUED, Notification.region_id.in_(region_ids))
        .where(Notification.object_type.in_([voice.object_type for voice in voices]))
        .where(Notification.not_before <= _slot(on))
    )
    rows: dict[str, list[Notification]] = defaultdict(list)
    for row in session.scalars(query.order_by(Notification.id)):
        rows[row.object_type].append(row)
    lines = []
    for voice in voices:
        own = rows[voice.object_type]
        entries = voice.entries(session, own, today=on, links=Links(None)) if own else {}
        for row in own:
            if row.id in entries:
                entry = entries[row.id]
                lines.append(_Line(row, entry, entry.heading, is_waiting=True))
    return lines


def _slot(on: date) -> datetime:
    return at_local(on, *SLOT)


def _persons(
    session: Session, rows: Sequence[Notification], *, on: date
) -> Mapping[int, addressing.Chosen | None]:
    """Return who is reached by which way, of what is for persons."""
    personal = [row for row in rows if is_personal(row.audience, row.way)]
    if not personal:
        return {}
    persons = recipients(session, personal, today=on)
    return addressing.foresee(session, personal, persons, now=_slot(on))


def _groups(session: Session, region_ids: Collection[int]) -> dict[int, Channel]:
    query = select(Channel).where(Channel.region_id.in_(region_ids), Channel.kind.not_in(WAYS))
    return {channel.id: channel for channel in session.scalars(query)}


def _group_of(
    row: Notification, ways: claims.Routes, groups: Mapping[int, Channel]
) -> Channel | None:
    channel_id = ways.of(
        region_id=row.region_id,
        unit_id=row.unit_id,
        is_for_office=row.audience in claims.IN_OFFICE,
    )
    return groups.get(channel_id) if channel_id is not None else None


def messages_of(session: Session, lines: Sequence[Preview], *, on: date, links: Links) -> Messages:
    """Return in how many messages the lines would be read; what is on trial is not sent."""
    heard: dict[tuple[Channel, Person | None], list[Preview]] = defaultdict(list)
    for each in lines:
        if each.channel is not None and not each.is_trial:
            heard[each.channel, each.person].append(each)
    desk = Desk(voices={}, new_ones=(), links=links, now=_slot(on))
    number = f"{on:%y%m%d}-{(session.scalar(select(func.max(Digest.id))) or 0) + 1}"
    found = Messages()
    for (channel, person), own in heard.items():
        items = [item_of(each.notification, each.entry) for each in own]
        parts = len(compose(items, frame_of(channel, number, desk)))
        if person is None:
            found.groups[channel.name] = found.groups.get(channel.name, 0) + parts
        else:
            found.ways[channel.kind] = found.ways.get(channel.kind, 0) + parts
            found.persons[channel.kind] = found.persons.get(channel.kind, 0) + 1
    return found
