"""A round put together from the units that coverage still wants (全覆盖规划)."""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from tracker.audit.service import record
from tracker.kernel.clock import local_date
from tracker.kernel.db import born, touch
from tracker.kernel.errors import DomainError, NotVisibleError
from tracker.kernel.permissions import Actor
from tracker.organizations.queries import pickable_units
from tracker.rounds.coverage_queries import holds_on
from tracker.rounds.models import CoverageTarget, Inspection, Round
from tracker.rounds.service.planning import RoundDraft, plan_round


def draft_round(
    session: Session,
    region_id: int,
    draft: RoundDraft,
    unit_ids: Collection[int],
    *,
    actor: Actor,
    now: datetime,
) -> Round:
    """Take in a round that is being prepared, with a planned inspection of each unit.

    DomainError without units; NotVisibleError for one the office may not name. The inspections
    have no dates yet, so that no figure counts them.
    """
    if not unit_ids:
        raise DomainError("请至少选择一个单位。")
    targets = _targets(session, draft.term_id, unit_ids, now=now)
    allowed = {unit.id for unit in pickable_units(session, region_id, today=local_date(now))}
    if not set(unit_ids) <= allowed | {target.unit_id for target in targets}:
        raise NotVisibleError
    tour = plan_round(session, region_id, draft, actor=actor, now=now)
    session.add_all(
        Inspection(
            round_id=tour.id,
            unit_id=unit_id,
            conducting_region_id=region_id,
            kind=draft.kind,
            **born(actor=actor, now=now),
        )
        for unit_id in sorted(set(unit_ids))
    )
    for target in targets:
        target.planned_round_id = tour.id
        touch(target, actor=actor, now=now)
    _audit(session, tour, len(set(unit_ids)), actor=actor, now=now)
    return tour


def _targets(
    session: Session, term_id: int, unit_ids: Collection[int], *, now: datetime
) -> list[CoverageTarget]:
    query = select(CoverageTarget).where(
        CoverageTarget.term_id == term_id,
        CoverageTarget.unit_id.in_(unit_ids),
        holds_on(CoverageTarget, local_date(now)),
    )
    return list(session.scalars(query))


def _audit(session: Session, tour: Round, units: int, *, actor: Actor, now: datetime) -> None:
    record(
        session,
        "round_drafted",
        actor=actor,
        now=now,
        object_type="round",
        object_id=tour.id,
        detail={"code": tour.code, "units": units},
    )
