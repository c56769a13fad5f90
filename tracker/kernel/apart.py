"""Does dangerous work in a process of its own, with limits on memory and time.

A file made to blow up its reader then costs that process, not the product. The two speak JSON. On a
timeout the whole group of the process ends, programs it started included.
"""

import contextlib
import json
import os
import signal
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Generator, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, cast

from tracker.kernel.logs import get_logger

ROOT = Path(__file__).parents[2]
LOOK_SECONDS = 0.5
KEPT_VARIABLES = ("PATH", "LD_LIBRARY_PATH", "PYTHONHOME", "PYTHONPYCACHEPREFIX")
CHILD = f"""
import json, resource, sys, types
package = types.ModuleType("tracker")  # the rooms alone: the application would take seconds to load
package.__path__ = [{str(ROOT / "tracker")!r}]
sys.modules["tracker"] = package
from importlib import import_module
asked = json.load(sys.stdin)
for name, most in asked["limits"].items():
    resource.setrlimit(getattr(resource, name), (most, most))
room = import_module(asked["module"])
answers = room.answers(asked["question"]) if asked["many"] else [room.answer(asked["question"])]
for answer in answers:
    sys.stdout.buffer.write(json.dumps(answer, ensure_ascii=False).encode() + b"\\n")
"""
log = get_logger(__name__)


class ApartError(Exception):
    """The other process gave no answer: it took too long, or too much memory, or it broke."""

    def __init__(self, *, is_slow: bool) -> None:
        super().__init__("too slow" if is_slow else "failed")
        self.is_slow = is_slow


@dataclass(frozen=True, kw_only=True)
class Limits:
    """What the other process may use; `file_bytes` holds for each file it writes."""

    memory_bytes: int
    seconds: float
    file_bytes: int | None = None

    def as_resources(self) -> dict[str, int]:
        """Return the limits that the process sets on itself."""
        found = {"RLIMIT_AS": self.memory_bytes, "RLIMIT_CPU": max(1, round(self.seconds))}
        return found if self.file_bytes is None else {**found, "RLIMIT_FSIZE": self.file_bytes}


def ask_apart(module: str, question: dict[str, Any], limits: Limits) -> Any:
    """Return what `module.answer(question)` returns in a process of its own.

    Raises ApartError when it gives no answer within the limits.
    """
    process = _start(subprocess.PIPE)
    asked = _asked(module, question, limits, many=False)
    try:
        out, errors = process.communicate(asked, timeout=limits.seconds)
    except subprocess.TimeoutExpired:
        raise ApartError(is_slow=True) from None
    finally:
        _end(process)
    _check(process, module, errors)
    return json.loads(out)


def stream_apart(
    module: str,
    question: dict[str, Any],
    limits: Limits,
    *,
    is_stopped: Callable[[], bool] | None = None,
) -> Generator[Any, None, None]:
    """Give what `module.answers(question)` gives in a process of its own, each while the next is made.

    Raises ApartError, maybe after some answers, when they do not come to their end within the limits,
    or when `is_stopped`, asked now and then, says that nobody wants them any more.
    """
    with tempfile.TemporaryFile() as errors:
        process = _start(errors)
        watch = _Watch(process, limits.seconds, is_stopped)
        watch.start()
        try:
            yield from _lines(process, _asked(module, question, limits, many=True))
            process.wait()
        finally:
            watch.ended.set()
            _end(process)
        if watch.is_late.is_set():
            raise ApartError(is_slow=True)
        errors.seek(0)
        _check(process, module, errors.read())


def _lines(process: subprocess.Popen[bytes], asked: bytes) -> Iterator[Any]:
    with contextlib.suppress(BrokenPipeError), cast("IO[bytes]", process.stdin) as stdin:
        stdin.write(asked)  # broken when it ended before it had read the question
    process.stdin = None
    for line in cast("IO[bytes]", process.stdout):
        if line.endswith(b"\n"):  # else it was cut off: the return code tells why
            yield json.loads(line)


def _asked(module: str, question: dict[str, Any], limits: Limits, *, many: bool) -> bytes:
    asked = {"module": module, "question": question, "limits": limits.as_resources(), "many": many}
    return json.dumps(asked).encode()


def _start(errors: int | IO[bytes]) -> subprocess.Popen[bytes]:
    return subprocess.Popen(  # noqa: S603 -- our own interpreter, nothing of the file in the line
        [sys.executable, "-c", CHILD],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=errors,
        cwd=ROOT,
        env={name: os.environ[name] for name in KEPT_VARIABLES if name in os.environ},
        start_new_session=True,
    )


def _check(process: subprocess.Popen[bytes], module: str, errors: bytes) -> None:
    if process.returncode != 0:
        kind = _last_word(errors)
        log.error("work apart failed", module=module, code=process.returncode, kind=kind)
        raise ApartError(is_slow=process.returncode == -signal.SIGXCPU)


class _Watch(threading.Thread):
    """Ends the process when its time is over, or when nobody wants its answers any more."""

    def __init__(
        self,
        process: subprocess.Popen[bytes],
        seconds: float,
        is_stopped: Callable[[], bool] | None,
    ) -> None:
        super().__init__(daemon=True)
        self.process = process
        self.left = seconds
        self.is_stopped = is_stopped
        self.ended = threading.Event()
        self.is_late = threading.Event()

    def run(self) -> None:
        """Look now and then until it has ended."""
        part = min(LOOK_SECONDS, self.left)
        while not self.ended.wait(part):
            self.left -= part
            if self.left <= 0 or (self.is_stopped is not None and self.is_stopped()):
                self.is_late.set()
                _kill(self.process)
                return


def _kill(process: subprocess.Popen[bytes]) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)


def _end(process: subprocess.Popen[bytes]) -> None:
    """End whatever is left of the process's group, and read its pipes to the end."""
    _kill(process)
    process.communicate()


def _last_word(errors: bytes) -> str:
    """Return the kind of error the other process ended with, without what it was about."""
    lines = errors.decode(errors="replace").strip().splitlines() or [""]
    return lines[-1].partition(":")[0][:80]
