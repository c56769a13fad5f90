"""Pages of rounds, one file per thing."""

from flask import Blueprint

bp = Blueprint("rounds", __name__)

from tracker.rounds.views import coverage, inspections, milestones, rounds, terms  # noqa: E402

__all__ = ["bp", "coverage", "inspections", "milestones", "rounds", "terms"]
