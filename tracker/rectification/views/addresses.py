"""Where the pages of a task, a plan, a document and a month's report are, and where a list goes on."""

from datetime import date

from flask import abort, url_for


def task_url(task_id: int) -> str:
    """Return the address of a task's page."""
    return url_for("rectification.task", task_id=task_id)


def plan_url(plan_id: int) -> str:
    """Return the address of a plan's page."""
    return url_for("rectification.plan", plan_id=plan_id)


def document_url(document_id: int) -> str:
    """Return the address of a unit's document."""
    return url_for("rectification.document", document_id=document_id)


def monthly_report_url(report_id: int) -> str:
    """Return the address of a month's report."""
    return url_for("rectification.monthly_report", report_id=report_id)


def last_of_page(value: str) -> tuple[date, int] | None:
    """Return the day and id of the last row of the page before; 404 when an address is nonsense."""
    day, _, last = value.partition("_")
    try:
        return (date.fromisoformat(day), int(last[:18])) if value else None
    except ValueError:
        abort(404)
