"""Calls and answers as far as an office may see them."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal

from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.orm import Session, joinedload, selectinload

from tracker.county_submissions.models import CountySubmission, SubmissionCall
from tracker.county_submissions.rules import WITH_COUNTY, SubmissionState
from tracker.kernel.errors import NotVisibleError
from tracker.kernel.permissions import Actor
from tracker.organizations.models import Region
from tracker.organizations.scope import conducts
from tracker.statistics.rules import EnteredMetric

MOST_CALLS = 60


def list_calls(session: Session, *, actor: Actor) -> list[SubmissionCall]:
    """Return the calls of the actor's own office with their answers, the newest period first."""
    query = (
        select(SubmissionCall)
        .where(conducts(actor, region=SubmissionCall.region_id))
        .options(selectinload(SubmissionCall.submissions))
        .order_by(SubmissionCall.period_end.desc(), SubmissionCall.id.desc())
    )
    return list(session.scalars(query.limit(MOST_CALLS)))


def list_owed(session: Session, *, actor: Actor) -> list[CountySubmission]:
    """Return what the actor's own office was asked for, the latest due date first."""
    query = (
        select(CountySubmission)
        .join(CountySubmission.call)
        .where(conducts(actor, region=CountySubmission.region_id))
        .options(joinedload(CountySubmission.call).joinedload(SubmissionCall.region))
        .order_by(SubmissionCall.due_on.desc(), CountySubmission.id.desc())
    )
    return list(session.scalars(query.limit(MOST_CALLS)))


def get_call(session: Session, call_id: int, *, actor: Actor) -> SubmissionCall:
    """Return a call of the actor's own office with all answers."""
    found = session.scalar(
        select(SubmissionCall)
        .where(SubmissionCall.id == call_id, conducts(actor, region=SubmissionCall.region_id))
        .options(
            selectinload(SubmissionCall.metrics),
            selectinload(SubmissionCall.submissions).joinedload(CountySubmission.region),
            selectinload(SubmissionCall.submissions).selectinload(CountySubmission.figures),
        )
    )
    if found is None:
        raise NotVisibleError
    return found


def get_submission(session: Session, submission_id: int, *, actor: Actor) -> CountySubmission:
    """Return an answer: the county's own office reads it, and the city's that asked for it."""
    return _submission(
        session,
        submission_id,
        or_(
            conducts(actor, region=CountySubmission.region_id),
            conducts(actor, region=SubmissionCall.region_id),
        ),
    )


def get_own_submission(session: Session, submission_id: int, *, actor: Actor) -> CountySubmission:
    """Return an answer for the county's own office to fill in."""
    mine = conducts(actor, region=CountySubmission.region_id)
    return _submission(session, submission_id, mine)


def get_asked_submission(session: Session, submission_id: int, *, actor: Actor) -> CountySubmission:
    """Return an answer for the city's office to decide about."""
    mine = conducts(actor, region=SubmissionCall.region_id)
    return _submission(session, submission_id, mine)


def _submission(
    session: Session, submission_id: int, condition: ColumnElement[bool]
) -> CountySubmission:
    found = session.scalar(
        select(CountySubmission)
        .join(CountySubmission.call)
        .where(CountySubmission.id == submission_id, condition)
        .options(
            joinedload(CountySubmission.call).selectinload(SubmissionCall.metrics),
            joinedload(CountySubmission.call).joinedload(SubmissionCall.region),
            joinedload(CountySubmission.region),
        )
    )
    if found is None:
        raise NotVisibleError
    return found


def totals(call: SubmissionCall) -> dict[EnteredMetric, Decimal | None]:
    """Return the sum of each figure over the accepted answers; None where none of them gives it."""
    found: dict[EnteredMetric, Decimal | None] = dict.fromkeys(call.asked)
    for answer in call.submissions:
        if answer.state is SubmissionState.ACCEPTED:
            for figure in answer.figures:
                if figure.value is not None:
                    metric = EnteredMetric(figure.metric)
                    found[metric] = (found[metric] or Decimal(0)) + figure.value
    return found


def counties_of(session: Session, region_id: int) -> list[Region]:
    """Return a city's counties in their fixed order; none for a county."""
    query = select(Region).where(Region.parent_id == region_id)
    return list(session.scalars(query.order_by(Region.sort_no, Region.id)))


def owed_answers(
    session: Session, *, until: date | None, region_ids: Sequence[int] | None
) -> list[CountySubmission]:
    """Return answers that a county's office still owes to an open call due by a day."""
    query = (
        select(CountySubmission)
        .join(CountySubmission.call)
        .where(CountySubmission.state.in_(WITH_COUNTY), SubmissionCall.closed_on.is_(None))
        .options(joinedload(CountySubmission.call))
    )
    if until is not None:
        query = query.where(SubmissionCall.due_on <= until)
    if region_ids is not None:
        query = query.where(CountySubmission.region_id.in_(region_ids))
    return list(session.scalars(query.order_by(CountySubmission.id)))
