"""The path of a county's answer, and which answers can be."""

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracker.county_submissions.rules import (
    Answer,
    SubmissionState,
    SubmissionStep,
    check_answers,
    check_call,
    state_after,
)
from tracker.kernel.errors import DomainError
from tracker.statistics.rules import EnteredMetric

# By hand: what may follow what; anything else is refused.
FOLLOWS = {
    ("pending", "submit"): "submitted",
    ("returned", "submit"): "submitted",
    ("submitted", "withdraw"): "pending",
    ("submitted", "return"): "returned",
    ("submitted", "accept"): "accepted",
    ("accepted", "return"): "returned",
}
FOUND = EnteredMetric.CLUES_FOUND
DONE, TOTAL = EnteredMetric.COVERAGE_DONE, EnteredMetric.COVERAGE_TOTAL


@pytest.mark.parametrize("state", SubmissionState)
@pytest.mark.parametrize("step", SubmissionStep)
def test_every_state_and_step_is_as_written_by_hand(
    state: SubmissionState, step: SubmissionStep
) -> None:
    expected = FOLLOWS.get((state.value, step.value))
    if expected is None:
        with pytest.raises(DomainError, match=f"现在是“{state.label}”，不能{step.label}"):
            state_after(state, step)
    else:
        assert state_after(state, step) == expected


@pytest.mark.parametrize(
    ("metrics", "start", "end", "due", "sentence"),
    [
        ([], (1, 1), (6, 30), (7, 5), "至少选择一项"),
        ([FOUND], (7, 1), (6, 30), (7, 5), "起始日晚于截止日"),
        ([FOUND], (1, 1), (6, 30), (6, 29), "时限早于统计期间"),
    ],
)
def test_a_call_nobody_could_answer_is_refused(
    metrics: list[EnteredMetric],
    start: tuple[int, int],
    end: tuple[int, int],
    due: tuple[int, int],
    sentence: str,
) -> None:
    with pytest.raises(DomainError, match=sentence):
        check_call(metrics, date(2026, *start), date(2026, *end), date(2026, *due))


@given(
    st.dictionaries(
        st.sampled_from(EnteredMetric),
        st.builds(
            Answer,
            value=st.none() | st.decimals(-5, 5, places=1),
            blank_reason=st.sampled_from(["", "尚未汇总"]),
        ),
    )
)
def test_answers_pass_only_when_each_is_whole_or_says_why_not(
    answers: dict[EnteredMetric, Answer],
) -> None:
    def is_sound(answer: Answer) -> bool:
        if answer.value is None:
            return bool(answer.blank_reason)
        return answer.value >= 0 and answer.value == int(answer.value)

    done, total = (answers.get(it, Answer(value=None)).value for it in (DONE, TOTAL))
    is_possible = done is None or total is None or done <= total
    try:
        check_answers(answers)
        passed = True
    except DomainError:
        passed = False
    assert passed == (all(map(is_sound, answers.values())) and is_possible)


def test_more_inspected_than_owed_is_refused() -> None:
    with pytest.raises(DomainError, match="已巡察对象多于"):
        check_answers({DONE: Answer(value=Decimal(31)), TOTAL: Answer(value=Decimal(30))})
