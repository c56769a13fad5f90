"""What the one who does a piece of background work is given, and what is handed back."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from tracker.job_runs.results import ResultFile, ResultFiles
from tracker.kernel.config import Config
from tracker.kernel.db import Database
from tracker.kernel.permissions import Actor
from tracker.kernel.progress import Progress


@dataclass(frozen=True, kw_only=True)
class Desk:
    """`actor` is the person who asked, as they are now. Call `tell` often: it says how far the work
    has come, and raises when it is to stop. `is_stopped` only asks, for a child process."""

    params: dict[str, Any]
    actor: Actor
    now: datetime
    database: Database
    config: Config
    tell: Progress
    is_stopped: Callable[[], bool]

    @property
    def results(self) -> ResultFiles:
        """Return where a file that is made goes."""
        return ResultFiles(self.config.results_dir)


@dataclass(frozen=True, kw_only=True)
class Made:
    """What came of the work: a file to fetch, or the path of a page to go on with."""

    file: ResultFile | None = None
    leads_to: str | None = None


Write = Callable[[Session], Made]
Kind = Callable[[Desk], Write]
"""Two halves: read and compute without a writing transaction; the function it returns then writes
in one, which also says that the work is done: both are committed, or neither."""
