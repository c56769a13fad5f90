"""Every field of a printed form, and how somebody with the database in hand would change it."""

# Each printed field, and how somebody with the database in hand would change it.
TASK, CLOSE = "id = :task", "task_id = :task AND verb = 'close'"
OF_TASK = "task_id = :task"
FIELDS: dict[str, list[tuple[str, str, str, str]]] = {
    "编号": [("tasks", "reopen_count", "3", TASK)],
    "开展巡察的地区": [("regions", "name", "'别市'", "code = 'CITY'")],
    "共同责任单位": [
        ("units", "name", "'别局'", "code = 'B01'"),
        ("task_units", "unit_id", "(SELECT id FROM units WHERE code = 'E01')", OF_TASK),
    ],
    "问题类别": [
        ("issues", "cat_l1", "'别类'", "1 = 1"),
        ("issues", "cat_l2", "NULL", "1 = 1"),
    ],
    "问题性质": [
        ("issues", "nature", "'common'", "1 = 1"),
        ("issues", "is_immediate", "true", "1 = 1"),
    ],
    "具体表现": [("issues", "detail", "'两次会议没有记录'", "1 = 1")],
    "原因分析": [("issues", "cause", "NULL", "1 = 1")],
    "巡察办确认": [
        ("tasks", "confirmed_completion", "'mostly'", TASK),
        ("tasks", "confirmed_on", "'2026-11-15'", TASK),
    ],
    "被巡察党组织": [("units", "name", "'别局'", "code = 'A01'")],
    "巡察轮次": [("rounds", "name", "'别轮'", "1 = 1")],
    "反馈编号": [
        ("feedbacks", "code", "'F-z'", "code = 'F-a'"),
        ("tasks", "feedback_id", "(SELECT id FROM feedbacks WHERE code = 'F-b')", TASK),
    ],
    "反馈": [
        ("feedbacks", "title", "'别的反馈'", "code = 'F-a'"),
        ("feedbacks", "fed_back_on", "'2026-09-02'", "code = 'F-a'"),
    ],
    "任务编号": [("tasks", "task_no", "'7-3-999-01'", TASK)],
    "问题编号": [("issues", "issue_no", "'999'", "1 = 1")],
    "反馈问题": [("issues", "text", "'改轻了的问题。'", "1 = 1")],
    "整改目标": [("tasks", "goal", "'改了'", TASK)],
    "整改类型": [("tasks", "kind", "'immediate'", TASK)],
    "责任领导": [("persons", "name", "'别人'", "name = '方一鸣'")],
    "牵头部门": [("tasks", "lead_dept", "'别处'", TASK)],
    "配合部门": [("tasks", "support_depts", "'别处'", TASK)],
    "责任人": [("persons", "name", "'别人'", "name = '柳青'")],
    "原定时限": [("tasks", "original_due", "'2026-12-31'", TASK)],
    "现时限": [("tasks", "due_on", "'2026-12-31'", TASK)],
    "完成日期": [("tasks", "done_on", "'2026-11-01'", TASK)],
    "销号日期": [("tasks", "closed_on", "'2026-11-15'", TASK)],
    "销号结论": [("tasks", "is_sustained", "true", TASK)],
    "审批人": [("task_transitions", "actor", "'别人'", CLOSE)],
    "授权人": [("task_transitions", "lent_by", "'别人'", CLOSE)],
    "审批意见": [("reviews", "reason", "'另说'", OF_TASK + " AND outcome = 'closed'")],
    "整改措施第1条·措施": [("measures", "text", "'别的'", OF_TASK + " AND seq = 1")],
    "整改措施第1条·时限": [("measures", "due_on", "'2026-11-01'", OF_TASK + " AND seq = 1")],
    "整改措施第1条·完成日期": [("measures", "done_on", "'2026-11-01'", OF_TASK + " AND seq = 1")],
    "整改措施第2条·措施": [("measures", "text", "'别的'", OF_TASK + " AND seq = 2")],
    "整改措施第2条·时限": [("measures", "due_on", "NULL", OF_TASK + " AND seq = 2")],
    "整改措施第2条·完成日期": [("measures", "done_on", "'2026-11-13'", OF_TASK + " AND seq = 2")],
    "整改进展第1条·日期": [("progress_reports", "reported_on", "'2026-11-01'", OF_TASK)],
    "整改进展第1条·完成情况": [("progress_reports", "completion", "'partly'", OF_TASK)],
    "整改进展第1条·进展": [("progress_reports", "text", "'已全部完成。'", OF_TASK)],
    "整改进展第1条·成果": [
        ("progress_reports", "rules_made", "2", OF_TASK),
        ("progress_reports", "orgs_held", "2", OF_TASK),
        ("progress_reports", "persons_held", "2", OF_TASK),
        ("progress_reports", "recovered_wan", "12.5001", OF_TASK),
    ],
    "整改进展第1条·无佐证理由": [("progress_reports", "no_evidence_reason", "NULL", OF_TASK)],
    "整改进展第1条·填报人": [
        ("progress_reports", "created_by", "'别人'", OF_TASK),
        ("progress_reports", "on_behalf_of", "'市甲局'", OF_TASK),
    ],
    "整改进展第1条·自报完成日期": [("progress_reports", "done_on", "'2026-11-01'", OF_TASK)],
    "整改进展第1条·未完成原因": [("progress_reports", "unfinished_reason", "NULL", OF_TASK)],
    "整改进展第1条·下步打算": [("progress_reports", "next_step", "'别的'", OF_TASK)],
    "佐证材料第1条·材料": [("evidences", "title", "'别的'", OF_TASK)],
    "佐证材料第1条·材料日期": [("evidences", "document_on", "'2026-11-01'", OF_TASK)],
    "佐证材料第1条·文件名": [("stored_files", "original_name", "'b.pdf'", "1 = 1")],
    "佐证材料第1条·字节数": [("stored_files", "size_bytes", "7", "1 = 1")],
    "佐证材料第1条·SHA-256": [("stored_files", "sha256", "'00'", "1 = 1")],
    "佐证材料第1条·上传人": [("evidences", "created_by", "'别人'", OF_TASK)],
    "时限变更第1条·日期": [("due_changes", "occurred_on", "'2026-11-01'", OF_TASK)],
    "时限变更第1条·性质": [("due_changes", "kind", "'correction'", OF_TASK)],
    "时限变更第1条·原时限": [("due_changes", "old_due", "'2026-11-30'", OF_TASK)],
    "时限变更第1条·新时限": [("due_changes", "new_due", "'2026-11-30'", OF_TASK)],
    "时限变更第1条·办理人": [("due_changes", "actor", "'别人'", OF_TASK)],
    "时限变更第1条·理由": [("due_changes", "reason", "'别的'", OF_TASK)],
    "延期申请第1条·申请日期": [("extensions", "asked_on", "'2026-11-01'", OF_TASK)],
    "延期申请第1条·申请人": [("extensions", "asked_by", "'别人'", OF_TASK)],
    "延期申请第1条·申请延至": [("extensions", "new_due", "'2026-12-31'", OF_TASK)],
    "延期申请第1条·理由": [("extensions", "reason", "'别的'", OF_TASK)],
    "延期申请第1条·审签人": [("extensions", "signed_by", "'别人'", OF_TASK)],
    "延期申请第1条·结果": [("extensions", "state", "'refused'", OF_TASK)],
    "延期申请第1条·审批日期": [("extensions", "decided_on", "'2026-11-12'", OF_TASK)],
    "延期申请第1条·审批人": [("extensions", "decided_by", "'别人'", OF_TASK)],
    "延期申请第1条·原时限": [("extensions", "old_due", "'2026-11-30'", OF_TASK)],
    "延期申请第1条·审签日期": [("extensions", "signed_on", "'2026-11-11'", OF_TASK)],
    "延期申请第1条·审签方式": [("extensions", "sign_way", "'online'", OF_TASK)],
    "延期申请第1条·审批说明": [("extensions", "decision_reason", "'别的'", OF_TASK)],
    "延期申请第1条·签字扫描件": [("extensions", "sign_file_id", "NULL", OF_TASK)],
    "延期申请第1条·扫描件SHA-256": [("stored_files", "sha256", "'00'", "1 = 1")],
    "签字背书第1条·签字扫描件": [("stored_files", "original_name", "'b.pdf'", "1 = 1")],
    "签字背书第1条·扫描件SHA-256": [("sign_offs", "file_id", "NULL", OF_TASK)],
    "签字背书第1条·时间": [("sign_offs", "signed_at", "'2026-11-01 00:00:00'", OF_TASK)],
    "签字背书第1条·签署人": [("sign_offs", "signed_by", "'别人'", OF_TASK)],
    "签字背书第1条·方式": [("sign_offs", "way", "'online'", OF_TASK)],
    "签字背书第1条·授权人": [("sign_offs", "lent_by", "'别人'", OF_TASK)],
    "签字背书第1条·承诺": [("sign_offs", "pledge", "'别的'", OF_TASK)],
}
for place, outcome in enumerate(("recommended", "cosigned", "closed"), start=1):
    where = OF_TASK + f" AND outcome = '{outcome}'"
    other = "objected" if outcome != "objected" else "cosigned"
    FIELDS |= {
        f"审核、建议与会签第{place}条·日期": [("reviews", "reviewed_on", "'2026-11-01'", where)],
        f"审核、建议与会签第{place}条·意见": [("reviews", "outcome", f"'{other}'", where)],
        f"审核、建议与会签第{place}条·办理人": [("reviews", "reviewer", "'别人'", where)],
        f"审核、建议与会签第{place}条·说明": [("reviews", "reason", "'别的'", where)],
        f"审核、建议与会签第{place}条·需补充": [
            ("reviews", "required_supplement", "'别的'", where)
        ],
        f"审核、建议与会签第{place}条·会签部门": [
            (
                "reviews",
                "organ_id",
                "NULL" if outcome == "cosigned" else "(SELECT MIN(id) FROM supervisor_orgs)",
                where,
            )
        ],
    }
