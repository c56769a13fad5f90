"""When what a task says may still be corrected from a ledger: by its state, and how far its plan is."""

from tracker.rectification.rules.words import OPEN_STATES, TaskState

BEING_READ = frozenset({TaskState.PLAN_REVIEW, TaskState.UNIT_CHECK, TaskState.OFFICE_REVIEW})


def correction_fault(
    state: TaskState, *, is_plan_item: bool, is_submitted: bool, is_passed: bool
) -> str | None:
    """Return why a task may not be corrected, or None. `is_plan_item`: its goal or a measure.

    `is_submitted`: its plan waits for the head's signature; `is_passed`: the office has passed it.
    """
    if state not in OPEN_STATES:
        return f"任务现在是“{state.label}”，不能再修改。"
    if state in BEING_READ:
        return f"任务现在是“{state.label}”，不能修改。请等办完或退回后再改。"
    if state is TaskState.PLANNING and is_submitted:
        return "整改方案已提交主要负责人审签。需要修改时请先撤回。"
    if is_plan_item and is_passed:
        return "整改方案已审核通过，整改目标和整改措施不能通过表格修改。"
    return None
