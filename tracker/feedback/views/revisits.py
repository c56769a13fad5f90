"""“回头看”: the former issues of a unit, a verdict each, and what follows a bad one."""

from collections.abc import Sequence

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from tracker.feedback import revisits
from tracker.feedback.forms import FollowUpForm, VerdictForm
from tracker.feedback.queries import feedbacks_of_inspection
from tracker.feedback.rules import BAD_VERDICTS, Verdict
from tracker.feedback.views import bp
from tracker.kernel.errors import DomainError, NotVisibleError
from tracker.kernel.permissions import Permission
from tracker.organizations.queries import with_predecessors
from tracker.organizations.scope import conducts_row, ensure_conducts
from tracker.rectification.models import Task
from tracker.rectification.queries import tasks_of_issue
from tracker.rectification.rules.words import TaskState
from tracker.rectification.service.closing import reopen_task
from tracker.rounds.models import Inspection
from tracker.rounds.queries import get_inspection
from tracker.web.access import actor, requires
from tracker.web.database import db, now, today
from tracker.web.forms import accepted, given, seen, status_of


def _revisit(inspection_id: int, *, to_change: bool = False) -> Inspection:
    found = get_inspection(db(), inspection_id, actor=actor(), to_change=to_change)
    if not revisits.is_revisit(found):
        raise NotVisibleError
    return found


@bp.get("/inspections/<int:inspection_id>/former-issues")
@requires(Permission.ROUND_READ)
def former_issues(inspection_id: int) -> ResponseReturnValue:
    """List what earlier inspections fed back, with the revisit's verdicts."""
    inspection = _revisit(inspection_id)
    formers = revisits.former_issues(db(), inspection, actor=actor())
    return render_template(
        "feedback/former_issues.html",
        inspection=inspection,
        formers=formers,
        tally=revisits.tally(formers),
        bad=BAD_VERDICTS,
        feedbacks=feedbacks_of_inspection(db(), inspection_id, actor=actor()),
        ours=conducts_row(actor(), inspection.conducting_region_id),
    )


@bp.route("/inspections/<int:inspection_id>/former-issues/<int:issue_id>", methods=["GET", "POST"])
@requires(Permission.FEEDBACK_EDIT)
def former_issue(inspection_id: int, issue_id: int) -> ResponseReturnValue:
    """Give a verdict on one former issue."""
    inspection = _revisit(inspection_id, to_change=True)
    former = revisits.get_former_issue(db(), inspection, issue_id, actor=actor())
    form = VerdictForm(obj=former.verdict)

    def save() -> None:
        judgement = revisits.Judgement(
            verdict=Verdict(form.verdict.data),
            text=form.text.data or None,
            judged_on=given(form.judged_on.data),
            seen=seen(form),
        )
        revisits.judge(db(), inspection, former.issue, judgement, actor=actor(), now=now())

    if form.validate_on_submit() and accepted(form, save):
        db().commit()
        flash("已评定。", "ok")
        return redirect(_next(inspection, "next" in request.form))
    form.version.data = str(former.verdict.version if former.verdict else 0)
    form.judged_on.data = form.judged_on.data or today()
    page = render_template(
        "feedback/former_issue.html",
        form=form,
        inspection=inspection,
        former=former,
        tasks=_own_tasks(inspection, issue_id),
    )
    return page, status_of(form)


def _own_tasks(inspection: Inspection, issue_id: int) -> list[Task]:
    """Return an issue's tasks of this unit; a common issue has tasks of others too."""
    family = with_predecessors(db(), inspection.unit_id)
    tasks = tasks_of_issue(db(), issue_id, actor=actor())
    return [task for task in tasks if task.lead_unit_id in family]


def _next(inspection: Inspection, is_asked: bool) -> str:
    """Return the next issue without a verdict, or the list."""
    for former in revisits.former_issues(db(), inspection, actor=actor()) if is_asked else ():
        if former.verdict is None:
            return url_for(".former_issue", inspection_id=inspection.id, issue_id=former.issue.id)
    return url_for(".former_issues", inspection_id=inspection.id)


@bp.route(
    "/inspections/<int:inspection_id>/former-issues/<int:issue_id>/reopen",
    methods=["GET", "POST"],
)
@requires(Permission.TASK_REOPEN)
def reopen_former_issue(inspection_id: int, issue_id: int) -> ResponseReturnValue:
    """重新整改 of a former issue's closed tasks, after a bad verdict."""
    inspection = _revisit(inspection_id)
    former = revisits.get_former_issue(db(), inspection, issue_id, actor=actor())
    if former.verdict is None or former.verdict.verdict not in BAD_VERDICTS:
        raise DomainError("只有评定为未到位、反弹、屡查屡犯的问题，才从这里重新整改。")
    closed = [task for task in _own_tasks(inspection, issue_id) if task.state is TaskState.CLOSED]
    form = FollowUpForm()
    form.task_ids.choices = [
        (task.id, f"{task.task_no}　{task.lead_unit.short_name}") for task in closed
    ]
    if not form.is_submitted():
        form.task_ids.data = [task.id for task in closed]
        form.reason.data = f"“回头看”{former.verdict.verdict.label}：{former.verdict.text or ''}"
    if form.validate_on_submit() and accepted(form, lambda: _reopen(form, inspection, closed)):
        db().commit()
        flash(f"已重新整改 {len(form.task_ids.data or ())} 项任务。", "ok")
        return redirect(url_for(".former_issues", inspection_id=inspection_id))
    page = render_template(
        "feedback/reopen_former_issue.html",
        form=form,
        inspection=inspection,
        former=former,
        closed=closed,
    )
    return page, status_of(form)


def _reopen(form: FollowUpForm, inspection: Inspection, closed: Sequence[Task]) -> None:
    ensure_conducts(actor(), inspection.conducting_region_id)
    wanted = set(form.task_ids.data or ())
    if not wanted:
        raise DomainError("请至少选一项要重新整改的任务。")
    for task in closed:
        if task.id in wanted:
            reason, due = form.reason.data or "", form.new_due.data
            reopen_task(db(), task, reason, due, actor=actor(), now=now())
