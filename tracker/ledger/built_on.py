"""撤销导入, the words: what an import makes, and what may since rest on it. Pure.

Whatever points at a row of an import and was not made by that import stands in the way of taking it
back. `POINTERS` names every foreign key that can; `tests/ledger/test_built_on.py` walks the metadata and
wants each of them here, with the word that people are told.
"""

from dataclasses import dataclass

MADE = {
    "inspections": "巡察对象",
    "feedbacks": "反馈",
    "feedback_recipients": "反馈签收",
    "milestones": "节点",
    "issues": "问题",
    "issue_units": "问题责任单位",
    "tasks": "任务",
    "measures": "整改措施",
    "progress_reports": "进展",
    "task_duties": "责任人",
    "task_transitions": "办理记录",
    "due_changes": "时限登记",
}
"""What goes with an import, in the order people are told of it."""

SHARED = {"persons": "人员", "teams": "巡察组"}
"""What an import takes in for everybody: it goes unless somebody else uses it by now."""

POINTERS = {
    "accountability_tasks.task_id": "问责",
    "advices.inspection_id": "意见建议",
    "assessments.feedback_id": "整改评估",
    "closure_certificates.task_id": "销号审批表",
    "closure_certificates.transition_id": "销号审批表",
    # Who may know of clues is decided elsewhere: the word says only that something is there.
    "clue_counts.feedback_id": "其他登记",
    "clue_counts.inspection_id": "其他登记",
    "clues.feedback_id": "其他登记",
    "clues.inspection_id": "其他登记",
    "due_changes.task_id": "时限变动",
    "evidences.task_id": "佐证材料",
    "extensions.task_id": "延期申请",
    "feedback_recipients.feedback_id": "反馈签收",
    "feedbacks.inspection_id": "其后登记的反馈",
    "fill_in_files.task_id": "填报表佐证材料",
    "import_changes.task_id": "其后的台账导入",
    "import_rows.task_id": "其后的台账导入",
    "interview_issues.issue_id": "约谈",
    "interview_tasks.task_id": "约谈",
    "issue_tags.issue_id": "问题标签",
    "issue_units.issue_id": "增加的责任单位",
    "issues.feedback_id": "其后登记的问题",
    "issues.inspection_id": "其后登记的问题",
    "issues.repeats_issue_id": "“回头看”的重复问题",
    "letter_issues.issue_id": "函件",
    "letter_tasks.task_id": "函件",
    "long_term_requests.task_id": "长期整改申请",
    "long_term_reviews.task_id": "长期整改复查",
    "measures.task_id": "增加的整改措施",
    "milestone_events.milestone_id": "节点登记",
    "milestones.inspection_id": "增加的节点",
    "monthly_report_lines.progress_report_id": "月度进展报送",
    "plan_remarks.task_id": "方案退回意见",
    "post_change_items.new_duty_id": "人员变动交接",
    "post_change_items.old_duty_id": "人员变动交接",
    "post_change_items.task_id": "人员变动交接",
    "progress_reports.task_id": "其后的进展",
    "reviews.task_id": "审核意见",
    "reviews.transition_id": "审核意见",
    "revisit_verdicts.inspection_id": "“回头看”结论",
    "revisit_verdicts.issue_id": "“回头看”结论",
    "sign_offs.task_id": "签字背书",
    "spot_check_items.task_id": "整改抽查",
    "task_comments.task_id": "任务意见",
    "task_duties.task_id": "增加的责任人",
    "task_openings.transition_id": "查阅记录",
    "task_transitions.task_id": "其后的办理",
    "task_units.task_id": "配合单位",
    "tasks.feedback_id": "其后新建的任务",
    "tasks.issue_id": "其后新建的任务",
    "unit_documents.feedback_id": "整改方案或报告",
    "visit_findings.result_task_id": "督查记录",
    "visit_findings.task_id": "督查记录",
    "watch_changes.task_id": "挂牌督办",
}


@dataclass(frozen=True)
class Naming:
    """A table that names rows by kind and id: which of its words mean which table of ours."""

    kind: str
    tables: dict[str, str]
    word: str


NAMINGS = {
    "calendar_moves": Naming("object_type", {"milestone": "milestones"}, "随日历重新计算的时限"),
    "call_notes": Naming(
        "object_type", {"task": "tasks", "milestone": "milestones"}, "电话催办"
    ),
    "notifications": Naming(
        "object_type", {"task": "tasks", "milestone": "milestones"}, "提醒消息"
    ),
    "unit_change_items": Naming(
        "kind", {"task": "tasks", "duty": "task_duties"}, "机构变动交接"
    ),
}  # fmt: skip

ELSEWHERE = {
    "audit_entries": "the trail names what was there; it stays, and nothing rests on it",
    "import_changes": "a measure of a task that it names by a key; the task stands in the way",
    "post_change_items": "letters, and an import makes none",
}
"""Tables with ids that are no foreign keys and do not stand in the way, each with its reason."""

DRAFTS = {
    "feedbacks": "feedbacks",
    "inspections": "inspections",
    "issues": "issues",
    "milestones": "milestones",
    "tasks": "tasks",
}
"""First words of addresses that forms about our rows are sent to."""

DRAFT = "没有提交的草稿"
EDITED = "已被修改"
GONE = "已被删除"
DATED = "反馈日期已作为办理依据"
COUNTED = {
    "county_submissions": "县区报送",
    "dispatches": "报送登记",
    "report_runs": "周报",
    "snapshots": "数据快照",
}
"""Figures that were kept or given away since; they may have counted what the import made."""


@dataclass(frozen=True, order=True)
class Standing:
    """What stands in the way: at which row, what, and how many of it."""

    name: str
    word: str
    number: int = 1

    @property
    def sentence(self) -> str:
        """Return it as people are told."""
        return f"{self.name}：{self.word}" + (f"（{self.number} 条）" if self.number > 1 else "")
