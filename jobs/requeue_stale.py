"""requeue-stale: take back what a sender that died had claimed."""

from datetime import datetime

from jobs.context import JobContext
from tracker.notifications.delivery import recover


def run(context: JobContext, _now: datetime) -> int:
    """Return how many channels were taken back; leases run by the database's clock."""
    with context.database.writing() as session:
        now = context.clock.shared(session.connection())
        recovered = recover(session, now=now)
        session.commit()
    return recovered
