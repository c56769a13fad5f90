"""requeue-stale: take back what a sender that died had claimed."""

from datetime import datetime

from jobs.context import JobContext
from tracker.notifications.delivery import recover


def run(context: JobContext, now: datetime) -> int:
    """Return how many channels were taken back."""
    with context.database.writing() as session:
        recovered = recover(session, now=now)
        session.commit()
    return recovered
