"""Words of the workflow: states, classes, kinds."""

from tracker.kernel.labels import LabelledEnum


class TaskState(LabelledEnum):
    """Where a task stands. Overdue, due soon, returned, extended are derived, never states."""

    DRAFT = "draft", "待下发"
    ISSUED = "issued", "待签收"
    PLANNING = "planning", "待报整改方案"
    PLAN_REVIEW = "plan_review", "方案审核中"
    IN_PROGRESS = "in_progress", "整改中"
    UNIT_CHECK = "unit_check", "待主要负责人审签"
    OFFICE_REVIEW = "office_review", "待审核销号"
    CLOSED = "closed", "已销号"
    LONG_TERM = "long_term", "长期整改"
    VOID = "void", "已撤销"
    ENDED = "ended", "终止整改"


SIMPLE_WORDS = {TaskState.DRAFT: "待整改"}


def state_word(state: TaskState, *, is_simple: bool) -> str:
    """Return what a state is called; in 简易模式 a task that has not been issued is 待整改."""
    return SIMPLE_WORDS.get(state, state.label) if is_simple else state.label


FINAL_STATES = frozenset({TaskState.CLOSED, TaskState.VOID, TaskState.ENDED})
OPEN_STATES = frozenset(TaskState) - FINAL_STATES
UNCOUNTED_STATES = frozenset({TaskState.VOID, TaskState.ENDED})


class TaskKind(LabelledEnum):
    """整改类型."""

    IMMEDIATE = "immediate", "立行立改"
    DATED = "dated", "限期整改"
    LONG_TERM = "long_term", "长期整改"


class CompletionClass(LabelledEnum):
    """完成情况 as the unit reports it."""

    DONE = "done", "已完成"
    MOSTLY = "mostly", "基本完成"
    PARTLY = "partly", "取得阶段性成效"
    NOT_DONE = "not_done", "未完成"


class DocumentKind(LabelledEnum):
    """What a unit hands in as a whole."""

    PLAN = "plan", "整改方案"
    PROGRESS_REPORT = "progress_report", "整改进展报告"
    HEAD_REPORT = "head_report", "主要负责人组织落实情况报告"
    PUBLIC_NOTICE = "public_notice", "公开稿"


class DocumentEventKind(LabelledEnum):
    """What happened to a unit's document; also moves the court."""

    SUBMITTED = "submitted", "提交"
    WITHDRAWN = "withdrawn", "撤回"
    SIGNED = "signed", "签字背书"
    RETURNED_BY_HEAD = "returned_by_head", "主要负责人退回"
    RETURNED = "returned", "巡察办退回"
    PASSED = "passed", "审核通过"


class DocumentState(LabelledEnum):
    """How far a unit's document (other than the plan) has come."""

    OWED = "owed", "待报送"
    DRAFT = "draft", "起草中"
    HEAD_CHECK = "head_check", "待主要负责人审签"
    OFFICE_REVIEW = "office_review", "待巡察办审核"
    RETURNED = "returned", "已退回，待修改"
    ACCEPTED = "accepted", "已通过"


class MonthlyState(LabelledEnum):
    """How far a month's report has come."""

    SUBMITTED = "submitted", "待主要负责人审签"
    RETURNED = "returned", "主要负责人退回"
    SIGNED = "signed", "已审签报送"
    FILED = "filed", "已报送"


class SignatureWay(LabelledEnum):
    """How the first responsible person signed."""

    ONLINE = "online", "在线签署"
    SCAN = "scan", "上传签字扫描件"
    AUTHORISED = "authorised", "授权代签"


class ReviewOutcome(LabelledEnum):
    """What a review decided."""

    RETURNED = "returned", "退回"
    CLOSED = "closed", "同意销号"
    COSIGNED = "cosigned", "会签同意"
    OBJECTED = "objected", "会签不同意"
    RECOMMENDED = "recommended", "建议销号"
    CONFIRMED = "confirmed", "确认基本完成"
    UNCONFIRMED = "unconfirmed", "收回确认"


COSIGNATURES = frozenset({ReviewOutcome.COSIGNED, ReviewOutcome.OBJECTED})
CONFIRMATIONS = frozenset({ReviewOutcome.CONFIRMED, ReviewOutcome.UNCONFIRMED})


class CommentSide(LabelledEnum):
    """On whose side the author of a comment stands."""

    OFFICE = "office", "巡察办"
    UNIT = "unit", "单位"
    SUPERVISOR = "supervisor", "日常监督部门"


class WatchChangeKind(LabelledEnum):
    """What was done about a special watch."""

    SET = "set", "挂牌督办"
    CHANGED = "changed", "调整挂牌督办"
    LIFTED = "lifted", "解除挂牌督办"


class ExtensionState(LabelledEnum):
    """How an application for more time stands."""

    ASKED = "asked", "待主要负责人审签"
    SIGNED = "signed", "待巡察办审批"
    GRANTED = "granted", "已批准"
    REFUSED = "refused", "未批准"
    WITHDRAWN = "withdrawn", "已撤回"


class RequestState(LabelledEnum):
    """How a request to the office's lead stands."""

    ASKED = "asked", "待巡察办审批"
    GRANTED = "granted", "已批准"
    REFUSED = "refused", "未批准"
    WITHDRAWN = "withdrawn", "已撤回"


class DueChangeKind(LabelledEnum):
    """Why a due date is what it is."""

    FIXED = "fixed", "确定时限"
    CORRECTION = "correction", "更正时限"
    EXTENSION = "extension", "批准延期"
    REOPEN = "reopen", "重新整改"
    RESUME = "resume", "恢复限期整改"


class DutyRole(LabelledEnum):
    """责任链条: who answers for a task."""

    LEAD_LEADER = "lead_leader", "责任领导"
    OWNER = "owner", "责任人"
    LIAISON = "liaison", "联络员"


class Court(LabelledEnum):
    """当前办理环节: whose turn it is."""

    LIAISON = "liaison", "单位联络员"
    HEAD = "head", "单位主要负责人"
    OFFICE = "office", "巡察办"
    NOBODY = "nobody", "—"
