"""Workers deliver to 500 robots whose host answers in 20 ms."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import timedelta
from statistics import median
from time import perf_counter, process_time
from typing import Any

import requests
from sqlalchemy import delete, func, select, update

from jobs.deliver_notifications import PATIENCE
from tests.bench.office import BigOffice
from tests.bench.receiver import ANSWER_SECONDS, receiver
from tests.bench.server_cpu import server_cpu_seconds
from tests.bench.timing import Measured
from tests.factories.cast import TESTER
from tests.fakes.clock import ManualClock
from tests.fakes.voice import ThingVoice
from tracker.kernel.clock import local_date
from tracker.kernel.crypto import Sealer
from tracker.kernel.db import born
from tracker.kernel.links import Links
from tracker.notifications import service
from tracker.notifications.channels import ChannelError, Receipt
from tracker.notifications.channels.transport import Way
from tracker.notifications.channels.wecom import WecomRobot
from tracker.notifications.delivery import Patience, deliver
from tracker.notifications.models import Channel, Delivery, Digest, Notification, RobotAttempt
from tracker.notifications.outbox import Message, enqueue_all
from tracker.notifications.rules import Audience, ChannelKind, ChannelState, Failure, MessageState
from tracker.notifications.voices import Mention
from tracker.organizations.models import Unit
from tracker.organizations.rules import UnitCategory
from tracker.wecom_sandbox.server import start_sandbox

WORKERS = (1, 10, 32)
TURNS = 5
ROBOTS, BACKLOG = 500, 20_000
GROUPS_OF_ONE = 200  # one robot key in so many groups: its backlog over ten minutes
MESSAGES = {1: 40, 10: ROBOTS, 32: ROBOTS}
PAYLOAD = {"msgtype": "text", "text": {"content": "提醒" * 300}}
THING = "thing"


@dataclass(frozen=True)
class _Run:
    """One run: how many messages, in how many seconds, with how much CPU of this process."""

    messages: int
    seconds: float
    cpu_seconds: float

    @property
    def rate(self) -> float:
        return self.messages / self.seconds

    @property
    def cpu_ms(self) -> float:
        return self.cpu_seconds * 1000 / self.messages


def measure_deliveries(office: BigOffice) -> Iterator[Measured]:
    """Yield rate and CPU per message, claimed and recorded, against a bare outbox and bare posts;
    then how soon the first of a large backlog leaves, and how well one robot is used."""
    with receiver() as origin:
        units = _units(office)
        _open_groups(office, origin, units)
        for workers in WORKERS:
            yield from _rates(office, origin, units, workers)
        yield _first_of_many(office, origin, units)
    _empty(office)
    yield _one_robot(office)


def _rates(office: BigOffice, origin: str, units: list[int], workers: int) -> Iterator[Measured]:
    ours, outbox, posts = [], [], []
    count = MESSAGES[workers]
    for _ in range(TURNS):
        _queue(office, units[:count])
        ours.append(_timed(office, lambda: _deliver(office, origin, workers)))
        rows = _queue(office, units[:count])
        outbox.append(_timed(office, lambda rows=rows: _bare_outbox(office, origin, rows, workers)))  # type: ignore[misc]
        posts.append(_timed(office, lambda: _bare_posts(origin, count, workers)))
        assert ours[-1].messages == count
    rate, cpu = median(run.rate for run in ours), median(run.cpu_ms for run in ours)
    yield Measured(
        name=f"G3 deliveries, {workers} workers / workers ÷ 20 ms",
        ours=rate,
        floor=workers / ANSWER_SECONDS,
        goal=0.65 if workers == 10 else None,
        unit="/s",
        is_rate=True,
        note=f"{count} messages to as many robots",
    )
    for name, floor in (("bare outbox", outbox), ("bare posts", posts)):
        yield Measured(
            name=f"G3 deliveries, {workers} workers / {name}",
            ours=rate,
            floor=median(run.rate for run in floor),
            unit="/s",
            is_rate=True,
        )
    yield Measured(
        name=f"G4 CPU per message, {workers} workers / bare outbox",
        ours=cpu,
        floor=median(run.cpu_ms for run in outbox),
        goal=4.5,
        note="" if office.database.is_sqlite else "the database server's processes included",
    )


def _first_of_many(office: BigOffice, origin: str, units: list[int]) -> Measured:
    """G5: seconds until the first of 20,000 reminders leaves, against one message alone."""
    alone, first = [], []
    for _ in range(TURNS):
        _queue(office, units[:1])
        alone.append(_seconds_to_first(office, origin))
        _queue(office, units, each=BACKLOG // len(units))
        first.append(_seconds_to_first(office, origin))
    return Measured(
        name=f"G5 first message, {BACKLOG} due / one due",
        ours=median(first) * 1000,
        floor=median(alone) * 1000,
    )


def _seconds_to_first(office: BigOffice, origin: str) -> float:
    begun, left = perf_counter(), list[float]()

    class Watching(WecomRobot):
        def send(self, url: str, text: str, mentions: tuple[Mention, ...] = ()) -> Receipt:
            if left:  # the rest is refused at once: it would only take time
                raise ChannelError(Failure.REFUSED, "measured")
            left.append(perf_counter() - begun)
            return super().send(url, text, mentions)

    _pass(office, Watching(Way(allowed_hosts=(origin,))), 10)
    return left[0]


def _one_robot(office: BigOffice) -> Measured:
    """G6: how much of a robot's 20 a minute is used while there is a backlog, as production runs:
    a pass each minute that waits for tokens, on a clock moved by the naps and by each answer's
    time on its way; a 45009 would be counted as a refusal."""
    with start_sandbox(now=office.clock.now) as sandbox:
        units = _units(office)[:GROUPS_OF_ONE]
        with office.database.writing() as session:
            session.execute(update(Channel).values(state=ChannelState.DISABLED))
            session.commit()
        _open_groups(office, sandbox.url, units, name="one robot", key="bench-one-robot")
        minutes, begun = 10, office.clock.now()
        _queue(office, units)
        robot = _OnItsWay(Way(allowed_hosts=(sandbox.url,)))
        robot.clock = office.clock
        for minute in range(minutes):
            office.clock.instant = max(office.clock.now(), begun + timedelta(minutes=minute))
            until = office.clock.now() + PATIENCE
            _pass(office, robot, 10, patience=Patience(until, _Nap(office.clock)))
        end = begun + timedelta(minutes=minutes)
        taken = sum(each.received_at < end for each in sandbox.host.messages())
        tried = sum(each.received_at < end for each in sandbox.host.attempts())
        office.clock.advance(begun - office.clock.now())
    assert taken == tried, "the robot refused"
    return Measured(
        name="G6 use of one robot / 20 a minute, no 45009",
        ours=taken / minutes,
        floor=20,
        goal=0.85,
        unit="/min",
        is_rate=True,
    )


@dataclass
class _Nap:
    """Sleeps by moving the clock."""

    clock: ManualClock

    def wait(self, timeout: float) -> bool:
        self.clock.advance(timedelta(seconds=timeout))
        return False


class _OnItsWay(WecomRobot):
    """Answers after as long as the receiver of the other measurements."""

    clock: ManualClock

    def send(self, url: str, text: str, mentions: tuple[Mention, ...] = ()) -> Receipt:
        self.clock.advance(timedelta(seconds=ANSWER_SECONDS))
        return super().send(url, text, mentions)


def _timed(office: BigOffice, work: Callable[[], int]) -> _Run:
    begun, cpu = perf_counter(), process_time() + server_cpu_seconds(office.database)
    messages = work()
    spent = process_time() + server_cpu_seconds(office.database) - cpu
    return _Run(messages, perf_counter() - begun, spent)


def _units(office: BigOffice) -> list[int]:
    """Return the units robots are opened for, more than the office has where it has few."""
    missing = ROBOTS - len(office.filled.unit_ids)
    with office.database.writing() as session:
        known = list(session.scalars(select(Unit.id).where(Unit.code.like("R%"))))
        more = [
            Unit(
                region_id=office.cast.regions["city"],
                code=f"R{no:04d}",
                name=f"市{no}中心",
                short_name=f"{no}中心",
                category=UnitCategory.DEPARTMENT,
                sort_no=no,
                **born(actor=TESTER, now=office.clock.now()),
            )
            for no in range(len(known), missing)
        ]
        session.add_all(more)
        session.commit()
        return [*office.filled.unit_ids, *known, *(unit.id for unit in more)][:ROBOTS]


def _open_groups(
    office: BigOffice, origin: str, units: list[int], name: str = "群", key: str | None = None
) -> None:
    with office.database.writing() as session:
        for unit_id in units:
            service.add_channel(
                session,
                f"{name}{unit_id}",
                key or f"bench-{name.encode().hex()}-{unit_id}",
                kind=ChannelKind.UNIT,
                region_id=office.cast.regions["city"],
                unit_id=unit_id,
                base_url=origin,
                allowed_hosts=[origin],
                sealer=Sealer(office.config.secret_keys),
                actor=TESTER,
                now=office.clock.now(),
            )
        session.commit()


def _empty(office: BigOffice) -> None:
    with office.database.writing() as session:
        for model in (Delivery, Notification, Digest, RobotAttempt):
            session.execute(delete(model))
        session.commit()


def _queue(office: BigOffice, units: list[int], each: int = 1) -> list[int]:
    """Queue messages for units, after all others have been taken away; return their ids."""
    _empty(office)
    return _queue_more(office, units, each)


def _queue_more(office: BigOffice, units: list[int], each: int = 1) -> list[int]:
    with office.database.writing() as session:
        last = session.scalar(select(func.max(Notification.object_id))) or 0
        messages = [
            Message(
                rule="t+1",
                object_type=THING,
                object_id=last + 1 + no,
                anchor_on=local_date(office.clock.now()),
                audience=Audience.UNIT,
                region_id=office.cast.regions["city"],
                unit_id=units[no % len(units)],
            )
            for no in range(each * len(units))
        ]
        enqueue_all(session, messages, now=office.clock.now())
        session.commit()
        return list(session.scalars(select(Notification.id).order_by(Notification.id)))


def _pass(
    office: BigOffice, robot: WecomRobot, workers: int, patience: Patience | None = None
) -> int:
    return deliver(
        office.database,
        [ThingVoice(THING)],
        channel_sender=robot,
        now_source=office.clock,
        worker="bench",
        links=Links("https://tracker.example"),
        sealer=Sealer(office.config.secret_keys),
        workers=workers,
        patience=patience,
    )


def _deliver(office: BigOffice, origin: str, workers: int) -> int:
    sent = _pass(office, WecomRobot(Way(allowed_hosts=(origin,))), workers)
    with office.database.reading() as session:
        taken = select(func.count()).where(Delivery.state == MessageState.SENT)
        assert session.scalar(taken) == sent > 0
    return sent


def _bare_outbox(office: BigOffice, origin: str, rows: list[int], workers: int) -> int:
    """Claim by a conditional UPDATE, post, record: the least an outbox can do."""
    return _in_threads(rows, lambda http, row: _claim_and_post(office, http, origin, row), workers)


def _claim_and_post(office: BigOffice, http: requests.Session, origin: str, row: int) -> None:
    table: Any = Notification.__table__
    for before, after in (("queued", "sending"), ("sending", "sent")):
        with office.database.engine.begin() as connection:
            mine = (table.c.id == row) & (table.c.state == MessageState(before))
            connection.execute(update(table).where(mine).values(state=MessageState(after)))
        if after == "sending":
            http.post(origin, json=PAYLOAD, timeout=10).json()


def _bare_posts(origin: str, count: int, workers: int) -> int:
    return _in_threads(
        list(range(count)),
        lambda http, _row: http.post(origin, json=PAYLOAD, timeout=10).json(),
        workers,
    )


def _in_threads(
    rows: list[int], one: Callable[[requests.Session, int], object], workers: int
) -> int:
    def work(number: int) -> int:
        mine = rows[number::workers]
        with requests.Session() as http:
            http.trust_env = False
            for row in mine:
                one(http, row)
        return len(mine)

    with ThreadPoolExecutor(workers) as pool:
        return sum(pool.map(work, range(workers)))
