"""督查意见: take in, change, and what comes of one."""

from collections.abc import Callable

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from tracker.feedback.queries import get_issue
from tracker.kernel.db import check_version
from tracker.kernel.permissions import Permission
from tracker.letters.forms.visits import (
    FindingForm,
    FindingReopenForm,
    FindingReturnForm,
    FindingTaskForm,
)
from tracker.letters.models.visits import SupervisionVisit, VisitFinding
from tracker.letters.queries import visits as queries
from tracker.letters.service import visits as service
from tracker.letters.views import bp
from tracker.web.access import actor, requires
from tracker.web.database import db, now
from tracker.web.forms import ChineseForm, accepted, given, seen, status_of


@bp.route("/visits/<int:visit_id>/findings/new", methods=["GET", "POST"])
@requires(Permission.VISIT_EDIT)
def new_finding(visit_id: int) -> ResponseReturnValue:
    """Take in a finding about one of the units visited."""
    visit = queries.get_visit(db(), visit_id, actor=actor())
    form = FindingForm()
    form.unit_id.choices = _units(visit)

    def save() -> None:
        service.add_finding(
            db(),
            visit,
            given(form.unit_id.data),
            form.text.data or "",
            task_no=form.task_no.data or "",
            actor=actor(),
            now=now(),
        )

    if form.validate_on_submit() and accepted(form, save):
        db().commit()
        flash("督查意见已登记。", "ok")
        return redirect(url_for(".visit", visit_id=visit_id))
    return render_template("letters/new_finding.html", form=form, visit=visit), status_of(form)


@bp.route("/visit-findings/<int:finding_id>/edit", methods=["GET", "POST"])
@requires(Permission.VISIT_EDIT)
def edit_finding(finding_id: int) -> ResponseReturnValue:
    """Change a finding that has led to nothing yet."""
    found = queries.get_finding(db(), finding_id, actor=actor())
    form = FindingForm(obj=found, task_no=found.task.task_no if found.task else "")
    form.unit_id.choices = _units(found.visit)

    def save(finding: VisitFinding) -> None:
        service.edit_finding(
            db(),
            finding,
            given(form.unit_id.data),
            form.text.data or "",
            task_no=form.task_no.data or "",
            actor=actor(),
            now=now(),
        )

    return _act(found, form, "edit_finding", save, "已保存。")


def _units(visit: SupervisionVisit) -> list[tuple[int, str]]:
    ordered = sorted((link.unit for link in visit.units), key=lambda unit: (unit.sort_no, unit.id))
    return [(unit.id, unit.name) for unit in ordered]


@bp.route("/visit-findings/<int:finding_id>/return", methods=["GET", "POST"])
@requires(Permission.TASK_RETURN)
def return_for_finding(finding_id: int) -> ResponseReturnValue:
    """退回整改."""
    found = queries.get_finding(db(), finding_id, actor=actor())
    form = FindingReturnForm(data={"reason": found.text})

    def do(finding: VisitFinding) -> None:
        why, supplement = form.reason.data or "", form.supplement.data or ""
        service.return_for(db(), finding, why, supplement, actor=actor(), now=now())

    return _act(found, form, "return_for_finding", do, "已退回，整改时限不变。")


@bp.route("/visit-findings/<int:finding_id>/reopen", methods=["GET", "POST"])
@requires(Permission.TASK_REOPEN)
def reopen_for_finding(finding_id: int) -> ResponseReturnValue:
    """重新整改."""
    found = queries.get_finding(db(), finding_id, actor=actor())
    form = FindingReopenForm(data={"reason": found.text})

    def do(finding: VisitFinding) -> None:
        why, new_due = form.reason.data or "", form.new_due.data
        service.reopen_for(db(), finding, why, new_due, actor=actor(), now=now())

    return _act(found, form, "reopen_for_finding", do, "已重新整改，按新的时限提醒。")


@bp.route("/visit-findings/<int:finding_id>/task", methods=["GET", "POST"])
@requires(Permission.TASK_ISSUE)
def task_for_finding(finding_id: int) -> ResponseReturnValue:
    """A new task under an issue of the unit."""
    found = queries.get_finding(db(), finding_id, actor=actor())
    issues = queries.issues_of_unit(db(), found.unit_id, actor=actor())
    form = FindingTaskForm()
    form.issue_id.choices = [(one.id, f"{one.issue_no}　{one.text[:40]}") for one in issues]

    def do(finding: VisitFinding) -> None:
        issue = get_issue(db(), given(form.issue_id.data), actor=actor(), to_change=True)
        goal = form.goal.data or ""
        service.make_task_for(db(), finding, issue, goal, actor=actor(), now=now())

    done = "已形成待下发任务，请到反馈页面下发。"
    return _act(found, form, "task_for_finding", do, done)


def _act(
    finding: VisitFinding,
    form: ChineseForm,
    view: str,
    do: Callable[[VisitFinding], object],
    done: str,
) -> ResponseReturnValue:
    """Show a form about a finding and do what it says; back to the visit then."""

    def save() -> None:
        check_version(finding, seen(form), "这条督查意见")
        do(finding)

    if form.validate_on_submit() and accepted(form, save):
        db().commit()
        flash(done, "ok")
        return redirect(url_for(".visit", visit_id=finding.visit_id))
    form["version"].data = str(finding.version)
    page = render_template(f"letters/{view}.html", form=form, finding=finding)
    return page, status_of(form)
