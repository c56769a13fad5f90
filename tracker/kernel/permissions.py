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

    ACCOUNT_MANAGE = "account_manage"
    AUDIT_READ = "audit_read"
    CHANNEL_MANAGE = "channel_manage"
    DELIVERY_READ = "delivery_read"
    DELIVERY_RESEND = "delivery_resend"
    EVIDENCE_UPLOAD = "evidence_upload"
    EXTENSION_APPROVE = "extension_approve"
    EXTENSION_REQUEST = "extension_request"
    FEEDBACK_EDIT = "feedback_edit"
    FIGURE_ENTER = "figure_enter"
    GRANT_MANAGE = "grant_manage"
    HOME_READ = "home_read"
    ISSUE_READ = "issue_read"
    LEDGER_EXPORT = "ledger_export"
    LEDGER_IMPORT = "ledger_import"
    ORGANIZATION_EDIT = "organization_edit"
    OWN_ACCOUNT = "own_account"
    PLAN_DRAFT = "plan_draft"
    PLAN_REVIEW = "plan_review"
    PLAN_SIGN = "plan_sign"
    PUSH_SWITCH = "push_switch"
    REMINDER_READ = "reminder_read"
    REMINDER_RULE_EDIT = "reminder_rule_edit"
    REPORT_ISSUE = "report_issue"
    REPORT_READ = "report_read"
    ROUND_EDIT = "round_edit"
    ROUND_READ = "round_read"
    STATISTICS_READ = "statistics_read"
    SYSTEM_SETTINGS = "system_settings"
    TASK_ACKNOWLEDGE = "task_acknowledge"
    TASK_CLOSE = "task_close"
    TASK_ISSUE = "task_issue"
    TASK_READ = "task_read"
    TASK_REOPEN = "task_reopen"
    TASK_REPORT = "task_report"
    TASK_RETURN = "task_return"
    TASK_SIGN = "task_sign"
    TASK_VOID = "task_void"


P = Permission
_OFFICE_READ = {
    P.OWN_ACCOUNT,
    P.HOME_READ,
    P.ROUND_READ,
    P.ISSUE_READ,
    P.TASK_READ,
    P.STATISTICS_READ,
    P.REPORT_READ,
    P.LEDGER_EXPORT,
}
_UNIT = {P.OWN_ACCOUNT, P.HOME_READ, P.ISSUE_READ, P.TASK_READ, P.REPORT_READ}

GRANTS: dict[Role, frozenset[Permission]] = {
    Role.OFFICE_CLERK: frozenset(
        _OFFICE_READ
        | {
            P.ROUND_EDIT,
            P.FEEDBACK_EDIT,
            P.ORGANIZATION_EDIT,
            P.LEDGER_IMPORT,
            P.TASK_ISSUE,
            P.TASK_RETURN,
            P.PLAN_REVIEW,
            P.FIGURE_ENTER,
            P.REMINDER_READ,
            P.DELIVERY_READ,
            P.DELIVERY_RESEND,
            P.EVIDENCE_UPLOAD,
            P.TASK_REPORT,
            P.TASK_ACKNOWLEDGE,
            P.PLAN_DRAFT,
        }
    ),
    Role.OFFICE_LEAD: frozenset(
        _OFFICE_READ
        | {
            P.PLAN_REVIEW,
            P.TASK_RETURN,
            P.TASK_CLOSE,
            P.TASK_REOPEN,
            P.TASK_VOID,
            P.EXTENSION_APPROVE,
            P.PUSH_SWITCH,
            P.REPORT_ISSUE,
            P.REMINDER_READ,
            P.DELIVERY_READ,
            P.DELIVERY_RESEND,
            P.REMINDER_RULE_EDIT,
            P.FIGURE_ENTER,
        }
    ),
    Role.UNIT_LIAISON: frozenset(
        _UNIT
        | {
            P.TASK_ACKNOWLEDGE,
            P.PLAN_DRAFT,
            P.TASK_REPORT,
            P.EVIDENCE_UPLOAD,
            P.EXTENSION_REQUEST,
            P.LEDGER_EXPORT,
        }
    ),
    Role.UNIT_HEAD: frozenset(
        _UNIT
        | {
            P.TASK_ACKNOWLEDGE,
            P.PLAN_SIGN,
            P.TASK_SIGN,
            P.EXTENSION_REQUEST,
        }
    ),
    Role.SUPERVISOR: frozenset(_UNIT | {P.STATISTICS_READ, P.LEDGER_EXPORT}),
    Role.LEADER: frozenset(_OFFICE_READ),
    Role.SYS_ADMIN: frozenset(
        {
            P.OWN_ACCOUNT,
            P.HOME_READ,
            P.ACCOUNT_MANAGE,
            P.CHANNEL_MANAGE,
            P.DELIVERY_READ,
            P.SYSTEM_SETTINGS,
        }
    ),
    Role.SECURITY_ADMIN: frozenset({P.OWN_ACCOUNT, P.HOME_READ, P.GRANT_MANAGE}),
    Role.AUDIT_ADMIN: frozenset({P.OWN_ACCOUNT, P.HOME_READ, P.AUDIT_READ}),
}


LABEL_CHARACTERS = 120


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
    address: str | None = None

    @property
    def label(self) -> str:
        """Return what history shows, at most as long as its columns hold."""
        return self.name[:LABEL_CHARACTERS]

    @property
    def is_system(self) -> bool:
        """Whether no person stands behind the action."""
        return self.role is None


def may(actor: Actor, permission: Permission) -> bool:
    """Return whether the actor's role grants the permission. Commands and jobs may do all."""
    if actor.role is None:
        return True
    granted = GRANTS[actor.role]
    if actor.simple_mode and actor.role is Role.SYS_ADMIN:
        granted = granted | GRANTS[Role.SECURITY_ADMIN] | GRANTS[Role.AUDIT_ADMIN]
    return permission in granted
