"""Bytes first, rows after: files are on disk before the transaction opens, and go if it fails."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import BinaryIO

from tracker.files.models import StoredFile
from tracker.files.previews import Previews, office_program
from tracker.files.storage import FileStorage
from tracker.kernel.errors import DomainError
from tracker.web.access import actor
from tracker.web.database import config, db, now
from tracker.web.forms import ChineseForm, accepted


@dataclass(frozen=True)
class Sent:
    """One file as it was sent."""

    name: str
    file: BinaryIO


def storage() -> FileStorage:
    """Return where evidence is kept."""
    return FileStorage(config().evidence_dir)


def previews() -> Previews:
    """Return what draws evidence and keeps the pages."""
    return Previews(config().preview_dir, storage(), office_program())


def stored_and(
    form: ChineseForm, sent: list[Sent], do: Callable[[list[StoredFile]], object]
) -> bool:
    """Store files, do what the form asks with them, and commit; a refusal stands on the form."""
    files: list[StoredFile] = []
    is_done = False
    try:
        if accepted(form, lambda: _store(sent, files)) and accepted(form, lambda: do(files)):
            db().commit()
            is_done = True
    finally:
        for file in [] if is_done else files:
            storage().discard(file)
    return is_done


def _store(sent: list[Sent], files: list[StoredFile]) -> None:
    for number, each in enumerate(sent, start=1):
        try:
            files.append(storage().store(each.file, each.name, actor=actor(), now=now()))
        except DomainError as error:
            which = f"第 {number} 个文件“{each.name[:80]}”：" if len(sent) > 1 else ""
            raise DomainError(f"{which}{error}") from error
