"""What must be true before a step: plans complete, closings proven, nobody closes their own."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from tracker.kernel.errors import DomainError
from tracker.rounds.rules import MAX_EXTENSIONS

REVIEW_WITHIN_DAYS = 90


def check_next_review(day: date | None, *, today: date) -> None:
    """Refuse a review date of long-term work that is missing, past, or too far away."""
    latest = today + timedelta(days=REVIEW_WITHIN_DAYS)
    if day is None or not today < day <= latest:
        raise DomainError(
            f"请填写下次复查日期，在明天至 {latest.isoformat()}（{REVIEW_WITHIN_DAYS} 天内）之间。"
        )


@dataclass(frozen=True, kw_only=True)
class PlannedTask:
    """What a plan says about one task."""

    task_no: str
    goal: str | None
    measures: int
    lead_leader: str | None
    lead_dept: str | None
    due_on: date | None
    is_long_term: bool
    last_measure_due: date | None = None


def plan_faults(task: PlannedTask, limit: date | None) -> list[str]:
    """Return what the plan still lacks for a task, in Chinese; empty when it is complete.

    `limit` is the end of the concentrated period of the feedback's profile.
    """
    lacks = [
        word
        for word, present in (
            ("整改目标", task.goal),
            ("整改措施", task.measures),
            ("责任领导", task.lead_leader),
            ("牵头部门", task.lead_dept),
            ("整改时限", task.due_on),
        )
        if not present
    ]
    if task.due_on and limit and task.due_on > limit and not task.is_long_term:
        lacks.append(f"时限不晚于 {limit.isoformat()}（或注明长期整改）")
    if task.due_on and task.last_measure_due and task.last_measure_due > task.due_on:
        lacks.append(f"措施时限不晚于整改时限 {task.due_on.isoformat()}")
    return lacks


@dataclass(frozen=True, kw_only=True)
class ClosingRequest:
    """What a unit brings when it asks for a closing."""

    today: date
    done_on: date | None
    text: str
    evidence_days: tuple[date, ...]
    no_evidence_reason: str | None
    open_measures: int


def check_closing_request(request: ClosingRequest) -> None:
    """Refuse a request for closing that cannot stand; the sentence says what to add."""
    if not request.text.strip():
        raise DomainError("请写明整改完成情况。")
    if request.open_measures:
        raise DomainError(
            f"还有 {request.open_measures} 条整改措施没有完成，请先在“进展”中逐条标记完成。"
        )
    if not request.evidence_days and not (request.no_evidence_reason or "").strip():
        raise DomainError("请至少上传一份佐证材料，或写明没有佐证材料的理由。")
    check_done_on(request.done_on, today=request.today, evidence_days=request.evidence_days)


def check_done_on(done_on: date | None, *, today: date, evidence_days: Iterable[date]) -> None:
    """Check the unit's statement of when it was done, against today and its own evidence."""
    if done_on is None:
        raise DomainError("请填写完成日期。")
    if done_on > today:
        raise DomainError("完成日期不能晚于今天，请核对。")
    newest = max(evidence_days, default=None)
    if newest is not None and done_on < newest:
        raise DomainError(f"完成日期早于佐证材料的日期（{newest.isoformat()}），请核对。")


def check_not_own(decider: int | None, involved: Iterable[int]) -> None:
    """Refuse that a person closes what they submitted, entered, signed, uploaded or recommended.

    Both are ids of persons: somebody who changed post meanwhile is still the same person.
    """
    if decider is not None and decider in set(involved):
        raise DomainError(
            "您参与了这项任务的填报、审签、上传或建议销号，不能由您销号。"
            "请由其他负责人或授权代理人办理。"
        )


def check_not_asker(decider: int | None, hands: Iterable[int]) -> None:
    """Refuse that a person decides what they asked for, entered or signed. Ids of persons."""
    if decider is not None and decider in set(hands):
        raise DomainError("这份申请由您本人提出、录入或审签，不能由您审批。请由其他负责人办理。")


def check_extension(
    *,
    old_due: date,
    new_due: date,
    today: date,
    granted: int,
    reason: str,
    maximum: int = MAX_EXTENSIONS,
    is_late_allowed: bool = False,
) -> None:
    """Refuse an application for more time that the rules do not allow."""
    if not reason.strip():
        raise DomainError("请写明申请延期的理由。")
    if new_due <= old_due:
        raise DomainError(f"新时限应晚于现在的时限（{old_due.isoformat()}）。")
    if today > old_due and not is_late_allowed:
        raise DomainError("已超过整改时限，不能再申请延期。请抓紧整改，或与巡察办联系。")
    if granted >= maximum:
        raise DomainError(f"延期最多 {maximum} 次，已经用完。")
