"""The checkboxes of what a letter or record is about."""

from collections.abc import Iterable
from typing import Any

from flask import render_template, request
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from tracker.feedback.models import Issue
from tracker.letters.queries.subjects import addressees, issues_about, tasks_about
from tracker.rectification.models import Task
from tracker.rectification.queries import get_task
from tracker.web.access import actor, own_region, row_id
from tracker.web.database import db, today
from tracker.web.forms import ManyField

SHOWN_CHARACTERS = 60
FROM_ADDRESS = ("unit", "task", "assessment", "held")


def asked_unit_id() -> int | None:
    """Return the unit that the address names, itself or by a task of it."""
    unit_id, task_id = row_id("unit"), row_id("task")
    if unit_id is None and task_id is not None:
        return get_task(db(), task_id, actor=actor()).lead_unit_id
    return unit_id


def choose_unit(view: str) -> ResponseReturnValue:
    """Show which unit a record may be about; the choice comes back as ?unit=."""
    units = addressees(db(), own_region(), today=today())
    kept = {name: value for name in FROM_ADDRESS if (value := request.args.get(name))}
    return render_template(f"letters/{view}.html", form=None, units=units, kept=kept)


def fill_choices(
    form: Any,
    unit_id: int,
    region_id: int,
    tasks: Iterable[Task] = (),
    issues: Iterable[Issue] = (),
    session: Session | None = None,
) -> None:
    """Offer the unit's own tasks and issues of the office, and those linked already."""
    read = session or db()
    found = tasks_about(read, unit_id, region_id, actor=actor(), linked=tasks)
    form.tasks.choices = [
        (task.id, f"{task.task_no} {short(task.issue.text)}（{task.state.label}）")
        for task in found
    ]
    if "issues" in form:
        known = issues_about(read, unit_id, region_id, actor=actor(), linked=issues)
        form.issues.choices = [
            (issue.id, f"问题 {issue.issue_no} {short(issue.text)}") for issue in known
        ]


def short(text: str) -> str:
    """Return the beginning of a text, as long as a line of choices holds."""
    line = " ".join(text.split())
    return line if len(line) <= SHOWN_CHARACTERS else line[:SHOWN_CHARACTERS] + "…"


def ids_of(field: ManyField) -> tuple[int, ...]:
    """Return the ids that were ticked."""
    return tuple(field.data or ())
