"""Two machines whose clocks differ: tokens, pauses, marks in flight and leases go by one clock."""

from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest

from jobs import requeue_stale
from jobs.context import JobContext
from tests.factories.cast import Cast
from tests.fakes.clock import ManualClock, SkewedClock
from tests.notifications.office import Office
from tests.notifications.test_crashes import open_groups
from tracker.kernel.clock import SystemClock
from tracker.kernel.config import Config
from tracker.kernel.crypto import Sealer
from tracker.kernel.db import Database
from tracker.notifications import claims
from tracker.notifications.rules import Pace
from tracker.wecom_sandbox.server import RunningSandbox, start_sandbox

APART = timedelta(seconds=5)
MINUTE = timedelta(seconds=60)


@pytest.fixture
def sandbox(clock: ManualClock) -> Iterator[RunningSandbox]:
    with start_sandbox(now=clock.now) as running:
        yield running


@pytest.fixture
def fast(
    database: Database, people: Cast, clock: ManualClock, config: Config, sandbox: RunningSandbox
) -> Office:
    """The same office as another machine sees it, whose clock is ahead."""
    ahead = SkewedClock(clock, APART)
    return Office(database, people, ahead, config, sandbox)  # type: ignore[arg-type]


def most_in_a_minute(office: Office, key: str) -> int:
    at = [
        datetime.fromisoformat(attempt["received_at"]) for attempt in office.sandbox.attempts(key)
    ]
    return max(sum(first <= each < first + MINUTE for each in at) for first in at)


def test_two_senders_whose_clocks_differ_keep_together_within_the_rolling_minute(
    office: Office, fast: Office
) -> None:
    open_groups(office, 60, key="one-key")
    for _ in range(27):
        for sender in (office, fast):
            sender.deliver()
        office.clock.advance(timedelta(seconds=5))
    assert most_in_a_minute(office, "one-key") == 18
    assert len(office.contents("one-key")) > 36


def test_a_pause_lasts_as_long_for_a_machine_whose_clock_is_ahead(
    office: Office, fast: Office
) -> None:
    open_groups(office, 3, key="one-key")
    office.sandbox.script_fault("45009", times=1)
    office.deliver()
    office.clock.advance(timedelta(seconds=62))
    assert fast.deliver() == 0
    assert len(office.sandbox.attempts("one-key")) == 1
    office.clock.advance(timedelta(seconds=3))
    assert fast.deliver() == 3


def test_a_lease_is_not_over_because_another_clock_is_ahead(office: Office, fast: Office) -> None:
    channel_id = office.channel("own")
    with office.database.writing() as session:
        now = office.clock.now()
        until = now + Pace().lease
        claims.lease_channels(session, [channel_id], holder="dead", now=now, until=until)
        session.commit()
    reader = JobContext(
        office.database, fast.clock, office.config, Sealer(office.config.secret_keys), "fast"
    )
    office.clock.advance(timedelta(seconds=177))
    assert requeue_stale.run(reader, fast.clock.now()) == 0
    office.clock.advance(timedelta(seconds=3))
    assert requeue_stale.run(reader, fast.clock.now()) == 1


def test_a_slow_answer_keeps_its_place_in_the_minute_from_when_it_came(office: Office) -> None:
    """The far end may count a message at any instant until its answer: the last one is taken."""
    open_groups(office, 20, key="one-key")
    robot = office.robot()

    class Slow:
        def send(self, url: str, text: str, mentions: object) -> object:
            if not office.sandbox.attempts("one-key"):
                office.clock.advance(timedelta(seconds=10))  # on its way
            return robot.send(url, text, mentions)  # type: ignore[arg-type]

    office.sender = Slow()  # type: ignore[assignment]
    for _ in range(18):
        office.deliver()
        office.clock.advance(timedelta(seconds=5))
    assert most_in_a_minute(office, "one-key") == 18
    assert len(office.contents("one-key")) == 20


def test_the_systems_clock_tells_what_the_database_tells(database: Database) -> None:
    with database.reading() as session:
        shared = SystemClock().shared(session.connection())
    assert abs(shared - SystemClock().now()) < timedelta(seconds=5)
    assert shared.tzinfo is not None
