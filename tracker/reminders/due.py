"""What is due on a day: candidates climbed up their rules, each with its one key."""

from collections.abc import Collection, Iterable, Iterator
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


def due_steps(
    session: Session,
    wanted: Wanted,
    *,
    today: date,
    calendar: WorkCalendar,
    statuses: Collection[RuleStatus] = (RuleStatus.ACTIVE,),
) -> list[Due]:
    """Return the highest steps come due on a day, of everything wanted, chat and to-dos alike.

    Without a last day wanted it looks as far ahead as the rules do.
    """
    if not calendar.is_workday(today):
        return []
    found, rulebook = gather(session, wanted, today=today)
    return list(climb(found, rulebook, statuses, today=today, calendar=calendar))


def gather(session: Session, wanted: Wanted, *, today: date) -> tuple[list[Candidate], Rulebook]:
    """Return everything wanted as it stands on a day, and the rules that may speak of it."""
    paused = queries.paused_today(session, today=today)
    regions = (
        wanted.region_ids
        if wanted.region_ids is not None
        else list(session.scalars(select(Region.id)))
    )
    rulebook = load_rules(session, regions)
    if wanted.until is None:
        reach = max(map(notice_days, rulebook.everything(regions)), default=0)
        wanted = replace(wanted, until=today + timedelta(days=reach))
    found = queries.candidates(session, wanted, paused=paused)
    return found, rulebook


def climb(
    found: Iterable[Candidate],
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
