"""forget-old-forms: drafts nobody came back to, and which forms were saved long ago."""

from datetime import datetime

from jobs.context import JobContext
from tracker.drafts import service as drafts
from tracker.web import submissions


def run(context: JobContext, now: datetime) -> int:
    """Return the number of rows removed."""
    with context.database.writing() as session:
        removed = drafts.prune(session, now=now) + submissions.prune(session, now=now)
        session.commit()
    return removed
