"""What a rule, and a set of rules, may be: no rule of its own words too many, no set that falls silent.

Pure. The one promise that no office can switch off: from the seventh day late on, a task that is
open and with the unit is spoken of at least every ten working days.
"""

import re
from collections.abc import Iterable, Sequence
from datetime import date

from tracker.kernel.errors import DomainError
from tracker.notifications.rules import Audience
from tracker.reminders.rules import (
    DUE_ANCHORS,
    LAST_STEP_DAYS,
    PERSONAL,
    WITH_OFFICE,
    AnchorKind,
    OffsetKind,
    Rule,
    SentBy,
)

LONGEST_GAP_WORKDAYS = 10
LATEST_WORKDAYS = 5
"""Five working days after the due date are seven calendar days, as long as no holiday lies there."""
LIMITS = {
    OffsetKind.DAYS: (-365, 365),
    OffsetKind.WORKDAYS: (-250, 250),
    OffsetKind.PERCENT: (1, 99),
}
WORDING_CHARACTERS = 60
PLACEHOLDERS = ("编号", "单位", "时限", "剩余")
# §8 of the field's rules: chat says nothing of what is at stake for whom.
NEVER_SAID = ("督办", "约谈", "问责", "线索", "处分", "立案", "违纪", "违法", "举报", "留置")
_PLACEHOLDER = re.compile(r"\{([^{}]*)\}")


def check_rule(rule: Rule) -> None:
    """Refuse a rule that cannot work, with a sentence that says what to change."""
    low, high = LIMITS[rule.offset_kind]
    if not low <= rule.offset_days <= high:
        raise DomainError(f"按{rule.offset_kind.label}计的，请填 {low} 至 {high} 之间的整数。")
    if not 0 <= rule.every_workdays <= LONGEST_GAP_WORKDAYS:
        raise DomainError(f"重复间隔请填 0（只提醒一次）至 {LONGEST_GAP_WORKDAYS} 个工作日。")
    if rule.every_workdays and rule.offset_kind is OffsetKind.PERCENT:
        raise DomainError("按百分比的规则只提醒一次。逾期后的重复提醒请按日历天另设一条。")
    _check_audience(rule)
    check_wording(rule.wording)


def _check_audience(rule: Rule) -> None:
    in_office = rule.audience in (Audience.OFFICE, Audience.LEAD)
    if rule.anchor in WITH_OFFICE and not in_office:
        raise DomainError(f"{rule.anchor.label}时该巡察办办理，请提醒巡察办或主任。")
    if rule.anchor is AnchorKind.COUNTY_SUBMISSION and not in_office:
        raise DomainError("县区报送由县（市、区）巡察办办理，请提醒巡察办或主任。")
    if rule.audience in PERSONAL and rule.anchor is not AnchorKind.TASK_DUE:
        raise DomainError(f"“{rule.audience.label}”登记在任务上，只能用于整改时限。")
    if rule.audience is Audience.LIAISONS:
        raise DomainError("提醒单位时会在群里提到联络员，请选“单位”。")
    if rule.sent_by is SentBy.GROUP and rule.audience in PERSONAL:
        raise DomainError(
            f"“{rule.audience.label}”不在群里提醒。发送方式请选默认、应用消息、站内消息、邮件或仅催办清单。"
        )


def check_wording(wording: str) -> None:
    """Refuse a text with other blanks than the four, or with words that chat never carries."""
    if len(wording) > WORDING_CHARACTERS:
        raise DomainError(f"提醒文字最多 {WORDING_CHARACTERS} 个字，请精简。")
    blanks = "、".join(f"{{{name}}}" for name in PLACEHOLDERS)
    unknown = [name for name in _PLACEHOLDER.findall(wording) if name not in PLACEHOLDERS]
    rest = _PLACEHOLDER.sub("", wording)
    if unknown or "{" in rest or "}" in rest:
        raise DomainError(f"提醒文字里只能用 {blanks}，请核对大括号。")
    if "\n" in wording or "http" in wording.lower():
        raise DomainError("提醒文字请写成一行，不写网址；消息末尾已有登录链接。")
    said = [word for word in NEVER_SAID if word in wording]
    if said:
        raise DomainError(f"群消息里不出现“{'”“'.join(said)}”，请改写提醒文字。")


