"""sweep-files: remove uploads whose row was never committed, and results kept long enough."""

from datetime import datetime

from jobs.context import JobContext
from tracker.files.storage import FileStorage
from tracker.files.sweeping import sweep_orphans
from tracker.job_runs import works
from tracker.job_runs.results import ResultFiles


def run(context: JobContext, now: datetime) -> int:
    """Return the number of files removed."""
    with context.database.reading() as session:
        orphans = sweep_orphans(session, FileStorage(context.config.evidence_dir), now=now)
    return orphans + clear_results(context, now)


def clear_results(context: JobContext, now: datetime) -> int:
    """Mark results that were kept long enough, then remove them, and what no row knows; a process
    that dies in between leaves a file that the next day removes. Return how many files."""
    results = ResultFiles(context.config.results_dir)
    with context.database.writing() as session:
        ended = works.expired(session, now=now)
        works.clear(session, [work_id for work_id, _file in ended], now=now)
        session.commit()
    for _work_id, file in ended:
        results.remove(file)
    with context.database.reading() as session:
        strays = results.strays(works.known_files(session), now=now)
    for path in strays:
        path.unlink(missing_ok=True)
    return len(ended) + len(strays)
