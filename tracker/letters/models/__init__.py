"""Tables of 督办与监督, one file per thing an office does."""

from tracker.letters.models.accountability import Accountability, AccountabilityTask
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

__all__ = [
    "Accountability",
    "AccountabilityTask",
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
]
