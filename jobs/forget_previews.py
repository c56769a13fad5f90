"""forget-previews: throw away drawn pages that nobody has looked at for a while."""

from datetime import datetime, timedelta

from jobs.context import JobContext
from tracker.files.previews import Previews
from tracker.files.storage import FileStorage

KEEP = timedelta(days=14)


def run(context: JobContext, now: datetime) -> int:
    """Return the number of files whose pages were thrown away; they can be drawn again."""
    storage = FileStorage(context.config.evidence_dir)
    return Previews(context.config.preview_dir, storage).forget(before=now - KEEP)
