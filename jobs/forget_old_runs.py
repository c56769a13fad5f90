"""forget-old-runs: keep the table of runs short."""

from datetime import datetime

from jobs.context import JobContext
from tracker.job_runs.service import prune_runs


def run(context: JobContext, now: datetime) -> int:
    """Return the number of rows removed."""
    with context.database.writing() as session:
        removed = prune_runs(session, now=now)
        session.commit()
    return removed
