"""意见建议 of the actor's office."""

from dataclasses import dataclass
from datetime import date

from sqlalchemy import func, select
from sqlalchemy.orm import Session, joinedload

from tracker.handover.models import Advice
from tracker.handover.rules import Adoption
from tracker.kernel.errors import NotVisibleError
from tracker.kernel.permissions import Actor
from tracker.organizations.scope import conducts
from tracker.rounds.models import Inspection

LIST_SIZE = 500


@dataclass(frozen=True, kw_only=True)
class AdviceFilter:
    """What a list of advice is narrowed to. `only`: an adoption's code, or “waiting”."""

    round_id: int | None = None
    only: str = ""
    text: str = ""


WAITING = "waiting"


def list_advice(session: Session, wanted: AdviceFilter, *, actor: Actor) -> list[Advice]:
    """Return advice of the actor's office, the newest first, at most LIST_SIZE."""
    query = select(Advice).where(conducts(actor, region=Advice.region_id))
    if wanted.round_id is not None:
        query = query.where(Advice.round_id == wanted.round_id)
    if wanted.only == WAITING:
        query = query.where(Advice.adoption.is_(None), Advice.void_reason.is_(None))
    elif wanted.only in set(Adoption):
        query = query.where(Advice.adoption == wanted.only)
    if wanted.text:
        found = Advice.text.contains(wanted.text, autoescape=True)
        query = query.where(found | Advice.addressee.contains(wanted.text, autoescape=True))
    query = query.options(joinedload(Advice.round), joinedload(Advice.unit))
    return list(
        session.scalars(query.order_by(Advice.issued_on.desc(), Advice.id.desc()).limit(LIST_SIZE))
    )


def count_advice(session: Session, *, actor: Actor, as_of: date) -> dict[str, int]:
    """Return how much advice was issued, and what was made of it, as of the end of a day."""
    answered = func.coalesce(Advice.answered_on, Advice.adopted_on) <= as_of
    query = (
        select(Advice.adoption, answered, func.count())
        .where(conducts(actor, region=Advice.region_id))
        .where(Advice.issued_on <= as_of, Advice.void_reason.is_(None))
        .group_by(Advice.adoption, answered)
    )
    counts = dict.fromkeys(["issued", *Adoption, WAITING], 0)
    for adoption, is_answered, number in session.execute(query):
        counts["issued"] += number
        counts[adoption if adoption and is_answered else WAITING] += number
    return counts


def get_advice(session: Session, advice_id: int, *, actor: Actor) -> Advice:
    """Return one piece of advice of the actor's office."""
    found = session.scalar(
        select(Advice)
        .where(Advice.id == advice_id, conducts(actor, region=Advice.region_id))
        .options(
            joinedload(Advice.round),
            joinedload(Advice.unit),
            joinedload(Advice.inspection).joinedload(Inspection.unit),
        )
    )
    if found is None:
        raise NotVisibleError
    return found
