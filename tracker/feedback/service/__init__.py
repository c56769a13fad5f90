"""What an office does with feedback and issues."""

from tracker.feedback.service.issues import PLAIN, IssueDraft, add_issue, edit_issue
from tracker.feedback.service.recording import (
    FeedbackDraft,
    acknowledge_receipt,
    edit_feedback,
    record_feedback,
    set_feedback_date,
)

__all__ = [
    "PLAIN",
    "FeedbackDraft",
    "IssueDraft",
    "acknowledge_receipt",
    "add_issue",
    "edit_feedback",
    "edit_issue",
    "record_feedback",
    "set_feedback_date",
]