STEPS = 8
for place in range(1, STEPS + 1):
    # the place-th step of the task, and what else it could say
    where = (
        "id = (SELECT id FROM task_transitions WHERE task_id = :task"
        f" ORDER BY id LIMIT 1 OFFSET {place - 1})"
    )
    FIELDS |= {
        f"办理过程第{place}条·日期": [("task_transitions", "occurred_on", "'2026-08-01'", where)],
        f"办理过程第{place}条·登记时间": [
            ("task_transitions", "recorded_at", "'2026-11-01 00:00:00'", where)
        ],
        f"办理过程第{place}条·办理": [("task_transitions", "verb", "'skip'", where)],
        f"办理过程第{place}条·环节变化": [
            ("task_transitions", "from_state", "'ended'", where),
            ("task_transitions", "to_state", "'ended'", where),
        ],
        f"办理过程第{place}条·办理人": [
            ("task_transitions", "actor", "'别人'", where),
            ("task_transitions", "on_behalf_of", "'市甲局'", where),
            ("task_transitions", "lent_by", "'别人'", where),
        ],
        f"办理过程第{place}条·说明": [("task_transitions", "reason", "'别的'", where)],
    }

# What a form printed before the history of the task and the signed scans were on it.
FIRST_FACTS = (
    *("number", "unit", "round", "feedback", "task_no", "issue_no", "issue", "goal", "kind"),
    *("lead_leader", "lead_dept", "support_depts", "owners", "original_due", "due_on", "done_on"),
    *("closed_on", "outcome", "decided_by", "lent_by", "opinion"),
)
FIRST_LINES = {
    "measures": ("text", "due_on", "done_on"),
    "progress": (
        *("reported_on", "completion", "text", "results", "no_evidence_reason", "reporter"),
    ),
    "evidence": ("title", "document_on", "name", "size", "sha256"),
    "due_changes": ("occurred_on", "kind", "old_due", "new_due", "actor", "reason"),
    "extensions": (
        *("asked_on", "asked_by", "new_due", "reason"),
        *("signed_by", "state", "decided_on", "decided_by"),
    ),
    "sign_offs": ("signed_at", "signed_by", "way", "lent_by", "pledge"),
    "reviews": ("reviewed_on", "outcome", "reviewer", "reason", "supplement"),
}
