"""Whose turn for how long: the parts sum to the whole span, whatever happened in between."""

from datetime import date, timedelta
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from tracker.rectification.rules.court import (
    Move,
    PlanEvent,
    Shares,
    Spell,
    added,
    court_on,
    shares,
    spells,
    state_on,
)
from tracker.rectification.rules.words import Court, DocumentEventKind, TaskState

S, E = TaskState, DocumentEventKind
START = date(2026, 9, 1)
OFFSETS = st.integers(0, 120)
MOVES = st.lists(st.tuples(OFFSETS, st.sampled_from(TaskState)), min_size=1, max_size=12)
EVENTS = st.lists(st.tuples(OFFSETS, st.sampled_from(DocumentEventKind)), max_size=8)


def day(offset: int) -> date:
    return START + timedelta(days=offset)


def moves_of(raw: list[tuple[int, TaskState]]) -> list[Move]:
    return [Move(day(offset), state) for offset, state in sorted(raw, key=lambda pair: pair[0])]


def events_of(raw: list[tuple[int, DocumentEventKind]]) -> list[PlanEvent]:
    return [(day(offset), kind) for offset, kind in sorted(raw, key=lambda pair: pair[0])]


@given(MOVES, EVENTS, OFFSETS)
def test_the_parts_sum_to_the_whole_span(
    raw: list[tuple[int, TaskState]], raw_events: list[tuple[int, DocumentEventKind]], until: int
) -> None:
    moves, as_of = moves_of(raw), day(until)
    found = shares(spells(moves, events_of(raw_events), as_of=as_of))
    assert found.total == max((as_of - moves[0].occurred_on).days, 0)
    assert found.of_which_long_term <= found.liaison
    assert found.of_which_reviews <= found.office


@given(MOVES, EVENTS, OFFSETS)
def test_stretches_follow_each_other_and_each_day_has_the_side_of_the_evening_before(
    raw: list[tuple[int, TaskState]], raw_events: list[tuple[int, DocumentEventKind]], until: int
) -> None:
    moves, events, as_of = moves_of(raw), events_of(raw_events), day(until)
    found = spells(moves, events, as_of=as_of)
    assert all(one.end == other.start for one, other in pairwise(found))
    assert all(one.days > 0 for one in found)
    for one in found:
        for offset in range(one.days):
            evening = one.start + timedelta(days=offset)
            state = state_on(moves, evening)
            assert state is one.state
            closed_at_once = state is S.DRAFT and one.court is Court.NOBODY
            assert closed_at_once or court_on(state, events, evening) is one.court


@given(MOVES, EVENTS, OFFSETS, OFFSETS)
def test_a_later_day_takes_nothing_away(
    raw: list[tuple[int, TaskState]],
    raw_events: list[tuple[int, DocumentEventKind]],
    one: int,
    other: int,
) -> None:
    moves, events = moves_of(raw), events_of(raw_events)
    early, late = sorted((day(one), day(other)))
    before = shares(spells(moves, events, as_of=early))
    after = shares(spells(moves, events, as_of=late))
    for name in Shares.__dataclass_fields__:
        assert getattr(before, name) <= getattr(after, name)


@given(MOVES, OFFSETS, OFFSETS)
def test_the_days_within_two_dates_are_counted_like_the_whole(
    raw: list[tuple[int, TaskState]], one: int, other: int
) -> None:
    first, last = sorted((day(one), day(other)))
    found = spells(moves_of(raw), (), as_of=day(120))
    begin = max(moves_of(raw)[0].occurred_on, first)
    assert sum(each.days_within(first, last) for each in found) == max((last - begin).days, 0)


def test_a_submitted_plan_waits_for_the_head_until_it_is_signed_withdrawn_or_returned() -> None:
    moves = [
        Move(day(0), S.DRAFT),
        Move(day(2), S.ISSUED),
        Move(day(5), S.PLANNING),
        Move(day(30), S.PLAN_REVIEW),
        Move(day(33), S.IN_PROGRESS),
    ]
    events = [
        (day(10), E.SUBMITTED),
        (day(14), E.RETURNED_BY_HEAD),
        (day(20), E.SUBMITTED),
        (day(30), E.SIGNED),
        (day(33), E.PASSED),
    ]
    found = shares(spells(moves, events, as_of=day(40)))
    assert found.head == 4 + 10
    assert found.office == 2 + 3
    assert found.of_which_reviews == 3
    assert found.liaison == 3 + 5 + 6 + 7
    assert found.total == 40


def test_nobody_has_a_closed_task_and_somebody_again_once_it_is_reopened() -> None:
    moves = [
        Move(day(0), S.IN_PROGRESS),
        Move(day(7), S.UNIT_CHECK),
        Move(day(9), S.OFFICE_REVIEW),
        Move(day(19), S.CLOSED),
        Move(day(49), S.IN_PROGRESS),
    ]
    found = shares(spells(moves, (), as_of=day(50)))
    assert (found.liaison, found.head, found.office, found.nobody) == (8, 2, 10, 30)
    for state in (S.CLOSED, S.VOID, S.ENDED):
        ended = shares(spells([Move(day(0), state)], (), as_of=day(9)))
        assert ended == Shares(nobody=9)


def test_long_term_is_the_liaisons_and_told_apart() -> None:
    moves = [Move(day(0), S.IN_PROGRESS), Move(day(10), S.LONG_TERM), Move(day(100), S.IN_PROGRESS)]
    found = shares(spells(moves, (), as_of=day(110)))
    assert (found.liaison, found.of_which_long_term) == (110, 90)


def test_what_a_ledger_brought_in_closed_was_in_nobodys_hands() -> None:
    moves = [Move(day(0), S.DRAFT), Move(day(60), S.CLOSED)]
    assert shares(spells(moves, (), as_of=day(70))) == Shares(nobody=70)
    running = [Move(day(0), S.DRAFT), Move(day(60), S.ISSUED)]
    assert shares(spells(running, (), as_of=day(70))) == Shares(office=60, liaison=10)


def test_steps_of_one_day_leave_the_day_to_who_had_it_and_the_next_to_who_has_it_now() -> None:
    moves = [Move(day(0), S.IN_PROGRESS), Move(day(3), S.UNIT_CHECK), Move(day(3), S.OFFICE_REVIEW)]
    assert spells(moves, (), as_of=day(4)) == (
        Spell(S.IN_PROGRESS, Court.LIAISON, day(0), day(3)),
        Spell(S.OFFICE_REVIEW, Court.OFFICE, day(3), day(4)),
    )


def test_a_task_without_history_has_no_span() -> None:
    assert spells([], [(day(1), E.SUBMITTED)], as_of=day(9)) == ()
    assert spells([Move(day(5), S.ISSUED)], (), as_of=day(5)) == ()


@given(st.lists(MOVES, max_size=4), OFFSETS)
def test_a_unit_has_the_days_of_its_tasks(
    raw: list[list[tuple[int, TaskState]]], until: int
) -> None:
    parts = [shares(spells(moves_of(one), (), as_of=day(until))) for one in raw]
    whole = added(parts)
    assert whole.total == sum(part.total for part in parts)
    assert whole.office == sum(part.office for part in parts)
