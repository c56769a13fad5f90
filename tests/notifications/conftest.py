"""The simulator as a real server, its clock the tests' own, and an office that uses it."""

from collections.abc import Iterator

import pytest

from tests.factories.cast import Cast
from tests.fakes.clock import ManualClock
from tests.notifications.office import Office
from tracker.kernel.config import Config
from tracker.kernel.db import Database
from tracker.wecom_sandbox.server import RunningSandbox, start_sandbox


@pytest.fixture
def sandbox(clock: ManualClock) -> Iterator[RunningSandbox]:
    with start_sandbox(now=clock.now) as running:
        yield running


@pytest.fixture
def office(
    database: Database, people: Cast, clock: ManualClock, config: Config, sandbox: RunningSandbox
) -> Office:
    office = Office(database, people, clock, config, sandbox)
    office.switch("1")
    return office
