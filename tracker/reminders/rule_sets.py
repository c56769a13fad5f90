"""The ladder that goes with an office's mode, and the change from one to the other."""

from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from tracker.audit import service as audit
from tracker.kernel.db import born, touch
from tracker.kernel.errors import DomainError
from tracker.kernel.permissions import Actor, Permission, may
from tracker.organizations.models import Region
from tracker.organizations.scope import ensure_conducts
from tracker.reminders.ladders import DEFAULT_RULES, SIMPLE_RULES, THREE_COLOURS
from tracker.reminders.models import ReminderRule
from tracker.reminders.rerouting import follow_rules
from tracker.reminders.rulebook import as_rule, rules_of_mode
from tracker.reminders.rules import ALTERED, Rule, RuleStatus

SHIPPED = (*DEFAULT_RULES, *SIMPLE_RULES)
PRESET_CODES = {rule.code for rule in THREE_COLOURS} - {rule.code for rule in SHIPPED}
ON = RuleStatus.ACTIVE


@dataclass
class RuleChange:
    """What has to change for a region's shipped rules to be those of its mode."""

    new: list[Rule] = field(default_factory=list)
    turned: list[tuple[ReminderRule, Rule]] = field(default_factory=list)
    off: list[ReminderRule] = field(default_factory=list)

    def __bool__(self) -> bool:
        """Return whether there is anything to do."""
        return bool(self.new or self.turned or self.off)


def rule_change(session: Session, region_id: int) -> RuleChange:
    """Return what a switch of the rule set would do; rules that somebody made or altered stay.

    A region without rules of its own follows its mode anyway, one with 三色预警 follows that.
    """
    of_region = (ReminderRule.region_id == region_id, ReminderRule.round_id.is_(None))
    rows = list(session.scalars(select(ReminderRule).where(*of_region)))
    change = RuleChange()
    if not rows or any(row.code in PRESET_CODES and row.status is ON for row in rows):
        return change
    wanted = {rule.code: rule for rule in rules_of_mode(session.get_one(Region, region_id).mode)}
    have = {row.code.partition(ALTERED)[0]: row for row in rows}
    change.new = [rule for code, rule in wanted.items() if code not in have]
    for row in rows:
        if as_rule(row) not in SHIPPED:
            continue
        rule = wanted.get(row.code)
        if rule is None:
            change.off += [row] if row.status is RuleStatus.ACTIVE else []
        elif row.status is RuleStatus.OFF or as_rule(row) != rule:
            change.turned.append((row, rule))
    return change


def switch_rules(session: Session, region_id: int, *, actor: Actor, now: datetime) -> RuleChange:
    """换用本模式的提醒规则: by the lead. Rules that do not belong to it are switched off, not lost."""
    if not may(actor, Permission.REMINDER_RULE_EDIT):
        raise DomainError("提醒规则由巡察办主任切换。")
    ensure_conducts(actor, region_id)
    change = rule_change(session, region_id)
    if not change:
        raise DomainError("提醒规则已经是本模式的规则，不需要切换。")
    stamps = born(actor=actor, now=now)
    session.add_all(
        ReminderRule(region_id=region_id, status=RuleStatus.ACTIVE, **vars(rule), **stamps)
        for rule in change.new
    )
    for row, rule in change.turned:
        for name, value in vars(rule).items():
            setattr(row, name, value)
        row.status = RuleStatus.ACTIVE
        touch(row, actor=actor, now=now)
    for row in change.off:
        row.status = RuleStatus.OFF
        touch(row, actor=actor, now=now)
    session.flush()  # what is queued is compared with the rules as they are now
    follow_rules(session, [region_id])
    audit.record(
        session,
        "reminders.switch_rules",
        actor=actor,
        now=now,
        object_type="region",
        object_id=region_id,
        detail={"new": len(change.new), "turned": len(change.turned), "off": len(change.off)},
    )
    return change
