"""One issue: read, add, edit."""

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import or_

from tracker.feedback import queries, service
from tracker.feedback.forms import IssueForm
from tracker.feedback.models import Feedback, Issue
from tracker.feedback.revisits import former_issues
from tracker.feedback.rules import Importance, IssueNature, Sensitivity, split_tags
from tracker.feedback.views import bp
from tracker.kernel.db import check_version
from tracker.kernel.permissions import Permission
from tracker.organizations.models import Unit
from tracker.organizations.queries import pickable_units
from tracker.organizations.scope import conducts_row
from tracker.rectification.queries import is_issue_of_shared_task, issued_units, tasks_of_issue
from tracker.web.access import actor, requires, row_id
from tracker.web.database import db, now, today
from tracker.web.forms import accepted, seen, status_of


@bp.get("/issues/<int:issue_id>")
@requires(Permission.ISSUE_READ)
def issue(issue_id: int) -> ResponseReturnValue:
    """Show an issue, who answers for it, and the tasks it became; also to a unit that shares one."""
    seen_by = or_(queries.visible_issues(actor()), is_issue_of_shared_task(actor()))
    found = queries.get_issue_where(db(), issue_id, seen_by)
    return render_template(
        "feedback/issue.html",
        issue=found,
        units=queries.units_shown(db(), found, actor=actor()),
        tasks=tasks_of_issue(db(), issue_id, actor=actor()),
        ours=conducts_row(actor(), found.region_id),
    )


@bp.route("/feedbacks/<int:feedback_id>/issues/new", methods=["GET", "POST"])
@requires(Permission.FEEDBACK_EDIT)
def new_issue(feedback_id: int) -> ResponseReturnValue:
    """Take in an issue."""
    feedback = queries.get_feedback(db(), feedback_id, actor=actor(), to_change=True)
    own = feedback.inspection.unit if feedback.inspection else None
    form = _form(feedback, [own] if own else [], _blank(feedback))

    def save() -> None:
        service.add_issue(db(), feedback, _draft(form), actor=actor(), now=now())

    if form.validate_on_submit() and accepted(form, save):
        db().commit()
        flash(f"问题 {form.issue_no.data} 已录入。", "ok")
        if "again" in request.form:
            return redirect(url_for(".new_issue", feedback_id=feedback_id))
        return redirect(url_for(".feedback", feedback_id=feedback_id))
    return render_template("feedback/new_issue.html", form=form, feedback=feedback), status_of(form)


@bp.route("/issues/<int:issue_id>/edit", methods=["GET", "POST"])
@requires(Permission.FEEDBACK_EDIT)
def edit_issue(issue_id: int) -> ResponseReturnValue:
    """Change an issue."""
    found = queries.get_issue(db(), issue_id, actor=actor(), to_change=True)
    form = _form(found.feedback, [link.unit for link in found.units], _values(found))

    def save() -> None:
        check_version(found, seen(form), "这个问题")
        service.edit_issue(
            db(),
            found,
            _draft(form),
            actor=actor(),
            now=now(),
            issued_unit_ids=issued_units(db(), issue_id),
        )

    if form.validate_on_submit() and accepted(form, save):
        db().commit()
        flash("已保存。", "ok")
        return redirect(url_for(".issue", issue_id=issue_id))
    form.version.data = str(found.version)
    page = render_template(
        "feedback/edit_issue.html",
        form=form,
        issue=found,
        is_issued=bool(issued_units(db(), issue_id)),
    )
    return page, status_of(form)


def _blank(feedback: Feedback) -> dict[str, object]:
    """Return what a new issue starts with; from a revisit's list, the issue that it repeats."""
    own = feedback.inspection.unit if feedback.inspection else None
    values: dict[str, object] = {"unit_ids": [own.id] if own else []}
    repeats = row_id("repeats")
    if repeats in dict(_repeatable(feedback)):
        values["repeats_issue_id"] = repeats
    return values


def _form(feedback: Feedback, present: list[Unit], values: dict[str, object]) -> IssueForm:
    """Return the form; units it has now stay choices even when they have ended since."""
    form = IssueForm(data=values)
    units = pickable_units(db(), feedback.region_id, today=today())
    listed = {unit.id for unit in units}
    if feedback.inspection is not None:  # 提级、交叉: a unit that the office may not name elsewhere
        present = [*present, *({feedback.inspection.unit} - set(present))]
    choices = [unit for unit in present if unit.id not in listed] + units
    form.unit_ids.choices = [(unit.id, unit.name) for unit in choices]
    form.repeats_issue_id.choices = [(0, "（不是）"), *_repeatable(feedback)]
    return form


def _repeatable(feedback: Feedback) -> list[tuple[int, str]]:
    """Return the former issues that an issue of a revisit's feedback may repeat."""
    if feedback.inspection is None:
        return []
    formers = former_issues(db(), feedback.inspection, actor=actor())
    return [(row.issue.id, f"{row.issue.issue_no}　{row.issue.text[:40]}") for row in formers]


def _values(issue: Issue) -> dict[str, object]:
    values = {name: getattr(issue, name) for name in service.PLAIN}
    return values | {
        "repeats_issue_id": issue.repeats_issue_id or 0,
        "unit_ids": [link.unit_id for link in issue.units],
        "tags": "、".join(row.tag for row in issue.tags),
    }


def _draft(form: IssueForm) -> service.IssueDraft:
    return service.IssueDraft(
        issue_no=form.issue_no.data or "",
        text=form.text.data or "",
        unit_ids=tuple(form.unit_ids.data or ()),
        nature=IssueNature(form.nature.data),
        importance=Importance(form.importance.data),
        sensitivity=Sensitivity(form.sensitivity.data),
        cat_l1=form.cat_l1.data or None,
        cat_l2=form.cat_l2.data or None,
        detail=form.detail.data or None,
        cause=form.cause.data or None,
        is_immediate=bool(form.is_immediate.data),
        raised_on=form.raised_on.data,
        repeats_issue_id=form.repeats_issue_id.data or None,
        tags=split_tags(form.tags.data or ""),
    )
