"""建议销号, 会签, 确认基本完成, 意见: what is said about a task without moving it."""

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from tracker.kernel.permissions import Permission
from tracker.rectification import queries
from tracker.rectification.forms import CommentForm, CosignForm, OpinionForm, ReasonForm
from tracker.rectification.models import Task
from tracker.rectification.service import commenting, confirming, reviewing
from tracker.rectification.views import bp
from tracker.rectification.views.case import remarks_on, whole_case
from tracker.rectification.views.deciding import decide
from tracker.web.access import actor, requires
from tracker.web.database import db, now
from tracker.web.forms import accepted, status_of


@bp.route("/tasks/<int:task_id>/recommend", methods=["GET", "POST"])
@requires(Permission.TASK_RECOMMEND)
def recommend_closure(task_id: int) -> ResponseReturnValue:
    """建议销号 by the clerk."""
    form = OpinionForm()
    return decide(
        task_id,
        form,
        "recommend_closure",
        lambda task: reviewing.recommend_closure(
            db(), task, form.opinion.data or "", actor=actor(), now=now()
        ),
        "已建议销号，等待巡察办主任审核。",
        whole_case,
    )


@bp.route("/tasks/<int:task_id>/cosign", methods=["GET", "POST"])
@requires(Permission.TASK_COSIGN)
def cosign_closure(task_id: int) -> ResponseReturnValue:
    """会签 by the supervisors of the unit."""
    form = CosignForm()
    return decide(
        task_id,
        form,
        "cosign_closure",
        lambda task: reviewing.cosign_closure(
            db(),
            task,
            agrees=form.decision.data == "agree",
            opinion=form.opinion.data or "",
            actor=actor(),
            now=now(),
        ),
        "会签意见已提交。",
        whole_case,
        reviewing.ensure_supervises,
    )


@bp.route("/tasks/<int:task_id>/confirm-completion", methods=["GET", "POST"])
@requires(Permission.TASK_CONFIRM)
def confirm_completion(task_id: int) -> ResponseReturnValue:
    """确认基本完成."""
    form = OpinionForm()
    return decide(
        task_id,
        form,
        "confirm_completion",
        lambda task: confirming.confirm_completion(
            db(), task, form.opinion.data or "", actor=actor(), now=now()
        ),
        "已确认基本完成，自今日起计入“完成率（B口径）”。",
    )


@bp.route("/tasks/<int:task_id>/take-back-confirmation", methods=["GET", "POST"])
@requires(Permission.TASK_CONFIRM)
def take_back_confirmation(task_id: int) -> ResponseReturnValue:
    """收回确认."""
    form = ReasonForm()
    return decide(
        task_id,
        form,
        "take_back_confirmation",
        lambda task: confirming.take_back_confirmation(
            db(), task, form.reason.data or "", actor=actor(), now=now()
        ),
        "已收回确认。",
    )


@bp.route("/tasks/<int:task_id>/comment", methods=["GET", "POST"])
@requires(Permission.TASK_COMMENT)
def comment(task_id: int) -> ResponseReturnValue:
    """Write a comment, with the earlier ones above."""
    task = queries.get_task(db(), task_id, actor=actor())
    form = CommentForm()
    if form.validate_on_submit() and accepted(form, lambda: _comment(task, form)):
        db().commit()
        flash("意见已保存。", "ok")
        return redirect(url_for(".task", task_id=task_id))
    page = render_template("rectification/comment.html", form=form, task=task, **remarks_on(task))
    return page, status_of(form)


def _comment(task: Task, form: CommentForm) -> None:
    """Nothing of the task is changed, so a comment does not mind what others did to it meanwhile."""
    commenting.add_comment(
        db(),
        task,
        form.text.data or "",
        is_internal=bool(form.is_internal.data),
        actor=actor(),
        now=now(),
    )
