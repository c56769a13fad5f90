"""届 and 轮."""

from dataclasses import dataclass, field
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from tracker.audit.service import record
from tracker.kernel.db import born, touch
from tracker.kernel.errors import DomainError, NotVisibleError
from tracker.kernel.permissions import Actor
from tracker.organizations.scope import ensure_conducts
from tracker.rounds.models import DeadlineProfile, Round, RoundModeChoice, Term
from tracker.rounds.rules import SWITCH_COLUMNS, RoundKind, RoundMode, RoundStatus, Switches
from tracker.rounds.service.profiles import ensure_default_profiles


@dataclass(frozen=True, kw_only=True)
class RoundDraft:
    """A round as typed."""

    term_id: int
    code: str
    seq: int
    name: str
    kind: RoundKind
    profile_id: int
    modes: tuple[RoundMode, ...] = ()
    theme: str | None = None
    status: RoundStatus = RoundStatus.PLANNED
    switches: Switches = field(default_factory=Switches)


def add_term(
    session: Session,
    region_id: int,
    number: int,
    starts_on: date,
    ends_on: date | None = None,
    *,
    actor: Actor,
    now: datetime,
) -> Term:
    """Take in a term (届), and the region's default profiles with the first one."""
    ensure_conducts(actor, region_id)
    _check_term(session, region_id, number, starts_on, ends_on, term_id=None)
    term = Term(
        region_id=region_id,
        number=number,
        starts_on=starts_on,
        ends_on=ends_on,
        **born(actor=actor, now=now),
    )
    session.add(term)
    ensure_default_profiles(session, region_id, actor=actor, now=now)
    session.flush()  # the audit entry names the id
    _audit(session, "term_created", term, {"number": number}, actor=actor, now=now)
    return term


def edit_term(
    session: Session,
    term: Term,
    number: int,
    starts_on: date,
    ends_on: date | None,
    *,
    actor: Actor,
    now: datetime,
) -> Term:
    """Change a term's number or its dates."""
    ensure_conducts(actor, term.region_id)
    _check_term(session, term.region_id, number, starts_on, ends_on, term_id=term.id)
    term.number, term.starts_on, term.ends_on = number, starts_on, ends_on
    touch(term, actor=actor, now=now)
    _audit(session, "term_edited", term, {"number": number}, actor=actor, now=now)
    return term


def _check_term(
    session: Session,
    region_id: int,
    number: int,
    starts_on: date,
    ends_on: date | None,
    *,
    term_id: int | None,
) -> None:
    if ends_on is not None and ends_on < starts_on:
        raise DomainError("结束日期早于开始日期，请核对。")
    same = select(Term.id).where(Term.region_id == region_id, Term.number == number)
    if session.scalar(same) not in (None, term_id):
        raise DomainError(f"第 {number} 届已经登记，请直接修改它。")


def plan_round(
    session: Session, region_id: int, draft: RoundDraft, *, actor: Actor, now: datetime
) -> Round:
    """Take in a round. DomainError when its code, or its number in the term, is taken."""
    ensure_conducts(actor, region_id)
    _check_round(session, region_id, draft, round_id=None)
    tour = Round(region_id=region_id, **born(actor=actor, now=now))
    _write(tour, draft)
    session.add(tour)
    session.flush()  # the audit entry names the id
    _audit(session, "round_planned", tour, {"code": draft.code}, actor=actor, now=now)
    return tour


def edit_round(
    session: Session, tour: Round, draft: RoundDraft, *, actor: Actor, now: datetime
) -> Round:
    """Change a round. A switch changes the steps still ahead, never those already taken."""
    ensure_conducts(actor, tour.region_id)
    _check_round(session, tour.region_id, draft, round_id=tour.id)
    _write(tour, draft)
    touch(tour, actor=actor, now=now)
    _audit(session, "round_edited", tour, {"code": draft.code}, actor=actor, now=now)
    return tour


def _write(tour: Round, draft: RoundDraft) -> None:
    tour.term_id, tour.profile_id = draft.term_id, draft.profile_id
    tour.code, tour.seq, tour.name = draft.code, draft.seq, draft.name
    tour.kind, tour.theme, tour.status = draft.kind, draft.theme, draft.status
    for name, column in SWITCH_COLUMNS.items():
        setattr(tour, column, getattr(draft.switches, name))
    kept = {choice.mode: choice for choice in tour.modes}
    tour.modes = [kept.get(mode) or RoundModeChoice(mode=mode) for mode in draft.modes]


def _check_round(
    session: Session, region_id: int, draft: RoundDraft, *, round_id: int | None
) -> None:
    for row in (session.get(Term, draft.term_id), session.get(DeadlineProfile, draft.profile_id)):
        if row is None or row.region_id != region_id:
            raise NotVisibleError
    code = select(Round.id).where(Round.region_id == region_id, Round.code == draft.code)
    if session.scalar(code) not in (None, round_id):
        raise DomainError(f"轮次代码“{draft.code}”已被使用，请换一个。")
    seq = select(Round.id).where(Round.term_id == draft.term_id, Round.seq == draft.seq)
    if session.scalar(seq) not in (None, round_id):
        raise DomainError(f"本届第 {draft.seq} 轮已经登记，请核对轮次序号。")
    if draft.kind is RoundKind.SPECIAL and not draft.theme:
        raise DomainError("专项巡察请填写主题，例如“医疗领域”。")


def _audit(
    session: Session,
    action: str,
    row: Term | Round,
    detail: dict[str, object],
    *,
    actor: Actor,
    now: datetime,
) -> None:
    kind = "term" if isinstance(row, Term) else "round"
    record(session, action, actor=actor, now=now, object_type=kind, object_id=row.id, detail=detail)
