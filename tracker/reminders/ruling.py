"""提醒规则, edited by the office's lead: added, altered, tried out, switched off; a set per round.

Whatever is done, the active rules that remain are checked: no open overdue task may fall silent.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from tracker.audit import service as audit
from tracker.kernel.clock import local_date
from tracker.kernel.db import born, touch
from tracker.kernel.errors import DomainError, NotVisibleError
from tracker.kernel.permissions import Actor, Permission, may
from tracker.organizations.models import Region
from tracker.organizations.rules import OfficeMode
from tracker.organizations.scope import ensure_conducts
from tracker.reminders.ladders import THREE_COLOURS
from tracker.reminders.models import ReminderRule
from tracker.reminders.rerouting import follow_rules
from tracker.reminders.rule_checks import check_rule, check_set
from tracker.reminders.rule_sets import PRESET_CODES
from tracker.reminders.rulebook import as_rule
from tracker.reminders.rules import ALTERED, PERSONAL, AnchorKind, Rule, RuleStatus, bare_code
from tracker.reminders.service import ensure_default_rules

MOST_RULES = 100


@dataclass(frozen=True)
class RuleSet:
    """The stored rules of a region or a round as a page shows them; each change counts on."""

    rows: list[ReminderRule]

    @property
    def version(self) -> int:
        """Return the sum of the rows' versions: a change of one or a new one raises it."""
        return sum(row.version for row in self.rows)


def rules_at(session: Session, region_id: int, round_id: int | None) -> list[ReminderRule]:
    """Return the stored rules of a region, or those a round has of its own; none where it has none.

    In the order of the ladder: what tasks are due first, each date's steps from early to late.
    """
    query = select(ReminderRule).where(
        ReminderRule.region_id == region_id, ReminderRule.round_id == round_id
    )
    anchors = list(AnchorKind)
    return sorted(
        session.scalars(query),
        key=lambda row: (anchors.index(row.anchor), row.offset_days, row.id),
    )


def get_rule(session: Session, rule_id: int, *, actor: Actor) -> ReminderRule:
    """Return a rule of the actor's own office. NotVisibleError for any other."""
    row = session.get(ReminderRule, rule_id)
    if row is None:
        raise NotVisibleError
    ensure_conducts(actor, row.region_id)
    return row


def add_rule(
    session: Session,
    region_id: int,
    round_id: int | None,
    rule: Rule,
    *,
    actor: Actor,
    now: datetime,
) -> ReminderRule:
    """新增规则: it starts in dry run, and shows what it would send."""
    _prepare(session, region_id, round_id, actor=actor, now=now)
    check_rule(rule)
    if len(rules_at(session, region_id, round_id)) >= MOST_RULES:
        raise DomainError(f"最多 {MOST_RULES} 条规则，请先停用或合并不用的规则。")
    row = ReminderRule(
        region_id=region_id,
        round_id=round_id,
        status=RuleStatus.DRY_RUN,
        **vars(replace(rule, code="new")),
        **born(actor=actor, now=now),
    )
    session.add(row)
    session.flush()  # its code is made of its id
    row.code = f"own-{row.id}"
    _audit(session, "reminders.rule_added", row, actor=actor, now=now)
    return row


def alter_rule(
    session: Session, row: ReminderRule, rule: Rule, *, actor: Actor, now: datetime
) -> ReminderRule:
    """Change a rule. Another timing or audience is another key: what was said before is not it.
    Another way is not: it concerns only what is not yet frozen."""
    _ensure_may(actor, row.region_id)
    check_rule(rule)
    before = as_rule(row)
    code = row.code if _says_when(before) == _says_when(rule) else _next_code(row)
    for name, value in vars(replace(rule, code=code, min_span_days=before.min_span_days)).items():
        setattr(row, name, value)
    touch(row, actor=actor, now=now)
    _check_rest(session, row.region_id, row.round_id, now=now)
    follow_rules(session, [row.region_id])
    _audit(session, "reminders.rule_altered", row, actor=actor, now=now)
    return row


def set_status(
    session: Session, row: ReminderRule, status: RuleStatus, *, actor: Actor, now: datetime
) -> None:
    """启用, 试运行 or 停用 of a rule."""
    _ensure_may(actor, row.region_id)
    row.status = status
    touch(row, actor=actor, now=now)
    _check_rest(session, row.region_id, row.round_id, now=now)
    _audit(session, "reminders.rule_switched", row, actor=actor, now=now)


