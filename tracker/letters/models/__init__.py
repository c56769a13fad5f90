"""Tables of 督办与监督, one file per thing an office does."""

from tracker.letters.models.assessments import (
    Assessment,
    AssessmentCorrection,
    AssessmentGrade,
    AssessmentItem,
    AssessmentScore,
    AssessmentTemplate,
    AssessmentVote,
    SurveyOption,
)
from tracker.letters.models.spot_checks import SpotCheck, SpotCheckItem
from tracker.letters.models.visits import SupervisionVisit, VisitFinding, VisitUnit

__all__ = [
    "Assessment",
    "AssessmentCorrection",
    "AssessmentGrade",
    "AssessmentItem",
    "AssessmentScore",
    "AssessmentTemplate",
    "AssessmentVote",
    "SpotCheck",
    "SpotCheckItem",
    "SupervisionVisit",
    "SurveyOption",
    "VisitFinding",
    "VisitUnit",
]
