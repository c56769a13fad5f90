"""Which cells a corrected ledger may change, and where everything else is changed instead."""

from tracker.ledger.cell_forms import EXTRA, NAMES, title_of
from tracker.ledger.changes import ChangedCell
from tracker.ledger.columns import Field
from tracker.ledger.limits import LONGEST, LONGEST_NAME
from tracker.ledger.texts import split_list
from tracker.rectification.models import Task
from tracker.rectification.rules.words import DutyRole

ISSUE_COLUMNS = {
    Field.ISSUE: "text",
    Field.DETAIL: "detail",
    Field.CAUSE: "cause",
    Field.CATEGORY_1: "cat_l1",
    Field.CATEGORY_2: "cat_l2",
}
TASK_COLUMNS = {
    Field.GOAL: "goal",
    Field.LEAD_DEPT: "lead_dept",
    Field.SUPPORT_DEPTS: "support_depts",
    Field.REMARK: "remark",
}
DUTIES = {Field.LEAD_LEADER: DutyRole.LEAD_LEADER, Field.OWNER: DutyRole.OWNER}
REPORT = "填报进展"
ELSEWHERE = {
    Field.ROUND: "到巡察轮次中修改",
    Field.TEAM: "到巡察轮次中修改",
    Field.UNIT: "撤销任务后重新下发",
    Field.ISSUE_NO: "到反馈问题中修改",
    Field.NATURE: "到反馈问题中修改",
    Field.PHONE: "到人员资料中修改",
    Field.DUE: "办理延期或更正时限",
    Field.KIND: "到整改方案中修改",
    Field.PROGRESS: REPORT,
    Field.COMPLETION: REPORT,
    Field.DONE_ON: REPORT,
    Field.INSTITUTIONS: REPORT,
    Field.ACCOUNTABILITY: REPORT,
    Field.RECOVERED: REPORT,
    Field.UNFINISHED: REPORT,
    Field.EVIDENCE: "上传佐证材料",
    Field.CLOSED: "办理销号",
    Field.CLOSED_ON: "办理销号",
}


def corrected_part(code: str) -> str | None:
    """Return what of a task a cell corrects; None for what belongs to its issue or is not corrected."""
    if code.startswith(EXTRA):
        return "extra"
    if code == Field.MEASURE:
        return "measures"
    field = Field(code)
    return TASK_COLUMNS.get(field) or (DUTIES[field].value if field in DUTIES else None)


def cell_fault(cell: ChangedCell, task: Task) -> str | None:
    """Return why a cell cannot be taken over, whatever the state of its task; None when it can."""
    if cell.field == Field.DUE and task.is_due_doubtful:
        return None if cell.due_on else "没有写明日期，时限仍为待确认。"
    if cell.field in ELSEWHERE:
        return f"{title_of(cell.field)}不能通过表格修改，请{ELSEWHERE[Field(cell.field)]}。"
    if cell.field in (Field.ISSUE, Field.MEASURE) and not cell.returned:
        return f"{title_of(cell.field)}不能通过表格清空。"
    if cell.field == Field.MEASURE:
        return _measure_fault(cell, task)
    return _length_fault(cell)


def _measure_fault(cell: ChangedCell, task: Task) -> str | None:
    if cell.measure_id == 0:
        return "系统中已有整改措施，请在整改任务中修改。" if task.measures else None
    if cell.measure_id not in {measure.id for measure in task.measures}:
        return "这条整改措施在系统中已经删除。"
    return None


def _length_fault(cell: ChangedCell) -> str | None:
    if cell.field in NAMES:
        names = split_list(cell.returned)
        is_long, longest = any(len(name) > LONGEST_NAME for name in names), LONGEST_NAME
    else:
        longest = LONGEST.get(cell.field, 0)  # type: ignore[call-overload]
        is_long = bool(longest) and len(cell.returned) > longest
    return f"{title_of(cell.field)}超过 {longest} 个字，请精简后重新导入。" if is_long else None
