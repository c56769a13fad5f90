"""Words and rules of 督查记录."""

from datetime import date

from tracker.kernel.errors import DomainError
from tracker.kernel.labels import LabelledEnum


class FindingOutcome(LabelledEnum):
    """What came of a finding. Only what is noted can still lead to something."""

    NOTED = "noted", "仅记录"
    RETURNED = "returned", "退回整改"
    REOPENED = "reopened", "重新整改"
    TASK_MADE = "task_made", "形成新任务"


def check_visit(visited_on: date, *, today: date) -> None:
    """Refuse a visit that lies ahead."""
    if visited_on > today:
        raise DomainError("督查日期不能晚于今天，请核对。")


def check_undecided(outcome: FindingOutcome) -> None:
    """Refuse a second consequence of one finding."""
    if outcome is not FindingOutcome.NOTED:
        raise DomainError(f"这条督查意见已经“{outcome.label}”，不需要再次办理。")
