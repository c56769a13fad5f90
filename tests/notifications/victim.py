"""A sender that asks before each dangerous step whether it may go on; the tests kill it there."""

from collections.abc import Sequence
from datetime import date, datetime
from enum import StrEnum
from multiprocessing.connection import Connection
from threading import Lock

from sqlalchemy.orm import Session

from tests.fakes.clock import ManualClock
from tests.fakes.voice import ThingVoice
from tracker.kernel.crypto import Sealer
from tracker.kernel.db import Database
from tracker.kernel.links import Links
from tracker.notifications.channels import Receipt
from tracker.notifications.channels.transport import Way
from tracker.notifications.channels.wecom import WecomRobot
from tracker.notifications.delivery import deliver
from tracker.notifications.models import Notification
from tracker.notifications.voices import Entry, Mention


class Step(StrEnum):
    """Where a sender may be killed."""

    BEFORE_CLAIM = "before claim"
    AFTER_CLAIM = "after claim"
    AFTER_SEND = "after send"


class Gate:
    """Tells the other process which step comes, and waits to be let through, or killed."""

    def __init__(self, line: Connection) -> None:
        self._line = line
        self._lock = Lock()

    def ask(self, step: Step) -> None:
        with self._lock:
            self._line.send(step)
            self._line.recv()


class AskingVoice(ThingVoice):
    """Is asked inside the transaction that claims, which is not committed yet."""

    gate: Gate

    def entries(
        self, session: Session, notifications: Sequence[Notification], *, today: date, links: Links
    ) -> dict[int, Entry]:
        self.gate.ask(Step.BEFORE_CLAIM)
        return super().entries(session, notifications, today=today, links=links)


class AskingRobot(WecomRobot):
    """Is called when a message is marked as sending and committed as such."""

    gate: Gate

    def send(self, url: str, text: str, mentions: tuple[Mention, ...] = ()) -> Receipt:
        self.gate.ask(Step.AFTER_CLAIM)
        receipt = super().send(url, text, mentions)
        self.gate.ask(Step.AFTER_SEND)
        return receipt


def run(url: str, secret_keys: tuple[str, ...], host: str, at: datetime, line: Connection) -> None:
    gate = Gate(line)
    voice, robot = AskingVoice(), AskingRobot(Way(allowed_hosts=(host,)))
    voice.gate = robot.gate = gate
    database = Database(url, pool_size=5)
    deliver(
        database,
        [voice],
        channel_sender=robot,
        now_source=ManualClock(at),
        worker="victim",
        links=Links(None),
        sealer=Sealer(secret_keys),
        workers=4,
    )
    database.dispose()
    line.send(None)
