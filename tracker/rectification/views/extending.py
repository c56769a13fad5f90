"""Ask for, sign and grant an extension; correct a wrong due date."""

from flask.typing import ResponseReturnValue

from tracker.kernel.permissions import Permission
from tracker.rectification import queries
from tracker.rectification.forms import DecisionForm, NewDueForm, ReasonForm
from tracker.rectification.service import extending
from tracker.rectification.views import bp
from tracker.rectification.views.deciding import decide, press
from tracker.web.access import actor, requires
from tracker.web.database import db, now


@bp.route("/tasks/<int:task_id>/extension", methods=["GET", "POST"])
@requires(Permission.EXTENSION_REQUEST)
def ask_extension(task_id: int) -> ResponseReturnValue:
    """申请延期."""
    form = NewDueForm()
    return decide(
        task_id,
        form,
        "ask_extension",
        lambda task: extending.ask_extension(
            db(), task, form.new_due.data, form.reason.data or "", actor=actor(), now=now()
        ),
        "延期申请已提交。批准前，整改时限不变。",
    )


@bp.post("/tasks/<int:task_id>/extension/sign")
@requires(Permission.TASK_SIGN)
def sign_extension(task_id: int) -> ResponseReturnValue:
    """The head signs the application."""
    return press(
        task_id,
        lambda task: extending.sign_extension(db(), task, actor=actor(), now=now()),
        "已审签，送巡察办审批。",
    )


@bp.route("/tasks/<int:task_id>/extension/return", methods=["GET", "POST"])
@requires(Permission.TASK_SIGN)
def return_extension(task_id: int) -> ResponseReturnValue:
    """The head does not sign the application."""
    form = ReasonForm()
    return decide(
        task_id,
        form,
        "return_extension",
        lambda task: extending.return_extension(
            db(), task, form.reason.data or "", actor=actor(), now=now()
        ),
        "已退回延期申请，整改时限不变。",
    )


@bp.post("/tasks/<int:task_id>/extension/withdraw")
@requires(Permission.EXTENSION_REQUEST)
def withdraw_extension(task_id: int) -> ResponseReturnValue:
    """撤回延期申请."""
    return press(
        task_id,
        lambda task: extending.withdraw_extension(db(), task, actor=actor(), now=now()),
        "延期申请已撤回，整改时限不变。",
    )


@bp.route("/tasks/<int:task_id>/extension/decide", methods=["GET", "POST"])
@requires(Permission.EXTENSION_APPROVE)
def decide_extension(task_id: int) -> ResponseReturnValue:
    """审批延期."""
    form = DecisionForm()
    return decide(
        task_id,
        form,
        "decide_extension",
        lambda task: extending.decide_extension(
            db(),
            task,
            grant=form.decision.data == "grant",
            reason=form.reason.data or "",
            actor=actor(),
            now=now(),
        ),
        "延期申请已办结。",
    )


@bp.route("/tasks/<int:task_id>/due", methods=["GET", "POST"])
@requires(Permission.TASK_READ)
def correct_due(task_id: int) -> ResponseReturnValue:
    """更正时限; the service decides who may, by how far the task has come."""
    form = NewDueForm()
    found = queries.get_task(db(), task_id, actor=actor())
    extending.ensure_may_correct(found, actor=actor())
    return decide(
        task_id,
        form,
        "correct_due",
        lambda task: extending.correct_due(
            db(), task, form.new_due.data, form.reason.data or "", actor=actor(), now=now()
        ),
        "时限已更正，原因记入时限台账。",
    )
