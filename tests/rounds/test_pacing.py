"""The planner's arithmetic, against what must hold whatever the numbers are."""

from datetime import date, timedelta
from fractions import Fraction
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracker.rounds import pacing
from tracker.rounds.pacing import Candidate, Standing

BEGUN = date(2022, 9, 28)


@st.composite
def standings(draw: st.DrawFn) -> Standing:
    total = draw(st.integers(0, 400))
    gone, left = draw(st.integers(0, 2000)), draw(st.none() | st.integers(0, 2000))
    as_of = BEGUN + timedelta(days=gone)
    return Standing(
        covered=draw(st.integers(0, total)),
        total=total,
        rounds=draw(st.integers(0, 12)),
        starts_on=BEGUN,
        ends_on=None if left is None else as_of + timedelta(days=left),
        as_of=as_of,
    )


def demo(**changes: object) -> Standing:
    values: dict[str, object] = {
        "covered": 66,
        "total": 154,
        "rounds": 4,
        "starts_on": BEGUN,
        "ends_on": date(2027, 9, 27),
        "as_of": date(2026, 11, 16),
    }
    return Standing(**{**values, **changes})  # type: ignore[arg-type]


def test_the_citys_pace_and_where_it_leads() -> None:
    assert demo().days_gone == 1511
    assert pacing.per_round(demo()) == Fraction(33, 2)
    assert pacing.per_month(demo()) == Fraction(66 * 365, 12 * 1511)
    assert pacing.projected(demo()) == 66 * (1511 + 315) // 1511 == 79
    assert pacing.complete_on(demo()) == date(2026, 11, 16) + timedelta(days=2015)
    assert pacing.rounds_to_come(demo()) == 1


def test_without_a_beginning_or_an_end_nothing_is_promised() -> None:
    assert pacing.projected(demo(ends_on=None)) is None
    assert pacing.projected(demo(covered=0)) is None
    assert pacing.complete_on(demo(covered=0)) is None
    assert pacing.per_round(demo(covered=0, rounds=0)) is None
    assert pacing.per_month(demo(as_of=BEGUN - timedelta(days=1))) is None
    assert pacing.complete_on(demo(covered=154)) == date(2026, 11, 16)
    with pytest.raises(ValueError, match="no round"):
        pacing.shares({"x": 1}, 0)


@given(standing=standings())
def test_a_projection_lies_between_what_is_done_and_all_there_is(standing: Standing) -> None:
    promised = pacing.projected(standing)
    if promised is not None:
        assert standing.covered <= promised <= standing.total
    done_by = pacing.complete_on(standing)
    if done_by is not None and standing.ends_on is not None and standing.covered:
        assert (promised == standing.total) == (done_by <= standing.ends_on)
    assert pacing.rounds_to_come(standing) >= 1


@given(
    waiting=st.dictionaries(st.sampled_from("abcdef"), st.integers(0, 200)),
    rounds=st.integers(1, 12),
)
def test_the_rounds_to_come_hold_everything_once_and_evenly(
    waiting: dict[str, int], rounds: int
) -> None:
    plans = pacing.shares(waiting, rounds)
    assert len(plans) == rounds
    for kind, count in waiting.items():
        of_kind = [plan[kind] for plan in plans]
        assert sum(of_kind) == count
        assert max(of_kind) - min(of_kind) <= 1
    sums = [sum(plan.values()) for plan in plans]
    assert max(sums) - min(sums) <= 1
    assert sums == sorted(sums, reverse=True)


candidates = st.builds(
    Candidate,
    unit_id=st.integers(1, 999),
    is_covered=st.booleans(),
    last_ended_on=st.none() | st.dates(date(2010, 1, 1), date(2026, 11, 16)),
    is_low=st.booleans(),
)


@given(given_order=st.lists(candidates, unique_by=lambda one: one.unit_id))
def test_who_waits_longest_stands_first(given_order: list[Candidate]) -> None:
    ordered = pacing.in_order(given_order)
    assert sorted(one.unit_id for one in ordered) == sorted(one.unit_id for one in given_order)
    for first, second in pairwise(ordered):
        assert first.is_covered <= second.is_covered
        if first.is_covered == second.is_covered and second.last_ended_on is None:
            assert first.last_ended_on is None
        elif first.is_covered == second.is_covered and first.last_ended_on is not None:
            assert second.last_ended_on is not None
            assert first.last_ended_on <= second.last_ended_on
