"""What would be sent on days to come: loaded once, computed for many days and other rules. Pure
after the load; it assumes that nothing is done in between."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

from sqlalchemy.orm import Session

from tracker.notifications.rules import Audience
from tracker.reminders import queries
from tracker.reminders.due import Due
from tracker.reminders.history import Histories, histories
from tracker.reminders.queries import Candidate, Wanted
from tracker.reminders.rulebook import Rulebook, load_rules
from tracker.reminders.rules import LONGEST_ALLOWED_DAYS, Rule, RuleStatus, SentBy, steps_due
from tracker.workdays.rules import WorkCalendar

DAYS_AHEAD = 10
RulesOf = Callable[[Candidate], Sequence[Rule]]
Line = tuple[str, int, Audience, SentBy]
"""What a message is about, for whom and by which way; not by which rule."""


@dataclass(frozen=True)
class Loaded:
    """Everything open of a region, its rules, its pauses, and what was said before."""

    candidates: Sequence[Candidate]
    rulebook: Rulebook
    pauses: Sequence[tuple[tuple[int, int], date, date]]
    told: Histories = field(default_factory=Histories)


def workdays_after(today: date, calendar: WorkCalendar, *, count: int = DAYS_AHEAD) -> list[date]:
    """Return the next working days, today left out."""
    return [calendar.add_workdays(today, n) for n in range(1, count + 1)]


def load(
    session: Session, region_id: int, days: Sequence[date], *, is_afresh: bool = False
) -> Loaded:
    """Read what days to come need, with a fixed number of statements; `is_afresh`: as if nothing
    had been said before."""
    last = days[-1] + timedelta(days=LONGEST_ALLOWED_DAYS)
    wanted = Wanted(last, region_ids=[region_id])
    found = queries.candidates(session, wanted)
    return Loaded(
        found,
        load_rules(session, [region_id]),
        queries.pauses_between(session, [region_id], days[0], days[-1]),
        Histories() if is_afresh else histories(session, found, today=days[0]),
    )


def stored_rules(loaded: Loaded, *statuses: RuleStatus) -> RulesOf:
    """Return the rules as they are stored."""

    def rules_of(it: Candidate) -> Sequence[Rule]:
        return loaded.rulebook.of(it.region_id, *statuses, round_id=it.round_id)

    return rules_of


def forecast(
    loaded: Loaded, rules_of: RulesOf, days: Iterable[date], calendar: WorkCalendar
) -> dict[date, list[Due]]:
    """Return what each day would say in chat, nothing twice; the first day says what is on its
    way too, where it is still wanted."""
    told = loaded.told.copy()
    found: dict[date, list[Due]] = {}
    for no, day in enumerate(days):
        paused = {place for place, first, last in loaded.pauses if first <= day <= last}
        found[day] = []
        for it in queries.heeding(loaded.candidates, paused):
            history = told.of(it)
            for step in steps_due(
                it.anchor, rules_of(it), today=day, calendar=calendar, history=history
            ):
                waits = no == 0 and told.is_on_its_way(it, step)
                if not step.rule.is_in_product_only and (waits or not step.is_said):
                    told.note(it, step, on=day)
                    found[day].append(Due(it, step))
    return found


@dataclass(frozen=True)
class DayChange:
    """What other rules would say more, and what less, on one day."""

    on: date
    total: int
    added: tuple[Due, ...]
    removed: tuple[Due, ...]


def changes(before: Mapping[date, list[Due]], after: Mapping[date, list[Due]]) -> list[DayChange]:
    """Return the difference day by day."""
    return [
        DayChange(day, len(after[day]), _beyond(after[day], was), _beyond(was, after[day]))
        for day, was in before.items()
    ]


def _beyond(found: Sequence[Due], others: Sequence[Due]) -> tuple[Due, ...]:
    known = {_line(it) for it in others}
    return tuple(it for it in found if _line(it) not in known)


def _line(it: Due) -> Line:
    rule = it.step.rule
    return it.candidate.object_type, it.candidate.object_id, rule.audience, rule.reached_by


def with_rule(loaded: Loaded, round_id: int | None, replaced: str | None, rule: Rule) -> RulesOf:
    """Return the active rules with one put in place of another (None: besides the others).

    A set of a round that has rules of its own is left alone by a change of the region's.
    """
    stored = stored_rules(loaded, RuleStatus.ACTIVE)
    book = loaded.rulebook

    def rules_of(it: Candidate) -> Sequence[Rule]:
        has_own = (it.region_id, it.round_id) in book.rows and it.round_id is not None
        if (it.round_id if has_own else None) != round_id:
            return stored(it)
        return [*(each for each in stored(it) if each.code != replaced), rule]

    return rules_of
