"""The stored rules of regions, as the pure rules take them."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from sqlalchemy import select
from sqlalchemy.orm import Session

from tracker.organizations.models import Region
from tracker.organizations.rules import OfficeMode
from tracker.reminders.ladders import DEFAULT_RULES, SIMPLE_RULES
from tracker.reminders.models import ReminderRule
from tracker.reminders.rules import Rule, RuleStatus


@dataclass(frozen=True)
class Rulebook:
    """The rules of each region, by status; a region without rows of its own has its mode's.

    `rows` are by (region, round): a round with rules of its own goes by those, (region, None) are
    the region's.
    """

    rows: Mapping[tuple[int, int | None], tuple[ReminderRule, ...]]
    modes: Mapping[int, OfficeMode] = field(default_factory=dict)

    def of(
        self, region_id: int, *statuses: RuleStatus, round_id: int | None = None
    ) -> tuple[Rule, ...]:
        """Return the rules of a region, or of its round, with one of the statuses."""
        own = self.rows.get((region_id, round_id), self.rows.get((region_id, None)))
        if own is None:
            return self.shipped(region_id) if RuleStatus.ACTIVE in statuses else ()
        return tuple(as_rule(row) for row in own if row.status in statuses)

    def everything(self, region_ids: Iterable[int]) -> Iterator[Rule]:
        """Yield every rule that may speak in regions, whatever its status or round."""
        yield from (as_rule(row) for own in self.rows.values() for row in own)
        for region_id in region_ids:
            if (region_id, None) not in self.rows:
                yield from self.shipped(region_id)

    def shipped(self, region_id: int) -> tuple[Rule, ...]:
        """Return the rules that go with a region's mode."""
        return rules_of_mode(self.modes.get(region_id, OfficeMode.STANDARD))


def rules_of_mode(mode: OfficeMode) -> tuple[Rule, ...]:
    """Return the ladder of 简易模式 or 标准模式."""
    return tuple(SIMPLE_RULES if mode is OfficeMode.SIMPLE else DEFAULT_RULES)


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
        offset_kind=row.offset_kind,
        wording=row.wording,
        way=row.way,
    )


def load_rules(session: Session, region_ids: Iterable[int]) -> Rulebook:
    """Return the rules of regions with one statement, and one more for those that have none."""
    wanted = set(region_ids)
    query = select(ReminderRule).where(ReminderRule.region_id.in_(wanted))
    rows: dict[tuple[int, int | None], list[ReminderRule]] = {}
    for row in session.scalars(query.order_by(ReminderRule.id)):
        rows.setdefault((row.region_id, row.round_id), []).append(row)
    modes: dict[int, OfficeMode] = {}
    if without := wanted - {region_id for region_id, round_id in rows if round_id is None}:
        found = session.execute(select(Region.id, Region.mode).where(Region.id.in_(without)))
        modes = {row.id: row.mode for row in found}
    return Rulebook({place: tuple(own) for place, own in rows.items()}, modes)


def rule_table(session: Session, region_id: int) -> list[tuple[Rule, RuleStatus]]:
    """Return a region's rules with their status, as the page lists them."""
    book = load_rules(session, [region_id])
    own = book.rows.get((region_id, None))
    if own is None:
        return [(rule, RuleStatus.ACTIVE) for rule in book.shipped(region_id)]
    return [(as_rule(row), row.status) for row in own]
