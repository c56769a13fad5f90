"""Assessments, their sheets and grades; as of any day, and only what this person may see."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, case, func, or_, select
from sqlalchemy.orm import Session, aliased, joinedload, selectinload

from tracker.feedback.models import Feedback, FeedbackRecipient, Issue, IssueUnit
from tracker.kernel.errors import NotVisibleError
from tracker.kernel.permissions import Actor
from tracker.letters.models.assessments import (
    Assessment,
    AssessmentCorrection,
    AssessmentGrade,
    AssessmentTemplate,
    CorrectionConfirmation,
)
from tracker.letters.models.interviews import Interview
from tracker.letters.rules.assessments import DEFAULT_GRADES, Grade, grades_typed
from tracker.organizations.models import Unit
from tracker.organizations.scope import conducts, sees
from tracker.rounds.models import Inspection

LIST_SIZE = 500


def visible_assessments(actor: Actor) -> ColumnElement[bool]:
    """Return the condition under which the actor sees an assessment."""
    return sees(actor, region=Assessment.region_id, unit=Assessment.unit_id)


def list_assessments(session: Session, *, actor: Actor) -> list[Assessment]:
    """Return the assessments the actor may read, those to be confirmed first, then the newest."""
    query = (
        select(Assessment)
        .where(visible_assessments(actor))
        .options(joinedload(Assessment.unit), joinedload(Assessment.feedback))
        .order_by(
            and_(Assessment.confirmed_on.is_not(None), ~Assessment.is_correction_open),
            Assessment.assessed_on.desc(),
        )
        .order_by(Assessment.id.desc())
        .limit(LIST_SIZE)
    )
    return list(session.scalars(query))


def get_assessment(
    session: Session, assessment_id: int, *, actor: Actor, to_change: bool = False
) -> Assessment:
    """Return an assessment the actor may read, or (`to_change`) whose office it is."""
    allowed = (
        conducts(actor, region=Assessment.region_id) if to_change else visible_assessments(actor)
    )
    query = (
        select(Assessment)
        .where(Assessment.id == assessment_id, allowed)
        .options(joinedload(Assessment.unit), joinedload(Assessment.feedback))
        .options(selectinload(Assessment.scores), selectinload(Assessment.votes))
        .options(selectinload(Assessment.corrections).joinedload(AssessmentCorrection.confirmation))
        .options(selectinload(Assessment.interviews).joinedload(Interview.person))
    )
    found = session.scalar(query)
    if found is None:
        raise NotVisibleError
    return found


def list_templates(session: Session, *, actor: Actor) -> list[AssessmentTemplate]:
    """Return the region's sheets, those in use first."""
    query = (
        select(AssessmentTemplate)
        .where(conducts(actor, region=AssessmentTemplate.region_id))
        .options(selectinload(AssessmentTemplate.items), selectinload(AssessmentTemplate.options))
        .order_by(AssessmentTemplate.is_active.desc(), AssessmentTemplate.id)
    )
    return list(session.scalars(query))


def get_template(session: Session, template_id: int, *, actor: Actor) -> AssessmentTemplate:
    """Return a sheet of the actor's office."""
    query = (
        select(AssessmentTemplate)
        .where(AssessmentTemplate.id == template_id)
        .where(conducts(actor, region=AssessmentTemplate.region_id))
        .options(selectinload(AssessmentTemplate.items), selectinload(AssessmentTemplate.options))
    )
    found = session.scalar(query)
    if found is None:
        raise NotVisibleError
    return found


def grades_of(session: Session, region_id: int) -> list[Grade]:
    """Return a region's grades from the highest; ours where it keeps none."""
    query = select(AssessmentGrade).where(AssessmentGrade.region_id == region_id)
    own = [
        Grade(row.name, row.at_least, row.is_low)
        for row in session.scalars(query.order_by(AssessmentGrade.seq))
    ]
    return own or grades_typed(DEFAULT_GRADES)


def feedbacks_to_assess(session: Session, *, actor: Actor) -> list[Feedback]:
    """Return the office's feedback that has been given, the newest first."""
    query = (
        select(Feedback)
        .where(conducts(actor, region=Feedback.region_id), Feedback.fed_back_on.is_not(None))
        .order_by(Feedback.fed_back_on.desc(), Feedback.id.desc())
        .limit(LIST_SIZE)
    )
    return list(session.scalars(query))


def units_of_feedback(session: Session, feedback: Feedback) -> list[Unit]:
    """Return the units a feedback went to, or whose issues it names, in 党政序列."""
    recipients = select(FeedbackRecipient.unit_id).where(
        FeedbackRecipient.feedback_id == feedback.id
    )
    named = (
        select(IssueUnit.unit_id)
        .join(Issue, Issue.id == IssueUnit.issue_id)
        .where(Issue.feedback_id == feedback.id)
    )
    inspected = select(Inspection.unit_id).where(Inspection.id == feedback.inspection_id)
    query = select(Unit).where(
        or_(Unit.id.in_(recipients), Unit.id.in_(named), Unit.id.in_(inspected))
    )
    return list(session.scalars(query.order_by(Unit.sort_no, Unit.id)))


