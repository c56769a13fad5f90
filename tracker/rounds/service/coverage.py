"""全覆盖任务: whom a term's list names, who of them counts, and what a move of a unit changes."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from tracker.audit.service import record
from tracker.kernel.clock import local_date
from tracker.kernel.db import born, touch
from tracker.kernel.errors import DomainError, NotVisibleError
from tracker.kernel.permissions import Actor
from tracker.organizations.changing import Decision, move_unit
from tracker.organizations.models import Region, Unit, UnitChange
from tracker.organizations.rules import UnitCategory
from tracker.organizations.scope import ensure_conducts
from tracker.people.models import User
from tracker.rounds.coverage_queries import (
    counted_elsewhere,
    holds_on,
    listed_unit_ids,
    regions_to_count_in,
    units_to_list,
)
from tracker.rounds.models import CoverageTarget, Round, Term
from tracker.rounds.rules import Decided, Named, check_decided, read_pasted

SHOWN_PROBLEMS = 10


def list_by_kind(
    session: Session,
    term: Term,
    categories: Sequence[UnitCategory],
    region_ids: Sequence[int],
    added_on: date,
    *,
    actor: Actor,
    now: datetime,
) -> int:
    """Put every unit of some kinds and regions on a term's list; return how many are new."""
    units = [
        unit
        for unit in units_to_list(session, term, on=added_on)
        if unit.category in categories and unit.region_id in region_ids
    ]
    if not units:
        raise DomainError("所选地区没有这些类别的单位，请核对，或先登记单位。")
    return _list_units(session, term, units, added_on, actor=actor, now=now)


def list_pasted(
    session: Session, term: Term, text: str, added_on: date, *, actor: Actor, now: datetime
) -> int:
    """Put the units of a pasted list on a term's list. DomainError names every unread line."""
    known = {unit.id: unit for unit in units_to_list(session, term, on=added_on)}
    read = read_pasted(text, (_named(unit) for unit in known.values()))
    if read.problems:
        rest = len(read.problems) - SHOWN_PROBLEMS
        more = f"另有 {rest} 行。" if rest > 0 else ""
        raise DomainError("".join(read.problems[:SHOWN_PROBLEMS]) + more)
    if not read.unit_ids:
        raise DomainError("请选择单位类别，或粘贴单位名单。")
    units = [known[unit_id] for unit_id in read.unit_ids]
    return _list_units(session, term, units, added_on, actor=actor, now=now)


def _named(unit: Unit) -> Named:
    full = f"{unit.region.code}/{unit.code}"
    return Named(unit.id, (unit.code, full, unit.name, unit.short_name))


def _list_units(
    session: Session,
    term: Term,
    units: Sequence[Unit],
    added_on: date,
    *,
    actor: Actor,
    now: datetime,
) -> int:
    ensure_conducts(actor, term.region_id)
    counts = Decided(is_counted=True, counted_in_region_id=term.region_id)
    check_decided(counts, added_on, term_start=term.starts_on, today=local_date(now))
    listed = listed_unit_ids(session, term)
    new = [unit for unit in units if unit.id not in listed]
    elsewhere = counted_elsewhere(session, term, [unit.id for unit in new], on=local_date(now))
    session.add_all(
        CoverageTarget(
            term_id=term.id,
            unit_id=unit.id,
            added_on=added_on,
            counted_in_region_id=term.region_id,
            is_counted=unit.id not in elsewhere,
            uncounted_reason=_counted_there(elsewhere.get(unit.id)),
            **born(actor=actor, now=now),
        )
        for unit in new
    )
    detail = {"units": len(new), "added_on": added_on}
    _audit(session, "coverage_listed", "term", term.id, detail, actor=actor, now=now)
    return len(new)


def _counted_there(region_name: str | None) -> str | None:
    return None if region_name is None else f"已计入{region_name}的全覆盖任务"


def decide_target(
    session: Session,
    target: CoverageTarget,
    decided: Decided,
    effective_on: date,
    *,
    actor: Actor,
    now: datetime,
) -> CoverageTarget:
    """Decide whether and where a unit counts, from a day on. Earlier days keep what held then;
    a day not after the row's own corrects the row. Return the row that holds now."""
    term = target.term
    ensure_conducts(actor, term.region_id)
    check_decided(decided, effective_on, term_start=term.starts_on, today=local_date(now))
    if target.removed_on is not None:
        raise DomainError("这一条已被后来的决定取代，请从列表中打开最新的一条。")
    _check_counted_once(session, target, decided, now=now)
    holding = target
    if effective_on > target.added_on and not _is_same(target, decided):
        holding = _next_decision(session, target, effective_on, actor=actor, now=now)
    for name, value in vars(decided).items():
        setattr(holding, name, value)
    touch(target, actor=actor, now=now)
    session.flush()  # the audit entry names the id
    detail = {"effective_on": effective_on, "reason": decided.uncounted_reason}
    _audit(session, "coverage_decided", "coverage_target", holding.id, detail, actor=actor, now=now)
    return holding


