"""Packs a 迎检包: the files, 目录.xlsx with what each is, and SHA256SUMS.txt to check them by."""

import hashlib
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import BinaryIO
from zipfile import ZIP_DEFLATED, ZIP_STORED, ZipFile, ZipInfo

from tracker.documents.packing import UNIX, ZIP_EPOCH
from tracker.files.models import StoredFile
from tracker.files.rules import clean_name
from tracker.files.storage import CHUNK_BYTES, FileStorage
from tracker.kernel.clock import local
from tracker.kernel.progress import Progress, unwatched
from tracker.ledger.dossier import Dossier, Entry
from tracker.spreadsheets.writer import Column, ColumnKind, Table, write_workbook

INDEX, SUMS = "00目录.xlsx", "SHA256SUMS.txt"


@dataclass(frozen=True, kw_only=True)
class Packed:
    """How an entry came in: its path in the zip, or the fault for which it was left out."""

    entry: Entry
    path: str
    size: int = 0
    sha256: str = ""
    fault: str = ""


def pack(
    dossier: Dossier,
    target: BinaryIO,
    storage: FileStorage,
    *,
    now: datetime,
    tell: Progress = unwatched,
) -> list[Packed]:
    """Write the zip; return what became of each entry.

    A stored file whose bytes are gone or changed is left out and named as such in the index: one
    fault does not keep the other papers from the inspectors.
    """
    packed: list[Packed] = []
    with ZipFile(target, "w") as zip_file:
        for entry, path in zip(dossier.entries, _paths(dossier.entries), strict=True):
            tell("放入材料", len(packed), len(dossier.entries))
            packed.append(_put(zip_file, entry, path, storage))
        _write(zip_file, INDEX, _index(dossier, packed, now))
        _write(zip_file, SUMS, _sums(packed))
    return packed


def dossier_name(dossier: Dossier, *, today: date) -> str:
    """Return what the file is called."""
    named = f"{dossier.unit.short_name}{dossier.tour.name}迎检包"
    return clean_name(f"{named}{today.isoformat()}.zip")


def _paths(entries: Sequence[Entry]) -> list[str]:
    """Return a path for each: numbered within its folder, so that no two are the same."""
    counts: Counter[tuple[str, str]] = Counter()
    paths = []
    for entry in entries:
        folder = (entry.folder.path, entry.task_no)
        counts[folder] += 1
        within = f"{clean_name(entry.task_no)}/" if entry.task_no else ""
        name = clean_name(entry.name)
        paths.append(f"{entry.folder.path}/{within}{counts[folder]:02d}_{name}")
    return paths


def _put(zip_file: ZipFile, entry: Entry, path: str, storage: FileStorage) -> Packed:
    if not isinstance(entry.content, StoredFile):
        data = entry.content()
        _write(zip_file, path, data)
        digest = hashlib.sha256(data).hexdigest()
        return Packed(entry=entry, path=path, size=len(data), sha256=digest)
    row = entry.content
    fault = storage.fault_of(row)
    if fault is not None:
        return Packed(entry=entry, path="", fault=fault.label)
    with storage.path(row).open("rb") as source, zip_file.open(_info(path, ZIP_STORED), "w") as to:
        while chunk := source.read(CHUNK_BYTES):
            to.write(chunk)
    return Packed(entry=entry, path=path, size=row.size_bytes, sha256=row.sha256)


def _write(zip_file: ZipFile, path: str, data: bytes) -> None:
    zip_file.writestr(_info(path, ZIP_DEFLATED), data)


def _info(path: str, method: int) -> ZipInfo:
    """Describe an entry without the moment it was packed; pictures and PDF do not shrink."""
    info = ZipInfo(path, ZIP_EPOCH)
    info.create_system, info.compress_type = UNIX, method
    info.external_attr = 0o600 << 16
    return info


def _index(dossier: Dossier, packed: Sequence[Packed], now: datetime) -> bytes:
    rows = [
        [
            number,
            one.entry.folder.label,
            one.entry.task_no,
            one.entry.title,
            one.entry.day,
            one.path or one.entry.name,
            None if one.fault else one.size,
            one.sha256,
            f"未放入：{one.fault}" if one.fault else "",
        ]
        for number, one in enumerate(packed, start=1)
    ]
    left_out = sum(bool(one.fault) for one in packed)
    table = Table(
        "目录",
        (
            Column("序号", 6, ColumnKind.INTEGER),
            Column("类别", 16),
            Column("任务编号", 16),
            Column("名称", 36),
            Column("日期", 12, ColumnKind.DATE),
            Column("文件", 48),
            Column("大小（字节）", 12, ColumnKind.INTEGER),
            Column("SHA-256", 40),
            Column("备注", 24),
        ),
        rows,
        title=f"{dossier.unit.name}（{dossier.tour.name}）迎检包目录",
        notes=(
            f"生成时间：{local(now):%Y-%m-%d %H:%M}；共 {len(packed)} 份材料，未放入 {left_out} 份。",
        ),
    )
    return write_workbook([table], created_at=local(now))


def _sums(packed: Sequence[Packed]) -> bytes:
    """Write digests and paths as `sha256sum -c` reads them."""
    return "".join(f"{one.sha256}  {one.path}\n" for one in packed if not one.fault).encode()
