"""The other side of `reading_apart`: reads one file, gives its rows in parts, then the rest of the reading."""

from collections.abc import Iterator
from datetime import date
from itertools import islice
from pathlib import Path
from typing import Any

from tracker.ledger.corrections import unpack_corrections
from tracker.ledger.header_words import HeaderWords, meaning_from
from tracker.ledger.items import Setting
from tracker.ledger.packing import pack_told
from tracker.ledger.reading import LedgerStream, refused_reading
from tracker.ledger.reading_result import ReadRow
from tracker.ledger.row_packing import pack_row
from tracker.spreadsheets.errors import RefusedFileError
from tracker.spreadsheets.reader import open_workbook

PART_ROWS = 100


def answers(question: dict[str, Any]) -> Iterator[Any]:
    """Give lists of rows; at the end what else the reading tells, which is all when it is refused."""
    name = question["name"]
    try:
        with (
            Path(question["path"]).open("rb") as data,
            open_workbook(data, name=name) as workbook,
        ):
            stream = LedgerStream(workbook, _setting(question))
            yield from _parts(stream.rows())
            yield pack_told(stream.told())
    except RefusedFileError as error:
        yield pack_told(refused_reading(name, error))


def _setting(question: dict[str, Any]) -> Setting:
    fed_back_on, end = (date.fromisoformat(day) if day else None for day in question["days"])
    words = {word: meaning_from(code) for word, code in question["words"].items()}
    return Setting(
        fed_back_on,
        end,
        question["unit"],
        words=HeaderWords(words),
        corrections=unpack_corrections(question["corrections"]),
    )


def _parts(rows: Iterator[ReadRow]) -> Iterator[list[Any]]:
    while part := [pack_row(row) for row in islice(rows, PART_ROWS)]:
        yield part
