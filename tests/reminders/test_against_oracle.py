"""The ladder against an oracle in plain Python over dicts: random rules, calendars that arrive in
between, intervals changed in between, outages, moved dates, reopenings, stays with the office,
pauses, and a clock that jumps back.

The oracle walks the calendar day by day and knows nothing of the product's arithmetic. A world is
one task over some weeks; on each day on which the service is up, the product says what it would
queue, and keeps the keys as the outbox does.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from tracker.kernel.errors import DomainError
from tracker.reminders.due import Due
from tracker.reminders.forecast import Loaded, forecast
from tracker.reminders.history import Histories, Key
from tracker.reminders.ladders import WAITING_RULES
from tracker.reminders.queries import Candidate
from tracker.reminders.rule_checks import check_set
from tracker.reminders.rulebook import Rulebook
from tracker.reminders.rules import WITH_OFFICE, Anchor, AnchorKind, OffsetKind, Rule
from tracker.workdays.rules import DayKind, WorkCalendar

FIRST = date(2026, 3, 2)
DAYS = 90
UNIT, OFFICE, PAUSED, CLOSED = "unit", "office", "paused", "closed"
ONE = timedelta(days=1)
FAR = timedelta(days=5)

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
        "arrives": st.dictionaries(
            st.integers(1, DAYS - 1),
            st.dictionaries(st.integers(-40, DAYS), st.booleans(), max_size=10),
            max_size=2,
        ),
        "intervals": st.dictionaries(
            st.integers(1, DAYS - 1), st.tuples(st.integers(1, 10), st.booleans()), max_size=3
        ),
        "down": st.sets(st.integers(0, DAYS - 1), max_size=30),
        "back": st.dictionaries(st.integers(0, DAYS - 1), st.integers(1, 4), max_size=3),
    }
)


# The oracle: dicts and single days, nothing of the product.
Known = dict[int, bool]


def works(known: Known, day: date) -> bool:
    told = known.get((day - FIRST).days)
    return bool(told) if told is not None else day.weekday() < 5


def walk(known: Known, day: date, step: int) -> date:
    while not works(known, day):
        day += step * ONE
    return day


def nth_workday(known: Known, day: date, n: int) -> date:
    for _ in range(abs(n)):
        day = walk(known, day + (ONE if n > 0 else -ONE), 1 if n > 0 else -1)
    return day


def first_step(known: Known, span: int, rule: dict[str, Any], due: date) -> date | None:
    """Return the day of a rule's first step; None where it does not apply."""
    offset = rule["offset"]
    if rule["longer_than"] and span <= rule["longer_than"]:
        return None
    if rule["kind"] == "percent":
        return walk(known, due - timedelta(days=span * (100 - offset) // 100), -1)
    if offset < 0 and span <= -offset:
        return None
    if rule["kind"] == "workdays" and offset:
        return nth_workday(known, due, offset)
    return walk(known, due + timedelta(days=offset), 1 if offset > 0 else -1)


def latest_step(
    known: Known, span: int, rule: dict[str, Any], due: date, spoke: date | None, today: date
) -> date | None:
    """Return the day of a rule's highest step come due up to today: from when it last spoke."""
    day = first_step(known, span, rule, due)
    if spoke is not None:
        day = spoke if day is not None else None
    if day is None or (day > today and spoke is None):
        return None
    while rule["every"] and (following := nth_workday(known, day, rule["every"])) <= today:
        day = following
    return day


@dataclass(frozen=True)
class Stands:
    """How things stand on a day."""

    turn: str
    due: date
    reopened: int
    known: Known
    rules: list[dict[str, Any]]
    codes: list[str]
    is_up: bool


@dataclass
class Run:
    """What happened: what was said on which day, and how things stood."""

    said: dict[date, list[Due]] = field(default_factory=dict)
    asked: list[tuple[date, Stands, list[int]]] = field(default_factory=list)
    keys: set[Key] = field(default_factory=set)
    told: Histories = field(default_factory=Histories)
    stood: dict[date, Stands] = field(default_factory=dict)


def days_of(world: dict[str, Any]) -> Iterator[tuple[int, date, Stands]]:
    """Yield each day and how things stand on it."""
    turn, reopened, due = UNIT, 0, FIRST + timedelta(days=world["due"])
    known, every, altered = dict(world["special"]), world["promise"]["every"], 0
    for at in range(DAYS):
        day = FIRST + timedelta(days=at)
        following = world["turns"].get(at, turn)
        reopened += turn == CLOSED and following != CLOSED
        turn = following
        if at in world["moves"]:
            due = day + timedelta(days=world["moves"][at])
        known = known | world["arrives"].get(at, {})
        if at in world["intervals"]:
            every, is_another_rule = world["intervals"][at]
            altered += is_another_rule
        rules = [{**world["promise"], "every": every}, *world["others"]]
        codes = [f"rule-{no}" for no in range(len(rules))]
        codes[0] += f"~{altered + 1}" if altered else ""
        yield at, day, Stands(turn, due, reopened, known, rules, codes, at not in world["down"])


def play(world: dict[str, Any]) -> Run:
    """Let the product run through a world."""
    run = Run()
    for at, day, stands in days_of(world):
        run.stood[day] = stands
        if not stands.is_up:
            continue
        clock = day - timedelta(days=world["back"].get(at, 0))
        for today in (clock, day) if clock != day else (day,):  # set back, and right again
            found = ask(world, run, stands, today)
            assert not run.keys & {it.key for it in found}, "said twice"
            assert len(found) <= 1, "two at once to one audience"
            run.keys |= {it.key for it in found}
            run.said.setdefault(day, []).extend(found)
            run.asked.append((today, stands, [_spoke(it) for it in found]))
            for it in found:
                run.told.note(it.candidate, it.step, on=today)
                assert works(stands.known, today), "said on a day off"
                assert stands.turn == UNIT, f"said while {stands.turn}"
    return run


def as_rule(code: str, told: dict[str, Any]) -> Rule:
    return Rule(
        code=code,
        label="",
        anchor=AnchorKind.TASK_DUE,
        offset_days=told["offset"],
        offset_kind=OffsetKind(told["kind"]),
        every_workdays=told["every"],
        min_span_days=told["longer_than"],
    )


def ask(world: dict[str, Any], run: Run, stands: Stands, today: date) -> list[Due]:
    calendar = WorkCalendar(
        {
            FIRST + timedelta(days=at): DayKind.WORKDAY if is_work else DayKind.DAY_OFF
            for at, is_work in stands.known.items()
        },
        {2025, 2026},
    )
    rules = [as_rule(code, it) for code, it in zip(stands.codes, stands.rules, strict=True)]
    candidate = Candidate(
        object_type="task",
        object_id=1,
        reopen_count=stands.reopened,
        region_id=1,
        unit_id=1,
        name="7-3-001-01",
        anchor=Anchor(
            kind=AnchorKind.TASK_DUE,
            on=stands.due,
            span_days=world["span"],
            is_waiting=stands.turn == UNIT,
        ),
    )
    # As the query does: what is closed or with the office is no candidate at all.
    candidates = [candidate] if stands.turn in (UNIT, PAUSED) else []
    loaded = Loaded(candidates, Rulebook({}), (), run.told)
    return forecast(loaded, lambda _it: rules, [today], calendar)[today]


def check(world: dict[str, Any]) -> None:
    check_set([as_rule("rule-0", world["promise"])], today=FIRST)
    run = play(world)
    each_day_says_what_it_must_and_no_more(world["span"], run.asked)
    the_gap_is_never_too_long(run.stood, {day for day, found in run.said.items() if found})


def _spoke(it: Due) -> int:
    """Return the number of the rule that spoke."""
    return int(it.step.rule.code.partition("~")[0].removeprefix("rule-"))


def each_day_says_what_it_must_and_no_more(
    span: int, asked: list[tuple[date, Stands, list[int]]]
) -> None:
    """On a working day with the service up something is said if and only if a step has come due
    since anything was said last: nothing is missed, and nobody is flooded."""
    spoke: dict[tuple[date, int], dict[int, list[date]]] = {}
    for today, stands, rules in asked:
        days = spoke.setdefault((stands.due, stands.reopened), {})
        must = stands.turn == UNIT and works(stands.known, today)
        must = must and _is_wanted(span, stands, days, today)
        assert bool(rules) is must, f"{today}: said by {rules}"
        for no in rules:
            days.setdefault(no, []).append(today)


def _is_wanted(span: int, stands: Stands, days: dict[int, list[date]], today: date) -> bool:
    """Days that a clock far ahead wrote down do not count; what is said once stays said."""
    near = {no: [day for day in own if day < today + FAR] for no, own in days.items()}
    own = {no: max(found) for no, found in near.items() if found}
    steps = [
        latest_step(stands.known, span, rule, stands.due, own.get(no), today)
        for no, rule in enumerate(stands.rules)
    ]
    early = [no for no in days if no not in own and not stands.rules[no]["every"]]
    highest = max((step for step in steps if step is not None), default=None)
    said = [*own.values(), *(step for no in early if (step := steps[no]) is not None)]
    last = max(said, default=None)
    return highest is not None and (last is None or highest > last)


def the_gap_is_never_too_long(stood: dict[date, Stands], said: set[date]) -> None:
    """From T+7 on: in working days, as the calendar is known by then, on which the unit had the
    task and the service was up; N is that of the day."""
    since, now = FIRST, None
    for day, stands in stood.items():
        if (stands.due, stands.reopened) != now:
            since, now = day - ONE, (stands.due, stands.reopened)
        is_late = day >= stands.due + timedelta(days=7)
        if stands.turn != UNIT or not stands.is_up or not is_late or day in said:
            since = day
            continue
        silent = [
            each
            for no in range((day - since).days)
            if works(stands.known, each := since + (no + 1) * ONE)
        ]
        if works(stands.known, day):
            every = stands.rules[0]["every"]
            assert len(silent) < every, f"{day}: {len(silent)} working days of silence"


REOPENED_BETWEEN_TWO_STEPS = {
    "promise": {"kind": "days", "offset": 0, "every": 10, "longer_than": 0},
    "others": [],
    "special": {},
    "due": 0,
    "span": 60,
    "moves": {},
    "turns": {16: CLOSED, 17: UNIT},
    "arrives": {},
    "intervals": {},
    "down": set(),
    "back": {},
}
QUIET = {**REOPENED_BETWEEN_TWO_STEPS, "turns": {}}
# Weekends that turn out to be worked put the count from the due date back: number 2 came twice.
NOTICE_IN_BETWEEN = {
    **QUIET,
    "promise": {"kind": "days", "offset": 7, "every": 5, "longer_than": 0},
    "arrives": {16: {7: False, 8: False, 9: False, 10: False, 11: False}},
}
# From 3 to 10 in between, and back: numbers counted from the due date fall, and are taken.
INTERVAL_RAISED = {
    **QUIET,
    "promise": {"kind": "days", "offset": 7, "every": 3, "longer_than": 0},
    "intervals": {30: (10, False), 60: (3, False)},
}
INTERVAL_LOWERED = {**INTERVAL_RAISED, "intervals": {30: (1, False), 40: (9, True)}}


@given(world=worlds)
@example(world=REOPENED_BETWEEN_TWO_STEPS)
@example(world=NOTICE_IN_BETWEEN)
@example(world=INTERVAL_RAISED)
@example(world=INTERVAL_LOWERED)
@settings(max_examples=150)
def test_nothing_is_missed_said_twice_or_said_at_the_wrong_time(world: dict[str, Any]) -> None:
    check(world)


waits = st.fixed_dictionaries(
    {
        "kind": st.sampled_from(sorted(WITH_OFFICE)),
        "special": st.dictionaries(st.integers(-40, DAYS), st.booleans(), max_size=25),
        "since": st.integers(-10, 30),
        "until": st.integers(31, DAYS),
        "returned": st.none() | st.integers(31, 60),
        "down": st.sets(st.integers(0, DAYS - 1), max_size=20),
        "paused": st.booleans(),
    }
)


def office_hears(wait: dict[str, Any]) -> list[date]:
    """The oracle: three working days after it came, then every five since it was last said."""
    since, heard, last = FIRST + timedelta(days=wait["since"]), [], None
    for at in range(wait["until"]):
        day = FIRST + timedelta(days=at)
        if at == wait["returned"]:
            since, last = day, None
        if day < since or at in wait["down"] or not works(wait["special"], day):
            continue
        due = nth_workday(wait["special"], since if last is None else last, 5 if last else 3)
        if day >= due:
            heard.append(day)
            last = day
    return heard


@given(wait=waits)
@settings(max_examples=150)
def test_what_waits_for_the_office_is_said_to_it_whatever_pauses_the_unit(
    wait: dict[str, Any],
) -> None:
    rules = [rule for rule in WAITING_RULES if rule.anchor is wait["kind"]]
    told, heard = Histories(), []
    calendar = WorkCalendar(
        {
            FIRST + timedelta(days=at): DayKind.WORKDAY if is_work else DayKind.DAY_OFF
            for at, is_work in wait["special"].items()
        },
        {2025, 2026},
    )
    for at in range(wait["until"]):
        day, returned = FIRST + timedelta(days=at), wait["returned"]
        is_again = returned is not None and at >= returned
        since = FIRST + timedelta(days=returned if is_again else wait["since"])
        if at in wait["down"] or day < since:
            continue
        candidate = Candidate(
            object_type="task",
            object_id=1,
            reopen_count=int(is_again),
            region_id=1,
            unit_id=1,
            name="7-3-001-01",
            anchor=Anchor(kind=wait["kind"], on=since),
        )
        pauses = [((1, 1), FIRST, FIRST + timedelta(days=DAYS))] if wait["paused"] else []
        loaded = Loaded([candidate], Rulebook({}), pauses, told)
        found = forecast(loaded, lambda _it: rules, [day], calendar)[day]
        for it in found:
            told.note(it.candidate, it.step, on=day)
            heard.append(day)
    assert heard == office_hears(wait)


@pytest.mark.slow
@given(world=worlds)
@settings(max_examples=5_000, derandomize=False)
def test_a_campaign_of_worlds(world: dict[str, Any]) -> None:
    check(world)


def test_the_promise_is_what_the_check_of_a_set_asks_for() -> None:
    with pytest.raises(DomainError):
        check_set(
            [as_rule("rule-0", {"kind": "days", "offset": 8, "every": 5, "longer_than": 0})],
            today=FIRST,
        )
