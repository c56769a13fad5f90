"""A pass that waits for tokens: one robot's backlog flows, nobody else is held up, no busy loop."""

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from time import monotonic

import pytest

from tests.conftest import MONDAY
from tests.fakes.clock import ManualClock, ShiftedClock
from tests.notifications.office import Office
from tests.notifications.test_crashes import open_groups
from tracker.kernel.clock import SystemClock, at_local
from tracker.kernel.settings import put_setting
from tracker.notifications.channels import Receipt
from tracker.notifications.delivery import LONGEST_NAP_SECONDS, Patience
from tracker.notifications.rules import ChannelKind
from tracker.notifications.voices import Mention

MINUTE = timedelta(minutes=1)
PATIENCE = timedelta(seconds=55)


@dataclass
class Nap:
    """Sleeps by moving the clock; what happens meanwhile is up to a test."""

    clock: ManualClock
    naps: list[tuple[datetime, float]] = field(default_factory=list)
    meanwhile: Callable[[], object] = lambda: None

    def wait(self, timeout: float) -> bool:
        self.naps.append((self.clock.now(), timeout))
        self.clock.advance(timedelta(seconds=timeout))
        self.meanwhile()
        return False


@dataclass
class Slow:
    """A robot whose every answer takes a while."""

    office: Office
    seconds: float

    def send(self, url: str, text: str, mentions: tuple[Mention, ...] = ()) -> Receipt:
        receipt = self.office.robot().send(url, text, mentions)
        self.office.clock.advance(timedelta(seconds=self.seconds))
        return receipt


def patience(office: Office, nap: Nap) -> Patience:
    return Patience(office.clock.now() + PATIENCE, nap)


def test_the_backlog_of_one_robot_flows_at_nearly_its_whole_allowance(office: Office) -> None:
    open_groups(office, 120, key="one-key")
    office.sender = Slow(office, 0.3)
    nap, minutes, begun = Nap(office.clock), 6, office.clock.now()
    for minute in range(minutes):  # as the timer fires
        office.clock.instant = max(office.clock.now(), begun + minute * MINUTE)
        office.deliver(patience=patience(office, nap))
    attempts = office.sandbox.attempts("one-key")
    assert [each["errcode"] for each in attempts] == [0] * len(attempts)
    in_time = [
        each
        for each in attempts
        if datetime.fromisoformat(each["received_at"]) < begun + minutes * MINUTE
    ]
    assert len(in_time) / minutes >= 0.85 * 20
    assert len(nap.naps) <= minutes * (60 / LONGEST_NAP_SECONDS + 3), "a busy loop"


def test_a_pass_without_patience_never_waits(office: Office) -> None:
    open_groups(office, 20, key="one-key")
    assert office.deliver() == 18


def test_a_pass_does_not_wait_for_what_comes_after_its_patience(office: Office) -> None:
    open_groups(office, 20, key="one-key")
    nap = Nap(office.clock)
    assert office.deliver(patience=Patience(office.clock.now() + PATIENCE, nap)) == 18
    assert nap.naps == []


def test_whoever_is_queued_while_a_robot_is_waited_for_is_sent_at_once(office: Office) -> None:
    open_groups(office, 20, key="one-key")
    office.channel("other", ChannelKind.UNIT, unit="a")
    nap = Nap(office.clock)
    begun = office.clock.now()

    def queue_once() -> None:
        if len(nap.naps) == 1:
            office.queue(900)

    nap.meanwhile = queue_once
    office.deliver(patience=Patience(begun + MINUTE, nap))
    (other,) = office.sandbox.attempts("other")
    assert datetime.fromisoformat(other["received_at"]) <= begun + timedelta(seconds=6)
    assert len(office.contents("one-key")) == 20


def test_a_part_refused_for_a_while_is_gone_on_with_in_the_same_pass(office: Office) -> None:
    office.channel("own", ChannelKind.UNIT, unit="a")
    office.queue(1)
    office.sandbox.script_fault("-1", times=1)
    assert office.deliver(patience=patience(office, Nap(office.clock))) == 1


@pytest.fixture
def running(office: Office) -> Office:
    """The office on a clock that runs, with a robot's minute shortened to two seconds."""
    office.clock = ShiftedClock(at_local(MONDAY, 9) - SystemClock().now())  # type: ignore[assignment]
    with office.database.writing() as session:
        for key, value in (("robot_messages_per_minute", "2"), ("robot_window_seconds", "2")):
            put_setting(session, key, value, by="tests", now=office.clock.now())
        session.commit()
    return office


def test_a_robot_that_hangs_holds_up_no_other_whose_token_is_free_again(running: Office) -> None:
    office = running
    open_groups(office, 4, key="quick")
    office.channel("hanging", ChannelKind.UNIT, unit="a")
    office.queue(900)
    office.sandbox.script_fault("hang", key="hanging", seconds=60)
    done = threading.Event()
    soon = Patience(office.clock.now() + MINUTE, done)
    one = threading.Thread(target=lambda: office.deliver(patience=soon, workers=2))
    one.start()
    try:
        assert office.sandbox.host.wait_until(
            lambda: len(office.sandbox.host.messages("quick")) == 4, timeout_seconds=12
        )
        assert one.is_alive()
    finally:
        done.set()
        office.sandbox.clear_faults()
        one.join(timeout=60)
    assert not one.is_alive()


def test_a_stop_ends_the_waiting_at_once(running: Office) -> None:
    office = running
    with office.database.writing() as session:
        put_setting(session, "robot_window_seconds", "3000", by="tests", now=office.clock.now())
        session.commit()
    open_groups(office, 3, key="one-key")
    stopping = threading.Event()
    far = Patience(office.clock.now() + timedelta(hours=1), stopping)
    sent: list[int] = []
    one = threading.Thread(target=lambda: sent.append(office.deliver(patience=far)))
    one.start()
    office.sandbox.wait_for_messages(2, timeout_seconds=30)
    assert one.is_alive()
    begun = monotonic()
    stopping.set()
    one.join(timeout=30)
    assert sent == [2]
    assert monotonic() - begun < LONGEST_NAP_SECONDS
