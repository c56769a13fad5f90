"""反馈: record it, set its date, note who acknowledged it."""

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from tracker.audit.service import record
from tracker.feedback.models import Feedback, FeedbackRecipient
from tracker.feedback.rules import FeedbackSource, RecipientKind
from tracker.kernel.clock import local_date
from tracker.kernel.db import born, touch
from tracker.kernel.errors import DomainError, NotVisibleError
from tracker.kernel.permissions import Actor
from tracker.organizations.scope import ensure_conducts
from tracker.rounds.models import DeadlineProfile, Inspection
from tracker.rounds.service import ensure_milestones


@dataclass(frozen=True, kw_only=True)
class FeedbackDraft:
    """A feedback as typed; without inspection it came from above and is no round of ours."""

    code: str
    title: str
    source: FeedbackSource
    profile_id: int
    inspection_id: int | None = None


def record_feedback(
    session: Session,
    region_id: int,
    draft: FeedbackDraft,
    *,
    actor: Actor,
    now: datetime,
    fed_back_on: date | None = None,
) -> Feedback:
    """Take in a feedback; of an inspection of ours with its two recipients (条例 2015 art. 26)."""
    ensure_conducts(actor, region_id)
    _check(session, region_id, draft, feedback_id=None)
    inspection = _inspection(session, region_id, draft.inspection_id)
    feedback = Feedback(
        region_id=region_id,
        code=draft.code,
        title=draft.title,
        source=draft.source,
        profile=session.get_one(DeadlineProfile, draft.profile_id),
        inspection=inspection,
        round_id=inspection.round_id if inspection else None,
        **born(actor=actor, now=now),
    )
    if inspection is not None:
        feedback.recipients = _recipients(inspection, actor=actor, now=now)
    session.add(feedback)
    session.flush()  # the audit entry names the id
    _audit(session, "feedback_recorded", feedback, actor=actor, now=now)
    if fed_back_on is not None:
        set_feedback_date(session, feedback, fed_back_on, actor=actor, now=now)
    return feedback


def _recipients(inspection: Inspection, *, actor: Actor, now: datetime) -> list[FeedbackRecipient]:
    stamps = born(actor=actor, now=now)
    return [
        FeedbackRecipient(unit_id=inspection.unit_id, kind=kind, **stamps) for kind in RecipientKind
    ]


def edit_feedback(
    session: Session, feedback: Feedback, draft: FeedbackDraft, *, actor: Actor, now: datetime
) -> Feedback:
    """Change code, title, source or profile; which inspection it belongs to stays.

    Another profile moves the milestones that still stand as the old one computed them.
    """
    ensure_conducts(actor, feedback.region_id)
    _check(session, feedback.region_id, draft, feedback_id=feedback.id)
    before = feedback.profile
    feedback.code, feedback.title = draft.code, draft.title
    feedback.source = draft.source
    feedback.profile = session.get_one(DeadlineProfile, draft.profile_id)
    touch(feedback, actor=actor, now=now)
    detail = {}
    if feedback.profile is not before:
        detail = {"profile_before": before.name, "profile_after": feedback.profile.name}
        _move_milestones(session, feedback, feedback.fed_back_on, before, actor=actor, now=now)
    _audit(session, "feedback_edited", feedback, actor=actor, now=now, **detail)
    return feedback


def _move_milestones(
    session: Session,
    feedback: Feedback,
    before: date | None,
    profile_before: DeadlineProfile,
    *,
    actor: Actor,
    now: datetime,
) -> None:
    """Make or move the inspection's milestones; `before` is what they were computed from."""
    if feedback.inspection is None or feedback.fed_back_on is None:
        return
    ensure_milestones(
        session,
        feedback.inspection,
        feedback.fed_back_on,
        profile=feedback.profile,
        actor=actor,
        now=now,
        before=before,
        profile_before=profile_before,
    )


def set_feedback_date(
    session: Session,
    feedback: Feedback,
    fed_back_on: date,
    *,
    actor: Actor,
    now: datetime,
    is_issued: bool = False,
) -> Feedback:
    """Set the day all deadlines start from, and make or move the inspection's milestones.

    `is_issued`: dated tasks were issued, their clock runs. DomainError for a change then, for a
    day to come, or before the team had left.
    """
    ensure_conducts(actor, feedback.region_id)
    before = feedback.fed_back_on
    _check_date(feedback, fed_back_on, is_issued=is_issued, today=local_date(now))
    feedback.fed_back_on = fed_back_on
    touch(feedback, actor=actor, now=now)
    _move_milestones(session, feedback, before, feedback.profile, actor=actor, now=now)
    detail = {"before": before, "after": fed_back_on}
    _audit(session, "feedback_dated", feedback, actor=actor, now=now, **detail)
    return feedback


def _check_date(feedback: Feedback, day: date, *, is_issued: bool, today: date) -> None:
    if is_issued and day != feedback.fed_back_on:
        raise DomainError("整改任务已下发，反馈日期不能再改。时限有误的，请逐项更正时限。")
    if day > today:
        raise DomainError("反馈日期不能晚于今天，请在反馈之后填写。")
    inspection = feedback.inspection
    if inspection and inspection.onsite_start and day < inspection.onsite_start:
        raise DomainError("反馈日期早于进驻开始日期，请核对。")


def acknowledge_receipt(
    session: Session,
    recipient: FeedbackRecipient,
    acknowledged_on: date,
    *,
    actor: Actor,
    now: datetime,
) -> FeedbackRecipient:
    """Note the day a recipient acknowledged the feedback (签收)."""
    feedback = recipient.feedback
    ensure_conducts(actor, feedback.region_id)
    if feedback.fed_back_on is None:
        raise DomainError("请先填写反馈日期，再登记签收。")
    if acknowledged_on < feedback.fed_back_on:
        raise DomainError("签收日期早于反馈日期，请核对。")
    if acknowledged_on > local_date(now):
        raise DomainError("签收日期不能晚于今天，请核对。")
    recipient.acknowledged_on = acknowledged_on
    touch(recipient, actor=actor, now=now)
    detail = {"recipient": recipient.kind.label, "on": acknowledged_on}
    _audit(session, "feedback_acknowledged", feedback, actor=actor, now=now, **detail)
    return recipient


def _check(
    session: Session, region_id: int, draft: FeedbackDraft, *, feedback_id: int | None
) -> None:
    profile = session.get(DeadlineProfile, draft.profile_id)
    if profile is None or profile.region_id != region_id:
        raise NotVisibleError
    same = select(Feedback.id).where(Feedback.region_id == region_id, Feedback.code == draft.code)
    if session.scalar(same) not in (None, feedback_id):
        raise DomainError(f"反馈代码“{draft.code}”已被使用，请换一个。")


def _inspection(session: Session, region_id: int, inspection_id: int | None) -> Inspection | None:
    if inspection_id is None:
        return None
    inspection = session.get(Inspection, inspection_id)
    if inspection is None or inspection.conducting_region_id != region_id:
        raise NotVisibleError
    return inspection


def _audit(
    session: Session,
    action: str,
    feedback: Feedback,
    *,
    actor: Actor,
    now: datetime,
    **detail: object,
) -> None:
    record(
        session,
        action,
        actor=actor,
        now=now,
        object_type="feedback",
        object_id=feedback.id,
        detail={"code": feedback.code, **detail},
    )
