"""Pages of feedback and its issues."""

from flask import Blueprint

bp = Blueprint("feedback", __name__)

from tracker.feedback.views import feedbacks, issues, revisits  # noqa: E402

__all__ = ["bp", "feedbacks", "issues", "revisits"]
