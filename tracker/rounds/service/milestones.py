"""节点 of an inspection."""

from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from tracker.audit.service import record
from tracker.kernel.clock import local_date
from tracker.kernel.db import born, touch
from tracker.kernel.errors import DomainError
from tracker.kernel.permissions import Actor
from tracker.organizations.scope import ensure_conducts
from tracker.rounds.deadlines import PlannedMilestone, Profile, planned_milestones
from tracker.rounds.models import Inspection, Milestone
from tracker.rounds.rules import MilestoneKind
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
    actor: Actor,
    now: datetime,
) -> Milestone:
    """Set a milestone's due date, note it done, or exempt it with a reason."""
    ensure_conducts(actor, milestone.inspection.conducting_region_id)
    if done_on is not None and exempt_reason:
        raise DomainError("已完成的节点不需要免除，请只填一项。")
    if done_on is not None and done_on > local_date(now):
        raise DomainError("完成日期不能晚于今天，请核对。")
    milestone.due_on, milestone.done_on = due_on, done_on
    milestone.exempt_reason = exempt_reason or None
    touch(milestone, actor=actor, now=now)
    record(
        session,
        "milestone_edited",
        actor=actor,
        now=now,
        object_type="milestone",
        object_id=milestone.id,
        detail={"kind": milestone.kind.value, "due_on": due_on, "done_on": done_on},
    )
    return milestone


def complete_monthly_report(
    session: Session,
    inspection_id: int,
    number: int,
    *,
    done_on: date,
    file_id: int | None,
    actor: Actor,
    now: datetime,
) -> Milestone | None:
    """Note that the unit's nth monthly report is in. What is done or exempt stays as it is.

    Whoever hands in or signs the report does this, so the office's own right is not asked for.
    """
    row = session.scalar(
        select(Milestone).where(
            Milestone.inspection_id == inspection_id,
            Milestone.kind == MilestoneKind.MONTHLY_REPORT,
            Milestone.seq == number,
            Milestone.done_on.is_(None),
            Milestone.exempt_reason.is_(None),
        )
    )
    if row is None:
        return None
    row.done_on, row.file_id = done_on, row.file_id or file_id
    touch(row, actor=actor, now=now)
    record(
        session,
        "milestone_done",
        actor=actor,
        now=now,
        object_type="milestone",
        object_id=row.id,
        detail={"kind": row.kind.value, "seq": number, "done_on": done_on},
    )
    return row
