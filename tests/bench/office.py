"""One office with many tasks: its database, application and clock."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from flask import Flask
from sqlalchemy import text

from tests.bench.data import USUAL_MIX, Filled, fill
from tests.conftest import MONDAY, make_config
from tests.factories.cast import Cast, make_cast
from tests.fakes.clock import ManualClock
from tests.visitor import Visitor
from tracker import create_app
from tracker.kernel.clock import at_local
from tracker.kernel.config import Config
from tracker.kernel.db import Database
from tracker.kernel.settings import put_setting, region_scope
from tracker.notifications.claims import PUSH_SWITCH
from tracker.rectification.rules.words import TaskState


@dataclass(frozen=True)
class BigOffice:
    """A city's office in the morning of Monday 2026-11-16, pushing switched on."""

    database: Database
    config: Config
    clock: ManualClock
    app: Flask
    cast: Cast
    filled: Filled

    def visitor(self, username: str = "clerk") -> Visitor:
        """Return a browser somebody of the cast has signed in with."""
        visitor = Visitor(self.app)
        visitor.sign_in(username)
        return visitor


@contextmanager
def big_office(
    url: str,
    folder: Path,
    size: int,
    *,
    units: int = 100,
    mix: Sequence[TaskState] = USUAL_MIX,
) -> Iterator[BigOffice]:
    """Fill a migrated, empty database with `size` tasks of `units` units."""
    clock = ManualClock(at_local(MONDAY, 10))
    config = make_config(url, folder / f"data-{size}")
    database = Database(url, pool_size=20)
    with database.writing() as session:
        cast = make_cast(session, now=clock.now())
        filled = fill(session, cast, size, now=clock.now(), units=units, mix=mix)
        scope = region_scope(cast.regions["city"])
        put_setting(session, PUSH_SWITCH, "1", by="tests", now=clock.now(), scope=scope)
        session.commit()
        session.execute(text("ANALYZE"))
        session.commit()
    try:
        app = create_app(config, clock=clock, store=database)
        yield BigOffice(database, config, clock, app, cast, filled)
    finally:
        database.dispose()
