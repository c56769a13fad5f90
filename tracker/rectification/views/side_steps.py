"""Beside the main way: 长期整改, skipping, running rows, ending, co-responsible units."""

from flask.typing import ResponseReturnValue

from tracker.kernel.permissions import Permission
from tracker.organizations.queries import pickable_units
from tracker.rectification import queries
from tracker.rectification.forms import (
    CoUnitsForm,
    DecisionForm,
    LongTermForm,
    ReasonForm,
    RunningForm,
)
from tracker.rectification.models import Task
from tracker.rectification.rules.transitions import Verb
from tracker.rectification.rules.words import TaskState
from tracker.rectification.service import co_units, side_steps
from tracker.rectification.service.steps import take_step
from tracker.rectification.views import bp
from tracker.rectification.views.deciding import decide, press
from tracker.web.access import actor, requires
from tracker.web.database import db, now, today


@bp.route("/tasks/<int:task_id>/long-term/ask", methods=["GET", "POST"])
@requires(Permission.LONG_TERM_REQUEST)
def ask_long_term(task_id: int) -> ResponseReturnValue:
    """申请转长期整改, or back."""
    form = LongTermForm()

    def ask(task: Task) -> None:
        wish = side_steps.LongTermWish(
            reason=form.reason.data or "",
            stage_goal=form.stage_goal.data or "",
            next_review_on=form.next_review_on.data,
            new_due=form.new_due.data,
        )
        side_steps.ask_long_term(db(), task, wish, actor=actor(), now=now())

    return decide(task_id, form, "ask_long_term", ask, "申请已提交，等待巡察办审批。")


@bp.post("/tasks/<int:task_id>/long-term/withdraw")
@requires(Permission.LONG_TERM_REQUEST)
def withdraw_long_term(task_id: int) -> ResponseReturnValue:
    """撤回长期整改的申请."""
    return press(
        task_id,
        lambda task: side_steps.withdraw_long_term(db(), task, actor=actor(), now=now()),
        "申请已撤回。",
    )


@bp.route("/tasks/<int:task_id>/long-term/decide", methods=["GET", "POST"])
@requires(Permission.LONG_TERM_APPROVE)
def decide_long_term(task_id: int) -> ResponseReturnValue:
    """审批长期整改."""
    form = DecisionForm()

    def settle(task: Task) -> None:
        verb = Verb.RESUME if task.state is TaskState.LONG_TERM else Verb.TO_LONG_TERM
        side_steps.decide_long_term(
            db(),
            task,
            verb,
            grant=form.decision.data == "grant",
            reason=form.reason.data or "",
            actor=actor(),
            now=now(),
        )

    return decide(task_id, form, "decide_long_term", settle, "申请已办结。")


@bp.post("/tasks/<int:task_id>/skip")
@requires(Permission.TASK_SKIP)
def skip_step(task_id: int) -> ResponseReturnValue:
    """跳过已取消的环节."""
    return press(
        task_id,
        lambda task: side_steps.skip_step(db(), task, actor=actor(), now=now()),
        "已跳过取消的环节。",
    )


@bp.route("/tasks/<int:task_id>/running", methods=["GET", "POST"])
@requires(Permission.TASK_REGISTER)
def register_running(task_id: int) -> ResponseReturnValue:
    """登记为整改中 (代录)."""
    form = RunningForm()
    return decide(
        task_id,
        form,
        "register_running",
        lambda task: side_steps.register_running(
            db(), task, form.due_on.data, actor=actor(), now=now()
        ),
        "已登记为整改中，原定时限已固定。",
    )


@bp.route("/tasks/<int:task_id>/end", methods=["GET", "POST"])
@requires(Permission.TASK_END)
def end(task_id: int) -> ResponseReturnValue:
    """终止整改 with the leading group's approval."""
    form = ReasonForm()
    return decide(
        task_id,
        form,
        "end",
        lambda task: take_step(
            db(), task, Verb.END, actor=actor(), now=now(), reason=form.reason.data
        ),
        "已终止整改，不再计入分母，单独列示。",
    )


@bp.route("/tasks/<int:task_id>/co-units", methods=["GET", "POST"])
@requires(Permission.TASK_ISSUE)
def co_responsible(task_id: int) -> ResponseReturnValue:
    """共同责任单位: they see the task, and are not pushed by default."""
    form = CoUnitsForm()
    task = queries.get_task(db(), task_id, actor=actor())
    units = pickable_units(db(), task.region_id, today=today())
    form.units.choices = {str(u.id): u.name for u in units if u.id != task.lead_unit_id}
    if not form.is_submitted():
        form.units.data = [link.unit_id for link in task.co_units]

    def write(found: Task) -> None:
        co_units.set_co_units(db(), found, form.units.data or [], actor=actor(), now=now())

    return decide(task_id, form, "co_responsible", write, "共同责任单位已更新。")