def take_three_colours(
    session: Session, region_id: int, round_id: int | None, *, actor: Actor, now: datetime
) -> None:
    """换用三色预警: for a region or one round; of tasks' due dates, other rules are switched off."""
    _prepare(session, region_id, round_id, actor=actor, now=now)
    have = {bare_code(row.code): row for row in rules_at(session, region_id, round_id)}
    for rule in THREE_COLOURS:
        if rule.code not in have:
            have[rule.code] = _copy(session, region_id, round_id, rule, actor=actor, now=now)
        have[rule.code].status = RuleStatus.ACTIVE
    for code, row in have.items():
        if row.anchor is AnchorKind.TASK_DUE and code not in PRESET_CODES and _speaks_to_unit(row):
            row.status = RuleStatus.OFF
            touch(row, actor=actor, now=now)
    _finish(session, region_id, round_id, actor=actor, now=now)


def give_round_its_own(
    session: Session, region_id: int, round_id: int, *, actor: Actor, now: datetime
) -> None:
    """为本轮单独设置: the round gets a copy of the region's rules, to be changed apart."""
    _prepare(session, region_id, None, actor=actor, now=now)
    if rules_at(session, region_id, round_id):
        raise DomainError("这一轮已经单独设置了提醒规则。请刷新页面。")
    for row in rules_at(session, region_id, None):
        copy = _copy(session, region_id, round_id, as_rule(row), actor=actor, now=now)
        copy.status = row.status
    _finish(session, region_id, round_id, actor=actor, now=now)


def take_regions_rules(
    session: Session, region_id: int, round_id: int, *, actor: Actor, now: datetime
) -> None:
    """改回本地区的规则: the round goes by its region's again; its own rules are dropped."""
    _ensure_may(actor, region_id)
    for row in rules_at(session, region_id, round_id):
        session.delete(row)
    _note_set(session, region_id, round_id, actor=actor, now=now)


def _prepare(
    session: Session, region_id: int, round_id: int | None, *, actor: Actor, now: datetime
) -> None:
    _ensure_may(actor, region_id)
    if round_id is None:
        simple = session.get_one(Region, region_id).mode is OfficeMode.SIMPLE
        ensure_default_rules(session, region_id, actor=actor, now=now, is_simple=simple)
        session.flush()  # they are read at once


def _ensure_may(actor: Actor, region_id: int) -> None:
    if not may(actor, Permission.REMINDER_RULE_EDIT):
        raise DomainError("提醒规则由巡察办主任设置。")
    ensure_conducts(actor, region_id)


def _check_rest(session: Session, region_id: int, round_id: int | None, *, now: datetime) -> None:
    session.flush()  # what remains is read anew
    active = (row for row in rules_at(session, region_id, round_id))
    check_set(_active(active), today=local_date(now))


def _active(rows: Iterable[ReminderRule]) -> list[Rule]:
    return [as_rule(row) for row in rows if row.status is RuleStatus.ACTIVE]


def _finish(
    session: Session, region_id: int, round_id: int | None, *, actor: Actor, now: datetime
) -> None:
    _check_rest(session, region_id, round_id, now=now)
    _note_set(session, region_id, round_id, actor=actor, now=now)


def _copy(
    session: Session,
    region_id: int,
    round_id: int | None,
    rule: Rule,
    *,
    actor: Actor,
    now: datetime,
) -> ReminderRule:
    """Add a rule under a code of its place: a round's own rules have keys of their own."""
    code = rule.code if round_id is None else f"r{round_id}:{rule.code}"
    row = ReminderRule(
        region_id=region_id,
        round_id=round_id,
        status=RuleStatus.ACTIVE,
        **vars(replace(rule, code=code)),
        **born(actor=actor, now=now),
    )
    session.add(row)
    return row


def _next_code(row: ReminderRule) -> str:
    bare, _, number = row.code.partition(ALTERED)
    return f"{bare}{ALTERED}{int(number or 1) + 1}"


def _says_when(rule: Rule) -> tuple[object, ...]:
    return (
        rule.anchor,
        rule.offset_kind,
        rule.offset_days,
        rule.every_workdays,
        rule.audience,
    )


def _speaks_to_unit(row: ReminderRule) -> bool:
    return not row.is_in_product_only and row.audience not in PERSONAL


def _note_set(
    session: Session, region_id: int, round_id: int | None, *, actor: Actor, now: datetime
) -> None:
    audit.record(
        session,
        "reminders.rules_chosen",
        actor=actor,
        now=now,
        object_type="round" if round_id else "region",
        object_id=round_id or region_id,
    )


def _audit(
    session: Session, action: str, row: ReminderRule, *, actor: Actor, now: datetime
) -> None:
    audit.record(
        session,
        action,
        actor=actor,
        now=now,
        object_type="reminder_rule",
        object_id=row.id,
        detail={"rule": row.code},
    )
