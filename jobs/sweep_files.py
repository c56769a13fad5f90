"""sweep-files: remove uploads whose row was never committed."""

from datetime import datetime

from jobs.context import JobContext
from tracker.files.storage import FileStorage
from tracker.files.sweeping import sweep_orphans


def run(context: JobContext, now: datetime) -> int:
    """Return the number of files removed."""
    with context.database.reading() as session:
        return sweep_orphans(session, FileStorage(context.config.evidence_dir), now=now)
