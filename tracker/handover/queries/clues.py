"""Clues as counts, for the office whose they are; and who may open a detail."""

from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import ColumnElement, and_, case, func, select
from sqlalchemy.orm import Session, joinedload, selectinload

from tracker.feedback.models import Feedback
from tracker.handover.models import Clue, ClueCount, ClueDetail, ClueGrant
from tracker.handover.rules import ClueKind, ClueMeasure
from tracker.kernel.errors import NotVisibleError
from tracker.kernel.permissions import GRANTS, Actor, Permission, may
from tracker.kernel.settings import get_setting, region_scope
from tracker.organizations.scope import conducts
from tracker.people.models import User
from tracker.people.queries import USER_PARTS
from tracker.rounds.models import Inspection, Round, Term

CLUES_ON, DETAIL_ON = "clues_on", "clue_detail_on"
LIST_SIZE = 500
REMIND_BEFORE = timedelta(days=30)
READERS = [role for role, granted in GRANTS.items() if Permission.CLUE_READ in granted]


def is_switched_on(session: Session, key: str, region_id: int | None) -> bool:
    """Return whether the module, or its detail, is switched on in a region. Off by default."""
    return region_id is not None and (
        get_setting(session, key, "0", scope=region_scope(region_id)) == "1"
    )


def ensure_clues_on(session: Session, *, actor: Actor) -> None:
    """Answer like a page that does not exist where the module is off."""
    if not is_switched_on(session, CLUES_ON, actor.region_id):
        raise NotVisibleError


def may_open_details(session: Session, *, actor: Actor, today: date) -> bool:
    """Return whether this person, by name and on this day, may open clues' detail."""
    if actor.user_id is None or not may(actor, Permission.CLUE_READ):
        return False
    if not all(is_switched_on(session, key, actor.region_id) for key in (CLUES_ON, DETAIL_ON)):
        return False
    granted = select(ClueGrant.id).where(
        ClueGrant.user_id == actor.user_id,
        ClueGrant.region_id == actor.region_id,
        ClueGrant.from_on <= today,
        ClueGrant.to_on >= today,
        ClueGrant.revoked_at.is_(None),
    )
    return session.scalar(granted.limit(1)) is not None


def ensure_may_open_details(session: Session, *, actor: Actor, today: date) -> None:
    """Answer everybody who was not granted it like an address that does not exist."""
    if not may_open_details(session, actor=actor, today=today):
        raise NotVisibleError


def list_clues(session: Session, *, actor: Actor) -> list[Clue]:
    """Return the office's entries, the newest first, at most LIST_SIZE."""
    query = (
        select(Clue)
        .where(conducts(actor, region=Clue.region_id))
        .options(joinedload(Clue.round), joinedload(Clue.feedback))
        .order_by(Clue.moved_on.desc(), Clue.id.desc())
        .limit(LIST_SIZE)
    )
    return list(session.scalars(query))


def unanswered_clues(session: Session, *, actor: Actor, today: date) -> list[Clue]:
    """Return entries whose answer is overdue on the day, or due soon; the longest first."""
    query = select(Clue).where(_waits_for_answer(actor, today))
    return list(session.scalars(query.order_by(Clue.reply_due, Clue.id).limit(LIST_SIZE)))


@dataclass(frozen=True)
class Unanswered:
    """How many entries wait for an answer that is overdue or due soon."""

    total: int
    overdue: int


def count_unanswered(session: Session, *, actor: Actor, today: date) -> Unanswered | None:
    """Count them for whoever was granted the detail; None for everybody else, and for none.

    This is the whole reminder of an answer: it stands in the product, and goes into no message.
    """
    if not may_open_details(session, actor=actor, today=today):
        return None
    late = func.coalesce(func.sum(case((Clue.reply_due < today, 1), else_=0)), 0)
    query = select(func.count(Clue.id), late).where(_waits_for_answer(actor, today))
    total, overdue = session.execute(query).one()
    return Unanswered(total, int(overdue)) if total else None


def _waits_for_answer(actor: Actor, today: date) -> ColumnElement[bool]:
    return and_(
        conducts(actor, region=Clue.region_id),
        Clue.replied_on.is_(None),
        Clue.void_reason.is_(None),
        Clue.reply_due <= today + REMIND_BEFORE,
    )