@dataclass(frozen=True, kw_only=True)
class Standing:
    """A unit's newest confirmed assessment, as it stood on a day."""

    assessment: Assessment
    unit: Unit
    total: Decimal
    grade: str
    is_low: bool


def _as_of(as_of: date) -> tuple[Any, Any, Any]:
    """Return total, grade and whether it was low, as they stood: before a later correction.

    A correction that another person has to confirm counts from the day of the confirmation.
    """
    later = aliased(AssessmentCorrection)
    by_then = select(CorrectionConfirmation.id).where(
        CorrectionConfirmation.correction_id == later.id,
        CorrectionConfirmation.confirmed_on <= as_of,
    )
    does_not_count = case(
        (later.needs_confirmation, ~by_then.correlate(later).exists()),
        else_=later.corrected_on > as_of,
    )
    first = (
        select(func.min(later.id))
        .where(later.assessment_id == Assessment.id, does_not_count)
        .correlate(Assessment)
        .scalar_subquery()
    )
    kept = aliased(AssessmentCorrection)

    def stood(old: Any, current: Any) -> Any:
        before = select(old).where(kept.id == first).correlate(Assessment).scalar_subquery()
        return func.coalesce(before, current)

    return (
        stood(kept.old_total, Assessment.total),
        stood(kept.old_grade, Assessment.grade),
        stood(kept.was_low, Assessment.is_low),
    )


def _newest(region_id: int, as_of: date) -> Select[tuple[int]]:
    """Return the id of each unit's newest assessment confirmed by a day."""
    place = func.row_number().over(
        partition_by=Assessment.unit_id,
        order_by=(Assessment.assessed_on.desc(), Assessment.id.desc()),
    )
    ranked = (
        select(Assessment.id.label("id"), place.label("place"))
        .where(Assessment.region_id == region_id, Assessment.confirmed_on <= as_of)
        .where(Assessment.assessed_on <= as_of)
        .subquery()
    )
    return select(ranked.c.id).where(ranked.c.place == 1)


def graded_on(region_id: int, as_of: date) -> tuple[Select[tuple[int]], Any]:
    """Return which assessments count on a day, and the grade of one as it stood."""
    return _newest(region_id, as_of), _as_of(as_of)[1]


def standings(
    session: Session, region_id: int, *, as_of: date, actor: Actor | None = None
) -> list[Standing]:
    """Return each unit's newest confirmed assessment as of a day, in 党政序列.

    `actor` narrows them to what a person may see; a job or a planner leaves it out.
    """
    total, grade, is_low = _as_of(as_of)
    query = (
        select(Assessment, Unit, total, grade, is_low)
        .join(Assessment.unit)
        .where(Assessment.id.in_(_newest(region_id, as_of)))
        .options(joinedload(Assessment.feedback), selectinload(Assessment.interviews))
        .order_by(Unit.sort_no, Unit.id)
    )
    if actor is not None:
        query = query.where(visible_assessments(actor))
    return [
        Standing(
            assessment=row[0],
            unit=row[1],
            total=Decimal(str(row[2])),
            grade=row[3],
            is_low=bool(row[4]),
        )
        for row in session.execute(query)
    ]


def low_graded_units(session: Session, region_id: int, *, as_of: date) -> list[Standing]:
    """Return the units whose newest confirmed assessment was low on a day: 建议列入重点巡察."""
    return [each for each in standings(session, region_id, as_of=as_of) if each.is_low]


def grade_counts(
    session: Session, region_id: int, *, as_of: date, actor: Actor
) -> list[tuple[str, int]]:
    """Return how many units stand at each grade on a day, in the region's order of grades."""
    found: dict[str, int] = {grade.name: 0 for grade in grades_of(session, region_id)}
    for each in standings(session, region_id, as_of=as_of, actor=actor):
        found[each.grade] = found.get(each.grade, 0) + 1
    return list(found.items())


def count_interviews_due(
    session: Session, region_id: int, *, as_of: date, actor: Actor
) -> tuple[int, int]:
    """Return how many confirmed low assessments call for a talk by a day, and how many had it."""
    by_hand = Assessment.interviewed_on <= as_of
    talk = Assessment.interviews.any(
        and_(
            Interview.held_on <= as_of,
            or_(Interview.voided_on.is_(None), Interview.voided_on > as_of),
        )
    )
    held = func.sum(case((or_(by_hand, talk), 1), else_=0))
    query = select(func.count(), held).where(
        and_(
            Assessment.region_id == region_id,
            Assessment.confirmed_on <= as_of,
            _as_of(as_of)[2],
            visible_assessments(actor),
        )
    )
    row = session.execute(query).one()
    return row[0], int(row[1] or 0)
