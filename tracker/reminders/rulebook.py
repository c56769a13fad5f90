"""The stored rules of regions, as the pure rules take them."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from tracker.reminders.models import ReminderRule
from tracker.reminders.rules import DEFAULT_RULES, Rule, RuleStatus


@dataclass(frozen=True)
class Rulebook:
    """The rules of each region, by status; a region without rows of its own has the defaults."""

    rows: Mapping[int, tuple[ReminderRule, ...]]

    def of(self, region_id: int, *statuses: RuleStatus) -> tuple[Rule, ...]:
        """Return a region's rules with one of the statuses."""
        own = self.rows.get(region_id)
        if own is None:
            return tuple(DEFAULT_RULES) if RuleStatus.ACTIVE in statuses else ()
        return tuple(as_rule(row) for row in own if row.status in statuses)


def as_rule(row: ReminderRule) -> Rule:
    """Return a stored rule as the pure rules take it."""
    return Rule(
        code=row.code,
        label=row.label,
        anchor=row.anchor,
        offset_days=row.offset_days,
        audience=row.audience,
        every_workdays=row.every_workdays,
        min_span_days=row.min_span_days,
        is_in_product_only=row.is_in_product_only,
        starts_on=row.starts_on,
    )


def load_rules(session: Session, region_ids: Iterable[int]) -> Rulebook:
    """Return the rules of regions with one statement."""
    query = select(ReminderRule).where(ReminderRule.region_id.in_(list(region_ids)))
    rows: dict[int, list[ReminderRule]] = {}
    for row in session.scalars(query.order_by(ReminderRule.id)):
        rows.setdefault(row.region_id, []).append(row)
    return Rulebook({region_id: tuple(own) for region_id, own in rows.items()})


def rule_table(session: Session, region_id: int) -> list[tuple[Rule, RuleStatus]]:
    """Return a region's rules with their status, as the page lists them."""
    own = load_rules(session, [region_id]).rows.get(region_id)
    if own is None:
        return [(rule, RuleStatus.ACTIVE) for rule in DEFAULT_RULES]
    return [(as_rule(row), row.status) for row in own]
