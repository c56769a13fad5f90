"""Pages of the workflow, one file per thing people do."""

from flask import Blueprint

bp = Blueprint("rectification", __name__)

from tracker.rectification.views import (  # noqa: E402
    bulk,
    certificates,
    closing,
    court,
    deadline,
    evidence,
    evidence_files,
    extending,
    issuing,
    long_term,
    monthly,
    plans,
    progress,
    queues,
    reviewing,
    side_steps,
    signing,
    tasks,
    watching,
    words,
    workflow,
)

__all__ = [
    "bp",
    "bulk",
    "certificates",
    "closing",
    "court",
    "deadline",
    "evidence",
    "evidence_files",
    "extending",
    "issuing",
    "long_term",
    "monthly",
    "plans",
    "progress",
    "queues",
    "reviewing",
    "side_steps",
    "signing",
    "tasks",
    "watching",
    "words",
    "workflow",
]
