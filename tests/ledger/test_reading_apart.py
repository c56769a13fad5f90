"""The process that reads uploaded files: the same reading, and an end to what is too much."""

import io
import json
from pathlib import Path

import pytest

from tests.ledger.importing import FED_BACK, mixed_ledger
from tests.ledgers.corpus import CORPUS
from tests.ledgers.factory import everyday_ledger, formula_ledger, hidden_ledger
from tracker.kernel.errors import DomainError
from tracker.ledger.inspection import inspect_file
from tracker.ledger.packing import pack_item, pack_told, to_text, unpack_item, unpack_told
from tracker.ledger.reading_apart import Question, read_apart
from tracker.ledger.row_packing import pack_row, unpack_row


def written(tmp_path: Path, content: bytes) -> Path:
    path = tmp_path / "stored"
    path.write_bytes(content)
    return path


def test_a_file_read_apart_reads_the_same(tmp_path: Path) -> None:
    path = written(tmp_path, mixed_ledger())
    apart = read_apart(Question(path=path, name="台账.xlsx", fed_back_on=FED_BACK, unit="市甲局"))
    with path.open("rb") as data:
        here = inspect_file(data, name="台账.xlsx", feedback_on=FED_BACK, unit="市甲局")
    assert apart == here


@pytest.mark.parametrize("make", [everyday_ledger, formula_ledger, hidden_ledger, mixed_ledger])
def test_a_packed_reading_unpacks_to_the_same(tmp_path: Path, make: object) -> None:
    assert callable(make)
    with written(tmp_path, make()).open("rb") as data:
        reading = inspect_file(data, name="台账.xlsx", feedback_on=FED_BACK)

    told = json.loads(to_text(pack_told(reading)))
    rows = json.loads(to_text([pack_row(row) for row in reading.rows]))
    assert unpack_told(told, map(unpack_row, rows)) == reading
    for row in reading.rows:
        if row.item is not None:
            assert unpack_item(json.loads(to_text(pack_item(row.item)))) == row.item


def test_every_file_of_the_corpus_is_handed_over_whole() -> None:
    for file in CORPUS:
        reading = inspect_file(io.BytesIO(file.build()), name=file.name, unit=file.unit)
        for row in reading.rows:
            assert unpack_row(json.loads(to_text(pack_row(row)))) == row


def test_a_refusal_comes_through(tmp_path: Path) -> None:
    reading = read_apart(Question(path=written(tmp_path, b"PK"), name="a.xlsm"))
    assert reading.refused is not None
    assert reading.refused.code == "macro"


def test_too_much_memory_is_refused_with_a_sentence(tmp_path: Path) -> None:
    path = written(tmp_path, mixed_ledger())
    with pytest.raises(DomainError, match="占用内存过多"):
        read_apart(Question(path=path, name="台账.xlsx"), memory_bytes=1_000_000)


def test_too_much_time_is_refused_with_a_sentence(tmp_path: Path) -> None:
    path = written(tmp_path, mixed_ledger())
    with pytest.raises(DomainError, match="用时过长"):
        read_apart(Question(path=path, name="台账.xlsx"), seconds=0.01)
