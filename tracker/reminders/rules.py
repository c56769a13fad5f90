"""Words of reminders."""

from tracker.kernel.labels import LabelledEnum


class AnchorKind(LabelledEnum):
    """The date a rule counts from."""

    TASK_DUE = "task_due", "整改时限"
    PLAN_DUE = "plan_due", "整改方案报送时限"
    MILESTONE_DUE = "milestone_due", "节点时限"
    REVIEW_DUE = "review_due", "长期整改复查"
    OFFICE_REVIEW = "office_review", "待审核销号"


class RuleStatus(LabelledEnum):
    """A new rule starts in dry run."""

    DRY_RUN = "dry_run", "试运行（不发送）"
    ACTIVE = "active", "启用"
    OFF = "off", "停用"
