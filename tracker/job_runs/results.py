"""Files made in the background: written aside, synced, renamed; kept for some days."""

import hashlib
import os
import re
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import BinaryIO

OLD_ENOUGH = timedelta(days=1)  # far longer than any work that may still commit its row
OUR_NAME = re.compile(r"[0-9a-f]{32}(\.part)?")


@dataclass(frozen=True)
class ResultFile:
    """A kept file: the name on disk, what it is called for people, and its bytes' measure."""

    stored_as: str
    name: str
    media_type: str
    size: int
    sha256: str


@dataclass
class Draft:
    """A file being written; `kept` is there once the block is left without an exception."""

    file: BinaryIO
    kept: ResultFile | None = None

    @property
    def result(self) -> ResultFile:
        """Return the kept file."""
        if self.kept is None:
            raise ValueError("still being written")
        return self.kept


@dataclass(frozen=True)
class ResultFiles:
    """A folder of files under generated names."""

    folder: Path

    @contextmanager
    def writing(self, name: str, media_type: str) -> Iterator[Draft]:
        """Yield a draft whose `file` is to be filled; nothing stays when the block fails."""
        self.folder.mkdir(parents=True, exist_ok=True)
        stored_as = secrets.token_hex(16)
        aside = self.folder / f"{stored_as}.part"
        try:
            with aside.open("x+b") as file:
                draft = Draft(file)
                yield draft
                file.flush()
                os.fsync(file.fileno())
                file.seek(0)
                digest = hashlib.file_digest(file, "sha256").hexdigest()
                size = file.seek(0, os.SEEK_END)
            aside.replace(self.folder / stored_as)
            draft.kept = ResultFile(stored_as, name, media_type, size, digest)
        finally:
            aside.unlink(missing_ok=True)

    def path(self, stored_as: str) -> Path:
        """Return where a file's bytes are. The name was generated here, never typed."""
        return self.folder / stored_as

    def remove(self, stored_as: str) -> None:
        """Delete a file; one that is gone already is no fault."""
        self.path(stored_as).unlink(missing_ok=True)

    def strays(self, known: set[str], *, now: datetime) -> list[Path]:
        """Return files of our making that no row knows: a worker died before it could say so."""
        if not self.folder.is_dir():
            return []
        return [
            path
            for path in self.folder.iterdir()
            if OUR_NAME.fullmatch(path.name)
            and path.name not in known
            and now - datetime.fromtimestamp(path.stat().st_mtime, UTC) >= OLD_ENOUGH
        ]
