"""一个单位在一轮中的巡察."""

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from tracker.audit.service import record
from tracker.kernel.clock import local_date
from tracker.kernel.db import born, touch
from tracker.kernel.errors import DomainError, NotVisibleError
from tracker.kernel.permissions import Actor
from tracker.organizations.models import Unit
from tracker.organizations.scope import ensure_conducts
from tracker.rounds.models import Batch, Inspection, Round, Team
from tracker.rounds.queries import inspectable_units
from tracker.rounds.rules import RoundKind, batch_name


@dataclass(frozen=True, kw_only=True)
class InspectionDraft:
    """An inspection as typed. Team by its name, batch by its number; new ones are taken in."""

    unit_id: int
    kind: RoundKind
    team: str = ""
    batch_seq: int | None = None
    counts_for_coverage: bool = True
    onsite_start: date | None = None
    onsite_end: date | None = None


def add_inspection(
    session: Session, tour: Round, draft: InspectionDraft, *, actor: Actor, now: datetime
) -> Inspection:
    """Take a unit into a round. DomainError when it is in already, or the dates are wrong."""
    ensure_conducts(actor, tour.region_id)
    _check_unit(session, tour, draft.unit_id, now=now)
    _check_draft(session, tour, draft, inspection_id=None)
    inspection = Inspection(
        round_id=tour.id, conducting_region_id=tour.region_id, **born(actor=actor, now=now)
    )
    _write(session, inspection, tour, draft, actor=actor, now=now)
    session.add(inspection)
    session.flush()  # the audit entry names the id
    _audit(session, "inspection_added", inspection, actor=actor, now=now)
    return inspection


def edit_inspection(
    session: Session, inspection: Inspection, draft: InspectionDraft, *, actor: Actor, now: datetime
) -> Inspection:
    """Change an inspection. The unit stays once the inspection has milestones, thus feedback."""
    ensure_conducts(actor, inspection.conducting_region_id)
    tour = inspection.round
    if draft.unit_id != inspection.unit_id:
        if inspection.milestones:
            raise DomainError("该单位已反馈，不能换成别的单位。请另行添加巡察对象。")
        _check_unit(session, tour, draft.unit_id, now=now)
    _check_draft(session, tour, draft, inspection_id=inspection.id)
    _write(session, inspection, tour, draft, actor=actor, now=now)
    touch(inspection, actor=actor, now=now)
    _audit(session, "inspection_edited", inspection, actor=actor, now=now)
    return inspection


def _check_unit(session: Session, tour: Round, unit_id: int, *, now: datetime) -> None:
    units = inspectable_units(session, tour, today=local_date(now))
    if unit_id not in {unit.id for unit in units}:
        raise NotVisibleError


def _check_draft(
    session: Session, tour: Round, draft: InspectionDraft, *, inspection_id: int | None
) -> None:
    if draft.onsite_end and not draft.onsite_start:
        raise DomainError("请先填写进驻开始日期。")
    if draft.onsite_start and draft.onsite_end and draft.onsite_end < draft.onsite_start:
        raise DomainError("进驻结束日期早于开始日期，请核对。")
    same = select(Inspection.id).where(
        Inspection.round_id == tour.id, Inspection.unit_id == draft.unit_id
    )
    if session.scalar(same) not in (None, inspection_id):
        name = session.get_one(Unit, draft.unit_id).name
        raise DomainError(f"“{name}”已在本轮中，请从列表中打开修改。")


def _write(
    session: Session,
    inspection: Inspection,
    tour: Round,
    draft: InspectionDraft,
    *,
    actor: Actor,
    now: datetime,
) -> None:
    inspection.unit_id, inspection.kind = draft.unit_id, draft.kind
    inspection.counts_for_coverage = draft.counts_for_coverage
    inspection.onsite_start, inspection.onsite_end = draft.onsite_start, draft.onsite_end
    inspection.team_id = _team_id(session, tour, draft.team, actor=actor, now=now)
    inspection.batch_id = _batch_id(session, tour, draft.batch_seq, actor=actor, now=now)


def _team_id(
    session: Session, tour: Round, name: str, *, actor: Actor, now: datetime
) -> int | None:
    if not name:
        return None
    found = session.scalar(select(Team.id).where(Team.round_id == tour.id, Team.name == name))
    if found is not None:
        return found
    team = Team(round_id=tour.id, name=name, **born(actor=actor, now=now))
    session.add(team)
    session.flush()  # the inspection points at its id
    return team.id


def _batch_id(
    session: Session, tour: Round, seq: int | None, *, actor: Actor, now: datetime
) -> int | None:
    if seq is None:
        return None
    found = session.scalar(select(Batch.id).where(Batch.round_id == tour.id, Batch.seq == seq))
    if found is not None:
        return found
    batch = Batch(round_id=tour.id, seq=seq, name=batch_name(seq), **born(actor=actor, now=now))
    session.add(batch)
    session.flush()  # the inspection points at its id
    return batch.id


def _audit(
    session: Session, action: str, inspection: Inspection, *, actor: Actor, now: datetime
) -> None:
    record(
        session,
        action,
        actor=actor,
        now=now,
        object_type="inspection",
        object_id=inspection.id,
        detail={"round": inspection.round_id, "unit": inspection.unit_id},
    )
