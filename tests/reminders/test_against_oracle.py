"""The ladder against an oracle in plain Python over dicts: random rules, calendars, outages, moved
dates, reopenings, stays with the office, pauses, and a clock that jumps back.

The oracle walks the calendar day by day and knows nothing of the product's arithmetic. A world is
one task over some weeks; on each day on which the service is up, the product says what it would
queue, and keeps the keys as the outbox does.
"""

from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from tracker.kernel.errors import DomainError
from tracker.notifications.rules import Audience
from tracker.reminders.due import Due, Key
from tracker.reminders.forecast import Loaded, forecast
from tracker.reminders.queries import Candidate
from tracker.reminders.rule_checks import check_set
from tracker.reminders.rulebook import Rulebook
from tracker.reminders.rules import Anchor, AnchorKind, OffsetKind, Rule
from tracker.workdays.rules import DayKind, WorkCalendar

FIRST = date(2026, 3, 2)
DAYS = 90
UNIT, OFFICE, PAUSED, CLOSED = "unit", "office", "paused", "closed"
ONE = timedelta(days=1)

once = st.fixed_dictionaries(
    {
        "kind": st.sampled_from(["days", "workdays"]),
        "offset": st.integers(-30, 40),
        "every": st.sampled_from([0, 0, 0, 3]),
        "longer_than": st.sampled_from([0, 0, 60]),
    }
)
share = st.fixed_dictionaries(
    {
        "kind": st.just("percent"),
        "offset": st.integers(1, 99),
        "every": st.just(0),
        "longer_than": st.just(0),
    }
)
promise = st.fixed_dictionaries(
    {
        "kind": st.just("days"),
        "offset": st.integers(0, 7),
        "every": st.integers(1, 10),
        "longer_than": st.just(0),
    }
)
worlds = st.fixed_dictionaries(
    {
        "promise": promise,
        "others": st.lists(once | share, max_size=5),
        "special": st.dictionaries(st.integers(-40, DAYS), st.booleans(), max_size=25),
        "due": st.integers(-20, 50),
        "span": st.integers(0, 200),
        "moves": st.dictionaries(st.integers(1, DAYS - 1), st.integers(-5, 60), max_size=2),
        "turns": st.dictionaries(
            st.integers(1, DAYS - 1), st.sampled_from([UNIT, OFFICE, PAUSED, CLOSED]), max_size=6
        ),
        "down": st.sets(st.integers(0, DAYS - 1), max_size=30),
        "back": st.dictionaries(st.integers(0, DAYS - 1), st.integers(1, 4), max_size=3),
    }
)


# The oracle: dicts and single days, nothing of the product.
def works(world: dict[str, Any], day: date) -> bool:
    told = world["special"].get((day - FIRST).days)
    return bool(told) if told is not None else day.weekday() < 5


def walk(world: dict[str, Any], day: date, step: int) -> date:
    while not works(world, day):
        day += step * ONE
    return day


def nth_workday(world: dict[str, Any], day: date, n: int) -> date:
    for _ in range(abs(n)):
        day = walk(world, day + (ONE if n > 0 else -ONE), 1 if n > 0 else -1)
    return day


