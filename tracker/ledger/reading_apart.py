"""Reads an uploaded ledger in a process of its own, with limits on memory and time.

A file made to blow up its reader then costs that process, not the product. The two speak JSON.
"""

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from tracker.kernel.errors import DomainError
from tracker.kernel.logs import get_logger
from tracker.ledger.packing import unpack_reading
from tracker.ledger.reading import LedgerReading

ROOT = Path(__file__).parents[2]
MEMORY_BYTES = 1_500_000_000
SECONDS = 60
KEPT_VARIABLES = ("PATH", "LD_LIBRARY_PATH", "PYTHONHOME", "PYTHONPYCACHEPREFIX")
CHILD = f"""
import sys, types
package = types.ModuleType("tracker")  # the rooms alone: the application would take seconds to load
package.__path__ = [{str(ROOT / "tracker")!r}]
sys.modules["tracker"] = package
from tracker.ledger.reading_child import answer
answer()
"""
log = get_logger(__name__)


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
    try:
        done = subprocess.run(  # noqa: S603 -- our own interpreter, nothing of the file in the line
            [sys.executable, "-c", CHILD],
            input=_ask(question, memory_bytes),
            capture_output=True,
            cwd=ROOT,
            env={name: os.environ[name] for name in KEPT_VARIABLES if name in os.environ},
            timeout=seconds,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise DomainError(
            "读取这个文件用时过长，已停止。请删去多余的格式和空行，或拆分成几个文件后再导入。"
        ) from None
    if done.returncode != 0:
        log.error("ledger reader failed", code=done.returncode, kind=_last_word(done.stderr))
        raise DomainError(
            "读取这个文件占用内存过多或出了错，已停止。请另存为新的 .xlsx，或拆分成几个文件后再导入。"
        )
    return unpack_reading(json.loads(done.stdout))


def _last_word(errors: bytes) -> str:
    """Return the kind of error the other process ended with, without what it was about."""
    lines = errors.decode(errors="replace").strip().splitlines() or [""]
    return lines[-1].partition(":")[0][:80]


def _ask(question: Question, memory_bytes: int) -> bytes:
    days = (question.fed_back_on, question.concentrated_end)
    return json.dumps(
        {
            "memory_bytes": memory_bytes,
            "path": str(question.path.resolve()),
            "name": question.name,
            "days": [day.isoformat() if day else None for day in days],
            "unit": question.unit,
        }
    ).encode()
