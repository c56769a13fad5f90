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
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

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
answer = import_module(asked["module"]).answer(asked["question"])
sys.stdout.buffer.write(json.dumps(answer, ensure_ascii=False).encode())
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


def ask_apart(
    module: str,
    question: dict[str, Any],
    limits: Limits,
    *,
    is_stopped: Callable[[], bool] | None = None,
) -> Any:
    """Return what `module.answer(question)` returns in a process of its own.

    Raises ApartError when it gives no answer within the limits, or when `is_stopped`, asked now and
    then, says that nobody wants one any more: the process is ended then.
    """
    asked = {"module": module, "question": question, "limits": limits.as_resources()}
    with tempfile.TemporaryFile() as given:  # a pipe would have to be fed between two looks
        given.write(json.dumps(asked).encode())
        given.seek(0)
        process = subprocess.Popen(  # noqa: S603 -- our own interpreter, nothing of the file in the line
            [sys.executable, "-c", CHILD],
            stdin=given,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            cwd=ROOT,
            env={name: os.environ[name] for name in KEPT_VARIABLES if name in os.environ},
            start_new_session=True,
        )
    try:
        out, errors = _answer(process, limits.seconds, is_stopped)
    except subprocess.TimeoutExpired:
        raise ApartError(is_slow=True) from None
    finally:
        _end(process)
    if process.returncode != 0:
        kind = _last_word(errors)
        log.error("work apart failed", module=module, code=process.returncode, kind=kind)
        raise ApartError(is_slow=process.returncode == -signal.SIGXCPU)
    return json.loads(out)


def _answer(
    process: subprocess.Popen[bytes], seconds: float, is_stopped: Callable[[], bool] | None
) -> tuple[bytes, bytes]:
    if is_stopped is None:
        return process.communicate(timeout=seconds)
    left = seconds
    while True:
        part = min(LOOK_SECONDS, left)
        try:
            return process.communicate(timeout=part)
        except subprocess.TimeoutExpired:
            left -= part
            if left <= 0 or is_stopped():
                raise


def _end(process: subprocess.Popen[bytes]) -> None:
    """End whatever is left of the process's group, and read its pipes to the end."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)
    process.communicate()


def _last_word(errors: bytes) -> str:
    """Return the kind of error the other process ended with, without what it was about."""
    lines = errors.decode(errors="replace").strip().splitlines() or [""]
    return lines[-1].partition(":")[0][:80]
