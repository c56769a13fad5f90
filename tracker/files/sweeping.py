"""Sweep up bytes without a row: a process died between the file and the commit about it."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session

from tracker.files.models import StoredFile
from tracker.files.storage import FileStorage

OLD_ENOUGH = timedelta(hours=24)  # far longer than any request that may still commit its row
OUR_NAME = re.compile(r"[0-9a-f]{32}\.[a-z0-9]{1,10}(\.part)?")


def sweep_orphans(session: Session, storage: FileStorage, *, now: datetime) -> int:
    """Remove files that no row knows and that nobody can still be about to commit; return how many.

    Only names of our own making are touched, and young files never.
    """
    removed = 0
    for folder in sorted(storage.folder.glob("[0-9a-f][0-9a-f]")):
        old = {path.name: path for path in _old_files(folder, now=now)}
        known = session.scalars(
            select(StoredFile.storage_name).where(StoredFile.storage_name.in_(old))
        )
        for name in old.keys() - set(known):
            old[name].unlink(missing_ok=True)
            removed += 1
    return removed


def _old_files(folder: Path, *, now: datetime) -> Iterator[Path]:
    for path in folder.iterdir():
        if OUR_NAME.fullmatch(path.name) and path.is_file():
            written_at = datetime.fromtimestamp(path.stat().st_mtime, UTC)
            if now - written_at >= OLD_ENOUGH:
                yield path
