"""The ladders that are shipped: of each mode of an office, and the preset 三色预警.

Our own choice after values seen in real cities; an office alters its own copy of every row.
"""

from collections.abc import Sequence
from dataclasses import replace

from tracker.notifications.rules import Audience
from tracker.reminders.rules import (
    DUE_ANCHORS,
    LAST_STEP_DAYS,
    AnchorKind,
    OffsetKind,
    Rule,
)

LONG_SPAN_DAYS = 60
REPEAT_WORKDAYS = 5
LONGEST_NOTICE_DAYS = 30
UNIT_OFFSETS = (-30, -20, -10, -3, 0, 1, LAST_STEP_DAYS)
OFFICE_TODOS = (
    (AnchorKind.TASK_DUE, -10, Audience.OFFICE, "请电话提醒责任领导"),
    (AnchorKind.TASK_DUE, 1, Audience.OFFICE, "请电话提醒责任领导"),
    (AnchorKind.TASK_DUE, 15, Audience.OFFICE, "请研究是否发督办函"),
    (AnchorKind.TASK_DUE, 30, Audience.LEAD, "请研究督促措施"),
    (AnchorKind.REVIEW_DUE, 0, Audience.OFFICE, "请复查并登记"),
)


def _named(offset_days: int) -> str:
    if offset_days == 0:
        return "到期当天"
    return f"到期前 {-offset_days} 天" if offset_days < 0 else f"逾期第 {offset_days} 天"


def _unit_rule(anchor: AnchorKind, offset_days: int) -> Rule:
    is_last = offset_days == LAST_STEP_DAYS
    repeat = f"，此后每 {REPEAT_WORKDAYS} 个工作日" if is_last else ""
    return Rule(
        code=f"{anchor.value}{offset_days:+d}",
        label=_named(offset_days) + repeat,
        anchor=anchor,
        offset_days=offset_days,
        every_workdays=REPEAT_WORKDAYS if is_last else 0,
        min_span_days=LONG_SPAN_DAYS if offset_days == -LONGEST_NOTICE_DAYS else 0,
    )


def _office_rule(anchor: AnchorKind, offset_days: int, audience: Audience, label: str) -> Rule:
    return Rule(
        code=f"{anchor.value}{offset_days:+d}-{audience.value}",
        label=label,
        anchor=anchor,
        offset_days=offset_days,
        audience=audience,
        is_in_product_only=True,
    )


WAITING_WORKDAYS = 3


def _waiting_rule(anchor: AnchorKind, words: str, audience: Audience = Audience.OFFICE) -> Rule:
    """While something waits for the office the office is reminded instead of the unit."""
    return Rule(
        code=f"{anchor.value}+{WAITING_WORKDAYS}",
        label=f"{words}满 {WAITING_WORKDAYS} 个工作日，此后每 {REPEAT_WORKDAYS} 个工作日",
        anchor=anchor,
        offset_days=WAITING_WORKDAYS,
        offset_kind=OffsetKind.WORKDAYS,
        every_workdays=REPEAT_WORKDAYS,
        audience=audience,
    )


WAITING_RULES = (
    _waiting_rule(AnchorKind.OFFICE_REVIEW, "待审核"),
    _waiting_rule(AnchorKind.PLAN_REVIEW, "方案待审核"),
    _waiting_rule(AnchorKind.EXTENSION_REVIEW, "延期待审批", Audience.LEAD),
)
"""Plans are passed on by the whole office; extensions are granted by the lead alone."""

COUNTY_OFFSETS = (-3, 0, 1, LAST_STEP_DAYS)


def _late_weekly(anchor: AnchorKind) -> Rule:
    """One day late, then weekly."""
    return Rule(
        code=f"{anchor.value}+1",
        label=f"逾期第 1 天，此后每 {REPEAT_WORKDAYS} 个工作日",
        anchor=anchor,
        offset_days=1,
        every_workdays=REPEAT_WORKDAYS,
    )


def _county_rule(plain: Rule) -> Rule:
    """A county's own office is told in its group, for no unit has anything to do."""
    return replace(plain, code=f"{plain.code}-office", audience=Audience.OFFICE)


DEFAULT_RULES: Sequence[Rule] = (
    *(_unit_rule(anchor, offset) for anchor in DUE_ANCHORS for offset in UNIT_OFFSETS),
    *(_office_rule(*todo) for todo in OFFICE_TODOS),
    *(_county_rule(_unit_rule(AnchorKind.COUNTY_SUBMISSION, days)) for days in COUNTY_OFFSETS),
    *WAITING_RULES,
)
"""Ladder of 标准模式."""

SIMPLE_RULES: Sequence[Rule] = (
    _unit_rule(AnchorKind.TASK_DUE, -10),
    _late_weekly(AnchorKind.TASK_DUE),
    _county_rule(_unit_rule(AnchorKind.COUNTY_SUBMISSION, -3)),
    _county_rule(_late_weekly(AnchorKind.COUNTY_SUBMISSION)),
)
"""Three reminders of 简易模式: ten days before, one day late, then weekly. What a county's office
owes to its city's call comes besides: three days before, one day late, then weekly."""


def _personal(offset_days: int, audience: Audience, every_workdays: int = 0) -> Rule:
    repeat = f"，此后每 {every_workdays} 个工作日" if every_workdays else ""
    return Rule(
        code=f"three_colours{offset_days:+d}-{audience.value}",
        label=f"{_named(offset_days)}{repeat}，提醒{audience.label}",
        anchor=AnchorKind.TASK_DUE,
        offset_days=offset_days,
        audience=audience,
        every_workdays=every_workdays,
    )


THREE_COLOURS: Sequence[Rule] = (
    _personal(-20, Audience.OWNER),
    _personal(-10, Audience.OWNER),
    _personal(-10, Audience.LEAD_LEADER),
    replace(_late_weekly(AnchorKind.TASK_DUE), code="three_colours+1"),
    _personal(1, Audience.HEAD, REPEAT_WORKDAYS),
    *WAITING_RULES,
)
"""“三色预警”, as 江津 has it: 20 days left the owner, 10 days the lead leader too, overdue the unit
and its head. Persons are told by messages of their own, and stand on the list of calls anyway."""
