"""复查 of long-term work: the office's list, and what it found about one task."""

from typing import Any

from flask import render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import select

from tracker.kernel.permissions import Permission, may
from tracker.organizations.models import Unit
from tracker.organizations.scope import conducts
from tracker.rectification import long_term_queries
from tracker.rectification.forms import LongTermReviewForm
from tracker.rectification.long_term_queries import ONLY, ReviewFilter, is_looked_at_again
from tracker.rectification.models import Task
from tracker.rectification.paging import FAR
from tracker.rectification.queries import PAGE_SIZE
from tracker.rectification.rules.long_term import LongTermFinding
from tracker.rectification.rules.words import TaskState
from tracker.rectification.service.long_term_reviews import (
    long_term_reviews_of,
)
from tracker.rectification.service.long_term_reviews import (
    review_long_term as keep_review,
)
from tracker.rectification.views import bp
from tracker.rectification.views.addresses import last_of_page
from tracker.rectification.views.deciding import decide
from tracker.web.access import actor, requires, row_id
from tracker.web.database import db, now, today


@bp.get("/long-term-reviews")
@requires(Permission.LONG_TERM_REVIEW)
def long_term_reviews() -> ResponseReturnValue:
    """待复查: what the office looks at again, the earliest date first."""
    wanted = _wanted()
    found = long_term_queries.list_reviews(db(), wanted, actor=actor(), today=today())
    more, rows = found[PAGE_SIZE:], found[:PAGE_SIZE]
    kept: dict[str, Any] = {"only": wanted.only, "unit": wanted.unit_id}
    return render_template(
        "rectification/long_term_reviews.html",
        rows=rows,
        wanted=wanted,
        total=long_term_queries.count_reviews(db(), wanted, actor=actor(), today=today()),
        only=[(code, label) for code, (label, _) in ONLY.items()],
        units=_units(),
        as_of=today(),
        days_past={task.id: _days_past(task) for task in rows},
        first_url=url_for(".long_term_reviews", **kept) if wanted.after else None,
        next_url=url_for(".long_term_reviews", **kept, after=_key(rows[-1])) if more else None,
    )


def _units() -> list[tuple[int, str]]:
    own = select(Task.lead_unit_id).where(
        conducts(actor(), region=Task.region_id), is_looked_at_again()
    )
    query = select(Unit.id, Unit.short_name).where(Unit.id.in_(own)).order_by(Unit.sort_no)
    return [(row.id, row.short_name) for row in db().execute(query)]


def _days_past(task: Task) -> int:
    return (today() - task.next_review_on).days if task.next_review_on else 0


def _key(last: Task) -> str:
    return f"{last.next_review_on or FAR}_{last.id}"


def _wanted() -> ReviewFilter:
    only = request.args.get("only", "")
    return ReviewFilter(
        only=only if only in ONLY else "soon",
        unit_id=row_id("unit"),
        after=last_of_page(request.args.get("after", "")),
    )


@bp.route("/tasks/<int:task_id>/long-term/review", methods=["GET", "POST"])
@requires(Permission.LONG_TERM_REVIEW)
def review_long_term(task_id: int) -> ResponseReturnValue:
    """登记复查."""
    form = LongTermReviewForm()
    if not form.is_submitted():
        form.reviewed_on.data = today()

    def keep(task: Task) -> None:
        found = LongTermFinding(
            reviewed_on=form.reviewed_on.data,
            finding=form.finding.data or "",
            next_review_on=form.next_review_on.data,
            is_last=bool(form.is_last.data),
            end_reason=form.end_reason.data or "",
        )
        keep_review(db(), task, found, actor=actor(), now=now())

    return decide(task_id, form, "review_long_term", keep, "复查已登记。", _facts)


def _facts(task: Task) -> dict[str, Any]:
    """Return the reviews so far, and the ways back that this person may take."""
    resumes = task.state is TaskState.LONG_TERM and may(actor(), Permission.LONG_TERM_REQUEST)
    reopens = task.state is TaskState.CLOSED and may(actor(), Permission.TASK_REOPEN)
    return {
        "long_term_reviews": long_term_reviews_of(db(), task),
        "resumes": resumes,
        "reopens": reopens,
    }