def _next_decision(
    session: Session, target: CoverageTarget, effective_on: date, *, actor: Actor, now: datetime
) -> CoverageTarget:
    target.removed_on = effective_on
    holding = CoverageTarget(
        term_id=target.term_id,
        unit_id=target.unit_id,
        added_on=effective_on,
        counted_in_region_id=target.counted_in_region_id,
        planned_round_id=target.planned_round_id,
        **born(actor=actor, now=now),
    )
    session.add(holding)
    return holding


def _is_same(target: CoverageTarget, decided: Decided) -> bool:
    now_so = (target.is_counted, target.counted_in_region_id, target.uncounted_reason)
    return now_so == (decided.is_counted, decided.counted_in_region_id, decided.uncounted_reason)


def _check_counted_once(
    session: Session, target: CoverageTarget, decided: Decided, *, now: datetime
) -> None:
    allowed = {region.id for region in regions_to_count_in(session, target)}
    if decided.counted_in_region_id not in allowed:
        raise NotVisibleError
    if not decided.is_counted:
        return
    there = counted_elsewhere(session, target.term, [target.unit_id], on=local_date(now))
    if there:
        name = there[target.unit_id]
        raise DomainError(f"该单位已计入{name}的全覆盖任务，不能重复计入。请先由其改为不计入。")


def plan_target(
    session: Session,
    target: CoverageTarget,
    planned_round_id: int | None,
    *,
    actor: Actor,
    now: datetime,
) -> None:
    """Note in which round of its term a unit is to be inspected. No figure counts it."""
    if planned_round_id == target.planned_round_id:
        return
    if planned_round_id is not None:
        tour = session.get(Round, planned_round_id)
        if tour is None or tour.term_id != target.term_id:
            raise NotVisibleError
    target.planned_round_id = planned_round_id
    touch(target, actor=actor, now=now)


def move_between_regions(
    session: Session,
    unit: Unit,
    region: Region,
    code: str,
    decision: Decision,
    *,
    actor: Actor,
    now: datetime,
) -> UnitChange:
    """Move a unit with its sign-ins to another region. What the old region's term owed it, the
    new region's owes from that day on; inspections made before stay and cover it there."""
    old_region_id = unit.region_id
    change = move_unit(session, unit, region, code, decision, actor=actor, now=now)
    for user in session.scalars(select(User).where(User.unit_id == unit.id)):
        user.region_id = region.id
    owed = _owed_by(session, unit.id, old_region_id, decision.effective_on)
    for target in owed:
        target.removed_on = max(decision.effective_on, target.added_on)
        touch(target, actor=actor, now=now)
    if owed:
        _owe_there(session, owed[-1], region, decision.effective_on, actor=actor, now=now)
    return change


def _owed_by(session: Session, unit_id: int, region_id: int, day: date) -> Sequence[CoverageTarget]:
    query = (
        select(CoverageTarget)
        .join(CoverageTarget.term)
        .where(CoverageTarget.unit_id == unit_id, Term.region_id == region_id)
        .where(CoverageTarget.counted_in_region_id == region_id)
        .where(or_(CoverageTarget.removed_on.is_(None), CoverageTarget.removed_on > day))
        .where(or_(Term.ends_on.is_(None), Term.ends_on >= day))
        .order_by(Term.starts_on, CoverageTarget.added_on)
    )
    return session.scalars(query).all()


def _owe_there(
    session: Session,
    left: CoverageTarget,
    region: Region,
    day: date,
    *,
    actor: Actor,
    now: datetime,
) -> None:
    term = session.scalar(
        select(Term)
        .where(Term.region_id == region.id, Term.starts_on <= day)
        .where(or_(Term.ends_on.is_(None), Term.ends_on >= day))
        .order_by(Term.starts_on.desc())
        .limit(1)
    )
    if term is None:
        return
    listed = select(CoverageTarget).where(
        CoverageTarget.term_id == term.id, CoverageTarget.unit_id == left.unit_id
    )
    if session.scalar(listed.where(holds_on(CoverageTarget, day)).limit(1)) is not None:
        return
    owed = session.scalar(listed.where(CoverageTarget.added_on == day))
    if owed is None:
        owed = CoverageTarget(
            term_id=term.id,
            unit_id=left.unit_id,
            added_on=day,
            counted_in_region_id=region.id,
            **born(actor=actor, now=now),
        )
        session.add(owed)
    owed.removed_on, owed.counted_in_region_id = None, region.id
    owed.is_counted, owed.uncounted_reason = left.is_counted, left.uncounted_reason
    session.flush()  # a next move looks for it


def _audit(
    session: Session,
    action: str,
    kind: str,
    object_id: int,
    detail: Mapping[str, object],
    *,
    actor: Actor,
    now: datetime,
) -> None:
    record(
        session,
        action,
        actor=actor,
        now=now,
        object_type=kind,
        object_id=object_id,
        detail=dict(detail),
    )