def get_clue(session: Session, clue_id: int, *, actor: Actor) -> Clue:
    """Return an entry of the actor's office with its numbers."""
    found = session.scalar(
        select(Clue)
        .where(Clue.id == clue_id, conducts(actor, region=Clue.region_id))
        .options(
            joinedload(Clue.round),
            joinedload(Clue.feedback),
            joinedload(Clue.inspection).joinedload(Inspection.unit),
            selectinload(Clue.counts),
            selectinload(Clue.corrections),
        )
    )
    if found is None:
        raise NotVisibleError
    return found


def get_count(session: Session, count_id: int, *, actor: Actor) -> ClueCount:
    """Return one number of the actor's office."""
    found = session.scalar(
        select(ClueCount)
        .where(ClueCount.id == count_id, conducts(actor, region=ClueCount.region_id))
        .options(joinedload(ClueCount.clue).selectinload(Clue.counts))
    )
    if found is None:
        raise NotVisibleError
    return found


def found_counts(session: Session, *, actor: Actor) -> list[ClueCount]:
    """Return numbers of clues found, the newest first."""
    query = (
        select(ClueCount)
        .where(conducts(actor, region=ClueCount.region_id), ClueCount.measure == ClueMeasure.FOUND)
        .options(
            joinedload(ClueCount.round),
            joinedload(ClueCount.inspection).joinedload(Inspection.unit),
        )
        .order_by(ClueCount.occurred_on.desc(), ClueCount.id.desc())
        .limit(LIST_SIZE)
    )
    return list(session.scalars(query))


@dataclass(frozen=True)
class ClueSum:
    """One line of the summary: a measure of our own clues, or of those from above, by kind."""

    measure: ClueMeasure
    is_from_above: bool
    by_kind: dict[ClueKind, int]


LINES = (
    *((measure, False) for measure in ClueMeasure if measure is not ClueMeasure.RECEIVED),
    *(
        (measure, True)
        for measure in ClueMeasure
        if measure in (ClueMeasure.RECEIVED, ClueMeasure.SETTLED)
    ),
)


def clue_sums(session: Session, *, actor: Actor, as_of: date) -> list[ClueSum]:
    """Return the office's totals as of the end of a day, each measure by itself."""
    above = ClueCount.feedback_id.is_not(None)
    query = (
        select(ClueCount.measure, above, ClueCount.kind, func.sum(ClueCount.amount))
        .where(conducts(actor, region=ClueCount.region_id), ClueCount.occurred_on <= as_of)
        .group_by(ClueCount.measure, above, ClueCount.kind)
    )
    sums = {(row[0], bool(row[1]), row[2]): int(row[3]) for row in session.execute(query)}
    return [
        ClueSum(measure, is_above, {k: sums.get((measure, is_above, k), 0) for k in ClueKind})
        for measure, is_above in LINES
    ]


def detail_of(session: Session, clue: Clue) -> ClueDetail | None:
    """Return an entry's sealed detail; who may ask has been checked."""
    return session.scalar(select(ClueDetail).where(ClueDetail.clue_id == clue.id))


def rounds_to_pick(session: Session, region_id: int) -> list[Round]:
    """Return the region's rounds, the newest first."""
    query = select(Round).join(Round.term).where(Round.region_id == region_id)
    return list(session.scalars(query.order_by(Term.number.desc(), Round.seq.desc())))


def inspections_to_pick(session: Session, region_id: int) -> list[Inspection]:
    """Return the region's inspections, the newest round first."""
    query = (
        select(Inspection)
        .join(Inspection.round)
        .where(Inspection.conducting_region_id == region_id)
        .options(joinedload(Inspection.unit), joinedload(Inspection.round))
        .order_by(Round.id.desc(), Inspection.id)
        .limit(1000)
    )
    return list(session.scalars(query))


def feedbacks_from_above(session: Session, region_id: int) -> list[Feedback]:
    """Return the region's feedback that is not of our rounds."""
    query = select(Feedback).where(Feedback.region_id == region_id, Feedback.round_id.is_(None))
    return list(session.scalars(query.order_by(Feedback.id.desc())))


def grants_of(session: Session, region_id: int) -> list[ClueGrant]:
    """Return who was ever granted the detail of a region's clues, the newest first."""
    query = (
        select(ClueGrant)
        .where(ClueGrant.region_id == region_id)
        .options(joinedload(ClueGrant.user).joinedload(User.person))
        .order_by(ClueGrant.id.desc())
    )
    return list(session.scalars(query))


def users_to_grant(session: Session, region_id: int) -> list[User]:
    """Return the region's active sign-ins whose role reads clues at all."""
    query = (
        select(User)
        .where(User.region_id == region_id, User.is_active, User.role.in_(READERS))
        .options(*USER_PARTS)
        .order_by(User.username)
    )
    return list(session.scalars(query))
