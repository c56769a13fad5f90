"""Load the newest progress report of many tasks, a part of them at a time."""

from collections.abc import Sequence

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from tracker.rectification.models import ProgressReport

CHUNK = 500  # ids in one statement


def newest_reports(session: Session, task_ids: Sequence[int]) -> dict[int, ProgressReport]:
    """Return the newest progress report of each of at most CHUNK tasks, by task id."""
    newest = select(func.max(ProgressReport.id)).where(ProgressReport.task_id.in_(task_ids))
    query = select(ProgressReport).where(
        ProgressReport.id.in_(newest.group_by(ProgressReport.task_id))
    )
    return {report.task_id: report for report in session.scalars(query)}
