"""Who may do what: one table. Row access (which rows) is `organizations/scope.py`."""

from dataclasses import dataclass
from enum import StrEnum

from tracker.kernel.labels import LabelledEnum


class Role(LabelledEnum):
    """The one role of a sign-in. domain.md's codes, the labels screens show."""

    OFFICE_CLERK = "office_clerk", "巡察办经办人"
    OFFICE_LEAD = "office_lead", "巡察办主任"
    UNIT_LIAISON = "unit_liaison", "单位联络员"
    UNIT_HEAD = "unit_head", "党组织主要负责人"
    SUPERVISOR = "supervisor", "日常监督部门"
    LEADER = "leader", "巡察工作领导小组成员"
    SYS_ADMIN = "sys_admin", "系统管理员"
    SECURITY_ADMIN = "security_admin", "安全管理员"
    AUDIT_ADMIN = "audit_admin", "审计管理员"


class Permission(StrEnum):
    """One verb a person may or may not do. Alphabetical."""

    ACCESS_DIAGNOSE = "access_diagnose"
    ACCOUNTABILITY_EDIT = "accountability_edit"
    ACCOUNTABILITY_READ = "accountability_read"
    ACCOUNT_MANAGE = "account_manage"
    ADVICE_EDIT = "advice_edit"
    ADVICE_READ = "advice_read"
    ASSESSMENT_EDIT = "assessment_edit"
    ASSESSMENT_READ = "assessment_read"
    AUDIT_READ = "audit_read"
    CALENDAR_EDIT = "calendar_edit"
    CALENDAR_READ = "calendar_read"
    CALL_NOTE = "call_note"
    CHANNEL_MANAGE = "channel_manage"
    CLUE_EDIT = "clue_edit"
    CLUE_READ = "clue_read"
    COURT_READ = "court_read"
    DELEGATE = "delegate"
    DELEGATION_READ = "delegation_read"
    DELIVERY_READ = "delivery_read"
    DELIVERY_RESEND = "delivery_resend"
    DISPATCH_EDIT = "dispatch_edit"
    DISPATCH_READ = "dispatch_read"
    DOCUMENT_DRAFT = "document_draft"
    DOCUMENT_REVIEW = "document_review"
    DOCUMENT_SIGN = "document_sign"
    DUE_CORRECT = "due_correct"
    EVIDENCE_UPLOAD = "evidence_upload"
    EXTENSION_APPROVE = "extension_approve"
    EXTENSION_REQUEST = "extension_request"
    FEEDBACK_EDIT = "feedback_edit"
    FIGURE_ENTER = "figure_enter"
    FIGURE_READ = "figure_read"
    GRANT_MANAGE = "grant_manage"
    HOME_READ = "home_read"
    INTERVIEW_EDIT = "interview_edit"
    INTERVIEW_READ = "interview_read"
    ISSUE_READ = "issue_read"
    LEDGER_EXPORT = "ledger_export"
    LEDGER_IMPORT = "ledger_import"
    LETTER_EDIT = "letter_edit"
    LETTER_READ = "letter_read"
    LETTER_REPLY = "letter_reply"
    LETTER_REVIEW = "letter_review"
    LETTER_SEND = "letter_send"
    LETTER_SIGN = "letter_sign"
    LONG_TERM_APPROVE = "long_term_approve"
    LONG_TERM_REQUEST = "long_term_request"
    LONG_TERM_REVIEW = "long_term_review"
    ORGANIZATION_EDIT = "organization_edit"
    OWN_ACCOUNT = "own_account"
    PLAN_APPROVE = "plan_approve"
    PLAN_DRAFT = "plan_draft"
    PLAN_RETURN = "plan_return"
    PLAN_SIGN = "plan_sign"
    POST_CHANGE_ACKNOWLEDGE = "post_change_acknowledge"
    POST_CHANGE_EDIT = "post_change_edit"
    POST_CHANGE_READ = "post_change_read"
    PUSH_SWITCH = "push_switch"
    REMINDER_PAUSE = "reminder_pause"
    REMINDER_READ = "reminder_read"
    REMINDER_RULE_EDIT = "reminder_rule_edit"
    REPORT_ISSUE = "report_issue"
    REPORT_READ = "report_read"
    ROUND_EDIT = "round_edit"
    ROUND_READ = "round_read"
    SNAPSHOT_READ = "snapshot_read"
    SPOT_CHECK_EDIT = "spot_check_edit"
    SPOT_CHECK_READ = "spot_check_read"
    STATISTICS_READ = "statistics_read"
    SUBMISSION_CALL = "submission_call"
    SUBMISSION_READ = "submission_read"
    SUMMARY_EDIT = "summary_edit"
    SYSTEM_SETTINGS = "system_settings"
    TASK_ACKNOWLEDGE = "task_acknowledge"
    TASK_BULK = "task_bulk"
    TASK_CERTIFY = "task_certify"
    TASK_CLOSE = "task_close"
    TASK_COMMENT = "task_comment"
    TASK_CONFIRM = "task_confirm"
    TASK_COSIGN = "task_cosign"
    TASK_END = "task_end"
    TASK_ISSUE = "task_issue"
    TASK_READ = "task_read"
    TASK_RECOMMEND = "task_recommend"
    TASK_REGISTER = "task_register"
    TASK_REOPEN = "task_reopen"
    TASK_REPORT = "task_report"
    TASK_RETURN = "task_return"
    TASK_SIGN = "task_sign"
    TASK_SKIP = "task_skip"
    TASK_VOID = "task_void"
    TASK_WATCH = "task_watch"
    VISIT_EDIT = "visit_edit"
    VISIT_READ = "visit_read"
    WATCH_READ = "watch_read"
    WAY_MANAGE = "way_manage"
    WRITE_ON_BEHALF = "write_on_behalf"


