"""What the trail's codes are called on screen. One table each; a test holds that none is missing."""

from typing import Any

from sqlalchemy import Enum

from tracker.audit.actions import ACTIONS
from tracker.audit.columns import COLUMNS
from tracker.audit.details import DETAILS
from tracker.kernel.db import Base

RESULTS = {"ok": "成功", "refused": "被拒绝"}
VERBS = {"created": "新增", "updated": "修改", "deleted": "删除"}

TABLES = {
    "accountabilities": "问责",
    "accountability_tasks": "问责涉及的任务",
    "advices": "意见建议",
    "assessment_corrections": "评估更正",
    "assessment_grades": "评估等次",
    "assessment_items": "评估指标",
    "assessment_scores": "评估得分",
    "assessment_templates": "评估模板",
    "assessment_votes": "测评票",
    "assessments": "整改评估",
    "background_works": "后台办理",
    "batches": "批次",
    "calendar_days": "工作日历",
    "called_metrics": "要报送的数字",
    "calendar_moves": "随日历重新计算的时限",
    "calendar_notices": "节假日安排",
    "channels": "群机器人",
    "closure_certificates": "销号审批表",
    "clue_corrections": "线索登记更正",
    "clue_counts": "线索数量",
    "clue_details": "线索内容",
    "clue_grants": "线索查看授权",
    "clues": "线索",
    "county_submissions": "县区报送",
    "coverage_targets": "覆盖任务",
    "deadline_profiles": "时限方案",
    "correction_confirmations": "评估更正确认",
    "delegations": "授权代理",
    "deliveries": "消息发送",
    "dictionary_entries": "字典",
    "dispatches": "报送登记",
    "document_events": "方案和报告的办理记录",
    "document_signatures": "方案和报告的签字",
    "document_versions": "单位材料的版本",
    "due_changes": "时限变动",
    "earlier_verdicts": "回头看原结论",
    "evidences": "佐证材料",
    "extensions": "延期申请",
    "feedback_recipients": "反馈签收",
    "feedbacks": "反馈",
    "file_checks": "文件核验",
    "fill_in_returns": "交回的填报表",
    "header_words": "台账表头对应",
    "import_batches": "台账导入",
    "inspections": "巡察对象",
    "interview_issues": "约谈涉及的问题",
    "interview_tasks": "约谈涉及的任务",
    "interviews": "约谈",
    "issue_tags": "问题标签",
    "issue_units": "问题责任单位",
    "issues": "反馈问题",
    "letter_events": "函件办理记录",
    "letter_issues": "函件涉及的问题",
    "letter_kinds": "函件种类",
    "letter_replies": "函件回复",
    "letter_series": "函件编号",
    "letter_tasks": "函件涉及的任务",
    "letters": "函件",
    "long_term_requests": "长期整改申请",
    "long_term_reviews": "长期整改复查",
    "measures": "整改措施",
    "milestone_events": "节点登记记录",
    "milestones": "节点",
    "monthly_report_lines": "月度进展明细",
    "monthly_reports": "月度进展报送",
    "period_figures": "填报数据",
    "persons": "人员",
    "plan_remarks": "方案退回意见",
    "plan_submissions": "方案历次提交",
    "post_change_items": "交接清单",
    "post_changes": "人员变动交接",
    "post_holdings": "任职",
    "posts": "职务",
    "progress_reports": "进展",
    "regions": "地区",
    "reminder_rules": "提醒规则",
    "report_runs": "报告",
    "reviews": "审核意见",
    "revisit_verdicts": "回头看结论",
    "round_modes": "组织方式",
    "rounds": "轮次",
    "settings": "设置",
    "sign_offs": "签字背书",
    "snapshots": "数据快照",
    "spot_check_items": "抽查对象",
    "spot_checks": "整改抽查",
    "stored_files": "文件",
    "submission_calls": "报送要求",
    "submission_events": "县区报送办理记录",
    "submitted_figures": "县区报送的数字",
    "summary_templates": "总结段落",
    "supervision_visits": "督查记录",
    "supervisor_orgs": "监督部门",
    "survey_options": "测评选项",
    "task_comments": "任务意见",
    "task_duties": "责任链条",
    "task_transitions": "任务办理记录",
    "task_units": "配合单位",
    "tasks": "整改任务",
    "teams": "巡察组",
    "terms": "届次",
    "unit_change_items": "合并移交内容",
    "unit_changes": "机构变动",
    "unit_documents": "单位方案和报告",
    "unit_pauses": "单位暂停提醒",
    "units": "单位",
    "users": "账号",
    "visit_findings": "督查发现",
    "visit_units": "督查单位",
    "watch_changes": "挂牌变动",
}


def action_label(code: str) -> str:
    """Return an action's Chinese name; the code itself where a newer program wrote it."""
    return ACTIONS.get(code, code)


def result_label(code: str) -> str:
    """Return a result's Chinese name."""
    return RESULTS.get(code, code)


def table_label(name: str | None) -> str:
    """Return a table's Chinese name."""
    return TABLES.get(name or "", name or "")


def column_label(table: str, name: str) -> str:
    """Return a column's Chinese name; the code itself where a newer program wrote it."""
    return COLUMNS.get(f"{table}.{name}") or COLUMNS.get(name, name)


def detail_label(name: str) -> str:
    """Return the Chinese name of what an entry says besides."""
    return DETAILS.get(name) or COLUMNS.get(name, name)


def value_label(table: str, column: str, value: Any) -> str:
    """Return a value as a person reads it: yes and no, and what an enumeration calls it."""
    if value is None:
        return "—"
    if isinstance(value, bool):
        return "是" if value else "否"
    return _enum_label(table, column, str(value)) or str(value)


def _enum_label(table: str, column: str, value: str) -> str | None:
    kept = Base.metadata.tables.get(table)
    kind = kept.columns[column].type if kept is not None and column in kept.columns else None
    if not isinstance(kind, Enum) or kind.enum_class is None:
        return None
    names = {str(member.value): str(getattr(member, "label", member)) for member in kind.enum_class}
    return names.get(value)
