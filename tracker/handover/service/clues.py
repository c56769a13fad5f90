"""Enter clues as numbers: found, moved, answered, settled, filed, punished; corrected in the open."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from tracker.audit.service import record
from tracker.feedback.models import Feedback
from tracker.handover.models import Clue, ClueCount
from tracker.handover.rules import (
    COUNTED_WHEN_MOVED,
    OUTCOMES,
    ClueDirection,
    ClueKind,
    ClueMeasure,
    Disposal,
    reply_due,
)
from tracker.handover.service.clue_corrections import answered, counted, keep_correction
from tracker.kernel.clock import local_date
from tracker.kernel.db import born, touch
from tracker.kernel.errors import DomainError, NotVisibleError
from tracker.kernel.permissions import Actor
from tracker.organizations.scope import ensure_conducts
from tracker.rounds.models import Inspection, Round
from tracker.workdays.queries import load_calendar


@dataclass(frozen=True, kw_only=True)
class ClueDraft:
    """Clues that moved together, as typed. Out: of a round of ours; in: with a feedback from above."""

    code: str
    direction: ClueDirection
    kind: ClueKind
    amount: int
    counterpart: str
    moved_on: date
    round_id: int | None = None
    inspection_id: int | None = None
    feedback_id: int | None = None


def record_clue(
    session: Session, region_id: int, draft: ClueDraft, *, actor: Actor, now: datetime
) -> Clue:
    """Note clues that moved out or were taken in; the answer is due in three calendar months."""
    ensure_conducts(actor, region_id)
    _check_draft(session, region_id, draft, clue_id=None, now=now)
    clue = Clue(region_id=region_id, **born(actor=actor, now=now))
    _write(session, clue, draft)
    count = ClueCount(
        region_id=region_id,
        measure=COUNTED_WHEN_MOVED[draft.direction],
        **born(actor=actor, now=now),
    )
    _count_as(session, count, clue)
    clue.counts.append(count)
    session.add(clue)
    session.flush()  # the audit entry names the id
    _audit(session, "clue_recorded", clue, _numbers(draft), actor=actor, now=now)
    return clue


def edit_clue(
    session: Session,
    clue: Clue,
    draft: ClueDraft,
    *,
    reason: str = "",
    actor: Actor,
    now: datetime,
) -> Clue:
    """Change an entry; its direction stays, and its numbers follow.

    Where amount, kind or day change it is a 更正: with a reason, and what it was is kept.
    """
    ensure_conducts(actor, clue.region_id)
    _ensure_valid(clue)
    if draft.direction is not clue.direction:
        raise DomainError("移出与接收分开统计，不能互改。请作废后重新登记。")
    _check_draft(session, clue.region_id, draft, clue_id=clue.id, now=now)
    if draft.amount < _sum_of(clue, ClueMeasure.SETTLED):
        raise DomainError("件数少于已办结的件数，请先更正办结数。")
    before = {"amount": clue.amount, "moved_on": clue.moved_on.isoformat()}
    stood = counted(clue.amount, clue.kind, clue.moved_on)
    stands = counted(draft.amount, draft.kind, draft.moved_on)
    keep_correction(clue, stood, stands, reason, actor=actor, now=now)
    _write(session, clue, draft)
    for count in clue.counts:
        if count.measure in COUNTED_WHEN_MOVED.values():
            _count_as(session, count, clue)
            touch(count, actor=actor, now=now)
        else:
            _place(session, count, clue)
    touch(clue, actor=actor, now=now)
    _audit(
        session,
        "clue_edited",
        clue,
        {"before": before, "after": _numbers(draft), "reason": reason},
        actor=actor,
        now=now,
    )
    return clue


def note_reply(
    session: Session,
    clue: Clue,
    replied_on: date,
    disposal: Disposal,
    *,
    reason: str = "",
    actor: Actor,
    now: datetime,
) -> None:
    """Note when the receiving organ answered, and how it disposed of the clues.

    An answer noted before is changed as a 更正: with a reason, and what it was is kept.
    """
    ensure_conducts(actor, clue.region_id)
    _ensure_valid(clue)
    _check_day(clue, replied_on, "回复日期", now=now)
    stood, stands = answered(clue.replied_on, clue.disposal), answered(replied_on, disposal)
    keep_correction(clue, stood, stands, reason, actor=actor, now=now)
    clue.replied_on, clue.disposal = replied_on, disposal
    touch(clue, actor=actor, now=now)
    detail = {"replied_on": replied_on.isoformat(), "disposal": disposal.value, "reason": reason}
    _audit(session, "clue_answered", clue, detail, actor=actor, now=now)


def add_outcome(
    session: Session,
    clue: Clue,
    measure: ClueMeasure,
    amount: int,
    occurred_on: date,
    *,
    source_document: str | None,
    actor: Actor,
    now: datetime,
) -> ClueCount:
    """Note what came of moved clues on a day: settled 件, filed 件 or 人, punished 人."""
    ensure_conducts(actor, clue.region_id)
    _ensure_valid(clue)
    if measure not in OUTCOMES:
        raise DomainError("这里只登记办结、立案、处分；发现和移交另行登记。")
    _check_day(clue, occurred_on, "发生日期", now=now)
    if measure is ClueMeasure.SETTLED:
        _check_settled(clue, amount)
    count = ClueCount(
        region_id=clue.region_id,
        measure=measure,
        kind=clue.kind,
        occurred_on=occurred_on,
        amount=amount,
        source_document=source_document,
        **born(actor=actor, now=now),
    )
    _place(session, count, clue)
    clue.counts.append(count)
    touch(clue, actor=actor, now=now)  # of two outcomes at once, the second is stale
    detail = {"measure": measure.value, "amount": amount, "on": occurred_on.isoformat()}
    _audit(session, "clue_outcome", clue, detail, actor=actor, now=now)
    return count


@dataclass(frozen=True, kw_only=True)
class FoundDraft:
    """Clues found by a round, as typed."""

    kind: ClueKind
    amount: int
    occurred_on: date
    round_id: int
    inspection_id: int | None
    source_document: str | None


def add_found(
    session: Session, region_id: int, draft: FoundDraft, *, actor: Actor, now: datetime
) -> ClueCount:
    """Note how many clues a round found. Found is not moved: both are entered apart."""
    ensure_conducts(actor, region_id)
    tour = _own_round(session, region_id, draft.round_id)
    _check_inspection(session, draft.inspection_id, tour)
    if draft.occurred_on > local_date(now):
        raise DomainError("发现日期不能晚于今天，请核对。")
    count = ClueCount(
        region_id=region_id,
        term_id=tour.term_id,
        measure=ClueMeasure.FOUND,
        **vars(draft),
        **born(actor=actor, now=now),
    )
    session.add(count)
    session.flush()  # the audit entry names the id
    _audit_count(session, "clues_found", count, {"amount": draft.amount}, actor=actor, now=now)
    return count


def correct_count(
    session: Session,
    count: ClueCount,
    *,
    amount: int,
    occurred_on: date,
    reason: str,
    actor: Actor,
    now: datetime,
) -> None:
    """更正 of a number, with a reason; 0 takes it back. The trail keeps what it was."""
    ensure_conducts(actor, count.region_id)
    if count.measure in COUNTED_WHEN_MOVED.values() and count.clue is not None:
        raise DomainError("移交、接收的件数请在登记中修改。")
    if count.clue is not None:
        _ensure_valid(count.clue)
        _check_day(count.clue, occurred_on, "发生日期", now=now)
        if count.measure is ClueMeasure.SETTLED:
            _check_settled(count.clue, amount - count.amount)
    elif occurred_on > local_date(now):
        raise DomainError("发生日期不能晚于今天，请核对。")
    before = {"amount": count.amount, "on": count.occurred_on.isoformat()}
    count.amount, count.occurred_on = amount, occurred_on
    touch(count, actor=actor, now=now)
    after = {"amount": amount, "on": occurred_on.isoformat()}
    detail = {"before": before, "after": after, "reason": reason}
    _audit_count(session, "clue_count_corrected", count, detail, actor=actor, now=now)


def void_clue(session: Session, clue: Clue, reason: str, *, actor: Actor, now: datetime) -> None:
    """作废 of an entry made by mistake: it stays, and counts nothing any more."""
    ensure_conducts(actor, clue.region_id)
    _ensure_valid(clue)
    clue.void_reason = reason
    touch(clue, actor=actor, now=now)
    before = {f"{count.measure.value}_{count.id}": count.amount for count in clue.counts}
    for count in clue.counts:
        count.amount = 0
        touch(count, actor=actor, now=now)
    _audit(session, "clue_voided", clue, {"reason": reason, "before": before}, actor=actor, now=now)


def _write(session: Session, clue: Clue, draft: ClueDraft) -> None:
    for name, value in vars(draft).items():
        setattr(clue, name, value)
    clue.reply_due = reply_due(draft.moved_on, load_calendar(session))


def _count_as(session: Session, count: ClueCount, clue: Clue) -> None:
    count.amount, count.occurred_on = clue.amount, clue.moved_on
    _place(session, count, clue)


def _place(session: Session, count: ClueCount, clue: Clue) -> None:
    """Let a number belong where its entry belongs; figures find it by these."""
    count.kind = clue.kind
    count.round_id, count.inspection_id = clue.round_id, clue.inspection_id
    count.feedback_id = clue.feedback_id
    tour = session.get(Round, clue.round_id) if clue.round_id else None
    count.term_id = tour.term_id if tour else None


def _check_draft(
    session: Session, region_id: int, draft: ClueDraft, *, clue_id: int | None, now: datetime
) -> None:
    taken = select(Clue.id).where(Clue.region_id == region_id, Clue.code == draft.code)
    if session.scalar(taken) not in (None, clue_id):
        raise DomainError(f"登记编号“{draft.code}”已被使用，请换一个。")
    if draft.moved_on > local_date(now):
        raise DomainError("移交（接收）日期不能晚于今天，请核对。")
    if draft.direction is ClueDirection.OUT:
        if draft.round_id is None or draft.feedback_id is not None:
            raise DomainError("移出的线索来自本级巡察：请选择巡察轮次，上级反馈留空。")
        _check_inspection(
            session, draft.inspection_id, _own_round(session, region_id, draft.round_id)
        )
    else:
        _check_received(session, region_id, draft)


def _check_received(session: Session, region_id: int, draft: ClueDraft) -> None:
    if draft.feedback_id is None or draft.round_id is not None or draft.inspection_id is not None:
        raise DomainError("接收的线索来自上级：请选择上级反馈，巡察轮次和单位留空。")
    feedback = session.get(Feedback, draft.feedback_id)
    if feedback is None or feedback.region_id != region_id or feedback.round_id is not None:
        raise NotVisibleError


def _own_round(session: Session, region_id: int, round_id: int) -> Round:
    tour = session.get(Round, round_id)
    if tour is None or tour.region_id != region_id:
        raise NotVisibleError
    return tour


def _check_inspection(session: Session, inspection_id: int | None, tour: Round) -> None:
    if inspection_id is None:
        return
    inspection = session.get(Inspection, inspection_id)
    if inspection is None or inspection.round_id != tour.id:
        raise DomainError("所选单位的巡察不在这一轮次，请核对。")


def _ensure_valid(clue: Clue) -> None:
    if clue.void_reason is not None:
        raise DomainError("这条登记已作废，不能再改。")


def _check_day(clue: Clue, day: date, what: str, *, now: datetime) -> None:
    if not clue.moved_on <= day <= local_date(now):
        raise DomainError(f"{what}应在移交（接收）之后，不能晚于今天，请核对。")


def _check_settled(clue: Clue, more: int) -> None:
    if _sum_of(clue, ClueMeasure.SETTLED) + more > clue.amount:
        raise DomainError(f"办结数合计不能超过 {clue.amount} 件，请核对。")


def _sum_of(clue: Clue, measure: ClueMeasure) -> int:
    return sum(count.amount for count in clue.counts if count.measure is measure)


def _numbers(draft: ClueDraft) -> dict[str, object]:
    return {
        "direction": draft.direction.value,
        "kind": draft.kind.value,
        "amount": draft.amount,
        "moved_on": draft.moved_on.isoformat(),
    }


def _audit(
    session: Session,
    action: str,
    clue: Clue,
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
        object_type="clue",
        object_id=clue.id,
        detail=dict(detail),
    )


def _audit_count(
    session: Session,
    action: str,
    count: ClueCount,
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
        object_type="clue_count",
        object_id=count.id,
        detail=dict(detail),
    )
