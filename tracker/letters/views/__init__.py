"""Pages of 督办与监督, one file per thing an office does."""

from flask import Blueprint

bp = Blueprint("letters", __name__)

from tracker.letters.views import (  # noqa: E402
    accountability,
    interviews,
    kinds,
    letters,
    letters_steps,
    letters_writing,
)

__all__ = [
    "accountability",
    "bp",
    "interviews",
    "kinds",
    "letters",
    "letters_steps",
    "letters_writing",
]
