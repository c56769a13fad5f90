"""Report progress, and ask for closing."""

from decimal import Decimal

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from tracker.kernel.db import check_version
from tracker.kernel.permissions import Permission
from tracker.rectification import queries
from tracker.rectification.evidence_queries import pieces_that_count
from tracker.rectification.forms import ClosureForm, ProgressForm
from tracker.rectification.models import ProgressReport, Task
from tracker.rectification.rules.words import CompletionClass
from tracker.rectification.service import closing, working
from tracker.rectification.service.steps import ensure_own
from tracker.rectification.service.working import Progress
from tracker.rectification.views import bp
from tracker.web.access import actor, requires
from tracker.web.database import db, now, today
from tracker.web.forms import accepted, seen, status_of

REPORTED = (
    "text",
    "is_no_change",
    "completion",
    "unfinished_reason",
    "next_step",
    "rules_made",
    "orgs_held",
    "persons_held",
    "recovered_wan",
)


@bp.route("/tasks/<int:task_id>/progress", methods=["GET", "POST"])
@requires(Permission.TASK_REPORT)
def report_progress(task_id: int) -> ResponseReturnValue:
    """填报进展; the office's clerk may write for a unit that sends paper (代录)."""
    task = queries.get_task(db(), task_id, actor=actor())
    ensure_own(task, actor=actor())
    form = ProgressForm()
    _prepare(form, task)

    def save() -> None:
        check_version(task, seen(form), "这项任务")
        working.report_progress(db(), task, progress_of(form), actor=actor(), now=now())

    if form.validate_on_submit() and accepted(form, save):
        db().commit()
        flash("进展已保存。", "ok")
        return redirect(url_for(".task", task_id=task_id))
    form.version.data = str(task.version)
    return render_template("rectification/report_progress.html", form=form, task=task), status_of(
        form
    )


@bp.route("/tasks/<int:task_id>/closure", methods=["GET", "POST"])
@requires(Permission.TASK_REPORT)
def request_closure(task_id: int) -> ResponseReturnValue:
    """申请销号."""
    task = queries.get_task(db(), task_id, actor=actor())
    ensure_own(task, actor=actor())
    form = ClosureForm()
    _prepare(form, task)

    def save() -> None:
        check_version(task, seen(form), "这项任务")
        closing.request_closure(db(), task, progress_of(form), actor=actor(), now=now())

    if form.validate_on_submit() and accepted(form, save):
        db().commit()
        flash(f"销号申请已提交，当前环节：{task.state.label}。", "ok")
        return redirect(url_for(".task", task_id=task_id))
    form.version.data = str(task.version)
    pieces = pieces_that_count(db(), task, actor=actor())
    page = render_template(
        "rectification/request_closure.html", form=form, task=task, pieces=pieces, today=today()
    )
    return page, status_of(form)


def _prepare(form: ProgressForm, task: Task) -> None:
    offer_measures(form, task)
    if form.is_submitted():
        form.compare_with(stored(next(iter(queries.reports_of(db(), task)), None)))
    else:
        form.version.data = str(task.version)


def offer_measures(form: ProgressForm, task: Task) -> None:
    """Let a form name a task's measures: as done now, or as not done after all."""
    form.measures.choices = {str(m.id): f"{m.seq}. {m.text}" for m in task.measures}
    form.undone_measures.choices = form.measures.choices


def stored(last: ProgressReport | None) -> dict[str, object]:
    """Return what the newest report says: what somebody else may have saved meanwhile."""
    said = {name: getattr(last, name) for name in REPORTED} if last else {}
    return said | {"measures": [], "undone_measures": []}


def progress_of(form: ProgressForm) -> Progress:
    """Return what a form says about one task."""
    closing_form = form if isinstance(form, ClosureForm) else None
    return Progress(
        text=form.text.data or "",
        completion=CompletionClass(form.completion.data),
        is_no_change=bool(form.is_no_change.data),
        unfinished_reason=form.unfinished_reason.data or "",
        next_step=form.next_step.data or "",
        done_measures=frozenset(form.measures.data or ()),
        undone_measures=frozenset(form.undone_measures.data or ()),
        rules_made=form.rules_made.data or 0,
        orgs_held=form.orgs_held.data or 0,
        persons_held=form.persons_held.data or 0,
        recovered_wan=form.recovered_wan.data or Decimal(0),
        done_on=closing_form.done_on.data if closing_form else None,
        no_evidence_reason=(closing_form.no_evidence_reason.data or "") if closing_form else "",
    )
