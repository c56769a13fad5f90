"""下发 the tasks of a feedback."""

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import select
from sqlalchemy.orm import selectinload

from tracker.feedback.models import Feedback, Issue
from tracker.kernel.errors import NotVisibleError
from tracker.kernel.permissions import Permission
from tracker.organizations.scope import conducts
from tracker.rectification.forms import IssueTasksForm
from tracker.rectification.service.issuing import issue_tasks
from tracker.rectification.views import bp
from tracker.web.access import actor, requires
from tracker.web.database import db, now
from tracker.web.forms import accepted, status_of


@bp.route("/feedbacks/<int:feedback_id>/issue-tasks", methods=["GET", "POST"])
@requires(Permission.TASK_ISSUE)
def issue_feedback_tasks(feedback_id: int) -> ResponseReturnValue:
    """Make the tasks of all issues, one per responsible unit, and send them to the units."""
    feedback = _feedback(feedback_id)
    form = IssueTasksForm()
    if form.validate_on_submit() and accepted(
        form,
        lambda: flash(f"已下发 {len(_issue(feedback, form))} 项整改任务。", "ok"),
    ):
        db().commit()
        return redirect(url_for("feedback.feedback", feedback_id=feedback_id))
    page = render_template(
        "rectification/issue_feedback_tasks.html",
        form=form,
        feedback=feedback,
        simple=actor().simple_mode,
    )
    return page, status_of(form)


def _issue(feedback: Feedback, form: IssueTasksForm) -> list[object]:
    return [
        *issue_tasks(
            db(),
            feedback,
            actor=actor(),
            now=now(),
            immediate_due=form.immediate_due.data,
            usual_due=form.usual_due.data,
        )
    ]


def _feedback(feedback_id: int) -> Feedback:
    query = select(Feedback).where(
        Feedback.id == feedback_id, conducts(actor(), region=Feedback.region_id)
    )
    found = db().scalar(query.options(selectinload(Feedback.issues).selectinload(Issue.units)))
    if found is None:
        raise NotVisibleError
    return found
