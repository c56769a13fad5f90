"""Words of feedback: where it comes from, what kind of issue."""

from tracker.kernel.labels import LabelledEnum


class FeedbackSource(LabelledEnum):
    """反馈来源. Feedback from above is no round of ours."""

    CENTRAL_INSPECTION = "central_inspection", "中央巡视"
    PROVINCE_INSPECTION = "province_inspection", "省委巡视"
    CITY_INSPECTION = "city_inspection", "市委巡察"
    COUNTY_INSPECTION = "county_inspection", "县委巡察"
    POLITICAL_ECOLOGY = "political_ecology", "政治生态考核"
    RESPONSIBILITY_CHECK = "responsibility_check", "主体责任检查"
    ENVIRONMENT = "environment", "环保督察"
    AUDIT = "audit", "审计"
    CONGRESS = "congress", "人大"
    SUPERVISION_GROUP = "supervision_group", "督导组"
    OTHER = "other", "其他"


class IssueNature(LabelledEnum):
    """问题性质: a common issue is one row with a task per unit."""

    COMMON = "common", "共性"
    INDIVIDUAL = "individual", "个性"


class Sensitivity(LabelledEnum):
    """How far a text may go inside the office. State secrets never enter this system."""

    NORMAL = "normal", "一般"
    INTERNAL = "internal", "内部"
    SENSITIVE = "sensitive", "敏感"


class Importance(LabelledEnum):
    """How much an issue weighs."""

    NORMAL = "normal", "一般"
    IMPORTANT = "important", "重要"


class RecipientKind(LabelledEnum):
    """双反馈: to the leading group, and separately to its first responsible person."""

    LEADERSHIP = "leadership", "领导班子"
    HEAD = "head", "主要负责人"
