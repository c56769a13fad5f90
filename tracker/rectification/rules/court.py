"""当前办理环节: whose turn it is, and for how long it was whose, from states and the plan's steps."""

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby

from tracker.rectification.rules.words import (
    OPEN_STATES,
    Court,
    DocumentEventKind,
    TaskState,
)

COURT_OF_STATE: dict[TaskState, Court] = {
    TaskState.DRAFT: Court.OFFICE,
    TaskState.ISSUED: Court.LIAISON,
    TaskState.PLANNING: Court.LIAISON,
    TaskState.PLAN_REVIEW: Court.OFFICE,
    TaskState.IN_PROGRESS: Court.LIAISON,
    TaskState.UNIT_CHECK: Court.HEAD,
    TaskState.OFFICE_REVIEW: Court.OFFICE,
    TaskState.LONG_TERM: Court.LIAISON,
    TaskState.CLOSED: Court.NOBODY,
    TaskState.VOID: Court.NOBODY,
    TaskState.ENDED: Court.NOBODY,
}
WITH_UNIT = frozenset({Court.LIAISON, Court.HEAD})
REVIEWS = frozenset({TaskState.PLAN_REVIEW, TaskState.OFFICE_REVIEW})
PlanEvent = tuple[date, DocumentEventKind]


def court_of(state: TaskState, last_plan_event: DocumentEventKind | None = None) -> Court:
    """Return whose turn it is. A submitted plan waits for the head while the state is planning."""
    if state is TaskState.PLANNING and last_plan_event is DocumentEventKind.SUBMITTED:
        return Court.HEAD
    return COURT_OF_STATE[state]


def is_with_unit(state: TaskState) -> bool:
    """Return whether the unit has to act, so that reminders to it run."""
    return COURT_OF_STATE[state] in WITH_UNIT


# 长期整改 follows its review dates, not a due date.
CAN_BE_OVERDUE = frozenset(
    state for state in OPEN_STATES - {TaskState.LONG_TERM} if is_with_unit(state)
)


@dataclass(frozen=True)
class Move:
    """One step of a task's history."""

    occurred_on: date
    state: TaskState


def state_on(moves: Sequence[Move], day: date) -> TaskState | None:
    """Return the state at the end of a day; None before the task existed.

    `moves` stand in the order of (day, entry).
    """
    place = bisect_right(moves, day, key=lambda move: move.occurred_on)
    return moves[place - 1].state if place else None


def court_on(state: TaskState, plan_events: Sequence[PlanEvent], day: date) -> Court:
    """Return whose turn it was at the end of a day; `plan_events` in order of entry."""
    known = [kind for on, kind in plan_events if on <= day]
    return court_of(state, known[-1] if known else None)


@dataclass(frozen=True)
class Spell:
    """A stretch of one state with one side: the days after `start` up to and including `end`.

    As with deadlines, day 0 does not count: whoever hands in on a day had that day.
    """

    state: TaskState
    court: Court
    start: date
    end: date

    @property
    def days(self) -> int:
        """Return its calendar days."""
        return (self.end - self.start).days

    def days_within(self, after: date, until: date) -> int:
        """Return its days that lie after one day, up to and including another."""
        return max((min(self.end, until) - max(self.start, after)).days, 0)


def spells(
    moves: Sequence[Move], plan_events: Sequence[PlanEvent], *, as_of: date
) -> tuple[Spell, ...]:
    """Return who had the task from its first day to T, in order and without gaps.

    `moves` stand in the order of (day, entry), `plan_events` in order of entry. A stretch of less
    than a day is nobody's. What a ledger brought in closed was never in anybody's hands here.
    """
    days = {move.occurred_on for move in moves} | {on for on, _ in plan_events}
    bounds = [day for day in sorted(days) if moves and moves[0].occurred_on <= day < as_of]
    pieces = [
        _piece(moves, plan_events, start, end)
        for start, end in zip(bounds, [*bounds[1:], as_of], strict=False)
    ]
    return tuple(_joined(pieces))


def _piece(
    moves: Sequence[Move], plan_events: Sequence[PlanEvent], start: date, end: date
) -> Spell:
    state = state_on(moves, start)
    if state is None:
        raise ValueError("a stretch before the first step")
    court = court_on(state, plan_events, start)
    if state is TaskState.DRAFT and _next_state(moves, start) is TaskState.CLOSED:
        court = Court.NOBODY
    return Spell(state, court, start, end)


def _next_state(moves: Sequence[Move], day: date) -> TaskState | None:
    return next((move.state for move in moves if move.occurred_on > day), None)


def _joined(pieces: Iterable[Spell]) -> Iterable[Spell]:
    for (state, court), group in groupby(pieces, key=lambda piece: (piece.state, piece.court)):
        same = list(group)
        yield Spell(state, court, same[0].start, same[-1].end)


@dataclass(frozen=True, kw_only=True)
class Shares:
    """Calendar days by side. They sum to the whole span; the two `of_which` are parts of others."""

    liaison: int = 0
    head: int = 0
    office: int = 0
    nobody: int = 0
    of_which_long_term: int = 0
    """Part of the liaison's: 长期整改, where nobody waits for anything."""
    of_which_reviews: int = 0
    """Part of the office's: plans and closings under review; the rest lies before 下发."""

    @property
    def unit(self) -> int:
        """Return the days the unit had."""
        return self.liaison + self.head

    @property
    def total(self) -> int:
        """Return the whole span."""
        return self.unit + self.office + self.nobody


def shares(stretches: Iterable[Spell]) -> Shares:
    """Return how many calendar days each side had."""
    every = tuple(stretches)

    def of(court: Court) -> int:
        return sum(each.days for each in every if each.court is court)

    return Shares(
        liaison=of(Court.LIAISON),
        head=of(Court.HEAD),
        office=of(Court.OFFICE),
        nobody=of(Court.NOBODY),
        of_which_long_term=sum(each.days for each in every if each.state is TaskState.LONG_TERM),
        of_which_reviews=sum(each.days for each in every if each.state in REVIEWS),
    )


def unit_words(found: Shares) -> str:
    """Return how long the unit had a task, for everybody: the office's own share is not in it."""
    kept = f"（其中长期整改 {found.of_which_long_term} 天）" if found.of_which_long_term else ""
    return f"联络员累计 {found.liaison} 天{kept}，主要负责人累计 {found.head} 天"


def added(parts: Iterable[Shares]) -> Shares:
    """Return the shares of several tasks together."""
    every = tuple(parts)
    names = tuple(Shares.__dataclass_fields__)
    return Shares(**{name: sum(getattr(each, name) for each in every) for name in names})
