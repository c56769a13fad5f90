"""The two ways a task is acted on: a form of its own, or a button on the task's page."""

from collections.abc import Callable, Mapping
from typing import Any

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from tracker.kernel.db import check_version
from tracker.rectification import queries
from tracker.rectification.models import Task
from tracker.rectification.service import extending, lapsing
from tracker.web.access import actor
from tracker.web.database import db
from tracker.web.forms import ActionForm, ChineseForm, accepted, seen, status_of


def no_facts(_task: Task) -> Mapping[str, Any]:
    """Return what a form shows besides the unit's statement: nothing."""
    return {}


def decide(
    task_id: int,
    form: ChineseForm,
    view: str,
    do: Callable[[Task], object],
    done: str,
    facts: Callable[[Task], Mapping[str, Any]] = no_facts,
) -> ResponseReturnValue:
    """Show a form about a task, and do what it says when it is sent; back to the task then.

    What is decided is what was seen: a task that changed since is refused first, unless the form
    only adds to it. `facts` gives what this form's page shows besides, or instead.
    """
    task = queries.get_task(db(), task_id, actor=actor())

    def decided() -> None:
        if "version" in form:
            check_version(task, seen(form), "这项任务")
        do(task)

    if form.validate_on_submit() and accepted(form, decided):
        db().commit()
        flash(done, "ok")
        return _back(task_id)
    if "version" in form:
        form["version"].data = str(task.version)
    shown = {
        "reports": queries.reports_of(db(), task)[:1],
        "remaining": extending.remaining_extensions(db(), task),
        "extension": lapsing.waiting_extension(db(), task),
        "wish": lapsing.waiting_request(db(), task),
        **facts(task),
    }
    page = render_template(f"rectification/{view}.html", form=form, task=task, **shown)
    return page, status_of(form)


def press(task_id: int, do: Callable[[Task], object], done: str) -> ResponseReturnValue:
    """Do what a button on the task's page says; a refusal is shown there."""
    task = queries.get_task(db(), task_id, actor=actor())
    form = ActionForm()
    if accepted(form, lambda: do(task)):
        db().commit()
        flash(done, "ok")
    else:
        flash(str(form.form_errors[0]), "warning")
    return _back(task_id)


def _back(task_id: int) -> ResponseReturnValue:
    return redirect(url_for("rectification.task", task_id=task_id))
