"""anchor-audit: write the end of the audit trail to a file outside of the database, once a day."""

from datetime import datetime

from jobs.context import JobContext
from tracker.audit.anchors import anchor_path, write_anchor
from tracker.audit.queries import head


def run(context: JobContext, now: datetime) -> int:
    """Return 1, or 0 of a trail that is still empty."""
    with context.database.reading() as session:
        seq, chain = head(session)
    if not seq:
        return 0
    write_anchor(
        anchor_path(context.config.data_dir), seq, chain, context.config.secret_keys, now=now
    )
    return 1
