"""watchdog: look whether reminders run and robots answer, and tell the office when they do not."""

from datetime import datetime

from jobs.context import JobContext
from tracker.watchdog.service import watch
from tracker.workdays.queries import load_calendar


def run(context: JobContext, now: datetime) -> int:
    """Return how many incidents were told of."""
    with context.database.writing() as session:
        told = watch(session, now=now, calendar=load_calendar(session))
        session.commit()
    return told
