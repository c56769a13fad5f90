"""Load feedback and issues: only what this person may see."""

from typing import TypeVar

from sqlalchemy import ColumnElement, Select, and_, func, or_, select
from sqlalchemy.orm import Session, joinedload, selectinload

from tracker.feedback.models import Feedback, FeedbackRecipient, Issue, IssueUnit
from tracker.kernel.errors import NotVisibleError
from tracker.kernel.permissions import Actor
from tracker.organizations.models import Unit
from tracker.organizations.scope import OFFICE, conducts, sees
from tracker.rounds.models import Inspection, Round

LIST_SIZE = 500
Found = TypeVar("Found")


def visible_feedbacks(actor: Actor) -> ColumnElement[bool]:
    """Return the condition under which the actor sees a feedback."""
    unit = (
        select(Inspection.unit_id)
        .where(Inspection.id == Feedback.inspection_id)
        .correlate(Feedback)
        .scalar_subquery()
    )
    return sees(actor, region=Feedback.region_id, unit=unit)


def visible_issues(actor: Actor) -> ColumnElement[bool]:
    """Return the condition under which the actor sees an issue.

    An office sees its own, and those that name a unit of its region. A unit or a supervisor sees
    an issue once it was fed back; an immediate one (立行立改) needs no feedback.
    """
    named = (
        select(IssueUnit.id)
        .where(IssueUnit.issue_id == Issue.id)
        .where(sees(actor, region=Issue.region_id, unit=IssueUnit.unit_id))
        .correlate(Issue)
        .exists()
    )
    seen = or_(conducts(actor, region=Issue.region_id), named)
    return seen if actor.role is None or actor.role in OFFICE else and_(seen, _fed_back())


def _fed_back() -> ColumnElement[bool]:
    fed_back = select(Feedback.id).where(
        Feedback.id == Issue.feedback_id, Feedback.fed_back_on.is_not(None)
    )
    return or_(Issue.is_immediate, fed_back.correlate(Issue).exists())


def list_feedbacks(
    session: Session, *, actor: Actor, source: str = "", round_id: int | None = None
) -> list[Feedback]:
    """Return feedback the actor may see, at most LIST_SIZE + 1, the latest first."""
    query = select(Feedback).where(visible_feedbacks(actor)).options(*FEEDBACK_PARTS)
    if source:
        query = query.where(Feedback.source == source)
    if round_id is not None:
        query = query.where(Feedback.round_id == round_id)
    latest = (Feedback.fed_back_on.is_not(None), Feedback.fed_back_on.desc(), Feedback.id.desc())
    return list(session.scalars(query.order_by(*latest).limit(LIST_SIZE + 1)))


FEEDBACK_PARTS = (
    joinedload(Feedback.round).joinedload(Round.term),
    joinedload(Feedback.profile),
    joinedload(Feedback.inspection).joinedload(Inspection.unit),
)


def count_issues(session: Session, *, actor: Actor) -> dict[int, int]:
    """Return how many issues the actor sees of each feedback, by feedback id."""
    query = select(Issue.feedback_id, func.count()).where(visible_issues(actor))
    return {row[0]: row[1] for row in session.execute(query.group_by(Issue.feedback_id))}


def feedbacks_of_round(session: Session, round_id: int, *, actor: Actor) -> list[Feedback]:
    """Return a round's feedback in the units' printed order."""
    query = (
        select(Feedback)
        .outerjoin(Feedback.inspection)
        .outerjoin(Inspection.unit)
        .where(Feedback.round_id == round_id, visible_feedbacks(actor))
        .options(*FEEDBACK_PARTS)
        .order_by(Unit.sort_no, Feedback.id)
    )
    return list(session.scalars(query))


def feedbacks_of_inspection(
    session: Session, inspection_id: int, *, actor: Actor
) -> list[Feedback]:
    """Return an inspection's feedback, the first first."""
    query = select(Feedback).where(
        Feedback.inspection_id == inspection_id, visible_feedbacks(actor)
    )
    return list(session.scalars(query.options(*FEEDBACK_PARTS).order_by(Feedback.id)))


def get_feedback(
    session: Session, feedback_id: int, *, actor: Actor, to_change: bool = False
) -> Feedback:
    """Return a feedback the actor may see, or (`to_change`) whose office it is."""
    allowed = conducts(actor, region=Feedback.region_id) if to_change else visible_feedbacks(actor)
    query = (
        select(Feedback)
        .where(Feedback.id == feedback_id, allowed)
        .options(
            *FEEDBACK_PARTS,
            selectinload(Feedback.recipients).joinedload(FeedbackRecipient.unit),
        )
    )
    return _one(session, query)


def issues_of(session: Session, feedback_id: int, *, actor: Actor) -> list[Issue]:
    """Return the issues of a feedback that the actor may see, by number."""
    query = (
        select(Issue)
        .where(Issue.feedback_id == feedback_id, visible_issues(actor))
        .options(selectinload(Issue.units).joinedload(IssueUnit.unit), selectinload(Issue.tags))
        .order_by(Issue.issue_no, Issue.id)
    )
    return list(session.scalars(query))


def get_issue(session: Session, issue_id: int, *, actor: Actor, to_change: bool = False) -> Issue:
    """Return an issue the actor may see, or (`to_change`) whose office it is."""
    allowed = conducts(actor, region=Issue.region_id) if to_change else visible_issues(actor)
    return get_issue_where(session, issue_id, allowed)


def get_issue_where(session: Session, issue_id: int, allowed: ColumnElement[bool]) -> Issue:
    """Return an issue with what its page needs under a condition; NotVisibleError otherwise."""
    query = (
        select(Issue)
        .where(Issue.id == issue_id, allowed)
        .options(
            joinedload(Issue.feedback).options(*FEEDBACK_PARTS),
            selectinload(Issue.units).joinedload(IssueUnit.unit),
            selectinload(Issue.tags),
        )
    )
    return _one(session, query)


def units_shown(session: Session, issue: Issue, *, actor: Actor) -> list[Unit]:
    """Return the issue's responsible units that the actor may know of, in printed order."""
    query = (
        select(Unit)
        .join(IssueUnit, IssueUnit.unit_id == Unit.id)
        .where(IssueUnit.issue_id == issue.id)
        .where(sees(actor, region=issue.region_id, unit=Unit.id))
        .order_by(Unit.sort_no, Unit.id)
    )
    return list(session.scalars(query))


def get_recipient(session: Session, recipient_id: int, *, actor: Actor) -> FeedbackRecipient:
    """Return a recipient of a feedback that is the actor's office's own."""
    query = (
        select(FeedbackRecipient)
        .join(FeedbackRecipient.feedback)
        .where(FeedbackRecipient.id == recipient_id)
        .where(conducts(actor, region=Feedback.region_id))
        .options(joinedload(FeedbackRecipient.feedback), joinedload(FeedbackRecipient.unit))
    )
    return _one(session, query)


def _one(session: Session, query: Select[Found]) -> Found:
    found = session.scalar(query)
    if found is None:
        raise NotVisibleError
    return found
