"""queue-reminders: queue what has come due; state-based, so any number of runs does no harm."""

from datetime import datetime

from jobs.context import JobContext
from tracker.reminders.service import queue_due
from tracker.workdays.queries import load_calendar


def run(context: JobContext, now: datetime) -> int:
    """Return the number of reminders queued."""
    with context.database.writing() as session:
        queued = queue_due(session, now=now, calendar=load_calendar(session))
        session.commit()
    return queued
