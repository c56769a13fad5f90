"""Several processes over one outbox: each message once, and nothing lost with a process."""

import multiprocessing
from collections import Counter
from datetime import timedelta
from multiprocessing.synchronize import Barrier

from sqlalchemy import select

from tests.factories.cast import TESTER
from tests.notifications import process
from tests.notifications.office import Office
from tracker.kernel.db import born
from tracker.notifications.delivery import recover
from tracker.notifications.models import Digest, Notification
from tracker.notifications.rules import ChannelKind, MessageState
from tracker.organizations.models import Unit
from tracker.organizations.rules import UnitCategory

ROBOTS = 20
PER_ROBOT = 10
spawn = multiprocessing.get_context("spawn")


def start(office: Office, worker: str, barrier: Barrier) -> multiprocessing.process.BaseProcess:
    keys, host = office.config.secret_keys, office.sandbox.url
    one = spawn.Process(target=process.run, args=(office.database.url, keys, host, worker, barrier))
    one.start()
    return one


def make_units(office: Office) -> None:
    city = office.cast.regions["city"]
    with office.database.writing() as session:
        units = [
            Unit(
                region_id=city,
                code=f"U{no:02d}",
                name=f"市{no}局",
                short_name=f"{no}局",
                category=UnitCategory.DEPARTMENT,
                sort_no=no,
                **born(actor=TESTER, now=office.clock.now()),
            )
            for no in range(ROBOTS)
        ]
        session.add_all(units)
        session.commit()
        office.cast.units.update({unit.code: unit.id for unit in units})


def test_two_processes_deliver_every_message_exactly_once_over_twenty_robots(
    office: Office,
) -> None:
    make_units(office)
    for no in range(ROBOTS):
        code = f"U{no:02d}"
        office.channel(f"robot-{no}", ChannelKind.UNIT, unit=code)
        numbers = range(no * PER_ROBOT, (no + 1) * PER_ROBOT)
        office.queue(*numbers, unit_id=office.cast.units[code])
    # Whoever comes first is held up, so that even on a busy machine the other gets its turn.
    office.sandbox.script_fault("drip", seconds=5)
    barrier = spawn.Barrier(2)
    both = [start(office, worker, barrier) for worker in ("one", "two")]
    for one in both:
        one.join(timeout=120)
    assert [one.exitcode for one in both] == [0, 0]
    said = Counter(
        word
        for seen in office.sandbox.seen()
        for word in seen["content"].split()
        if word.startswith("T-")
    )
    assert said == {f"T-{no:04d}": 1 for no in range(ROBOTS * PER_ROBOT)}
    assert set(office.states().values()) == {MessageState.SENT}
    with office.database.reading() as session:
        holders = session.scalars(select(Digest.composed_by)).all()
    assert {holder.partition("#")[0] for holder in holders} == {"one", "two"}


def test_two_processes_with_one_key_keep_within_its_minute(office: Office) -> None:
    make_units(office)
    for no in range(ROBOTS):
        code = f"U{no:02d}"
        office.channel("one-key", ChannelKind.UNIT, unit=code, name=f"群{no}")
        office.queue(no, unit_id=office.cast.units[code])
    barrier = spawn.Barrier(2)
    both = [start(office, worker, barrier) for worker in ("one", "two")]
    for one in both:
        one.join(timeout=120)
    office.clock.advance(timedelta(seconds=1))
    office.deliver()  # what one put off by a second, for the other's was on its way
    assert len(office.sandbox.attempts("one-key")) == 18
    office.clock.advance(timedelta(seconds=60))
    office.deliver()
    assert len(office.contents("one-key")) == ROBOTS


def test_a_process_killed_while_sending_leaves_an_uncertain_message_that_is_repeated_once(
    office: Office,
) -> None:
    office.channel("own", ChannelKind.UNIT, unit="a")
    office.queue(1)
    office.sandbox.script_fault("hang", seconds=60, accepted=True)
    alone = spawn.Barrier(1)
    victim = start(office, "victim", alone)
    assert office.sandbox.host.wait_until(
        lambda: len(office.sandbox.host.attempts("own")) == 1, timeout_seconds=60
    )
    victim.kill()
    victim.join(timeout=30)
    office.sandbox.clear_faults()
    assert office.states() == {1: MessageState.SENDING}
    assert office.deliver() == 0  # the lease still runs
    office.clock.advance(timedelta(minutes=4))
    assert requeue(office) == 1
    assert requeue(office) == 0
    assert office.states() == {1: MessageState.UNCERTAIN}
    office.clock.advance(timedelta(minutes=5))
    assert office.deliver() == 1
    assert office.deliver() == 0
    assert office.states() == {1: MessageState.SENT}
    numbers = {text.splitlines()[0] for text in office.contents("own")}
    assert len(numbers) == 1


def requeue(office: Office) -> int:
    with office.database.writing() as session:
        taken_back = recover(session, now=office.clock.now())
        session.commit()
    return taken_back


def test_the_next_sender_takes_over_from_a_dead_one_without_requeue(office: Office) -> None:
    office.channel("own", ChannelKind.UNIT, unit="a")
    office.queue(1)

    class Dying:
        def send(self, *_message: object) -> None:
            raise SystemExit(9)

    office.sender = Dying()  # type: ignore[assignment]
    try:
        office.deliver()
    except SystemExit:
        office.sender = None
    assert office.deliver() == 0
    assert office.states() == {1: MessageState.UNCERTAIN}
    office.clock.advance(timedelta(minutes=6))
    assert office.deliver() == 1


def test_a_clock_set_back_sends_nothing_twice_and_locks_nobody_out(office: Office) -> None:
    office.channel("own", ChannelKind.UNIT, unit="a")
    office.queue(1)
    assert office.deliver() == 1
    office.clock.advance(-timedelta(hours=3))
    assert office.deliver() == 0
    office.queue(2)
    assert office.deliver() == 1
    with office.database.reading() as session:
        assert len(session.scalars(select(Notification)).all()) == 2
