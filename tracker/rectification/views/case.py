"""A closing request as one page: what was planned, done, proven, signed, asked, said before."""

from collections.abc import Mapping
from typing import Any

from tracker.kernel.permissions import Permission, may
from tracker.rectification import queries
from tracker.rectification.evidence_queries import pieces_of
from tracker.rectification.models import Task
from tracker.rectification.rules.words import DutyRole, ReviewOutcome
from tracker.rectification.service import commenting, extending, reviewing, watching
from tracker.rectification.service.planning import names_of
from tracker.rectification.service.steps import switches_of
from tracker.rectification.views.openings import keep_opening
from tracker.web.access import actor
from tracker.web.database import db


def whole_case(task: Task) -> Mapping[str, Any]:
    """Return everything a decision about a closing request rests on: who sees it has opened it."""
    keep_opening(task)
    reviews = queries.reviews_of(db(), task, actor=actor())
    submission = reviewing.newest_submission(db(), task)
    answers = [each for each in reviews if submission and each.transition_id == submission.id]
    return {
        "history": queries.history_of(db(), task),
        "reports": queries.reports_of(db(), task),
        "pieces": pieces_of(db(), task, actor=actor()),
        "sign_offs": queries.sign_offs_of(db(), task),
        "due_changes": queries.due_changes_of(db(), task),
        "extensions": extending.extensions_of(db(), task),
        "duties": [(role.label, names_of(task, role)) for role in DutyRole],
        "reviews": reviews,
        "recommended": [each for each in answers if each.outcome is ReviewOutcome.RECOMMENDED],
        "cosign_wanted": switches_of(task).cosign and task.lead_unit.supervisor_org_id is not None,
        **remarks_on(task),
    }


def remarks_on(task: Task) -> Mapping[str, Any]:
    """Return what stands beside a task for this person: comments, and its 挂牌督办."""
    reads_watch = may(actor(), Permission.WATCH_READ)
    return {
        "comments": commenting.comments_of(db(), task, actor=actor()),
        "watch_changes": watching.watch_changes_of(db(), task) if reads_watch else [],
    }
