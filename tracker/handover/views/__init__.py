"""Pages of clues, advice and changes of post."""

from flask import Blueprint

bp = Blueprint("handover", __name__)

from tracker.handover.views import (  # noqa: E402
    advice,
    clue_details,
    clue_policy,
    clues,
    posts,
    receiving,
)

__all__ = ["advice", "bp", "clue_details", "clue_policy", "clues", "posts", "receiving"]
