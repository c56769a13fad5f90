"""What every job is given."""

from dataclasses import dataclass

from tracker.kernel.clock import Clock
from tracker.kernel.config import Config
from tracker.kernel.crypto import Sealer
from tracker.kernel.db import Database


@dataclass(frozen=True)
class JobContext:
    """Database, clock, configuration, secrets, and the name of this process."""

    database: Database
    clock: Clock
    config: Config
    sealer: Sealer
    worker: str
