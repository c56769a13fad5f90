"""Bytes on disk: written aside, synced, renamed, and only then is a row about them committed."""

import hashlib
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import BinaryIO

from tracker.files.models import StoredFile
from tracker.files.rules import (
    FAULT_SENTENCES,
    MAX_FILE_BYTES,
    FileFault,
    check_content,
    clean_name,
    kind_of,
)
from tracker.kernel.errors import DomainError
from tracker.kernel.permissions import Actor

CHUNK_BYTES = 1024 * 1024


@dataclass(frozen=True)
class FileStorage:
    """A folder of files under generated names, two letters a subfolder."""

    folder: Path

    def store(
        self,
        file: BinaryIO,
        name: str | None,
        *,
        actor: Actor,
        now: datetime,
        tables: bool = False,
    ) -> StoredFile:
        """Check and keep a file; return its row, not yet in a session.

        `tables`: .ods, .csv and .tsv too, for ledgers. Raises DomainError when the file is empty, too large, or not what its name says. A file
        whose row is never committed is an orphan that `sweep` finds; never the other way round.
        """
        shown = clean_name(name)
        kind = kind_of(shown, tables=tables)
        check_content(file, kind)
        storage_name = f"{secrets.token_hex(16)}.{kind.extension}"
        digest, size = self._write(storage_name, file)
        return StoredFile(
            storage_name=storage_name,
            original_name=shown,
            extension=kind.extension,
            media_type=kind.media_type,
            size_bytes=size,
            sha256=digest,
            stored_at=now,
            stored_by=actor.label,
        )

    def path(self, row: StoredFile) -> Path:
        """Return where a file's bytes are. The name was generated here, never typed."""
        return self.folder / row.storage_name[:2] / row.storage_name

    def fault_of(self, row: StoredFile) -> FileFault | None:
        """Return what is wrong with the bytes on disk: size and digest have to be as recorded."""
        path = self.path(row)
        try:
            if path.stat().st_size != row.size_bytes:
                return FileFault.CHANGED
            with path.open("rb") as file:
                digest = hashlib.file_digest(file, "sha256").hexdigest()
        except FileNotFoundError:
            return FileFault.MISSING
        except OSError:
            return FileFault.UNREADABLE
        return None if digest == row.sha256 else FileFault.CHANGED

    def verified_path(self, row: StoredFile) -> Path:
        """Return where the bytes are, once they have proven to be those that were stored."""
        fault = self.fault_of(row)
        if fault is not None:
            raise DomainError(FAULT_SENTENCES[fault])
        return self.path(row)

    def discard(self, row: StoredFile) -> None:
        """Remove bytes whose row was never committed."""
        self.path(row).unlink(missing_ok=True)

    def _write(self, storage_name: str, file: BinaryIO) -> tuple[str, int]:
        target = self.folder / storage_name[:2] / storage_name
        target.parent.mkdir(parents=True, exist_ok=True)
        digest, size = hashlib.sha256(), 0
        with self._aside(target) as out:
            while chunk := file.read(CHUNK_BYTES):
                size += len(chunk)
                if size > MAX_FILE_BYTES:
                    raise DomainError("文件超过 50 MB，请压缩或拆分后再上传。")
                digest.update(chunk)
                out.write(chunk)
        return digest.hexdigest(), size

    @contextmanager
    def _aside(self, target: Path) -> Iterator[BinaryIO]:
        """Yield a temporary file that becomes the target when all went well, and vanishes else."""
        aside = target.with_suffix(target.suffix + ".part")
        try:
            with aside.open("xb") as out:
                yield out
                out.flush()
                os.fsync(out.fileno())
            aside.replace(target)
        except OSError as error:
            raise DomainError("服务器存储空间不足或不可写，文件没有保存。请联系管理员。") from error
        finally:
            aside.unlink(missing_ok=True)
        _sync_folder(target.parent)


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
