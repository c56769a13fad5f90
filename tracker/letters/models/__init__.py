"""Tables of 督办与监督, one file per thing an office does."""

from tracker.letters.models.accountability import Accountability, AccountabilityTask
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
from tracker.letters.models.interviews import Interview, InterviewIssue, InterviewTask
from tracker.letters.models.letters import (
    Letter,
    LetterEvent,
    LetterIssue,
    LetterKind,
    LetterReply,
    LetterSeries,
    LetterTask,
)
from tracker.letters.models.spot_checks import SpotCheck, SpotCheckItem
from tracker.letters.models.visits import SupervisionVisit, VisitFinding, VisitUnit

__all__ = [
    "Accountability",
    "AccountabilityTask",
    "Assessment",
    "AssessmentCorrection",
    "AssessmentGrade",
    "AssessmentItem",
    "AssessmentScore",
    "AssessmentTemplate",
    "AssessmentVote",
    "Interview",
    "InterviewIssue",
    "InterviewTask",
    "Letter",
    "LetterEvent",
    "LetterIssue",
    "LetterKind",
    "LetterReply",
    "LetterSeries",
    "LetterTask",
    "SpotCheck",
    "SpotCheckItem",
    "SupervisionVisit",
    "SurveyOption",
    "VisitFinding",
    "VisitUnit",
]
