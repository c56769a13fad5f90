"""Pages of clues, advice and changes of post."""

from flask import Blueprint

bp = Blueprint("handover", __name__)

from tracker.handover.views import posts, receiving  # noqa: E402

__all__ = ["bp", "posts", "receiving"]
