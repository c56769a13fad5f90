"""人员变动交接: prepared, confirmed on or after the day, acknowledged by whoever arrived."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from tracker.audit.service import record
from tracker.files.models import StoredFile
from tracker.handover.models import PostChange, PostChangeItem
from tracker.handover.queries.posts import OpenItem, open_items
from tracker.handover.rules import (
    FEEDBACK_AGAIN_WORKDAYS,
    AcknowledgeWay,
    ChangeState,
    feedback_again_due,
    passing_days,
)
from tracker.kernel.clock import local_date
from tracker.kernel.db import born, touch
from tracker.kernel.errors import DomainError, NotVisibleError
from tracker.kernel.permissions import Actor
from tracker.kernel.settings import get_setting, region_scope
from tracker.organizations.scope import ensure_conducts
from tracker.people.models import PostHolding
from tracker.people.posts import known_person, pass_holding
from tracker.people.rules import PostKind
from tracker.rectification.models import TaskDuty
from tracker.rectification.service.duties import pass_duty
from tracker.workdays.queries import load_calendar
from tracker.workdays.rules import DateMove, WorkCalendar

FEEDBACK_AGAIN = "feedback_again_workdays"


@dataclass(frozen=True, kw_only=True)
class ChangeDraft:
    """A change of post as typed; the leaving person and the post come from the holding."""

    name: str
    mobile: str | None
    effective_on: date
    note: str | None = None


def prepare_change(
    session: Session, holding: PostHolding, draft: ChangeDraft, *, actor: Actor, now: datetime
) -> PostChange:
    """Note who leaves a post and who comes. Nothing moves before it is confirmed."""
    unit = holding.post.unit
    ensure_conducts(actor, unit.region_id)
    _check_prepared(session, holding, draft)
    arriving = known_person(
        session, unit.region_id, draft.name, mobile=draft.mobile, actor=actor, now=now
    )
    if arriving.id == holding.person_id:
        raise DomainError("接任的人与离任的人相同，请核对姓名和手机号。")
    change = PostChange(
        region_id=unit.region_id,
        unit=unit,
        post=holding.post,
        holding=holding,
        leaving=holding.person,
        arriving=arriving,
        effective_on=draft.effective_on,
        note=draft.note,
        state=ChangeState.PREPARED,
        **born(actor=actor, now=now),
    )
    session.add(change)
    session.flush()  # the audit entry names the id
    _audit(session, "post_change_prepared", change, actor=actor, now=now)
    return change


def _check_prepared(session: Session, holding: PostHolding, draft: ChangeDraft) -> None:
    if holding.to_on is not None:
        raise DomainError(f"“{holding.person.name}”已于 {holding.to_on.isoformat()} 卸任。")
    if draft.effective_on <= holding.from_on:
        raise DomainError(f"变动日期应晚于任职日期（{holding.from_on.isoformat()}）。")
    under_way = select(PostChange.id).where(
        PostChange.holding_id == holding.id, PostChange.state == ChangeState.PREPARED
    )
    if session.scalar(under_way) is not None:
        raise DomainError("这一职务已有一份交接待确认，请从“人员变动”中打开办理。")


def confirm_change(
    session: Session,
    change: PostChange,
    kept: Collection[int],
    *,
    actor: Actor,
    now: datetime,
) -> PostChange:
    """Let the post pass: duties end for the one and begin for the other on the day.

    `kept` are ids of duties that stay with the leaving person. The list is written down as it is
    now; what anybody did before stays under their name.
    """
    ensure_conducts(actor, change.region_id)
    _ensure_state(change, ChangeState.PREPARED)
    if change.effective_on > local_date(now):
        raise DomainError(f"变动自 {change.effective_on.isoformat()} 起生效，请到当天再确认交接。")
    for item in open_items(session, change.post, change.leaving):
        is_kept = item.duty is not None and item.duty.id in kept
        passed = None if is_kept else _passed(session, change, item, actor=actor, now=now)
        session.flush()  # the line points at the new duty
        session.add(_line(change, item, passed, is_kept=is_kept))
    pass_holding(
        session, change.holding, change.arriving, change.effective_on, actor=actor, now=now
    )
    change.state, change.confirmed_on = ChangeState.CONFIRMED, local_date(now)
    change.confirmed_by = actor.label
    if change.post.kind is PostKind.HEAD:
        days = _workdays_allowed(session, change.region_id)
        change.feedback_again_due = feedback_again_due(
            change.effective_on, days, load_calendar(session)
        )
    touch(change, actor=actor, now=now)
    _audit(session, "post_change_confirmed", change, actor=actor, now=now)
    return change


def _passed(
    session: Session, change: PostChange, item: OpenItem, *, actor: Actor, now: datetime
) -> TaskDuty | None:
    if item.duty is None:
        return None
    days = passing_days(item.duty.from_on, change.effective_on)
    return pass_duty(session, item.duty, change.arriving, days, actor=actor, now=now)


def _line(
    change: PostChange, item: OpenItem, passed: TaskDuty | None, *, is_kept: bool
) -> PostChangeItem:
    return PostChangeItem(
        change_id=change.id,
        kind=item.kind,
        label=item.label,
        task_id=item.task.id if item.task else None,
        old_duty_id=item.duty.id if item.duty else None,
        new_duty_id=passed.id if passed else None,
        document_id=item.document_id,
        letter_id=item.letter_id,
        is_kept=is_kept,
    )


def _workdays_allowed(session: Session, region_id: int) -> int:
    """Return within how many working days a region's new heads hear the feedback again."""
    default = str(FEEDBACK_AGAIN_WORKDAYS)
    return int(get_setting(session, FEEDBACK_AGAIN, default, scope=region_scope(region_id)))


