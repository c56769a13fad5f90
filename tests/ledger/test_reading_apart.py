"""The process that reads uploaded files: the same reading, and an end to what is too much."""

import json
from pathlib import Path

import pytest

from tests.ledger.importing import FED_BACK, mixed_ledger
from tests.ledgers.factory import everyday_ledger, formula_ledger, hidden_ledger
from tracker.kernel.errors import DomainError
from tracker.ledger.inspection import inspect_file
from tracker.ledger.packing import pack_reading, to_text, unpack_reading
from tracker.ledger.reading_apart import Question, read_apart


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

    assert unpack_reading(json.loads(to_text(pack_reading(reading)))) == reading


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
