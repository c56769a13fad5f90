"""Score a unit, confirm the result, correct it in the open, note the talk that followed."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from fractions import Fraction

from sqlalchemy import select
from sqlalchemy.orm import Session

from tracker.audit.service import record
from tracker.feedback.models import Feedback
from tracker.kernel.clock import local_date
from tracker.kernel.db import born, touch
from tracker.kernel.errors import DomainError, NotVisibleError
from tracker.kernel.permissions import Actor
from tracker.letters.models.assessments import (
    Assessment,
    AssessmentCorrection,
    AssessmentScore,
    AssessmentTemplate,
    AssessmentVote,
    CorrectionConfirmation,
)
from tracker.letters.queries.assessments import grades_of, units_of_feedback
from tracker.letters.rules.assessments import (
    Scored,
    Votes,
    check_confirmer,
    grade_for,
    rounded,
    survey_score,
    total_of,
)
from tracker.organizations.scope import ensure_conducts
from tracker.rounds.rules import MilestoneKind
from tracker.rounds.service.milestones import complete_milestone, inspection_id_of


@dataclass(frozen=True, kw_only=True)
class Marks:
    """What was scored and how many voted what, in the order of the sheet; None = not yet."""

    scores: Sequence[Decimal | None]
    votes: Sequence[int]
    text: str = ""


def begin_assessment(
    session: Session,
    feedback: Feedback,
    unit_id: int,
    template: AssessmentTemplate,
    assessed_on: date,
    *,
    actor: Actor,
    now: datetime,
) -> Assessment:
    """Begin a unit's assessment for a feedback with a sheet's items copied."""
    ensure_conducts(actor, feedback.region_id)
    if template.region_id != feedback.region_id:
        raise NotVisibleError
    if unit_id not in {unit.id for unit in units_of_feedback(session, feedback)}:
        raise DomainError("这份反馈不涉及该单位，请重新选择单位。")
    _check_day(session, feedback, unit_id, assessed_on, today=local_date(now))
    assessment = Assessment(
        region_id=feedback.region_id,
        unit_id=unit_id,
        feedback_id=feedback.id,
        template_name=template.name,
        assessed_on=assessed_on,
        survey_weight=template.survey_weight,
        scored_by=actor.label,
        scorer_person_id=actor.person_id,
        scores=[
            AssessmentScore(seq=item.seq, name=item.name, weight=item.weight)
            for item in template.items
        ],
        votes=[
            AssessmentVote(seq=option.seq, name=option.name, value=option.value, amount=0)
            for option in template.options
        ],
        **born(actor=actor, now=now),
    )
    session.add(assessment)
    session.flush()  # the audit entry names the id
    _audit(session, "assessment_begun", assessment, {}, actor=actor, now=now)
    return assessment


def _check_day(
    session: Session, feedback: Feedback, unit_id: int, assessed_on: date, *, today: date
) -> None:
    if assessed_on > today:
        raise DomainError("评估日期不能晚于今天，请核对。")
    same = select(Assessment.id).where(
        Assessment.feedback_id == feedback.id,
        Assessment.unit_id == unit_id,
        Assessment.assessed_on == assessed_on,
    )
    if session.scalar(same) is not None:
        raise DomainError("该单位当天的评估已经建立，请直接打开它评分。")


def score_assessment(
    session: Session, assessment: Assessment, marks: Marks, *, actor: Actor, now: datetime
) -> Assessment:
    """评分 before it is confirmed; total and grade follow as soon as nothing is missing."""
    ensure_conducts(actor, assessment.region_id)
    if assessment.confirmed_on is not None:
        raise DomainError("评估已确认，不能直接修改。确需更改的，请办理更正并写明理由。")
    _write(assessment, marks)
    is_complete = all(row.score is not None for row in assessment.scores)
    has_votes = not assessment.survey_weight or survey_of(assessment) is not None
    if is_complete and has_votes:
        _grade(session, assessment)
    else:
        assessment.total, assessment.grade, assessment.is_low = None, None, False
    assessment.scored_by, assessment.scorer_person_id = actor.label, actor.person_id
    touch(assessment, actor=actor, now=now)
    _audit(session, "assessment_scored", assessment, result_of(assessment), actor=actor, now=now)
    return assessment


def _write(assessment: Assessment, marks: Marks) -> None:
    for row, score in zip(assessment.scores, marks.scores, strict=True):
        row.score = score
    for vote, amount in zip(assessment.votes, marks.votes, strict=True):
        vote.amount = amount
    assessment.text = marks.text or None


def survey_of(assessment: Assessment) -> Fraction | None:
    """Return the survey's score of 100, unrounded; None without a valid vote."""
    return survey_score(Votes(vote.value, vote.amount) for vote in assessment.votes)


def survey_shown(assessment: Assessment) -> Decimal | None:
    """Return the survey's score to two decimals, as a page shows it; the total never uses this."""
    exact = survey_of(assessment)
    return None if exact is None else rounded(exact)


def valid_votes(assessment: Assessment) -> int:
    """Return how many votes count."""
    return sum(vote.amount for vote in assessment.votes if vote.value is not None)


