"""Load terms, rounds, inspections and profiles: only what this person may see."""

from datetime import date
from typing import TypeVar

from sqlalchemy import ColumnElement, Select, and_, false, func, or_, select
from sqlalchemy.orm import Session, joinedload, selectinload

from tracker.kernel.errors import DomainError, NotVisibleError
from tracker.kernel.permissions import Actor
from tracker.organizations.models import Region, Unit
from tracker.organizations.queries import pickable_units, units_of_regions
from tracker.organizations.scope import conducts, sees
from tracker.rounds.models import (
    Batch,
    DeadlineProfile,
    Inspection,
    Milestone,
    MilestoneEvent,
    Round,
    Team,
    Term,
)
from tracker.rounds.rules import RoundMode

Found = TypeVar("Found")


def list_terms(session: Session, *, actor: Actor) -> list[Term]:
    """Return the region's terms, the newest first."""
    query = select(Term).where(conducts(actor, region=Term.region_id))
    return list(session.scalars(query.order_by(Term.number.desc(), Term.id)))


def list_rounds(session: Session, *, actor: Actor) -> list[Round]:
    """Return the region's rounds, the newest first."""
    query = (
        select(Round)
        .where(conducts(actor, region=Round.region_id))
        .options(joinedload(Round.term), selectinload(Round.modes))
        .join(Round.term)
        .order_by(Term.number.desc(), Round.seq.desc(), Round.id)
    )
    return list(session.scalars(query))


def list_profiles(session: Session, *, actor: Actor) -> list[DeadlineProfile]:
    """Return the region's deadline profiles in the order they were made."""
    query = select(DeadlineProfile).where(conducts(actor, region=DeadlineProfile.region_id))
    return list(session.scalars(query.order_by(DeadlineProfile.id)))


def get_term(session: Session, term_id: int, *, actor: Actor) -> Term:
    """Return a term of the actor's office."""
    query = select(Term).where(Term.id == term_id, conducts(actor, region=Term.region_id))
    return _one(session, query)


def get_profile(session: Session, profile_id: int, *, actor: Actor) -> DeadlineProfile:
    """Return a deadline profile of the actor's office."""
    own = conducts(actor, region=DeadlineProfile.region_id)
    return _one(session, select(DeadlineProfile).where(DeadlineProfile.id == profile_id, own))


def get_round(session: Session, round_id: int, *, actor: Actor) -> Round:
    """Return a round of the actor's office."""
    query = (
        select(Round)
        .where(Round.id == round_id, conducts(actor, region=Round.region_id))
        .options(joinedload(Round.term), joinedload(Round.profile), selectinload(Round.modes))
    )
    return _one(session, query)


def round_by_code(session: Session, reference: str, *, actor: Actor) -> Round:
    """Return the round of REGION/CODE, or of a bare code where only one region has it.

    DomainError names the candidates when there is none, or more than one.
    """
    region_code, _, code = reference.rpartition("/")
    query = (
        select(Round)
        .join(Round.region)
        .where(conducts(actor, region=Round.region_id))
        .options(joinedload(Round.region), joinedload(Round.term), joinedload(Round.profile))
        .order_by(Region.sort_no, Round.id)
    )
    narrowed = query.where(Round.code == code)
    if region_code:
        narrowed = narrowed.where(Region.code == region_code)
    found = list(session.scalars(narrowed))
    if len(found) == 1:
        return found[0]
    candidates = found or list(session.scalars(query.limit(20)))
    codes = "、".join(f"{tour.region.code}/{tour.code}" for tour in candidates)
    if found:
        raise DomainError(f"代码“{reference}”对应多个轮次，请写全：{codes}。")
    raise DomainError(f"没有代码为“{reference}”的轮次，可选：{codes or '（还没有轮次）'}。")


def visible_inspections(actor: Actor) -> ColumnElement[bool]:
    """Return the condition under which the actor sees an inspection."""
    return sees(actor, region=Inspection.conducting_region_id, unit=Inspection.unit_id)