P = Permission
_READ_BUSINESS = {
    P.OWN_ACCOUNT,
    P.HOME_READ,
    P.ROUND_READ,
    P.ISSUE_READ,
    P.TASK_READ,
    P.FIGURE_READ,
    P.STATISTICS_READ,
    P.REPORT_READ,
    P.LEDGER_EXPORT,
    P.LETTER_READ,
    P.INTERVIEW_READ,
    P.ACCOUNTABILITY_READ,
    P.VISIT_READ,
    P.ASSESSMENT_READ,
    P.ADVICE_READ,
    P.CLUE_READ,
    P.WATCH_READ,
    P.SUBMISSION_READ,
    P.DISPATCH_READ,
    P.SNAPSHOT_READ,
}
_OFFICE = {
    P.CALENDAR_EDIT,
    P.CALENDAR_READ,
    P.CALL_NOTE,
    P.LONG_TERM_REVIEW,
    P.POST_CHANGE_READ,
    P.REMINDER_PAUSE,
    P.REMINDER_READ,
    P.DELEGATION_READ,
    P.DELIVERY_READ,
    P.DELIVERY_RESEND,
    P.DOCUMENT_REVIEW,
    P.DUE_CORRECT,
    P.TASK_BULK,
    P.FIGURE_ENTER,
    P.PLAN_RETURN,
    P.TASK_RETURN,
    P.TASK_CERTIFY,
    P.TASK_CONFIRM,
    P.TASK_COMMENT,
    P.COURT_READ,
    P.SPOT_CHECK_READ,
    P.SPOT_CHECK_EDIT,
    P.VISIT_EDIT,
    P.ASSESSMENT_EDIT,
    P.INTERVIEW_EDIT,
    P.ACCOUNTABILITY_EDIT,
    P.ADVICE_EDIT,
    P.CLUE_EDIT,
    P.LETTER_REVIEW,
    P.LETTER_SEND,
    P.SUBMISSION_CALL,
    P.SUMMARY_EDIT,
    P.DISPATCH_EDIT,
}
# FIGURE_READ opens the page of figures with what a reader's own rows come to; STATISTICS_READ is a
# region's: coverage, clues, counties, paragraphs.
_UNIT = {
    P.FIGURE_READ,
    P.OWN_ACCOUNT,
    P.HOME_READ,
    P.ISSUE_READ,
    P.TASK_READ,
    P.REPORT_READ,
    P.TASK_COMMENT,
}
# What an office writes for a unit that sends paper (代录) is what a liaison does.
_LIAISON_WORK = {
    P.TASK_ACKNOWLEDGE,
    P.DOCUMENT_DRAFT,
    P.PLAN_DRAFT,
    P.TASK_REPORT,
    P.EVIDENCE_UPLOAD,
    P.EXTENSION_REQUEST,
    P.LETTER_REPLY,
}