def _grade(session: Session, assessment: Assessment) -> None:
    if any(row.score is None for row in assessment.scores):
        raise DomainError("还有指标没有评分，请逐项评分。")
    scored = [Scored(row.weight, row.score or Decimal(0)) for row in assessment.scores]
    total = total_of(scored, assessment.survey_weight, survey_of(assessment))
    grade = grade_for(total, grades_of(session, assessment.region_id))
    assessment.total, assessment.grade, assessment.is_low = total, grade.name, grade.is_low


def confirm_assessment(
    session: Session, assessment: Assessment, *, actor: Actor, now: datetime
) -> Assessment:
    """确认 by another person than who entered the scores or corrected them; then it is frozen."""
    ensure_conducts(actor, assessment.region_id)
    if assessment.confirmed_on is not None and not assessment.is_correction_open:
        raise DomainError("评估已经确认，不需要再次办理。")
    check_confirmer(actor.person_id, assessment.scorer_person_id)
    _grade(session, assessment)
    if assessment.is_correction_open:
        _confirm_corrections(assessment, actor=actor, now=now)
    else:
        assessment.confirmed_on, assessment.confirmed_at = local_date(now), now
        assessment.confirmed_by = actor.label
        _complete_milestone(session, assessment, actor=actor, now=now)
    touch(assessment, actor=actor, now=now)
    _audit(session, "assessment_confirmed", assessment, result_of(assessment), actor=actor, now=now)
    return assessment


def _complete_milestone(
    session: Session, assessment: Assessment, *, actor: Actor, now: datetime
) -> None:
    round_id = assessment.feedback.round_id if assessment.feedback else None
    inspection_id = inspection_id_of(session, round_id, assessment.unit_id)
    if inspection_id is not None:
        complete_milestone(
            session,
            inspection_id,
            MilestoneKind.ASSESSMENT,
            done_on=assessment.assessed_on,
            file=None,
            actor=actor,
            now=now,
        )


def _confirm_corrections(assessment: Assessment, *, actor: Actor, now: datetime) -> None:
    for correction in assessment.corrections:
        if correction.needs_confirmation and correction.confirmation is None:
            correction.confirmation = CorrectionConfirmation(
                confirmed_on=local_date(now), confirmed_at=now, confirmed_by=actor.label
            )
    assessment.is_correction_open = False


def correct_assessment(
    session: Session,
    assessment: Assessment,
    marks: Marks,
    reason: str,
    *,
    actor: Actor,
    now: datetime,
) -> AssessmentCorrection:
    """更正 a confirmed assessment with a reason; what it said before stays readable for ever.

    It goes back to 待确认: until another person confirms the correction, the earlier result counts.
    """
    ensure_conducts(actor, assessment.region_id)
    if assessment.confirmed_on is None or assessment.total is None or assessment.grade is None:
        raise DomainError("评估还没有确认，请直接修改评分。")
    if not reason.strip():
        raise DomainError("更正必须写明理由。")
    before, old = _values(assessment), (assessment.total, assessment.grade, assessment.is_low)
    _write(assessment, marks)
    changes = _changes(before, _values(assessment))
    if not changes:
        raise DomainError("没有改动任何评分或票数，不需要更正。")
    _grade(session, assessment)
    correction = AssessmentCorrection(
        assessment_id=assessment.id,
        old_total=old[0],
        old_grade=old[1],
        was_low=old[2],
        new_total=assessment.total,
        new_grade=assessment.grade,
        changes="；".join(changes),
        reason=reason.strip(),
        corrected_on=local_date(now),
        recorded_at=now,
        actor=actor.label,
        actor_user_id=actor.user_id,
    )
    assessment.corrections.append(correction)
    assessment.is_correction_open = True
    assessment.scored_by, assessment.scorer_person_id = actor.label, actor.person_id
    touch(assessment, actor=actor, now=now)
    detail = result_of(assessment) | {"old_total": str(old[0]), "old_grade": old[1]}
    _audit(session, "assessment_corrected", assessment, detail, actor=actor, now=now)
    return correction


def _values(assessment: Assessment) -> dict[str, str]:
    scores = {row.name: _shown(row.score) for row in assessment.scores}
    return scores | {f"“{vote.name}”票": str(vote.amount) for vote in assessment.votes}


def _shown(score: Decimal | None) -> str:
    return "—" if score is None else f"{score.normalize():f}"


def _changes(before: dict[str, str], after: dict[str, str]) -> list[str]:
    return [f"{name} {before[name]}→{after[name]}" for name in after if before[name] != after[name]]


def result_of(assessment: Assessment) -> dict[str, object]:
    """Return total and grade for the audit trail."""
    return {"total": str(assessment.total), "grade": assessment.grade}


def _audit(
    session: Session,
    action: str,
    assessment: Assessment,
    detail: dict[str, object],
    *,
    actor: Actor,
    now: datetime,
) -> None:
    record(
        session,
        action,
        actor=actor,
        now=now,
        object_type="assessment",
        object_id=assessment.id,
        detail={"unit": assessment.unit_id, **detail},
    )