def stale_feedback_again(
    session: Session, before: WorkCalendar, after: WorkCalendar
) -> list[tuple[PostChange, DateMove]]:
    """Return whose 再反馈, still to come and due as computed, another calendar moves."""
    query = select(PostChange).where(
        PostChange.feedback_again_due.is_not(None), PostChange.feedback_again_on.is_(None)
    )
    found = []
    allowed: dict[int, int] = {}
    for change in session.scalars(query.options(joinedload(PostChange.unit))):
        if change.region_id not in allowed:
            allowed[change.region_id] = _workdays_allowed(session, change.region_id)
        days = allowed[change.region_id]
        was, is_now = (feedback_again_due(change.effective_on, days, c) for c in (before, after))
        if change.feedback_again_due == was != is_now:
            move = DateMove(
                region_id=change.region_id,
                object_type="post_change",
                object_id=change.id,
                name=f"{change.unit.short_name} 再反馈",
                before=was,
                after=is_now,
            )
            found.append((change, move))
    return found


def cancel_change(session: Session, change: PostChange, *, actor: Actor, now: datetime) -> None:
    """Drop a change that was not confirmed; nothing has moved."""
    ensure_conducts(actor, change.region_id)
    _ensure_state(change, ChangeState.PREPARED)
    change.state = ChangeState.CANCELLED
    touch(change, actor=actor, now=now)
    _audit(session, "post_change_cancelled", change, actor=actor, now=now)


def acknowledge_change(
    session: Session, change: PostChange, *, actor: Actor, now: datetime
) -> PostChange:
    """已知悉并接收, by whoever arrived and nobody else."""
    if actor.person_id != change.arriving_id or actor.unit_id != change.unit_id:
        raise NotVisibleError
    return _acknowledge(
        session, change, AcknowledgeWay.ONLINE, local_date(now), actor=actor, now=now
    )


def acknowledge_on_paper(
    session: Session,
    change: PostChange,
    on: date,
    scan: StoredFile | None,
    *,
    actor: Actor,
    now: datetime,
) -> PostChange:
    """代录: the office notes that the list was signed on paper, with its scan where there is one."""
    ensure_conducts(actor, change.region_id)
    if on > local_date(now) or on < change.effective_on:
        raise DomainError("签收日期应在变动日期之后，不能晚于今天。")
    if scan is not None:
        session.add(scan)
        session.flush()  # the change points at its id
        change.file_id = scan.id
    return _acknowledge(session, change, AcknowledgeWay.PAPER, on, actor=actor, now=now)


def _acknowledge(
    session: Session,
    change: PostChange,
    way: AcknowledgeWay,
    on: date,
    *,
    actor: Actor,
    now: datetime,
) -> PostChange:
    _ensure_state(change, ChangeState.CONFIRMED)
    change.state, change.way = ChangeState.ACKNOWLEDGED, way
    change.acknowledged_on, change.acknowledged_at = on, now
    change.acknowledged_by = actor.label
    touch(change, actor=actor, now=now)
    _audit(session, f"post_change_acknowledged_{way.value}", change, actor=actor, now=now)
    return change


def note_feedback_again(
    session: Session, change: PostChange, on: date, *, actor: Actor, now: datetime
) -> None:
    """再反馈: a new head has heard the feedback again."""
    ensure_conducts(actor, change.region_id)
    if change.feedback_again_due is None:
        raise DomainError("只有主要负责人变动需要再反馈，确认交接后登记。")
    if not change.effective_on <= on <= local_date(now):
        raise DomainError("再反馈日期应在变动日期之后，不能晚于今天。")
    change.feedback_again_on = on
    touch(change, actor=actor, now=now)
    _audit(session, "feedback_given_again", change, actor=actor, now=now)


def _ensure_state(change: PostChange, state: ChangeState) -> None:
    if change.state is not state:
        raise DomainError(f"这份交接现在是“{change.state.label}”。请刷新页面，查看最新情况。")


def _audit(
    session: Session, action: str, change: PostChange, *, actor: Actor, now: datetime
) -> None:
    record(
        session,
        action,
        actor=actor,
        now=now,
        object_type="post_change",
        object_id=change.id,
        detail={
            "unit": change.unit_id,
            "post": change.post_id,
            "leaving": change.leaving_id,
            "arriving": change.arriving_id,
            "effective_on": change.effective_on.isoformat(),
        },
    )
