"""Last month once more under other rules: what would have been said to units on which day.

States and due dates are those of the day, from the append-only history; what each day said under
the rules of today stands beside it. Of tasks' due dates only. Pure after the load.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from tracker.feedback.models import Feedback
from tracker.notifications.rules import Audience
from tracker.rectification.models import DueChange, Task, TaskTransition
from tracker.rectification.rules.court import CAN_BE_OVERDUE
from tracker.rectification.rules.words import TaskState
from tracker.reminders import queries
from tracker.reminders.due import Due
from tracker.reminders.history import Histories
from tracker.reminders.ladders import DEFAULT_RULES, SIMPLE_RULES, THREE_COLOURS
from tracker.reminders.queries import TASK, Candidate
from tracker.reminders.rulebook import Rulebook, load_rules
from tracker.reminders.rules import Anchor, AnchorKind, Rule, RuleStatus, steps_due
from tracker.workdays.rules import WorkCalendar

SETS: dict[str, tuple[str, Sequence[Rule]]] = {
    "three-colours": ("三色预警", THREE_COLOURS),
    "standard": ("标准模式的规则", DEFAULT_RULES),
    "simple": ("简易模式的规则", SIMPLE_RULES),
}
RulesOf = Callable[[Candidate], Sequence[Rule]]


@dataclass(frozen=True, kw_only=True)
class History:
    """One task as it went: `states` and `moves` (day, due date before) in order."""

    task_id: int
    region_id: int
    round_id: int | None
    unit_id: int
    name: str
    fed_back_on: date | None
    is_doubtful: bool
    due_on: date | None
    states: Sequence[tuple[date, TaskState, TaskState | None]] = ()
    moves: Sequence[tuple[date, date | None]] = ()

    def on(self, day: date, *, is_paused: bool) -> Candidate | None:
        """Return how the task stood in the evening of a day; None unless it was with the unit."""
        told = [(state, before) for at, state, before in self.states if at <= day]
        if not told or told[-1][0] not in CAN_BE_OVERDUE:
            return None
        due = next((before for at, before in self.moves if at > day), self.due_on)
        reopened = sum(before is TaskState.CLOSED for _state, before in told)
        span = (due - self.fed_back_on).days if due and self.fed_back_on else None
        return Candidate(
            object_type=TASK,
            object_id=self.task_id,
            reopen_count=reopened,
            region_id=self.region_id,
            unit_id=self.unit_id,
            round_id=self.round_id,
            name=self.name,
            anchor=Anchor(
                kind=AnchorKind.TASK_DUE,
                on=due,
                span_days=span,
                is_doubtful=self.is_doubtful,
                is_waiting=not is_paused,
            ),
        )


@dataclass(frozen=True)
class Past:
    """What a stretch of days needs, loaded once."""

    histories: Sequence[History]
    pauses: Sequence[tuple[tuple[int, int], date, date]]
    rulebook: Rulebook


def last_month(today: date) -> tuple[date, date]:
    """Return the first and the last day of the month before."""
    last = today.replace(day=1) - timedelta(days=1)
    return last.replace(day=1), last


def load_past(session: Session, region_id: int, first: date, last: date) -> Past:
    """Read tasks that were open at some time between two days, with six statements."""
    wanted = (
        Task.region_id == region_id,
        Task.is_historic.is_(False),
        or_(Task.closed_on.is_(None), Task.closed_on >= first),
    )
    ids = select(Task.id).where(*wanted)
    states: dict[int, list[tuple[date, TaskState, TaskState | None]]] = defaultdict(list)
    steps = select(TaskTransition).where(TaskTransition.task_id.in_(ids))
    for step in session.scalars(steps.order_by(TaskTransition.occurred_on, TaskTransition.id)):
        states[step.task_id].append((step.occurred_on, step.to_state, step.from_state))
    moves: dict[int, list[tuple[date, date | None]]] = defaultdict(list)
    changed = select(DueChange).where(DueChange.task_id.in_(ids))
    for move in session.scalars(changed.order_by(DueChange.occurred_on, DueChange.id)):
        moves[move.task_id].append((move.occurred_on, move.old_due))
    rows = session.execute(
        select(
            Task.id,
            Task.region_id,
            Task.round_id,
            Task.lead_unit_id,
            Task.task_no,
            Task.is_due_doubtful,
            Task.due_on,
            Feedback.fed_back_on,
        )
        .join(Feedback, Feedback.id == Task.feedback_id)
        .where(*wanted)
        .order_by(Task.id)
    )
    histories = [
        History(
            task_id=row.id,
            region_id=row.region_id,
            round_id=row.round_id,
            unit_id=row.lead_unit_id,
            name=row.task_no,
            fed_back_on=row.fed_back_on,
            is_doubtful=row.is_due_doubtful,
            due_on=row.due_on,
            states=states[row.id],
            moves=moves[row.id],
        )
        for row in rows
    ]
    pauses = queries.pauses_between(session, [region_id], first, last)
    return Past(histories, pauses, load_rules(session, [region_id]))


def own_rules(past: Past) -> RulesOf:
    """Return the rules in force today."""

    def rules_of(it: Candidate) -> Sequence[Rule]:
        return past.rulebook.of(it.region_id, RuleStatus.ACTIVE, round_id=it.round_id)

    return rules_of


def rehearse(
    past: Past, rules_of: RulesOf, days: Sequence[date], calendar: WorkCalendar
) -> dict[date, list[Due]]:
    """Return what units would have been told on each day. What the day before the first would
    have said counts as said."""
    said = Histories()
    _told_on(past, rules_of, calendar.previous_workday(days[0] - timedelta(days=1)), calendar, said)
    return {day: list(_told_on(past, rules_of, day, calendar, said)) for day in days}


def _told_on(
    past: Past, rules_of: RulesOf, day: date, calendar: WorkCalendar, said: Histories
) -> Iterable[Due]:
    paused = {place for place, first, last in past.pauses if first <= day <= last}
    found = []
    for history in past.histories:
        is_paused = (history.region_id, history.unit_id) in paused
        it = history.on(day, is_paused=is_paused)
        if it is None:
            continue
        for step in steps_due(
            it.anchor, rules_of(it), today=day, calendar=calendar, history=said.of(it)
        ):
            is_chat = step.rule.audience is Audience.UNIT and not step.rule.is_in_product_only
            if is_chat and not step.is_said:
                said.note(it, step, on=day)
                found.append(Due(it, step))
    return found
