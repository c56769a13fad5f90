"""Reads a 填报表 that came back, in a process of its own, with limits on memory and time."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path
from typing import Any

from tracker.kernel.apart import ApartError, Limits, ask_apart
from tracker.kernel.errors import DomainError

READING = Limits(memory_bytes=1_500_000_000, seconds=60, file_bytes=60_000_000)
MAX_ROWS = 5_000


@dataclass(frozen=True)
class Stamp:
    """What the workbook says of itself: its format, its month, the token of its copy."""

    form: str
    month: date
    token: str


@dataclass(frozen=True)
class ReturnedRow:
    """One row as it was read: where it stands, its hidden words, its cells by the column's title."""

    sheet: str
    row: int
    key: str
    version: str
    cells: Mapping[str, str]
    defects: Mapping[str, str]

    @property
    def stamp(self) -> "Stamp | None":
        """Return what the hidden column says of the workbook; None when it was typed over."""
        parts = self.version.split("|")
        try:
            return Stamp(parts[0], date.fromisoformat(f"{parts[1]}-01"), parts[2])
        except (IndexError, ValueError):
            return None

    @property
    def place(self) -> str:
        """Return where a person finds the row."""
        return f"“{self.sheet}”第 {self.row} 行"


@dataclass(frozen=True)
class Returned:
    """What came back: the workbook (name, where it lies, rows), and (path, where it lies) of the others."""

    name: str
    book: Path
    rows: list[ReturnedRow]
    files: list[tuple[str, Path]]


def read_returned(path: Path, name: str, folder: Path) -> Returned:
    """Return what a file holds, an .xlsx or a zip of one with evidence, unpacked into a folder.

    DomainError when it cannot be read.
    """
    asked = {"path": str(path.resolve()), "name": name, "folder": str(folder.resolve())}
    try:
        found: dict[str, Any] = ask_apart("tracker.ledger.fill_in_child", asked, READING)
    except ApartError as error:
        raise DomainError(_sentence(error)) from None
    if "refused" in found:
        raise DomainError(found["refused"])
    rows = [ReturnedRow(**row) for row in found["rows"]]
    if len(rows) > MAX_ROWS:
        raise DomainError(f"填报表超过 {MAX_ROWS} 行，不予读取。请重新下载填报表后填写。")
    book = folder / found["place"] if found["place"] else path
    files = [(each["path"], folder / each["place"]) for each in found["files"]]
    return Returned(found["book"], book, rows, files)


def pack_rows(rows: Sequence[ReturnedRow]) -> str:
    """Return rows as they are kept."""
    return json.dumps([asdict(row) for row in rows], ensure_ascii=False)


def unpack_rows(packed: str) -> list[ReturnedRow]:
    """Return what `pack_rows` kept."""
    return [ReturnedRow(**row) for row in json.loads(packed)]


def _sentence(error: ApartError) -> str:
    what = "用时过长" if error.is_slow else "占用内存过多或出了错"
    return f"读取这个文件{what}，已停止。请重新下载填报表，把填写的内容复制过去后再交回。"
