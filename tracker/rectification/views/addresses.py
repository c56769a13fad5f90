"""Where the pages of a task, a plan, a document and a month's report are."""

from flask import url_for


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
