"""The ladder: which step is due on a day."""

from dataclasses import replace
from datetime import date, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracker.notifications.rules import Audience
from tracker.reminders.ladders import DEFAULT_RULES, REPEAT_WORKDAYS, SIMPLE_RULES
from tracker.reminders.rules import Anchor, AnchorKind, Step, first_day, steps_due
from tracker.workdays.rules import DayKind, WorkCalendar

MONDAY = date(2026, 11, 16)
OFF, WORK = DayKind.DAY_OFF, DayKind.WORKDAY
HOLIDAYS = {date(2026, 10, 1) + timedelta(days=i): OFF for i in range(7)}
HOLIDAYS |= {date(2026, 9, 20): WORK, date(2026, 10, 10): WORK}
CALENDAR = WorkCalendar(HOLIDAYS, {2026})
days = st.dates(date(2026, 1, 5), date(2027, 2, 28))
holidays = st.dictionaries(days, st.sampled_from(DayKind), max_size=40)


def task(due: date | None, **changes: object) -> Anchor:
    return Anchor(kind=AnchorKind.TASK_DUE, on=due, **{"span_days": 180, **changes})  # type: ignore[arg-type]


def due_for(
    anchor: Anchor,
    today: date,
    audience: Audience = Audience.UNIT,
    calendar: WorkCalendar = CALENDAR,
) -> Step | None:
    steps = steps_due(anchor, DEFAULT_RULES, today=today, calendar=calendar)
    found = [step for step in steps if step.rule.audience is audience]
    assert len(found) <= 1
    return found[0] if found else None


def code_on(anchor: Anchor, today: date, audience: Audience = Audience.UNIT) -> str | None:
    step = due_for(anchor, today, audience)
    return None if step is None else f"{step.rule.code}#{step.occurrence}"


@pytest.mark.parametrize(
    ("days_to_due", "expected"),
    [
        (35, None),
        (28, "task_due-30#1"),
        (20, "task_due-20#1"),
        (10, "task_due-10#1"),
        (3, "task_due-3#1"),
        (0, "task_due+0#1"),
        (-1, "task_due+1#1"),
        (-7, "task_due+7#1"),
        (-14, "task_due+7#2"),
        (-21, "task_due+7#3"),
    ],
)
def test_each_step_of_the_ladder_falls_on_its_day(days_to_due: int, expected: str | None) -> None:
    assert code_on(task(MONDAY + timedelta(days=days_to_due)), MONDAY) == expected


def test_thirty_days_ahead_is_only_for_tasks_longer_than_sixty_days() -> None:
    due = MONDAY + timedelta(days=28)
    assert code_on(task(due, span_days=61), MONDAY) == "task_due-30#1"
    assert code_on(task(due, span_days=60), MONDAY) is None
    assert code_on(task(due, span_days=None), MONDAY) is None


def test_a_step_that_lies_before_the_work_began_is_not_sent() -> None:
    due = MONDAY + timedelta(days=12)
    assert code_on(task(due, span_days=13), MONDAY) is None
    assert code_on(task(due, span_days=180), MONDAY) == "task_due-20#1"
    assert code_on(task(MONDAY - timedelta(days=1), span_days=-4), MONDAY) == "task_due+1#1"


def test_a_step_before_the_due_date_on_a_day_off_moves_back() -> None:
    due = date(2026, 10, 7)  # T-3 falls on 4 October, inside the holiday
    assert code_on(task(due), date(2026, 9, 29)) == "task_due-10#1"
    assert code_on(task(due), date(2026, 9, 30)) == "task_due+0#1"  # T-3 and T0 both moved here


def test_a_step_after_the_due_date_on_a_day_off_moves_forward() -> None:
    due = date(2026, 9, 30)
    rules = {rule.code: rule for rule in DEFAULT_RULES}
    assert first_day(rules["task_due+1"], due, CALENDAR) == date(2026, 10, 8)
    assert first_day(rules["task_due+7"], due, CALENDAR) == date(2026, 10, 8)
    assert code_on(task(due), date(2026, 10, 8)) == "task_due+7#1"


def test_a_working_sunday_is_a_day_like_any_other() -> None:
    assert code_on(task(date(2026, 9, 20)), date(2026, 9, 20)) == "task_due+0#1"


def test_an_old_ledger_gets_only_the_highest_step_once() -> None:
    anchor = task(MONDAY - timedelta(days=400))
    first = due_for(anchor, MONDAY)
    assert first is not None
    assert first.occurrence > 50
    later = [code_on(anchor, CALENDAR.add_workdays(MONDAY, n)) for n in range(10)]
    assert len(set(later)) in (2, 3)


@pytest.mark.parametrize(
    "anchor",
    [task(None), task(MONDAY, is_doubtful=True), task(MONDAY, is_waiting=False)],
    ids=["no due date", "doubtful", "with the office or paused"],
)
def test_nobody_is_reminded_of(anchor: Anchor) -> None:
    assert steps_due(anchor, DEFAULT_RULES, today=MONDAY, calendar=CALENDAR) == []


