"""Reads an uploaded ledger in a process of its own, with limits on memory and time."""

from dataclasses import dataclass
from datetime import date
from pathlib import Path

from tracker.kernel.apart import ApartError, Limits, ask_apart
from tracker.kernel.errors import DomainError
from tracker.ledger.packing import unpack_reading
from tracker.ledger.reading import LedgerReading

MEMORY_BYTES = 1_500_000_000
SECONDS = 60


@dataclass(frozen=True, kw_only=True)
class Question:
    """Which file to read (`name` is what the person called it), and against what."""

    path: Path
    name: str
    fed_back_on: date | None = None
    concentrated_end: date | None = None
    unit: str | None = None


def read_apart(
    question: Question, *, memory_bytes: int = MEMORY_BYTES, seconds: float = SECONDS
) -> LedgerReading:
    """Return the reading of a file, a refused one included.

    DomainError when reading it takes too much memory or time.
    """
    days = (question.fed_back_on, question.concentrated_end)
    asked = {
        "path": str(question.path.resolve()),
        "name": question.name,
        "days": [day.isoformat() if day else None for day in days],
        "unit": question.unit,
    }
    limits = Limits(memory_bytes=memory_bytes, seconds=seconds)
    try:
        return unpack_reading(ask_apart("tracker.ledger.reading_child", asked, limits))
    except ApartError as error:
        raise DomainError(_sentence(error)) from None


def _sentence(error: ApartError) -> str:
    if error.is_slow:
        return "读取这个文件用时过长，已停止。请删去多余的格式和空行，或拆分成几个文件后再导入。"
    return (
        "读取这个文件占用内存过多或出了错，已停止。请另存为新的 .xlsx，或拆分成几个文件后再导入。"
    )
