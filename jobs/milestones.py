"""milestones: queue reminders of plans and milestones due. It marks nothing."""

from datetime import datetime

from jobs.context import JobContext
from tracker.reminders.queries import DOCUMENT, MILESTONE
from tracker.reminders.service import queue_due
from tracker.workdays.queries import load_calendar


def run(context: JobContext, now: datetime) -> int:
    """Return the number of reminders queued; none after queue-reminders, which queues them too."""
    kinds = (DOCUMENT, MILESTONE)
    with context.database.writing() as session:
        queued = queue_due(session, now=now, calendar=load_calendar(session), kinds=kinds)
        session.commit()
    return queued