def get_inspection(
    session: Session, inspection_id: int, *, actor: Actor, to_change: bool = False
) -> Inspection:
    """Return an inspection the actor may see, or (`to_change`) whose office conducts it."""
    allowed = (
        conducts(actor, region=Inspection.conducting_region_id)
        if to_change
        else visible_inspections(actor)
    )
    query = (
        select(Inspection)
        .where(Inspection.id == inspection_id, allowed)
        .options(
            joinedload(Inspection.unit).joinedload(Unit.region),
            joinedload(Inspection.round).joinedload(Round.region),
            joinedload(Inspection.team),
            joinedload(Inspection.batch),
            selectinload(Inspection.milestones).joinedload(Milestone.file),
        )
    )
    return _one(session, query)


def inspections_of(session: Session, tour: Round) -> list[Inspection]:
    """Return a round's inspections in the units' printed order."""
    query = (
        select(Inspection)
        .join(Inspection.unit)
        .where(Inspection.round_id == tour.id)
        .options(
            joinedload(Inspection.unit).joinedload(Unit.region),
            joinedload(Inspection.team),
            joinedload(Inspection.batch),
        )
        .order_by(Unit.sort_no, Unit.id)
    )
    return list(session.scalars(query))


def count_inspections(session: Session, *, actor: Actor) -> dict[int, int]:
    """Return how many units each round of the region inspects, by round id."""
    query = (
        select(Inspection.round_id, func.count())
        .where(conducts(actor, region=Inspection.conducting_region_id))
        .group_by(Inspection.round_id)
    )
    return {row[0]: row[1] for row in session.execute(query)}


def get_milestone(session: Session, milestone_id: int, *, actor: Actor) -> Milestone:
    """Return a milestone of an inspection that the actor's office conducts."""
    query = (
        select(Milestone)
        .join(Milestone.inspection)
        .where(Milestone.id == milestone_id)
        .where(conducts(actor, region=Inspection.conducting_region_id))
        .options(joinedload(Milestone.inspection).joinedload(Inspection.unit))
    )
    return _one(session, query)


def read_milestone(session: Session, milestone_id: int, *, actor: Actor) -> Milestone:
    """Return a milestone of an inspection that the actor sees, with its document and history."""
    query = (
        select(Milestone)
        .join(Milestone.inspection)
        .where(Milestone.id == milestone_id, visible_inspections(actor))
        .options(
            joinedload(Milestone.inspection).joinedload(Inspection.unit),
            joinedload(Milestone.file),
            selectinload(Milestone.events).joinedload(MilestoneEvent.file),
        )
    )
    return _one(session, query)


def read_milestone_event(session: Session, event_id: int, *, actor: Actor) -> MilestoneEvent:
    """Return a line of the history of a milestone that the actor sees."""
    query = (
        select(MilestoneEvent)
        .join(MilestoneEvent.milestone)
        .join(Milestone.inspection)
        .where(MilestoneEvent.id == event_id, visible_inspections(actor))
        .options(joinedload(MilestoneEvent.file))
    )
    return _one(session, query)


def inspectable_units(session: Session, tour: Round, *, today: date) -> list[Unit]:
    """Return the units a round may inspect: those its office may name; for 提级 all units of its
    counties, for 交叉 those of its neighbours under the same city."""
    units = pickable_units(session, tour.region_id, today=today)
    modes = {choice.mode for choice in tour.modes}
    beyond: ColumnElement[bool] = false()
    if RoundMode.UPGRADED in modes:
        beyond = or_(beyond, Region.parent_id == tour.region_id)
    if RoundMode.CROSS in modes and tour.region.parent_id is not None:
        neighbour = Region.parent_id == tour.region.parent_id
        beyond = or_(beyond, and_(neighbour, Region.id != tour.region_id))
    if not {RoundMode.UPGRADED, RoundMode.CROSS} & modes:
        return units
    known = {unit.id for unit in units}
    others = units_of_regions(session, beyond, today=today)
    return units + [unit for unit in others if unit.id not in known]


def teams_of(session: Session, round_id: int) -> list[Team]:
    """Return a round's teams by name."""
    return list(session.scalars(select(Team).where(Team.round_id == round_id).order_by(Team.name)))


def batches_of(session: Session, round_id: int) -> list[Batch]:
    """Return a round's batches in order."""
    query = select(Batch).where(Batch.round_id == round_id).order_by(Batch.seq)
    return list(session.scalars(query))


def _one(session: Session, query: Select[Found]) -> Found:
    found = session.scalar(query)
    if found is None:
        raise NotVisibleError
    return found