GRANTS: dict[Role, frozenset[Permission]] = {
    Role.OFFICE_CLERK: frozenset(
        _READ_BUSINESS
        | _OFFICE
        | _LIAISON_WORK
        | {
            P.ROUND_EDIT,
            P.FEEDBACK_EDIT,
            P.ORGANIZATION_EDIT,
            P.LEDGER_IMPORT,
            P.LETTER_EDIT,
            P.LONG_TERM_REQUEST,
            P.POST_CHANGE_EDIT,
            P.TASK_ISSUE,
            P.TASK_RECOMMEND,
            P.TASK_REGISTER,
            P.TASK_SKIP,
            P.WRITE_ON_BEHALF,
        }
    ),
    Role.OFFICE_LEAD: frozenset(
        _READ_BUSINESS
        | _OFFICE
        | {
            P.DELEGATE,
            P.EXTENSION_APPROVE,
            P.LETTER_SIGN,
            P.LONG_TERM_APPROVE,
            P.PLAN_APPROVE,
            P.PUSH_SWITCH,
            P.REMINDER_RULE_EDIT,
            P.REPORT_ISSUE,
            P.TASK_CLOSE,
            P.TASK_END,
            P.TASK_REOPEN,
            P.TASK_VOID,
            P.TASK_WATCH,
            P.WAY_MANAGE,
        }
    ),
    Role.UNIT_LIAISON: frozenset(
        _UNIT
        | _LIAISON_WORK
        | {
            P.DELEGATION_READ,
            P.LEDGER_EXPORT,
            P.LETTER_READ,
            P.POST_CHANGE_ACKNOWLEDGE,
            P.TASK_BULK,
        }
    ),
    Role.UNIT_HEAD: frozenset(
        _UNIT
        | {
            P.DELEGATE,
            P.DELEGATION_READ,
            P.LEDGER_EXPORT,
            P.DOCUMENT_SIGN,
            P.LETTER_READ,
            P.LETTER_REPLY,
            P.LONG_TERM_REQUEST,
            P.PLAN_SIGN,
            P.POST_CHANGE_ACKNOWLEDGE,
            P.TASK_ACKNOWLEDGE,
            P.TASK_BULK,
            P.TASK_SIGN,
        }
    ),
    Role.SUPERVISOR: frozenset(
        _UNIT
        | {
            P.STATISTICS_READ,
            P.LEDGER_EXPORT,
            P.LETTER_READ,
            P.TASK_BULK,
            P.TASK_COSIGN,
            P.VISIT_READ,
        }
    ),
    Role.LEADER: frozenset(_READ_BUSINESS),
    Role.SYS_ADMIN: frozenset(
        {
            P.OWN_ACCOUNT,
            P.HOME_READ,
            P.ACCOUNT_MANAGE,
            P.CALENDAR_EDIT,
            P.CALENDAR_READ,
            P.CHANNEL_MANAGE,
            P.DELIVERY_READ,
            P.SYSTEM_SETTINGS,
        }
    ),
    Role.SECURITY_ADMIN: frozenset({P.OWN_ACCOUNT, P.HOME_READ, P.GRANT_MANAGE, P.ACCESS_DIAGNOSE}),
    Role.AUDIT_ADMIN: frozenset({P.OWN_ACCOUNT, P.HOME_READ, P.AUDIT_READ}),
}
# What may be lent between two days (授权代理): approvals of the lead, signatures of the head.
# Not the push switch, voiding, ending, or a watch: those stay with the person.
LENDABLE: dict[Role, frozenset[Permission]] = {
    Role.OFFICE_LEAD: frozenset(
        {
            P.EXTENSION_APPROVE,
            P.LETTER_SIGN,
            P.LONG_TERM_APPROVE,
            P.PLAN_APPROVE,
            P.REPORT_ISSUE,
            P.TASK_CLOSE,
            P.TASK_REOPEN,
        }
    ),
    Role.UNIT_HEAD: frozenset({P.DOCUMENT_SIGN, P.LONG_TERM_REQUEST, P.PLAN_SIGN, P.TASK_SIGN}),
}


LABEL_CHARACTERS = 120


@dataclass(frozen=True, kw_only=True)
class Loan:
    """Powers lent to the actor today (授权代理): by whom, under which row of `delegations`."""

    delegation_id: int
    lender: str
    lender_person_id: int
    role: Role


@dataclass(frozen=True, kw_only=True)
class Actor:
    """Who acts: a signed-in person, a command (`cli:<os user>`) or a job (`job:<name>`)."""

    name: str
    role: Role | None = None
    user_id: int | None = None
    person_id: int | None = None
    region_id: int | None = None
    unit_id: int | None = None
    supervisor_org_id: int | None = None
    simple_mode: bool = False
    lent: tuple["Loan", ...] = ()
    address: str | None = None

    @property
    def label(self) -> str:
        """Return what history shows, at most as long as its columns hold."""
        return self.name[:LABEL_CHARACTERS]

    @property
    def is_system(self) -> bool:
        """Whether no person stands behind the action."""
        return self.role is None


def granted_to(actor: Actor) -> frozenset[Permission]:
    """Return what the actor's own role grants; in 简易模式 one administrator does all three's work."""
    if actor.role is None:
        return frozenset(Permission)
    granted = GRANTS[actor.role]
    if actor.simple_mode and actor.role is Role.SYS_ADMIN:
        return granted | GRANTS[Role.SECURITY_ADMIN] | GRANTS[Role.AUDIT_ADMIN]
    return granted


def loan_for(actor: Actor, permission: Permission) -> Loan | None:
    """Return the loan that a use of the permission needs; None when the own role is enough."""
    if permission in granted_to(actor):
        return None
    return next((loan for loan in actor.lent if permission in LENDABLE[loan.role]), None)


def may(actor: Actor, permission: Permission) -> bool:
    """Return whether role or loan grants the permission. Commands and jobs may do all."""
    return permission in granted_to(actor) or loan_for(actor, permission) is not None
