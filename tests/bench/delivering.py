"""Ten workers deliver real reminders to a far end that answers in 20 ms."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from statistics import median
from time import perf_counter, process_time
from typing import Any

import requests
from sqlalchemy import delete, func, select, update

from jobs.deliver_notifications import VOICES
from tests.bench.office import BigOffice
from tests.bench.receiver import ANSWER_SECONDS, receiver
from tests.bench.timing import Measured
from tests.factories.cast import TESTER
from tracker.kernel.crypto import Sealer
from tracker.kernel.links import Links
from tracker.notifications import service
from tracker.notifications.channels.transport import Way
from tracker.notifications.channels.wecom import WecomRobot
from tracker.notifications.delivery import deliver
from tracker.notifications.models import Delivery, Digest, Notification, RobotAttempt
from tracker.notifications.rules import ChannelKind, MessageState
from tracker.reminders.service import queue_due
from tracker.workdays.queries import load_calendar

WORKERS = 10
TURNS = 3
BEST_RATE = WORKERS / ANSWER_SECONDS
PAYLOAD = {"msgtype": "text", "text": {"content": "提醒" * 300}}


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
    """Yield rate and CPU per message, claimed and recorded, against a bare outbox and bare posts."""
    with receiver() as origin:
        _open_groups(office, origin)
        ours, outbox, posts = [], [], []
        for _ in range(TURNS):
            _empty(office)
            _queue(office)
            ours.append(_timed(lambda: _deliver(office, origin)))
            rows = _queue(office)[: ours[-1].messages]
            outbox.append(_timed(lambda rows=rows: _bare_outbox(office, origin, rows)))  # type: ignore[misc]
            posts.append(_timed(lambda: _bare_posts(origin, ours[-1].messages)))
        _empty(office)
    rate, cpu = median(run.rate for run in ours), median(run.cpu_ms for run in ours)
    note = f"{ours[0].messages} messages, {_reminders(office)} reminders"
    yield Measured(
        name="G3 deliveries, 10 workers / workers ÷ 20 ms",
        ours=rate,
        floor=BEST_RATE,
        goal=0.65,
        unit="/s",
        is_rate=True,
        note=note,
    )
    yield Measured(
        name="G3 deliveries / bare posts",
        ours=rate,
        floor=median(run.rate for run in posts),
        unit="/s",
        is_rate=True,
    )
    yield Measured(
        name="G4 CPU per message / bare outbox",
        ours=cpu,
        floor=median(run.cpu_ms for run in outbox),
        goal=4.5,
        note="without the database server" if not office.database.is_sqlite else "",
    )


def _timed(work: Callable[[], int]) -> _Run:
    begun, cpu = perf_counter(), process_time()
    messages = work()
    return _Run(messages, perf_counter() - begun, process_time() - cpu)


def _open_groups(office: BigOffice, origin: str) -> None:
    with office.database.writing() as session:
        for unit_id in office.filled.unit_ids:
            service.add_channel(
                session,
                f"群{unit_id}",
                f"bench-{unit_id}",
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


def _queue(office: BigOffice) -> list[int]:
    """Queue the day's reminders anew; return their ids."""
    _empty(office)
    with office.database.writing() as session:
        queue_due(session, now=office.clock.now(), calendar=load_calendar(session))
        session.commit()
        return list(session.scalars(select(Notification.id).order_by(Notification.id)))


def _reminders(office: BigOffice) -> int:
    count = len(_queue(office))
    _empty(office)
    return count


def _deliver(office: BigOffice, origin: str) -> int:
    sent = deliver(
        office.database,
        VOICES,
        channel_sender=WecomRobot(Way(allowed_hosts=(origin,))),
        now_source=office.clock,
        worker="bench",
        links=Links("https://tracker.example"),
        sealer=Sealer(office.config.secret_keys),
        workers=WORKERS,
    )
    with office.database.reading() as session:
        taken = select(func.count()).where(Delivery.state == MessageState.SENT)
        assert session.scalar(taken) == sent > 0
    return sent


def _bare_outbox(office: BigOffice, origin: str, rows: list[int]) -> int:
    """Claim by a conditional UPDATE, post, record: the least an outbox can do."""
    return _in_threads(rows, lambda http, row: _claim_and_post(office, http, origin, row))


def _claim_and_post(office: BigOffice, http: requests.Session, origin: str, row: int) -> None:
    table: Any = Notification.__table__
    for before, after in (("queued", "sending"), ("sending", "sent")):
        with office.database.engine.begin() as connection:
            mine = (table.c.id == row) & (table.c.state == MessageState(before))
            connection.execute(update(table).where(mine).values(state=MessageState(after)))
        if after == "sending":
            http.post(origin, json=PAYLOAD, timeout=10).json()


def _bare_posts(origin: str, count: int) -> int:
    return _in_threads(
        list(range(count)),
        lambda http, _row: http.post(origin, json=PAYLOAD, timeout=10).json(),
    )


def _in_threads(rows: list[int], one: Callable[[requests.Session, int], object]) -> int:
    def work(number: int) -> int:
        mine = rows[number::WORKERS]
        with requests.Session() as http:
            http.trust_env = False
            for row in mine:
                one(http, row)
        return len(mine)

    with ThreadPoolExecutor(WORKERS) as pool:
        return sum(pool.map(work, range(WORKERS)))
