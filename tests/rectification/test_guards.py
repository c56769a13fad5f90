"""What must be true before a step."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracker.kernel.errors import DomainError
from tracker.rectification.rules.guards import (
    ClosingRequest,
    PlannedTask,
    check_closing_request,
    check_done_on,
    check_extension,
    check_not_own,
    plan_faults,
)

TODAY = date(2026, 11, 16)
DAYS = st.dates(date(2026, 1, 1), date(2027, 12, 31))


def request(**changes: object) -> ClosingRequest:
    values: dict[str, object] = {
        "today": TODAY,
        "done_on": TODAY,
        "text": "已完成",
        "evidence_days": (TODAY,),
        "no_evidence_reason": None,
        "open_measures": 0,
        **changes,
    }
    return ClosingRequest(**values)  # type: ignore[arg-type]


def test_a_complete_request_passes() -> None:
    check_closing_request(request())
    check_closing_request(request(evidence_days=(), no_evidence_reason="会议口头部署，无书面材料"))


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"text": " "}, "完成情况"),
        ({"open_measures": 2}, "还有 2 条整改措施"),
        ({"evidence_days": ()}, "至少上传一份佐证材料"),
        ({"done_on": None}, "请填写完成日期"),
        ({"done_on": TODAY + timedelta(days=1)}, "不能晚于今天"),
        ({"done_on": TODAY - timedelta(days=3)}, "早于佐证材料的日期"),
    ],
)
def test_an_incomplete_request_is_refused_with_what_to_add(
    changes: dict[str, object], sentence: str
) -> None:
    with pytest.raises(DomainError, match=sentence):
        check_closing_request(request(**changes))


@given(done=DAYS, today=DAYS, evidence=st.lists(DAYS, max_size=4))
def test_done_lies_between_the_newest_evidence_and_today(
    done: date, today: date, evidence: list[date]
) -> None:
    allowed = done <= today and all(day <= done for day in evidence)
    if allowed:
        check_done_on(done, today=today, evidence_days=evidence)
    else:
        with pytest.raises(DomainError):
            check_done_on(done, today=today, evidence_days=evidence)


def test_nobody_closes_what_they_had_a_hand_in() -> None:
    check_not_own(7, [1, 2])
    check_not_own(None, [1, 2])
    with pytest.raises(DomainError, match="不能由您销号"):
        check_not_own(7, [1, 7])


def test_a_plan_names_what_it_lacks() -> None:
    empty = PlannedTask(
        task_no="1",
        goal=None,
        measures=0,
        lead_leader="",
        lead_dept=None,
        due_on=None,
        is_long_term=False,
    )
    assert plan_faults(empty, TODAY) == ["整改目标", "整改措施", "责任领导", "牵头部门", "整改时限"]


def test_a_due_date_beyond_the_concentrated_period_needs_long_term() -> None:
    late = {
        "task_no": "1",
        "goal": "g",
        "measures": 1,
        "lead_leader": "甲",
        "lead_dept": "办公室",
        "due_on": TODAY + timedelta(days=1),
    }
    assert plan_faults(PlannedTask(**late, is_long_term=False), TODAY) != []  # type: ignore[arg-type]
    assert plan_faults(PlannedTask(**late, is_long_term=True), TODAY) == []  # type: ignore[arg-type]


@given(old=DAYS, new=DAYS, today=DAYS, granted=st.integers(0, 3))
def test_an_extension_moves_forward_in_time_and_is_asked_in_time(
    old: date, new: date, today: date, granted: int
) -> None:
    fine = new > old and today <= old and granted < 2
    if fine:
        check_extension(old_due=old, new_due=new, today=today, granted=granted, reason="汛期施工")
    else:
        with pytest.raises(DomainError):
            check_extension(
                old_due=old, new_due=new, today=today, granted=granted, reason="汛期施工"
            )
