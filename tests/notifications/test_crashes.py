"""Senders killed with SIGKILL where it hurts: nothing is lost, and only what was cut is repeated.

The only counter is what the simulator has seen, asked for over HTTP.
"""

import multiprocessing
import random
import re
from collections import Counter
from dataclasses import dataclass, field
from datetime import timedelta

import pytest
import requests
from sqlalchemy import func, or_, select

from tests.factories.cast import TESTER
from tests.notifications import victim
from tests.notifications.office import Office
from tests.notifications.victim import Step
from tracker.kernel.db import born
from tracker.notifications.delivery import recover
from tracker.notifications.models import Delivery, Digest, Notification
from tracker.notifications.rules import ChannelKind, MessageState
from tracker.organizations.models import Unit
from tracker.organizations.rules import UnitCategory

SEED = 20261116
spawn = multiprocessing.get_context("spawn")


@dataclass
class Campaign:
    """Kills at random places, each kind of place in turn."""

    office: Office
    dice: random.Random = field(default_factory=lambda: random.Random(SEED))
    kills: Counter[Step] = field(default_factory=Counter)

    def run(self, kills: int) -> None:
        """Start a sender and kill it, so many times; then let the rest be sent."""
        for no in range(kills):
            step, passes = list(Step)[no % len(Step)], self.dice.randrange(3)
            for left in (passes, 0, 0, 0):  # a sender that ends first is followed by another
                is_killed = self._kill_one(step, passes=left)
                self._time_passes()
                if is_killed:
                    break
            else:
                pytest.fail(f"no sender came to {step}")
        for _ in range(3):
            self.office.deliver()
            self._time_passes()

    def _kill_one(self, step: Step, passes: int) -> bool:
        """Kill a sender when it comes to a step for the n-th time; False when it ended before."""
        ours, theirs = spawn.Pipe()
        office = self.office
        known = (office.database.url, office.config.secret_keys, office.sandbox.url)
        one = spawn.Process(target=victim.run, args=(*known, office.clock.now(), theirs))
        one.start()
        theirs.close()
        while True:
            assert ours.poll(120), "the sender says nothing"
            reached = ours.recv()
            if reached is None:
                one.join(timeout=60)
                assert one.exitcode == 0
                return False
            if reached is step and (step is Step.BEFORE_CLAIM or self._nothing_is_repeated()):
                if passes <= 0 or step is Step.BEFORE_CLAIM:
                    break
                passes -= 1
            ours.send(True)
        one.kill()
        one.join(timeout=60)
        assert one.exitcode == -9
        ours.close()
        self.kills[step] += 1
        return True

    def _nothing_is_repeated(self) -> bool:
        """Whether no message is on its way that was cut before: it is repeated only once."""
        again = (Delivery.state == MessageState.SENDING) & (Delivery.resends > 0)
        query = select(func.count()).where(or_(again, Delivery.state == MessageState.UNCERTAIN))
        with self.office.database.reading() as session:
            return not session.scalar(query)

    def _time_passes(self) -> None:
        """Until leases have run out and lost messages may be repeated."""
        for minutes in (4, 6):
            self.office.clock.advance(timedelta(minutes=minutes))
            with self.office.database.writing() as session:
                recover(session, now=self.office.clock.now())
                session.commit()


def open_groups(office: Office, count: int, *, key: str | None = None) -> None:
    """Give each of some new units a group of its own, and queue one message for each; all groups
    with one robot key where it is given."""
    city = office.cast.regions["city"]
    with office.database.writing() as session:
        units = [
            Unit(
                region_id=city,
                code=f"K{no:03d}",
                name=f"市{no}局",
                short_name=f"{no}局",
                category=UnitCategory.DEPARTMENT,
                sort_no=no,
                **born(actor=TESTER, now=office.clock.now()),
            )
            for no in range(count)
        ]
        session.add_all(units)
        session.commit()
        office.cast.units.update({unit.code: unit.id for unit in units})
    for no in range(count):
        address = key or f"robot-{no}"
        office.channel(address, ChannelKind.UNIT, unit=f"K{no:03d}", name=f"群{no}")
        office.queue(no, unit_id=office.cast.units[f"K{no:03d}"])


def check_books(office: Office, count: int) -> int:
    """Compare what was seen with what is written down; return how many were seen twice."""
    texts = [
        one["content"] for one in requests.get(f"{office.sandbox.url}/seen", timeout=30).json()
    ]
    seen = Counter(int(number) for text in texts for number in re.findall(r"T-(\d{4})", text))
    assert set(seen) == set(range(count)), "a message was lost"
    assert len(texts) == sum(seen.values())
    with office.database.reading() as session:
        rows = session.execute(
            select(Notification.object_id, Notification.state, Delivery.resends).join(
                Delivery, Delivery.digest_id == Notification.digest_id
            )
        ).all()
        counts = [
            session.scalar(select(func.count()).select_from(model))
            for model in (Notification, Delivery, Digest)
        ]
    assert counts == [count, count, count]
    assert {row.state for row in rows} == {MessageState.SENT}
    assert max(seen.values()) <= 2
    twice = {number for number, times in seen.items() if times == 2}
    assert twice <= {row.object_id for row in rows if row.resends == 1}, "repeated without need"
    return len(twice)


def campaign(office: Office, *, messages: int, kills: int) -> None:
    open_groups(office, messages)
    killing = Campaign(office)
    killing.run(kills)
    twice = check_books(office, messages)
    print(dict(killing.kills), f"{messages} messages, {twice} seen twice")
    assert min(killing.kills[step] for step in Step) >= kills // len(Step)
    assert twice >= killing.kills[Step.AFTER_SEND], "a cut send was taken for sent"


def test_a_sender_killed_at_each_step_loses_nothing_and_repeats_only_what_was_cut(
    office: Office,
) -> None:
    campaign(office, messages=16, kills=3)


@pytest.mark.slow
def test_twenty_kills_over_two_hundred_messages_lose_nothing(office: Office) -> None:
    campaign(office, messages=200, kills=20)
