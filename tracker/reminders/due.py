"""What is due on a day: candidates climbed up their rules, each with its one key."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from tracker.notifications.models import Notification
from tracker.notifications.rules import Audience
from tracker.organizations.models import Region
from tracker.reminders import queries
from tracker.reminders.queries import Candidate, Wanted
from tracker.reminders.rulebook import Rulebook, load_rules
from tracker.reminders.rules import Anchor, Rule, RuleStatus, Step, notice_days, steps_due
from tracker.workdays.rules import WorkCalendar

Key = tuple[str, str, int, int, date, int, Audience]


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
) -> list[Due]:
    """Return the highest steps come due on a day, of everything wanted, chat and to-dos alike."""
    if not calendar.is_workday(today):
        return []
    selection = select_due(session, wanted, on=today)
    return steps_of(session, selection, today=today, calendar=calendar)


def steps_of(
    session: Session,
    selection: Selection,
    *,
    today: date,
    calendar: WorkCalendar,
    statuses: Collection[RuleStatus] = (RuleStatus.ACTIVE,),
) -> list[Due]:
    """Return the highest steps come due on a day by rules of some statuses; one statement."""
    paused = queries.paused_today(session, today=today)
    found = list(queries.heeding(selection.candidates, paused))
    return list(_climb(found, selection.rulebook, statuses, today=today, calendar=calendar))


def _climb(
    found: Sequence[Candidate],
    rulebook: Rulebook,
    statuses: Collection[RuleStatus],
    *,
    today: date,
    calendar: WorkCalendar,
) -> Iterator[Due]:
    """Yield steps; tasks of one region with the same dates share one computation."""
    rules: dict[tuple[int, int | None], tuple[Rule, ...]] = {}
    known: dict[tuple[int, int | None, Anchor], list[Step]] = {}
    for it in found:
        place = (it.region_id, it.round_id)
        if place not in rules:
            rules[place] = rulebook.of(it.region_id, *statuses, round_id=it.round_id)
        same = (*place, it.anchor)
        if same not in known:
            known[same] = steps_due(it.anchor, rules[place], today=today, calendar=calendar)
        for step in known[same]:
            yield Due(it, step)
