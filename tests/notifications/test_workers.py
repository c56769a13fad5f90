"""Several workers in one process: side by side, yet one message in flight for one robot key."""

import threading
import time
from collections import Counter
from datetime import timedelta

import pytest
from sqlalchemy import select, update

from tests.bench.statements import counted
from tests.notifications.office import Office
from tests.notifications.test_crashes import open_groups
from tracker.notifications import claims
from tracker.notifications.channels import Receipt
from tracker.notifications.delivery import deliver
from tracker.notifications.models import Channel, Digest, Notification
from tracker.notifications.rules import PERSONAL, Audience, ChannelKind, ChannelState, MessageState
from tracker.notifications.voices import Mention

MOST_STATEMENTS = 17  # for one more message of a lone worker, who shares no commit with others


class Watching:
    """Takes every message, and notes how many travel at once, in all and by key."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.flying: Counter[str] = Counter()
        self.most = self.most_of_one = self.taken = 0

    def send(self, url: str, _text: str, _mentions: tuple[Mention, ...]) -> Receipt:
        with self.lock:
            self.flying[url] += 1
            self.most = max(self.most, self.flying.total())
            self.most_of_one = max(self.most_of_one, self.flying[url])
        time.sleep(0.05)
        with self.lock:
            self.flying[url] -= 1
            self.taken += 1
        return Receipt(0, "ok")


def send_all(office: Office, sender: Watching, workers: int) -> int:
    return deliver(
        office.database,
        [office.voice],
        channel_sender=sender,
        now_source=office.clock,
        worker="tests",
        links=office.links,
        sealer=office.sealer,
        workers=workers,
    )


def test_workers_send_to_many_robots_side_by_side_and_each_message_once(office: Office) -> None:
    open_groups(office, 24)
    sender = Watching()
    assert send_all(office, sender, workers=8) == 24
    assert sender.taken == 24
    assert 1 < sender.most <= 8
    assert set(office.states().values()) == {MessageState.SENT}
    with office.database.reading() as session:
        assert len(session.scalars(select(Digest)).all()) == 24
        assert session.scalars(select(Channel.claimed_by)).all() == [None] * 24


def test_two_groups_with_one_key_never_have_two_messages_in_flight(office: Office) -> None:
    open_groups(office, 12)
    with office.database.writing() as session:
        first = session.scalars(select(Channel).order_by(Channel.id)).first()
        assert first is not None
        for channel in session.scalars(select(Channel)):
            channel.key_mark, channel.sealed_url = first.key_mark, first.sealed_url
        session.commit()
    sender = Watching()
    both: list[int] = []
    passes = [
        threading.Thread(target=lambda: both.append(send_all(office, sender, workers=4)))
        for _ in range(2)
    ]
    for one in passes:
        one.start()
    for one in passes:
        one.join(timeout=60)
    assert sum(both) == sender.taken
    office.clock.advance(timedelta(seconds=1))
    sent = sender.taken + send_all(office, sender, workers=1)  # what both put off by a second
    assert sent == 12
    assert sender.most_of_one == 1


def spent(office: Office, workers: int) -> int:
    with counted() as statements:
        assert send_all(office, Watching(), workers=workers) > 0
    return len(statements)


def test_one_more_message_costs_few_statements(office: Office) -> None:
    open_groups(office, 30)
    with office.database.writing() as session:
        session.execute(update(Notification).values(not_before=office.clock.now()))
        later = Notification.object_id >= 10
        tomorrow = office.clock.now() + timedelta(days=1)
        session.execute(update(Notification).where(later).values(not_before=tomorrow))
        session.commit()
    ten = spent(office, workers=1)
    office.clock.advance(timedelta(days=1))
    twenty = spent(office, workers=1)
    assert (twenty - ten) / 10 <= MOST_STATEMENTS
    assert ten <= 10 * MOST_STATEMENTS + 60


@pytest.mark.parametrize("kept", [True, False])
def test_routes_in_memory_are_those_of_the_database(office: Office, kept: bool) -> None:
    office.channel("shared")
    office.channel("office", ChannelKind.OFFICE)
    own = office.channel("own", ChannelKind.UNIT, unit="a")
    office.channel("own-too", ChannelKind.UNIT, unit="a", name="另一个")
    if not kept:
        with office.database.writing() as session:
            session.get_one(Channel, own).state = ChannelState.BROKEN
            session.commit()
    number = 0
    for region in ("city", "east"):
        for audience in sorted(set(Audience) - PERSONAL):  # persons are no group's matter
            for unit in ("a", "b", None):
                number += 1
                office.queue(
                    number,
                    audience=audience,
                    region_id=office.cast.regions[region],
                    unit_id=None if unit is None else office.cast.units[unit],
                )
    with office.database.reading() as session:
        ways = claims.routes(session)
        rows = session.execute(select(Notification, claims.routed_channel())).all()
    assert len(rows) == number
    found = {
        row.id: ways.of(
            region_id=row.region_id,
            unit_id=row.unit_id,
            is_for_office=row.audience in claims.IN_OFFICE,
        )
        for row, _channel in rows
    }
    assert found == {row.id: channel for row, channel in rows}
    assert len(set(found.values())) == 4


def test_the_idle_look_up_is_one_statement_and_walks_the_partial_indexes(office: Office) -> None:
    with office.database.reading() as session:
        with counted() as statements:
            found = claims.channels_with_work(
                session, object_types=["thing"], now=office.clock.now()
            )
        assert (found, len(statements)) == ([], 1)
        if not office.database.is_sqlite:
            return  # with no rows PostgreSQL walks the table
        plan = session.connection().exec_driver_sql(
            f"EXPLAIN QUERY PLAN {statements[0]}", (str(office.clock.now()),)
        )
        told = " ".join(str(row) for row in plan)
    assert "ix_notifications_queued" in told
    assert "ix_digests_open" in told
