"""The other side of `reading_apart`: reads one file, returns the reading as JSON takes it."""

from datetime import date
from pathlib import Path
from typing import Any

from tracker.ledger.corrections import unpack_corrections
from tracker.ledger.header_words import HeaderWords, meaning_from
from tracker.ledger.inspection import inspect_file
from tracker.ledger.packing import pack_reading


def answer(question: dict[str, Any]) -> Any:
    """Read what is asked for."""
    fed_back_on, end = (date.fromisoformat(day) if day else None for day in question["days"])
    with Path(question["path"]).open("rb") as data:
        reading = inspect_file(
            data,
            name=question["name"],
            feedback_on=fed_back_on,
            concentrated_end=end,
            unit=question["unit"],
            words=HeaderWords(
                {word: meaning_from(code) for word, code in question["words"].items()}
            ),
            corrections=unpack_corrections(question["corrections"]),
        )
    return pack_reading(reading)
