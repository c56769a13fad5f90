"""What is due on a day: candidates climbed up their rules, each with its one key."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from tracker.notifications.models import Notification
from tracker.notifications.outbox import Message
from tracker.notifications.rules import Audience
from tracker.organizations.models import Region
from tracker.reminders import queries
from tracker.reminders.history import Histories, Key, histories
from tracker.reminders.queries import Candidate, Wanted
from tracker.reminders.rulebook import Rulebook, load_rules
from tracker.reminders.rules import (
    NOTHING_SAID,
    Rule,
    RuleStatus,
    Step,
    notice_days,
    steps_due,
)
from tracker.workdays.rules import WorkCalendar


@dataclass(frozen=True)
class Due:
    """One step of one object: what a notification would say, and its key."""

    candidate: Candidate
    step: Step

    @property
    def key(self) -> Key:
        """Return the one key, the same on every run."""
        it, step = self.candidate, self.step
        return (
            step.rule.code,
            it.object_type,
            it.object_id,
            it.reopen_count,
            step.anchor_on,
            step.occurrence,
            step.rule.audience,
        )


def key_of(notification: Notification) -> Key:
    """Return the key of a queued notification."""
    return (
        notification.rule,
        notification.object_type,
        notification.object_id,
        notification.reopen_count,
        notification.anchor_on,
        notification.occurrence,
        notification.audience,
    )


def message_of(due: Due) -> Message:
    """Return what is queued for a step."""
    it, step = due.candidate, due.step
    return Message(
        rule=step.rule.code,
        object_type=it.object_type,
        object_id=it.object_id,
        reopen_count=it.reopen_count,
        anchor_on=step.anchor_on,
        occurrence=step.occurrence,
        audience=step.rule.audience,
        region_id=it.region_id,
        unit_id=it.unit_id if step.rule.audience is Audience.UNIT else None,
        way=step.rule.way,
    )


@dataclass(frozen=True)
class Selection:
    """What may be due, with the rules it climbs: read once, asked about any day within its reach
    and any status of rules."""

    candidates: Sequence[Candidate]
    rulebook: Rulebook


def select_due(session: Session, wanted: Wanted, *, on: date) -> Selection:
    """Read everything wanted with its rules, for any day up to one.

    Without a last due date wanted it looks as far ahead of that day as the rules do.
    """
    regions = wanted.region_ids
    if regions is None:
        regions = list(session.scalars(select(Region.id)))
    rulebook = load_rules(session, regions)
    if wanted.until is None:
        reach = max(map(notice_days, rulebook.everything(regions)), default=0)
        wanted = replace(wanted, until=on + timedelta(days=reach))
    return Selection(queries.candidates(session, wanted), rulebook)


def due_steps(
    session: Session, wanted: Wanted, *, today: date, calendar: WorkCalendar
) -> tuple[list[Due], Histories]:
    """Return the highest steps come due on a day, of everything wanted that chat speaks of, and
    what was said before; a step that was said is among them, marked so."""
    if not calendar.is_workday(today):
        return [], Histories()
    selection = select_due(session, wanted, on=today)
    return steps_after(session, selection, today=today, calendar=calendar)


def steps_of(
    session: Session,
    selection: Selection,
    *,
    today: date,
    calendar: WorkCalendar,
    statuses: Collection[RuleStatus] = (RuleStatus.ACTIVE,),
) -> list[Due]:
    """Return the highest steps come due on a day by rules of some statuses, as if nothing had been
    said before; one statement."""
    paused = queries.paused_today(session, today=today)
    found = list(queries.heeding(selection.candidates, paused))
    return list(_climb(found, selection.rulebook, statuses, today=today, calendar=calendar))


def steps_after(
    session: Session,
    selection: Selection,
    *,
    today: date,
    calendar: WorkCalendar,
    statuses: Collection[RuleStatus] = (RuleStatus.ACTIVE,),
) -> tuple[list[Due], Histories]:
    """Return the highest steps in chat come due on a day after what was said before, and that;
    three statements."""
    reached = steps_of(session, selection, today=today, calendar=calendar, statuses=statuses)
    spoken = (it.candidate for it in reached if not it.step.rule.is_in_product_only)
    found = list(dict.fromkeys(spoken))
    told = histories(session, found, today=today)
    climbed = _climb(found, selection.rulebook, statuses, today=today, calendar=calendar, told=told)
    return [it for it in climbed if not it.step.rule.is_in_product_only], told


def _climb(
    found: Sequence[Candidate],
    rulebook: Rulebook,
    statuses: Collection[RuleStatus],
    *,
    today: date,
    calendar: WorkCalendar,
    told: Histories | None = None,
) -> Iterator[Due]:
    """Yield steps; tasks of one region with the same dates and history share one computation."""
    rules: dict[tuple[int, int | None], tuple[Rule, ...]] = {}
    known: dict[tuple[object, ...], list[Step]] = {}
    for it in found:
        place = (it.region_id, it.round_id)
        if place not in rules:
            rules[place] = rulebook.of(it.region_id, *statuses, round_id=it.round_id)
        history = NOTHING_SAID if told is None else told.of(it)
        same = (*place, it.anchor, frozenset(history.items()))
        if same not in known:
            known[same] = steps_due(
                it.anchor, rules[place], today=today, calendar=calendar, history=history
            )
        for step in known[same]:
            yield Due(it, step)
