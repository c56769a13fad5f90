"""Pages of the workflow, one file per thing people do."""

from flask import Blueprint

bp = Blueprint("rectification", __name__)

from tracker.rectification.views import (  # noqa: E402
    closing,
    evidence,
    evidence_files,
    extending,
    issuing,
    plans,
    progress,
    side_steps,
    signing,
    tasks,
    words,
    workflow,
)

__all__ = [
    "bp",
    "closing",
    "evidence",
    "evidence_files",
    "extending",
    "issuing",
    "plans",
    "progress",
    "side_steps",
    "signing",
    "tasks",
    "words",
    "workflow",
]
