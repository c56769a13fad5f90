"""A zip with a filled 填报表 and evidence beside it, opened in a process of its own.

Sizes in the directory of a zip can lie, so what is unpacked is counted while it is read. Nothing is written
under a name of the zip: each file gets a number. A zip inside the zip is evidence and stays closed.
"""

import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tracker.spreadsheets.errors import RefusedFileError

MAX_ENTRIES = 500
MAX_FILE_BYTES = 50 * 1024 * 1024
MAX_BYTES = 200 * 1024 * 1024
MAX_PATH = 300
CHUNK_BYTES = 1024 * 1024
UTF8_FLAG, ENCRYPTED_FLAG = 0x800, 0x1
LEFT_BY_SYSTEMS = ("__MACOSX", ".DS_Store", "Thumbs.db", "desktop.ini")


@dataclass(frozen=True)
class Unpacked:
    """One file of the zip: what it was called there, and where it lies now."""

    path: str
    place: Path

    @property
    def depth(self) -> int:
        """Return how many folders it lies in."""
        return self.path.count("/")


def unpack(source: Path, folder: Path) -> list[Unpacked]:
    """Unpack a zip into a folder. RefusedFileError for what is not safe to unpack."""
    try:
        with zipfile.ZipFile(source) as archive:
            return list(_files(archive, folder))
    except (zipfile.BadZipFile, NotImplementedError, ValueError, EOFError, OSError) as error:
        raise RefusedFileError("damaged", "压缩包已损坏，无法读取。请重新压缩后再交回。") from error


def _files(archive: zipfile.ZipFile, folder: Path) -> Iterator[Unpacked]:
    entries = [entry for entry in archive.infolist() if not entry.is_dir()]
    if len(entries) > MAX_ENTRIES:
        raise RefusedFileError("too_many", f"压缩包内超过 {MAX_ENTRIES} 个文件，请分几次交回。")
    left = MAX_BYTES
    for number, entry in enumerate(entries, start=1):
        path = safe_path(entry)
        if path is None:
            continue
        place = folder / f"{number:04}"
        left -= _unpacked(archive, entry, place, limit=min(left, MAX_FILE_BYTES))
        yield Unpacked(path, place)


def safe_path(entry: zipfile.ZipInfo) -> str | None:
    """Return a file's path for people to read; None for what a system left there.

    Zips of Windows and WPS name files in GBK without the flag of UTF-8.
    """
    if entry.flag_bits & ENCRYPTED_FLAG:
        raise RefusedFileError("encrypted", "压缩包设置了密码。请去掉密码重新压缩后再交回。")
    path = name_of(entry).replace("\\", "/")
    parts = [part for part in path.split("/") if part not in ("", ".")]
    if path.startswith("/") or ".." in parts or ":" in path or len(path) > MAX_PATH:
        raise RefusedFileError("path", "压缩包内有不安全或过长的路径。请重新压缩后再交回。")
    if not parts or any(part in LEFT_BY_SYSTEMS or part.startswith("~$") for part in parts):
        return None
    return "/".join(parts)


def name_of(entry: zipfile.ZipInfo) -> str:
    """Return the name as it was meant."""
    if entry.flag_bits & UTF8_FLAG:
        return entry.filename
    try:
        raw = entry.filename.encode("cp437")
    except UnicodeEncodeError:
        return entry.filename
    for encoding in ("utf-8", "gb18030"):
        try:
            return raw.decode(encoding)
        except UnicodeDecodeError:
            continue
    return entry.filename


def _unpacked(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, place: Path, *, limit: int) -> int:
    size = 0
    with archive.open(entry) as data, place.open("xb") as out:
        while chunk := data.read(CHUNK_BYTES):
            size += len(chunk)
            if size > limit:
                raise RefusedFileError(
                    "too_big", "压缩包内单个文件超过 50 MB 或合计超过 200 MB，请分几次交回。"
                )
            out.write(chunk)
    return size


def as_answer(found: list[Unpacked]) -> list[dict[str, Any]]:
    """Return the files as JSON takes them."""
    return [{"path": each.path, "place": each.place.name} for each in found]
