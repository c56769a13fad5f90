"""县区报送 in words: the path of one county's answer, and which answers can be. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from tracker.kernel.errors import DomainError
from tracker.kernel.labels import LabelledEnum
from tracker.statistics.rules import EnteredMetric


class SubmissionState(LabelledEnum):
    """How far a county has come with what it was asked for."""

    PENDING = "pending", "未报"
    SUBMITTED = "submitted", "已报"
    RETURNED = "returned", "退回"
    ACCEPTED = "accepted", "已接收"


class SubmissionStep(LabelledEnum):
    """What is done with a county's answer."""

    SUBMIT = "submit", "报送"
    WITHDRAW = "withdraw", "撤回"
    RETURN = "return", "退回"
    ACCEPT = "accept", "接收"


S, T = SubmissionState, SubmissionStep
WITH_COUNTY = frozenset({S.PENDING, S.RETURNED})
PATH: dict[tuple[SubmissionState, SubmissionStep], SubmissionState] = {
    (S.PENDING, T.SUBMIT): S.SUBMITTED,
    (S.RETURNED, T.SUBMIT): S.SUBMITTED,
    (S.SUBMITTED, T.WITHDRAW): S.PENDING,
    (S.SUBMITTED, T.RETURN): S.RETURNED,
    (S.SUBMITTED, T.ACCEPT): S.ACCEPTED,
    (S.ACCEPTED, T.RETURN): S.RETURNED,
}


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What a county says of one figure: a number, or why there is none."""

    value: Decimal | None
    blank_reason: str = ""


Answers = Mapping[EnteredMetric, Answer]


def state_after(state: SubmissionState, step: SubmissionStep) -> SubmissionState:
    """Return the next state. DomainError where the step is not possible any more."""
    following = PATH.get((state, step))
    if following is None:
        raise DomainError(f"这份报送现在是“{state.label}”，不能{step.label}。请刷新后核对。")
    return following


def check_call(metrics: list[EnteredMetric], start: date, end: date, due_on: date) -> None:
    """Refuse a call that nobody could answer."""
    if not metrics:
        raise DomainError("请至少选择一项要报送的数字。")
    if start > end:
        raise DomainError("统计期间的起始日晚于截止日，请更正。")
    if due_on < end:
        raise DomainError("报送时限早于统计期间的截止日，县区还没有数字可报，请改晚。")


def check_answers(answers: Answers) -> None:
    """Refuse answers that cannot be: each figure is a whole number, or says why there is none."""
    for metric, answer in answers.items():
        if answer.value is None and not answer.blank_reason:
            raise DomainError(f"“{metric.label}”没有填数字，请填数字，或写明没有数字的原因。")
        if answer.value is not None and answer.value < 0:
            raise DomainError(f"“{metric.label}”不能小于0，请更正。")
        if answer.value is not None and answer.value != answer.value.to_integral_value():
            raise DomainError(f"“{metric.label}”应是整数，请更正。")
    done = _value(answers, EnteredMetric.COVERAGE_DONE)
    total = _value(answers, EnteredMetric.COVERAGE_TOTAL)
    if done is not None and total is not None and done > total:
        raise DomainError("已巡察对象多于全覆盖任务对象总数，请核对这两项。")


def _value(answers: Answers, metric: EnteredMetric) -> Decimal | None:
    answer = answers.get(metric)
    return answer.value if answer else None