def first_step(world: dict[str, Any], rule: dict[str, Any], due: date) -> date | None:
    """Return the day of a rule's first step; None where it does not apply."""
    span, offset = world["span"], rule["offset"]
    if rule["longer_than"] and span <= rule["longer_than"]:
        return None
    if rule["kind"] == "percent":
        return walk(world, due - timedelta(days=span * (100 - offset) // 100), -1)
    if offset < 0 and span <= -offset:
        return None
    if rule["kind"] == "workdays" and offset:
        return nth_workday(world, due, offset)
    return walk(world, due + timedelta(days=offset), 1 if offset > 0 else -1)


def latest_step(world: dict[str, Any], due: date, today: date) -> date | None:
    """Return the day of the highest step come due up to today, of all rules."""
    found = []
    for rule in [world["promise"], *world["others"]]:
        day = first_step(world, rule, due)
        if day is None or day > today:
            continue
        while rule["every"] and (following := nth_workday(world, day, rule["every"])) <= today:
            day = following
        found.append(day)
    return max(found, default=None)


@dataclass
class Run:
    """What happened: what was said on which day, and how the task stood."""

    said: dict[date, list[Due]] = field(default_factory=dict)
    keys: set[Key] = field(default_factory=set)
    stood: dict[date, tuple[str, date, int]] = field(default_factory=dict)


def play(world: dict[str, Any]) -> Run:
    """Let the product run through a world."""
    calendar = WorkCalendar(
        {
            FIRST + timedelta(days=at): DayKind.WORKDAY if is_work else DayKind.DAY_OFF
            for at, is_work in world["special"].items()
        },
        {2025, 2026},
    )
    rules = [as_rule(number, it) for number, it in enumerate([world["promise"], *world["others"]])]
    run, turn, reopened = Run(), UNIT, 0
    due = FIRST + timedelta(days=world["due"])
    for at in range(DAYS):
        day = FIRST + timedelta(days=at)
        following = world["turns"].get(at, turn)
        reopened += turn == CLOSED and following != CLOSED
        turn = following
        if at in world["moves"]:
            due = day + timedelta(days=world["moves"][at])
        run.stood[day] = (turn, due, reopened)
        if at in world["down"]:
            continue
        clock = day - timedelta(days=world["back"].get(at, 0))
        for today in (clock, day) if clock != day else (day,):  # set back, and right again
            found = ask(world, rules, run, (turn, due, reopened), today, calendar)
            assert not run.keys & {it.key for it in found}, "said twice"
            run.keys |= {it.key for it in found}
            run.said.setdefault(day, []).extend(found)
            if found:
                assert works(world, today), "said on a day off"
                assert turn == UNIT, f"said while {turn}"
    return run


def as_rule(number: int, told: dict[str, Any]) -> Rule:
    return Rule(
        code=f"rule-{number}",
        label="",
        anchor=AnchorKind.TASK_DUE,
        offset_days=told["offset"],
        offset_kind=OffsetKind(told["kind"]),
        every_workdays=told["every"],
        min_span_days=told["longer_than"],
    )


def ask(
    world: dict[str, Any],
    rules: list[Rule],
    run: Run,
    stands: tuple[str, date, int],
    today: date,
    calendar: WorkCalendar,
) -> list[Due]:
    turn, due, reopened = stands
    candidate = Candidate(
        object_type="task",
        object_id=1,
        reopen_count=reopened,
        region_id=1,
        unit_id=1,
        name="7-3-001-01",
        anchor=Anchor(
            kind=AnchorKind.TASK_DUE, on=due, span_days=world["span"], is_waiting=turn == UNIT
        ),
    )
    # As the query does: what is closed or with the office is no candidate at all.
    candidates = [candidate] if turn in (UNIT, PAUSED) else []
    loaded = Loaded(candidates, Rulebook({}), (), run.keys)
    return forecast(loaded, lambda _it: rules, [today], calendar)[today]


def check(world: dict[str, Any]) -> None:
    check_set([as_rule(0, world["promise"])], today=FIRST)
    run = play(world)
    nothing_is_missed(world, run)
    the_gap_is_never_too_long(world, run)


def nothing_is_missed(world: dict[str, Any], run: Run) -> None:
    """On every working day with the service up, the highest step has been said by evening."""
    told: set[tuple[int, date, date]] = set()
    for at in range(DAYS):
        day = FIRST + timedelta(days=at)
        for it in run.said.get(day, ()):
            told.add((it.candidate.reopen_count, it.step.anchor_on, it.step.on))
        turn, due, reopened = run.stood[day]
        if at in world["down"] or turn != UNIT or not works(world, day):
            continue
        step = latest_step(world, due, day)
        assert step is None or (reopened, due, step) in told, f"{day}: step of {step} was missed"


def the_gap_is_never_too_long(world: dict[str, Any], run: Run) -> None:
    """From T+7 on: counted in working days on which the unit had the task and the service was up."""
    silent, now = 0, None
    for at in range(DAYS):
        day = FIRST + timedelta(days=at)
        turn, due, reopened = run.stood[day]
        if (due, reopened) != now or turn != UNIT or at in world["down"]:
            silent, now = 0, (due, reopened)
        if turn != UNIT or at in world["down"] or not works(world, day):
            continue
        if day < due + timedelta(days=7):
            continue
        if [it for it in run.said.get(day, ()) if it.step.rule.audience is Audience.UNIT]:
            silent = 0
            continue
        silent += 1
        assert silent < world["promise"]["every"], f"{day}: {silent} working days of silence"


REOPENED_BETWEEN_TWO_STEPS = {
    "promise": {"kind": "days", "offset": 0, "every": 10, "longer_than": 0},
    "others": [],
    "special": {},
    "due": 0,
    "span": 60,
    "moves": {},
    "turns": {16: CLOSED, 17: UNIT},
    "down": set(),
    "back": {},
}


@given(world=worlds)
@example(world=REOPENED_BETWEEN_TWO_STEPS)
@settings(max_examples=150)
def test_nothing_is_missed_said_twice_or_said_at_the_wrong_time(world: dict[str, Any]) -> None:
    check(world)


@pytest.mark.slow
@given(world=worlds)
@settings(max_examples=5_000, derandomize=False)
def test_a_campaign_of_worlds(world: dict[str, Any]) -> None:
    check(world)


def test_the_promise_is_what_the_check_of_a_set_asks_for() -> None:
    with pytest.raises(DomainError):
        check_set(
            [as_rule(0, {"kind": "days", "offset": 8, "every": 5, "longer_than": 0})], today=FIRST
        )
