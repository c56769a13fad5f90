"""Pages of 督办与监督, one file per thing an office does."""

from flask import Blueprint

bp = Blueprint("letters", __name__)

from tracker.letters.views import (  # noqa: E402
    accountability,
    assessment_sheets,
    assessments,
    check_outcomes,
    findings,
    interviews,
    kinds,
    letters,
    letters_steps,
    letters_writing,
    spot_checks,
    visits,
)

__all__ = [
    "accountability",
    "assessment_sheets",
    "assessments",
    "bp",
    "check_outcomes",
    "findings",
    "interviews",
    "kinds",
    "letters",
    "letters_steps",
    "letters_writing",
    "spot_checks",
    "visits",
]
