"""长期整改 and 长期坚持: which tasks the office looks at again, and what it has to say then."""

from dataclasses import dataclass
from datetime import date

from tracker.kernel.errors import DomainError
from tracker.rectification.rules.guards import check_next_review
from tracker.rectification.rules.words import TaskState


def is_looked_at_again(state: TaskState, *, is_sustained: bool) -> bool:
    """Return whether a task has review dates: 长期整改, and what was closed as 长期坚持."""
    return state is TaskState.LONG_TERM or (state is TaskState.CLOSED and is_sustained)


@dataclass(frozen=True, kw_only=True)
class LongTermFinding:
    """What the office found, and when it looks again; `is_last` = never, for a reason."""

    reviewed_on: date | None
    finding: str
    next_review_on: date | None = None
    is_last: bool = False
    end_reason: str = ""


def check_finding(
    found: LongTermFinding, state: TaskState, *, today: date, last_on: date | None
) -> None:
    """Refuse a review that is not whole. `last_on` is the day of the review before."""
    if found.reviewed_on is None or found.reviewed_on > today:
        raise DomainError("请填写复查日期，不能晚于今天。")
    if last_on is not None and found.reviewed_on < last_on:
        raise DomainError(f"上一次复查是 {last_on.isoformat()}，这次的日期不能更早。")
    if not found.finding.strip():
        raise DomainError("请写明复查情况。")
    if found.is_last:
        _check_last(found, state)
        return
    check_next_review(found.next_review_on, today=today)
    if found.end_reason.strip():
        raise DomainError("填写了不再复查的理由，请同时勾选“不再复查”，或清空理由。")


def _check_last(found: LongTermFinding, state: TaskState) -> None:
    if state is TaskState.LONG_TERM:
        raise DomainError(
            "长期整改的任务还没有销号，请填写下次复查日期。不再长期整改的，先恢复限期整改。"
        )
    if found.next_review_on is not None:
        raise DomainError("勾选了“不再复查”，请清空下次复查日期。")
    if not found.end_reason.strip():
        raise DomainError("请写明不再复查的理由。")
