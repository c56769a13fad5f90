"""Words of feedback: where it comes from, what kind of issue; what an edit may still change."""

import re

from tracker.kernel.errors import DomainError
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


class Verdict(LabelledEnum):
    """What a revisit (“回头看”) found of a former issue."""

    SETTLED = "settled", "已整改"
    UNSETTLED = "unsettled", "未到位"
    RELAPSED = "relapsed", "反弹"
    HABITUAL = "habitual", "屡查屡犯"


BAD_VERDICTS = frozenset({Verdict.UNSETTLED, Verdict.RELAPSED, Verdict.HABITUAL})


def split_tags(text: str) -> tuple[str, ...]:
    """Return the tags of a typed line, each once, in order: “民生、一把手” gives two."""
    words = (word.strip() for word in re.split(r"[、，,;；\s]+", text))
    return tuple(dict.fromkeys(word for word in words if word))


def check_units(nature: IssueNature, units: int) -> None:
    """Refuse an individual issue of several units: one row with a task per unit is 共性."""
    if nature is IssueNature.INDIVIDUAL and units > 1:
        raise DomainError("个性问题只能有一个责任单位；涉及多个单位的请选“共性”。")


def check_issued_edit(
    *, removed: str, was_immediate: bool, is_immediate: bool, renumbered: bool
) -> None:
    """Refuse what would contradict tasks already issued. `removed` names units that have one."""
    if removed:
        raise DomainError(f"{removed}的整改任务已下发，不能去掉；确需撤销的请主任先撤销任务。")
    if was_immediate != is_immediate:
        raise DomainError("整改任务已下发，不能再改“立行立改”；确需改变的请主任先撤销任务。")
    if renumbered:
        raise DomainError("整改任务已下发，任务编号取自问题编号，不能再改问题编号。")
