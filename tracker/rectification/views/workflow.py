"""办理流程: the table of steps as everybody may read it."""

from flask import render_template
from flask.typing import ResponseReturnValue

from tracker.kernel.permissions import Permission
from tracker.rectification.rules.picture import step_lines
from tracker.rectification.rules.words import TaskState
from tracker.rectification.views import bp
from tracker.web.access import actor, requires


@bp.get("/workflow")
@requires(Permission.TASK_READ)
def workflow() -> ResponseReturnValue:
    """Show the path of a task, made from the same table that decides."""
    return render_template(
        "rectification/workflow.html",
        lines=step_lines(),
        path=list(TaskState)[:8],
        simple=actor().simple_mode,
    )
