"""Where the pages of a task and of a plan are."""

from flask import url_for


def task_url(task_id: int) -> str:
    """Return the address of a task's page."""
    return url_for("rectification.task", task_id=task_id)


def plan_url(plan_id: int) -> str:
    """Return the address of a plan's page."""
    return url_for("rectification.plan", plan_id=plan_id)
