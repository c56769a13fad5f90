"""A running product with the cast and some tasks in its database."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.factories.cast import Cast, make_cast
from tests.factories.work import make_work
from tests.running.server import Server
from tracker.kernel.db import Database

TASKS = 3


@pytest.fixture
def cast(database: Database) -> Cast:
    """The fixed cast, and tasks 1 to 3 of unit a in 整改中. The server reads the real clock."""
    now = datetime.now(UTC)
    with database.writing() as session:
        cast = make_cast(session, now=now)
        work = make_work(session, cast, now=now)
        for _ in range(TASKS):
            work.task(session, cast, now=now)
        session.commit()
    return cast


@pytest.fixture
def server(database: Database, cast: Cast, tmp_path: Path) -> Iterator[Server]:
    running = Server(database, tmp_path)
    yield running
    running.stop()
