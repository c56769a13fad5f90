"""Dates that were computed with working days, computed anew when a year's arrangement is known.

Only what is still open and stands exactly as it was computed moves: milestones, and plans and
reports that nobody has signed or passed. A date somebody typed, a task's due date (fixed when its
plan passed or at import) and the date in a signed letter stay.
"""

from collections.abc import Iterator
from datetime import date

from sqlalchemy import exists, or_, select
from sqlalchemy.orm import Session, contains_eager, joinedload

from tracker.feedback.models import Feedback
from tracker.rectification.document_queries import is_written_for
from tracker.rectification.models import UnitDocument
from tracker.rectification.rules.documents import DUE_BY_PROFILE
from tracker.rectification.rules.words import DocumentKind
from tracker.rounds.deadlines import plan_due, planned_milestones, report_due
from tracker.rounds.models import DeadlineProfile, Inspection, Milestone, Round
from tracker.rounds.rules import MilestoneKind, RoundStatus
from tracker.workdays.rules import DateMove, WorkCalendar

Stale = tuple[Milestone | UnitDocument, DateMove]


def stale_dates(session: Session, before: WorkCalendar, after: WorkCalendar) -> list[Stale]:
    """Return the rows whose date another calendar moves, with two statements."""
    return [*_milestones(session, before, after), *_documents(session, before, after)]


def _milestones(session: Session, before: WorkCalendar, after: WorkCalendar) -> Iterator[Stale]:
    signed = (
        exists()
        .where(
            UnitDocument.feedback_id == Feedback.id,
            UnitDocument.unit_id == Inspection.unit_id,
            or_(UnitDocument.signed_on.is_not(None), UnitDocument.passed_on.is_not(None)),
            or_(
                is_written_for(UnitDocument),
                (UnitDocument.kind == DocumentKind.PLAN) & (Milestone.kind == MilestoneKind.PLAN),
            ),
        )
        .correlate(Feedback, Inspection, Milestone)
    )
    query = (
        select(Milestone, Feedback)
        .join(Milestone.inspection)
        .join(Round, Round.id == Inspection.round_id)
        .join(Feedback, Feedback.inspection_id == Inspection.id)
        .join(Feedback.profile)
        .options(
            contains_eager(Milestone.inspection).joinedload(Inspection.unit),
            contains_eager(Feedback.profile),
        )
        .where(
            DeadlineProfile.move_to_workday,
            Feedback.fed_back_on.is_not(None),
            Round.status != RoundStatus.ARCHIVED,
            Milestone.due_on.is_not(None),
            Milestone.done_on.is_(None),
            Milestone.exempt_reason.is_(None),
            ~signed,
        )
        .order_by(Milestone.id)
    )
    planned: dict[tuple[date, int], dict[tuple[MilestoneKind, int], tuple[date, date]]] = {}
    for row, feedback in session.execute(query):
        key = (feedback.fed_back_on or date.min, feedback.profile_id)
        if key not in planned:
            planned[key] = _both_plans(feedback, before, after)
        was, is_now = planned[key].get((row.kind, row.seq), (None, None))
        if is_now is not None and row.due_on == was != is_now:
            name = f"{row.inspection.unit.short_name} {row.kind.label}"
            region = row.inspection.conducting_region_id
            yield row, _move("milestone", row, region, name, is_now)


def _both_plans(
    feedback: Feedback, before: WorkCalendar, after: WorkCalendar
) -> dict[tuple[MilestoneKind, int], tuple[date, date]]:
    """Return each milestone's date after the one calendar and after the other."""
    start = feedback.fed_back_on or date.min
    old = planned_milestones(start, feedback.profile, before)
    new = planned_milestones(start, feedback.profile, after)
    return {
        (was.kind, was.seq): (was.due_on, is_now.due_on)
        for was, is_now in zip(old, new, strict=True)
        if was.due_on is not None and is_now.due_on is not None
    }


def _documents(session: Session, before: WorkCalendar, after: WorkCalendar) -> Iterator[Stale]:
    query = (
        select(UnitDocument)
        .join(UnitDocument.feedback)
        .join(Feedback.profile)
        .options(
            contains_eager(UnitDocument.feedback).contains_eager(Feedback.profile),
            joinedload(UnitDocument.unit),
        )
        .where(
            DeadlineProfile.move_to_workday,
            Feedback.fed_back_on.is_not(None),
            UnitDocument.kind.in_({DocumentKind.PLAN, *DUE_BY_PROFILE}),
            UnitDocument.due_on.is_not(None),
            UnitDocument.signed_on.is_(None),
            UnitDocument.passed_on.is_(None),
        )
        .order_by(UnitDocument.id)
    )
    for row in session.scalars(query):
        due = plan_due if row.kind is DocumentKind.PLAN else report_due
        feedback = row.feedback
        start = feedback.fed_back_on or date.min
        was, is_now = (due(start, feedback.profile, each) for each in (before, after))
        if row.due_on == was != is_now:
            name = f"{row.unit.short_name} {row.kind.label}"
            yield row, _move("unit_document", row, feedback.region_id, name, is_now)


def _move(
    object_type: str, row: Milestone | UnitDocument, region_id: int, name: str, after: date
) -> DateMove:
    return DateMove(
        region_id=region_id,
        object_type=object_type,
        object_id=row.id,
        name=name,
        before=row.due_on or after,
        after=after,
    )
