"""Pages of the workflow, one file per thing people do."""

from flask import Blueprint

bp = Blueprint("rectification", __name__)

from tracker.rectification.views import closing, evidence, issuing, plans, progress, tasks  # noqa: E402

__all__ = ["bp", "closing", "evidence", "issuing", "plans", "progress", "tasks"]
