"""Pages of figures, one file per thing."""

from flask import Blueprint

bp = Blueprint("statistics", __name__)

from tracker.statistics.views import coverage, figures, files, planner, snapshots  # noqa: E402

__all__ = ["bp", "coverage", "figures", "files", "planner", "snapshots"]
