"""Reads an uploaded ledger in a process of its own, with limits on memory and time."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path
from typing import Any

from tracker.kernel.apart import ApartError, Limits, stream_apart
from tracker.kernel.errors import DomainError
from tracker.ledger.corrections import Corrections, pack_corrections
from tracker.ledger.header_words import Meaning
from tracker.ledger.packing import unpack_told
from tracker.ledger.reading_result import LedgerReading, ReadRow
from tracker.ledger.row_packing import unpack_row

MEMORY_BYTES = 1_500_000_000
SECONDS = 60


@dataclass(frozen=True, kw_only=True)
class Question:
    """Which file to read (`name` is what the person called it), against what, by whose header words,
    with what in place of which cells."""

    path: Path
    name: str
    fed_back_on: date | None = None
    concentrated_end: date | None = None
    unit: str | None = None
    words: Mapping[str, Meaning] = field(default_factory=dict)
    corrections: Corrections = field(default_factory=Corrections)

    def with_words(self, words: Mapping[str, Meaning]) -> "Question":
        """Return the same question, asked by more words; those that are there already give way."""
        return replace(self, words={**self.words, **words})


def read_apart(
    question: Question,
    *,
    memory_bytes: int = MEMORY_BYTES,
    seconds: float = SECONDS,
    is_stopped: Callable[[], bool] | None = None,
) -> LedgerReading:
    """Return the reading of a file, a refused one included.

    DomainError when reading it takes too much memory or time, or is stopped.
    """
    days = (question.fed_back_on, question.concentrated_end)
    asked = {
        "path": str(question.path.resolve()),
        "name": question.name,
        "days": [day.isoformat() if day else None for day in days],
        "unit": question.unit,
        "words": {word: meaning.value for word, meaning in question.words.items()},
        "corrections": pack_corrections(question.corrections),
    }
    limits = Limits(memory_bytes=memory_bytes, seconds=seconds)
    try:
        answers = stream_apart("tracker.ledger.reading_child", asked, limits, is_stopped=is_stopped)
        return _put_together(answers)
    except ApartError as error:
        raise DomainError(_sentence(error)) from None


def _put_together(answers: Iterator[Any]) -> LedgerReading:
    """Join the rows, which come in parts, to what is told at the end; of a refused file none are kept."""
    rows: list[ReadRow] = []
    for answer in answers:
        if isinstance(answer, list):
            rows += map(unpack_row, answer)
        else:
            reading = unpack_told(answer, rows)
    return reading if reading.sheets else replace(reading, rows=())


def _sentence(error: ApartError) -> str:
    if error.is_slow:
        return "读取这个文件用时过长，已停止。请删去多余的格式和空行，或拆分成几个文件后再导入。"
    return (
        "读取这个文件占用内存过多或出了错，已停止。请另存为新的 .xlsx，或拆分成几个文件后再导入。"
    )
