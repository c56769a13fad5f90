"""verify-evidence: look at every stored file again: there, as long as recorded, the same digest."""

from collections import defaultdict
from datetime import datetime

from jobs.context import JobContext
from tracker.files.checking import Found, files_to_check, note_checks
from tracker.files.storage import FileStorage
from tracker.kernel.logs import get_logger

BATCH = 100
MAX_BYTES = 50 * 1024**3  # a day's share of a very large storage; tomorrow goes on with the rest
LOGGED_IDS = 100
log = get_logger(__name__)


def run(context: JobContext, now: datetime) -> int:
    """Return the number of files looked at. What is at fault is logged once, when it is found."""
    storage = FileStorage(context.config.evidence_dir)
    looked, octets, news = 0, 0, list[Found]()
    while octets < MAX_BYTES:
        with context.database.reading() as session:
            files = files_to_check(session, before=now, size=BATCH)
        if not files:
            break
        found = [Found(file.id, storage.fault_of(file)) for file in files]
        with context.database.writing() as session:
            news += note_checks(session, found, now=now)
            session.commit()
        looked += len(files)
        octets += sum(file.size_bytes for file in files)
    _tell(news)
    return looked


def _tell(news: list[Found]) -> None:
    if not news:
        return
    ids = defaultdict(list)
    for each in news:
        ids[each.fault.value if each.fault else "repaired"].append(each.file_id)
    counts = {f"{name}_count": len(found) for name, found in ids.items()}
    shown = {name: found[:LOGGED_IDS] for name, found in ids.items()}
    tell = log.info if set(ids) == {"repaired"} else log.error
    tell("stored files changed their standing", **counts, **shown)
