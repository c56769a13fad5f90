"""What every job is given."""

import os
import socket
from dataclasses import dataclass
from threading import Event
from uuid import uuid4

from flask import Flask

from tracker.kernel.clock import Clock
from tracker.kernel.config import Config
from tracker.kernel.crypto import Sealer
from tracker.kernel.db import Database


@dataclass(frozen=True)
class JobContext:
    """The collaborators of a job; `worker` names this process in claims and logs; `fence` is the
    number under which it leads, where it must lead; `stopping` is set when the process is to end,
    and without it no job waits for anything."""

    database: Database
    clock: Clock
    config: Config
    sealer: Sealer
    worker: str
    fence: int | None = None
    stopping: Event | None = None


def job_context(app: Flask) -> JobContext:
    """Return the collaborators of jobs from an application."""
    found = app.extensions
    return JobContext(
        database=found["tracker_database"],
        clock=found["tracker_clock"],
        config=found["tracker_config"],
        sealer=found["tracker_sealer"],
        worker=worker_name(),
    )


def worker_name() -> str:
    """Return a name for this process that no other process has."""
    return f"{socket.gethostname()[:40]}:{os.getpid()}:{uuid4().hex[:6]}"
