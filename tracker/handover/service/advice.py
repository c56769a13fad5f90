"""意见建议: issued to a department, answered, adopted or not."""

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy.orm import Session

from tracker.audit.service import record
from tracker.handover.models import Advice
from tracker.handover.rules import ADOPTING, Adoption
from tracker.kernel.clock import local_date
from tracker.kernel.db import born, touch
from tracker.kernel.errors import DomainError, NotVisibleError
from tracker.kernel.permissions import Actor
from tracker.organizations.queries import pickable_units
from tracker.organizations.scope import ensure_conducts
from tracker.rounds.models import Inspection, Round


@dataclass(frozen=True, kw_only=True)
class AdviceDraft:
    """Advice as typed. `issued_on` is the day it was sent to the department."""

    addressee: str
    text: str
    issued_on: date
    reply_due: date | None = None
    unit_id: int | None = None
    round_id: int | None = None
    inspection_id: int | None = None


def issue_advice(
    session: Session, region_id: int, draft: AdviceDraft, *, actor: Actor, now: datetime
) -> Advice:
    """Note advice that goes to a department."""
    ensure_conducts(actor, region_id)
    _check(session, region_id, draft, None, now=now)
    advice = Advice(region_id=region_id, **vars(draft), **born(actor=actor, now=now))
    session.add(advice)
    session.flush()  # the audit entry names the id
    _audit(session, "advice_issued", advice, {}, actor=actor, now=now)
    return advice


def edit_advice(
    session: Session, advice: Advice, draft: AdviceDraft, *, actor: Actor, now: datetime
) -> Advice:
    """Change advice; the trail keeps which fields changed."""
    ensure_conducts(actor, advice.region_id)
    _ensure_valid(advice)
    _check(session, advice.region_id, draft, advice, now=now)
    changed = [name for name, value in vars(draft).items() if getattr(advice, name) != value]
    for name, value in vars(draft).items():
        setattr(advice, name, value)
    touch(advice, actor=actor, now=now)
    _audit(session, "advice_edited", advice, {"fields": changed}, actor=actor, now=now)
    return advice


def answer_advice(
    session: Session,
    advice: Advice,
    adoption: Adoption,
    text: str,
    answered_on: date,
    *,
    actor: Actor,
    now: datetime,
) -> None:
    """Note what the department made of it; only what it adopted counts as adopted."""
    ensure_conducts(actor, advice.region_id)
    _ensure_valid(advice)
    if not advice.issued_on <= answered_on <= local_date(now):
        raise DomainError("回复日期应在提出之后，不能晚于今天，请核对。")
    before = advice.adoption.value if advice.adoption else None
    advice.adoption, advice.answer_text, advice.answered_on = adoption, text, answered_on
    advice.adopted_on = answered_on if adoption in ADOPTING else None
    touch(advice, actor=actor, now=now)
    detail: dict[str, object] = {"before": before, "after": adoption.value}
    _audit(session, "advice_answered", advice, detail, actor=actor, now=now)


def void_advice(
    session: Session, advice: Advice, reason: str, *, actor: Actor, now: datetime
) -> None:
    """作废 of what was entered by mistake: it stays, and counts no more."""
    ensure_conducts(actor, advice.region_id)
    _ensure_valid(advice)
    advice.void_reason = reason
    touch(advice, actor=actor, now=now)
    _audit(session, "advice_voided", advice, {"reason": reason}, actor=actor, now=now)


def _check(
    session: Session, region_id: int, draft: AdviceDraft, present: Advice | None, *, now: datetime
) -> None:
    today = local_date(now)
    if draft.issued_on > today:
        raise DomainError("提出日期不能晚于今天，请核对。")
    if draft.reply_due is not None and draft.reply_due < draft.issued_on:
        raise DomainError("回复时限早于提出日期，请核对。")
    if present is not None and present.answered_on and present.answered_on < draft.issued_on:
        raise DomainError("提出日期晚于已登记的回复日期，请核对。")
    kept = present.unit_id if present else None
    known = {unit.id for unit in pickable_units(session, region_id, today=today)} | {kept}
    if draft.unit_id is not None and draft.unit_id not in known:
        raise NotVisibleError
    _check_source(session, region_id, draft)


def _check_source(session: Session, region_id: int, draft: AdviceDraft) -> None:
    tour = session.get(Round, draft.round_id) if draft.round_id else None
    if draft.round_id and (tour is None or tour.region_id != region_id):
        raise NotVisibleError
    if draft.inspection_id is None:
        return
    inspection = session.get(Inspection, draft.inspection_id)
    if inspection is None or tour is None or inspection.round_id != tour.id:
        raise DomainError("所选单位的巡察不在这一轮次，请核对。")


def _ensure_valid(advice: Advice) -> None:
    if advice.void_reason is not None:
        raise DomainError("这条意见建议已作废，不能再改。")


def _audit(
    session: Session,
    action: str,
    advice: Advice,
    detail: dict[str, object],
    *,
    actor: Actor,
    now: datetime,
) -> None:
    record(
        session,
        action,
        actor=actor,
        now=now,
        object_type="advice",
        object_id=advice.id,
        detail=detail,
    )