def test_the_office_has_its_own_to_dos_inside_the_product() -> None:
    for days_late, code in ((-10, "task_due-10"), (1, "task_due+1"), (16, "task_due+15")):
        step = due_for(task(MONDAY - timedelta(days=days_late)), MONDAY, Audience.OFFICE)
        assert step is not None
        assert step.rule.code == f"{code}-office"
        assert step.rule.is_in_product_only
    assert code_on(task(MONDAY - timedelta(days=29)), MONDAY, Audience.LEAD) is None
    assert code_on(task(MONDAY - timedelta(days=31)), MONDAY, Audience.LEAD) == "task_due+30-lead#1"


def test_the_office_is_reminded_of_what_waits_for_it_after_three_working_days() -> None:
    waits = Anchor(kind=AnchorKind.OFFICE_REVIEW, on=date(2026, 11, 12))  # a Thursday
    assert code_on(waits, date(2026, 11, 16), Audience.OFFICE) is None
    assert code_on(waits, date(2026, 11, 17), Audience.OFFICE) == "office_review+3#1"
    assert code_on(waits, date(2026, 11, 23), Audience.OFFICE) == "office_review+3#1"
    assert code_on(waits, date(2026, 11, 24), Audience.OFFICE) == "office_review+3#2"


def test_a_rule_that_starts_later_says_nothing_before() -> None:
    rules = [replace(rule, starts_on=MONDAY + timedelta(days=1)) for rule in DEFAULT_RULES]
    anchor = task(MONDAY - timedelta(days=1))
    assert steps_due(anchor, rules, today=MONDAY, calendar=CALENDAR) == []
    tuesday = MONDAY + timedelta(days=1)
    assert steps_due(anchor, rules, today=tuesday, calendar=CALENDAR)


def test_the_simple_mode_has_three_reminders() -> None:
    anchor = task(MONDAY)
    told = {
        (step.rule.code, step.occurrence)
        for n in range(-30, 16)
        for step in steps_due(
            anchor, SIMPLE_RULES, today=MONDAY + timedelta(days=n), calendar=CALENDAR
        )
    }
    assert told == {("task_due-10", 1), ("task_due+1", 1), ("task_due+1", 2), ("task_due+1", 3)}


def told_over(
    due: date, start: date, length: int, calendar: WorkCalendar, off: frozenset[int] = frozenset()
) -> list[tuple[date, Step]]:
    """Run once a day like the job: a key already told is not told again; `off` = days not waiting."""
    seen, told = set(), []
    for n in range(length):
        today = start + timedelta(days=n)
        for step in steps_due(
            task(due, is_waiting=n not in off), DEFAULT_RULES, today=today, calendar=calendar
        ):
            key = (step.rule.code, step.anchor_on, step.occurrence, step.rule.audience)
            if key not in seen:
                seen.add(key)
                told.append((today, step))
    return told


@given(due=days, special=holidays, start=st.integers(-40, 40))
def test_from_seven_days_late_the_gap_is_never_longer_than_five_working_days(
    due: date, special: dict[date, DayKind], start: int
) -> None:
    calendar = WorkCalendar(special, {2026, 2027})
    begun = due + timedelta(days=start)
    late_from = max(begun, calendar.next_workday(due + timedelta(days=7)))
    end = begun + timedelta(days=90)
    told = [on for on, step in told_over(due, begun, 90, calendar) if _is_late(step)]
    stops = [late_from, *told, end]
    for earlier, later in pairwise(stops):
        assert calendar.workdays_between(earlier, later) <= REPEAT_WORKDAYS


@given(due=days, off=st.frozensets(st.integers(0, 80), max_size=60))
def test_after_a_pause_the_gap_counted_in_waiting_days_is_never_longer(
    due: date, off: frozenset[int]
) -> None:
    late_from = CALENDAR.next_workday(due + timedelta(days=7))
    told = {on for on, step in told_over(due, late_from, 80, CALENDAR, off) if _is_late(step)}
    waited = 0
    for n in range(80):
        day = late_from + timedelta(days=n)
        if n in off or not CALENDAR.is_workday(day):
            continue
        waited = 0 if day in told else waited + 1
        assert waited <= REPEAT_WORKDAYS


def _is_late(step: Step) -> bool:
    return step.rule.audience is Audience.UNIT and step.rule.code == "task_due+7"


@given(due=days, special=holidays)
def test_steps_only_go_up_and_never_fall_on_a_day_off(
    due: date, special: dict[date, DayKind]
) -> None:
    calendar = WorkCalendar(special, {2026, 2027})
    unit = [
        (on, step)
        for on, step in told_over(due, due - timedelta(days=40), 90, calendar)
        if step.rule.audience is Audience.UNIT
    ]
    heights = [(step.rule.offset_days, step.occurrence) for _, step in unit]
    assert heights == sorted(set(heights))
    assert all(calendar.is_workday(on) and calendar.is_workday(step.on) for on, step in unit)


@given(due=days, today=days, special=holidays)
def test_one_run_finds_at_most_one_step_for_each_audience_and_the_next_the_same(
    due: date, today: date, special: dict[date, DayKind]
) -> None:
    calendar = WorkCalendar(special, {2026})
    steps = steps_due(task(due), DEFAULT_RULES, today=today, calendar=calendar)
    audiences = [step.rule.audience for step in steps]
    assert len(audiences) == len(set(audiences))
    assert steps == steps_due(task(due), DEFAULT_RULES, today=today, calendar=calendar)
    assert all(step.on <= today for step in steps)
    assert calendar.is_workday(today) or not steps