def render_wording(
    wording: str, *, name: str, unit: str, due_on: date, days_left: int, is_guessed: bool = False
) -> str:
    """Return a rule's own text with its blanks filled in; the date, or where there is none the days
    left, marked 推算 where the date is."""
    if days_left > 0:
        left = f"还有 {days_left} 天"
    else:
        left = f"已逾期 {-days_left} 天" if days_left else "今天到期"
    mark = "（推算）" if is_guessed else ""
    if "{时限}" not in wording:
        left += mark
    values = {"编号": name, "单位": unit, "时限": f"{due_on.isoformat()}{mark}", "剩余": left}
    return _PLACEHOLDER.sub(lambda blank: values.get(blank[1], blank[0]), wording)


def check_set(rules: Iterable[Rule], *, today: date) -> None:
    """Refuse active rules under which something overdue could fall silent.

    A task's due date must be covered; any other date as soon as a rule reminds the unit of it.
    """
    active = [rule for rule in rules if not rule.is_in_product_only]
    for anchor in DUE_ANCHORS:
        own = [it for it in active if it.anchor is anchor and it.audience is Audience.UNIT]
        groups = [rule for rule in own if _reaches_unit(rule)]
        if not own and anchor is not AnchorKind.TASK_DUE:
            continue
        if not any(_goes_on(it, today) for it in groups):
            raise DomainError(
                f"这样设置后，{anchor.label}逾期的事项会不再提醒。请至少保留一条启用的规则："
                f"在群里提醒单位，最迟逾期第 {LAST_STEP_DAYS} 天开始，"
                f"此后每 1 至 {LONGEST_GAP_WORKDAYS} 个工作日重复，直到办结。"
            )
        _check_no_person_in_the_way(own, today)


def _check_no_person_in_the_way(rules: Sequence[Rule], today: date) -> None:
    """Refuse a message to one person of the unit that would be said instead of what its group is
    told again and again: it may find nobody, and the unit would hear nothing."""
    begins = max(it.offset_days for it in rules if _reaches_unit(it) and _goes_on(it, today))
    for rule in rules:
        if not _comes_before(rule, begins) and not _reaches_unit(rule):
            raise DomainError(
                f"“{rule.label}”只发给单位的一个人，可能送不到。逾期后反复提醒单位的规则开始以后，"
                "提醒单位请选默认或群机器人；发给个人的请设在此之前，并且只提醒一次。"
            )


def _comes_before(rule: Rule, begins: int) -> bool:
    """Return whether a rule has said all it says before another begins, so many days late."""
    if rule.every_workdays:
        return False
    if rule.offset_kind is OffsetKind.PERCENT:
        return True
    is_sure = rule.offset_kind is OffsetKind.DAYS or rule.offset_days <= 0
    return is_sure and rule.offset_days < begins


def _reaches_unit(rule: Rule) -> bool:
    """Return whether a rule speaks in the unit's group: a message to one person may find nobody."""
    return rule.audience is Audience.UNIT and rule.reached_by is SentBy.GROUP


def _goes_on(rule: Rule, today: date) -> bool:
    """Return whether a rule alone keeps the promise: early enough, again and again, for all."""
    latest = {OffsetKind.DAYS: LAST_STEP_DAYS, OffsetKind.WORKDAYS: LATEST_WORKDAYS}
    return (
        1 <= rule.every_workdays <= LONGEST_GAP_WORKDAYS
        and rule.offset_days <= latest.get(rule.offset_kind, -1)
        and (rule.min_span_days == 0 and rule.offset_days >= 0)
        and (rule.starts_on is None or rule.starts_on <= today)
    )
