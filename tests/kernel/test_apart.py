"""Work in a process of its own: an answer, or an end."""

import os
import select
from pathlib import Path

import pytest

from tracker.kernel import apart
from tracker.kernel.apart import ApartError, Limits, ask_apart, stream_apart


@pytest.fixture
def worker(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A module of the tests that the other process can import."""
    child = apart.CHILD.replace(
        "import json,", f"import sys; sys.path.insert(0, {str(tmp_path)!r})\nimport json,", 1
    )
    monkeypatch.setattr(apart, "CHILD", child)
    return tmp_path / "worker.py"


def ask(
    worker: Path, body: str, *, seconds: float = 20, memory: int = 400_000_000, **more: int
) -> object:
    lines = "".join(f"    {line}\n" for line in body.splitlines())
    worker.write_text(f"def answer(question):\n{lines}", encoding="utf-8")
    return ask_apart(
        "worker", {"word": "整改"}, Limits(memory_bytes=memory, seconds=seconds, **more)
    )


def test_an_answer_comes_back(worker: Path) -> None:
    assert ask(worker, "return [question['word'], 1]") == ["整改", 1]


@pytest.mark.parametrize(
    "body", ["bytearray(900_000_000)", "raise ValueError('secret')", "import os; os.abort()"]
)
def test_what_bursts_or_breaks_is_an_error(worker: Path, body: str) -> None:
    with pytest.raises(ApartError) as caught:
        ask(worker, body, seconds=60)
    assert caught.value.is_slow is False


@pytest.mark.parametrize("body", ["while True: pass", "import time; time.sleep(600)"])
def test_what_never_ends_is_ended(worker: Path, body: str) -> None:
    with pytest.raises(ApartError) as caught:
        ask(worker, body, seconds=1)
    assert caught.value.is_slow is True


def test_what_nobody_waits_for_any_more_is_ended(
    worker: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(apart, "LOOK_SECONDS", 0.05)
    told = tmp_path / "pid"
    body = f"import os, time\nopen({str(told)!r}, 'w').write(str(os.getpid()))\ntime.sleep(600)"
    lines = [*body.split("\n"), "yield 1"]
    worker.write_text("def answers(question):\n" + "".join(f"    {x}\n" for x in lines))
    limits = Limits(memory_bytes=400_000_000, seconds=60)

    def is_stopped() -> bool:
        return bool(told.exists() and told.read_text())

    with pytest.raises(ApartError):
        list(stream_apart("worker", {}, limits, is_stopped=is_stopped))
    with pytest.raises(ProcessLookupError):
        os.kill(int(told.read_text()), 0)


def test_an_answer_comes_back_to_whoever_could_have_stopped_it(
    worker: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also to a question that is larger than a pipe holds."""
    monkeypatch.setattr(apart, "LOOK_SECONDS", 0.01)
    worker.write_text("def answers(question):\n    yield len(question['words'])\n")
    limits = Limits(memory_bytes=400_000_000, seconds=60)
    asked = {"words": ["整改"] * 100_000}
    assert list(stream_apart("worker", asked, limits, is_stopped=lambda: False)) == [100_000]


def test_programs_it_started_end_with_it(worker: Path, tmp_path: Path) -> None:
    told = tmp_path / "child"
    body = (
        "import subprocess, sys\n"
        "command = [sys.executable, '-c', 'import time; time.sleep(600)']\n"
        "child = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)\n"
        f"open({str(told)!r}, 'w').write(str(child.pid))\n"
        "raise ValueError"
    )
    with pytest.raises(ApartError):
        ask(worker, body, seconds=60)
    assert has_ended(int(told.read_text()))


def has_ended(pid: int) -> bool:
    """Wait for the end of a process that is not ours; False when it does not come."""
    try:
        handle = os.pidfd_open(pid)
    except ProcessLookupError:
        return True
    with os.fdopen(handle) as process:
        return bool(select.select([process], [], [], 60)[0])


def test_a_file_it_writes_cannot_grow_without_end(worker: Path, tmp_path: Path) -> None:
    body = f"open({str(tmp_path / 'out')!r}, 'wb').write(bytes(5_000_000))"
    with pytest.raises(ApartError):
        ask(worker, body, file_bytes=1_000_000)
    assert (tmp_path / "out").stat().st_size <= 1_000_000


def stream(worker: Path, body: str, *, seconds: float = 20) -> list[object]:
    lines = "".join(f"    {line}\n" for line in body.splitlines())
    worker.write_text(f"def answers(question):\n{lines}", encoding="utf-8")
    limits = Limits(memory_bytes=400_000_000, seconds=seconds)
    return list(stream_apart("worker", {"word": "整改"}, limits))


def test_answers_come_one_by_one(worker: Path) -> None:
    assert stream(worker, "yield question['word']\nyield [1]") == ["整改", [1]]


@pytest.mark.parametrize(
    ("body", "is_slow"),
    [
        ("yield 1\nraise ValueError", False),
        ("yield 1\nimport os; os.abort()", False),
        ("yield 1\nbytearray(900_000_000)", False),
        ("yield 1\nimport time; time.sleep(600)", True),
        ("while True: yield 1", True),
    ],
)
def test_answers_that_do_not_come_to_their_end_are_an_error(
    worker: Path, body: str, is_slow: bool
) -> None:
    with pytest.raises(ApartError) as caught:
        stream(worker, body, seconds=1 if is_slow else 60)
    assert caught.value.is_slow is is_slow


def test_whoever_stops_listening_ends_the_other_process(worker: Path, tmp_path: Path) -> None:
    told = tmp_path / "pid"
    worker.write_text(
        "import os, time\n"
        "def answers(question):\n"
        f"    open({str(told)!r}, 'w').write(str(os.getpid()))\n"
        "    yield 'x' * 100_000\n"
        "    time.sleep(600)\n",
        encoding="utf-8",
    )
    limits = Limits(memory_bytes=400_000_000, seconds=60)
    answers = stream_apart("worker", {}, limits)
    next(answers)
    answers.close()
    with pytest.raises(ProcessLookupError):
        os.kill(int(told.read_text()), 0)
