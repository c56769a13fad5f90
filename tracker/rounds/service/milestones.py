"""节点 of an inspection."""

from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from tracker.audit.service import record
from tracker.files.models import StoredFile
from tracker.kernel.clock import local_date
from tracker.kernel.db import born, touch
from tracker.kernel.errors import DomainError
from tracker.kernel.permissions import Actor
from tracker.organizations.scope import ensure_conducts
from tracker.rounds.deadlines import PlannedMilestone, Profile, planned_milestones
from tracker.rounds.models import Inspection, Milestone, MilestoneEvent
from tracker.rounds.rules import MilestoneEventKind, MilestoneKind
from tracker.workdays.queries import load_calendar

NO_LONGER_ASKED = "时限方案变更后不再需要"


def ensure_milestones(
    session: Session,
    inspection: Inspection,
    fed_back_on: date,
    *,
    profile: Profile,
    actor: Actor,
    now: datetime,
    before: date | None = None,
    profile_before: Profile | None = None,
) -> list[Milestone]:
    """Return the inspection's milestones, the missing ones made after the profile.

    `before` and `profile_before` (if it was another) are what they were computed from so far: a
    due date that still stands as computed moves along, one that somebody typed stays. What the
    profile no longer asks for is exempt, and wanted again when one asks for it again.
    """
    calendar = load_calendar(session)
    was = planned_milestones(before, profile_before or profile, calendar) if before else ()
    old = {(planned.kind, planned.seq): planned for planned in was}
    rows = session.scalars(select(Milestone).where(Milestone.inspection_id == inspection.id))
    have = {(row.kind, row.seq): row for row in rows}
    new = planned_milestones(fed_back_on, profile, calendar)
    for key in old.keys() & have.keys() - {(planned.kind, planned.seq) for planned in new}:
        _drop(have[key], old[key], actor=actor, now=now)
    for planned in new:
        key = (planned.kind, planned.seq)
        if key in have:
            _move(have[key], old.get(key), planned, actor=actor, now=now)
        else:
            have[key] = _make(session, inspection, planned, actor=actor, now=now)
    session.flush()  # the caller may list them at once
    return list(have.values())


def _make(
    session: Session,
    inspection: Inspection,
    planned: PlannedMilestone,
    *,
    actor: Actor,
    now: datetime,
) -> Milestone:
    row = Milestone(
        inspection_id=inspection.id,
        kind=planned.kind,
        seq=planned.seq,
        due_on=planned.due_on,
        done_on=planned.done_on,
        **born(actor=actor, now=now),
    )
    session.add(row)
    return row


def _move(
    row: Milestone,
    old: PlannedMilestone | None,
    planned: PlannedMilestone,
    *,
    actor: Actor,
    now: datetime,
) -> None:
    if row.exempt_reason == NO_LONGER_ASKED:
        row.exempt_reason, row.due_on = None, planned.due_on
        touch(row, actor=actor, now=now)
        return
    if old is None or (row.due_on, row.done_on) != (old.due_on, old.done_on):
        return
    if (row.due_on, row.done_on) != (planned.due_on, planned.done_on):
        row.due_on, row.done_on = planned.due_on, planned.done_on
        touch(row, actor=actor, now=now)


def _drop(row: Milestone, old: PlannedMilestone, *, actor: Actor, now: datetime) -> None:
    if row.exempt_reason is None and (row.due_on, row.done_on) == (old.due_on, old.done_on):
        row.exempt_reason = NO_LONGER_ASKED
        touch(row, actor=actor, now=now)


def edit_milestone(
    session: Session,
    milestone: Milestone,
    *,
    due_on: date | None,
    done_on: date | None,
    exempt_reason: str | None,
    file: StoredFile | None = None,
    actor: Actor,
    now: datetime,
) -> Milestone:
    """Set a milestone's due date, note it done, exempt it with a reason, attach its document.

    What was registered is taken back with a reason only (`undo_milestone`), never by emptying it.
    """
    ensure_conducts(actor, milestone.inspection.conducting_region_id)
    exempt_reason = exempt_reason or None
    _check(milestone, done_on, exempt_reason, file, today=local_date(now))
    kind = _what_changes(milestone, done_on, exempt_reason, file)
    milestone.due_on, milestone.done_on = due_on, done_on
    milestone.exempt_reason, milestone.file = exempt_reason, file or milestone.file
    touch(milestone, actor=actor, now=now)
    if kind is not None:
        _add_event(milestone, kind, actor=actor, now=now, reason=exempt_reason, file=file)
    _record(session, "milestone_edited", milestone, actor=actor, now=now, due_on=due_on, file=file)
    return milestone


