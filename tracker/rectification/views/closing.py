"""Signature, review, return, closing, reopening, withdrawing."""

from flask.typing import ResponseReturnValue

from tracker.kernel.permissions import Permission
from tracker.rectification.forms import CloseForm, ReasonForm, ReopenForm, ReturnForm
from tracker.rectification.service import closing
from tracker.rectification.views import bp
from tracker.rectification.views.case import whole_case
from tracker.rectification.views.deciding import decide, press
from tracker.web.access import actor, requires
from tracker.web.database import db, now
from tracker.web.forms import VersionedForm


@bp.route("/tasks/<int:task_id>/sign", methods=["GET", "POST"])
@requires(Permission.TASK_SIGN)
def sign_closure(task_id: int) -> ResponseReturnValue:
    """签字背书 by the first responsible person."""
    return decide(
        task_id,
        VersionedForm(),
        "sign_closure",
        lambda task: closing.sign_closure(db(), task, actor=actor(), now=now()),
        "已签字背书，已送巡察办审核。",
        whole_case,
    )


@bp.route("/tasks/<int:task_id>/return-by-head", methods=["GET", "POST"])
@requires(Permission.TASK_SIGN)
def return_by_head(task_id: int) -> ResponseReturnValue:
    """The head sends the request back."""
    form = ReasonForm()
    return decide(
        task_id,
        form,
        "return_by_head",
        lambda task: closing.return_by_head(
            db(), task, form.reason.data or "", actor=actor(), now=now()
        ),
        "已退回联络员。",
        whole_case,
    )


@bp.route("/tasks/<int:task_id>/return", methods=["GET", "POST"])
@requires(Permission.TASK_RETURN)
def return_closure(task_id: int) -> ResponseReturnValue:
    """退回整改 with reason and required supplement."""
    form = ReturnForm()
    return decide(
        task_id,
        form,
        "return_closure",
        lambda task: closing.return_closure(
            db(), task, form.reason.data or "", form.supplement.data or "", actor=actor(), now=now()
        ),
        "已退回，整改时限不变。",
        whole_case,
    )


@bp.route("/tasks/<int:task_id>/close", methods=["GET", "POST"])
@requires(Permission.TASK_CLOSE)
def close_task(task_id: int) -> ResponseReturnValue:
    """销号."""
    form = CloseForm()
    return decide(
        task_id,
        form,
        "close_task",
        lambda task: closing.close_task(
            db(),
            task,
            actor=actor(),
            now=now(),
            opinion=form.opinion.data or "",
            is_sustained=bool(form.is_sustained.data),
            next_review_on=form.next_review_on.data,
        ),
        "已销号，整改时限的提醒随即停止。",
        whole_case,
    )


@bp.route("/tasks/<int:task_id>/reopen", methods=["GET", "POST"])
@requires(Permission.TASK_REOPEN)
def reopen_task(task_id: int) -> ResponseReturnValue:
    """重新整改 with a new due date."""
    form = ReopenForm()
    return decide(
        task_id,
        form,
        "reopen_task",
        lambda task: closing.reopen_task(
            db(), task, form.reason.data or "", form.new_due.data, actor=actor(), now=now()
        ),
        "已重新整改，按新的时限提醒。",
    )


@bp.post("/tasks/<int:task_id>/withdraw")
@requires(Permission.TASK_REPORT)
def withdraw_closure(task_id: int) -> ResponseReturnValue:
    """撤回 the request until somebody has opened it."""
    return press(
        task_id,
        lambda task: closing.withdraw_closure(db(), task, actor=actor(), now=now()),
        "已撤回，可以继续修改。",
    )
