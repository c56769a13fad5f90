"""When a ledger may correct what a task says."""

import pytest

from tracker.rectification.rules.correcting import correction_fault
from tracker.rectification.rules.words import TaskState as S


def fault(state: S, *, item: bool = False, submitted: bool = False, passed: bool = False) -> str:
    found = correction_fault(state, is_plan_item=item, is_submitted=submitted, is_passed=passed)
    return found or ""


@pytest.mark.parametrize("state", list(S))
def test_open_and_unread_tasks_may_be_corrected(state: S) -> None:
    free = {S.DRAFT, S.ISSUED, S.PLANNING, S.IN_PROGRESS, S.LONG_TERM}
    assert (fault(state) == "") is (state in free)
    assert state in free or state.label in fault(state)


def test_goal_and_measures_stay_once_the_plan_is_passed() -> None:
    assert "审核通过" in fault(S.IN_PROGRESS, item=True, passed=True)
    assert fault(S.IN_PROGRESS, passed=True) == ""
    assert fault(S.IN_PROGRESS, item=True) == ""


def test_a_plan_that_waits_for_the_head_stays() -> None:
    assert "撤回" in fault(S.PLANNING, submitted=True)
    assert fault(S.IN_PROGRESS, submitted=True) == ""