def _check(
    milestone: Milestone,
    done_on: date | None,
    exempt_reason: str | None,
    file: StoredFile | None,
    *,
    today: date,
) -> None:
    if done_on is not None and exempt_reason:
        raise DomainError("已完成的节点不需要免除，请只填一项。")
    if done_on is not None and done_on > today:
        raise DomainError("完成日期不能晚于今天，请核对。")
    if (milestone.done_on and not done_on) or (milestone.exempt_reason and not exempt_reason):
        raise DomainError("已登记完成或免除的节点，请用“撤销登记”并写明理由，不能直接清空。")
    if file is not None and done_on is None and not exempt_reason:
        raise DomainError("请先填写完成日期（或免除原因），再附材料。")


def _what_changes(
    milestone: Milestone, done_on: date | None, exempt_reason: str | None, file: StoredFile | None
) -> MilestoneEventKind | None:
    if done_on != milestone.done_on:
        return MilestoneEventKind.DONE
    if exempt_reason != milestone.exempt_reason:
        return MilestoneEventKind.EXEMPTED
    return MilestoneEventKind.FILE_ATTACHED if file is not None else None


def undo_milestone(
    session: Session, milestone: Milestone, reason: str, *, actor: Actor, now: datetime
) -> Milestone:
    """撤销登记: the milestone is open again; its document stays in the history."""
    ensure_conducts(actor, milestone.inspection.conducting_region_id)
    if milestone.done_on is None and not milestone.exempt_reason:
        raise DomainError("这个节点还没有登记完成或免除，不需要撤销。请刷新页面。")
    if not reason.strip():
        raise DomainError("请写明撤销登记的理由。")
    milestone.done_on = milestone.exempt_reason = milestone.file = None
    touch(milestone, actor=actor, now=now)
    _add_event(milestone, MilestoneEventKind.UNDONE, actor=actor, now=now, reason=reason.strip())
    _record(session, "milestone_undone", milestone, actor=actor, now=now, reason=reason.strip())
    return milestone


def inspection_id_of(session: Session, round_id: int | None, unit_id: int) -> int | None:
    """Return the inspection of a unit in a round; None where feedback is not of a round of ours."""
    query = select(Inspection.id).where(
        Inspection.round_id == round_id, Inspection.unit_id == unit_id
    )
    return session.scalar(query)


def complete_milestone(
    session: Session,
    inspection_id: int,
    kind: MilestoneKind,
    *,
    seq: int = 1,
    done_on: date,
    file: StoredFile | None,
    actor: Actor,
    now: datetime,
) -> Milestone | None:
    """Note that what the unit owed is in. What is done or exempt stays as it is.

    Whoever hands in, signs or accepts it does this, so the office's own right is not asked for.
    """
    row = session.scalar(
        select(Milestone).where(
            Milestone.inspection_id == inspection_id,
            Milestone.kind == kind,
            Milestone.seq == seq,
            Milestone.done_on.is_(None),
            Milestone.exempt_reason.is_(None),
        )
    )
    if row is None:
        return None
    row.done_on, row.file = done_on, row.file or file
    touch(row, actor=actor, now=now)
    _add_event(row, MilestoneEventKind.DONE, actor=actor, now=now, file=file)
    _record(session, "milestone_done", row, actor=actor, now=now)
    return row


def _add_event(
    milestone: Milestone,
    kind: MilestoneEventKind,
    *,
    actor: Actor,
    now: datetime,
    reason: str | None = None,
    file: StoredFile | None = None,
) -> None:
    milestone.events.append(
        MilestoneEvent(
            kind=kind,
            done_on=milestone.done_on,
            recorded_at=now,
            actor=actor.label,
            actor_user_id=actor.user_id,
            reason=reason,
            file=file,
        )
    )


def _record(
    session: Session,
    action: str,
    milestone: Milestone,
    *,
    actor: Actor,
    now: datetime,
    file: StoredFile | None = None,
    **detail: object,
) -> None:
    more = {"sha256": file.sha256, "name": file.original_name} if file is not None else {}
    record(
        session,
        action,
        actor=actor,
        now=now,
        object_type="milestone",
        object_id=milestone.id,
        detail={
            "kind": milestone.kind.value,
            "seq": milestone.seq,
            "done_on": milestone.done_on,
            **more,
            **detail,
        },
    )
