"""One office with groups, an outbox and a way to the simulator."""

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from sqlalchemy import select

from tests.factories.cast import TESTER, Cast
from tests.fakes.clock import ManualClock
from tests.fakes.voice import ThingVoice
from tracker.kernel.config import Config
from tracker.kernel.crypto import Sealer
from tracker.kernel.db import Database, born
from tracker.kernel.links import Links
from tracker.kernel.settings import put_setting, region_scope
from tracker.notifications import personal_channels, service
from tracker.notifications.accounts import Account, AppAccount, MailAccount, MailSecurity
from tracker.notifications.channels import ChannelSender
from tracker.notifications.channels.app import Tokens, WecomApp
from tracker.notifications.channels.mail import Mailer
from tracker.notifications.channels.personal import PersonalSender
from tracker.notifications.channels.transport import Way
from tracker.notifications.channels.wecom import WecomRobot
from tracker.notifications.delivery import Patience, deliver
from tracker.notifications.models import Channel, Delivery, Notification
from tracker.notifications.outbox import Message, enqueue_all
from tracker.notifications.rules import Audience, ChannelKind, MessageState
from tracker.people.models import Person
from tracker.wecom_sandbox.server import RunningSandbox

DUE = date(2026, 11, 13)


def message(cast: Cast, number: int = 1, **changes: Any) -> Message:
    values: dict[str, Any] = {
        "rule": "t+1",
        "object_type": "thing",
        "object_id": number,
        "anchor_on": DUE,
        "audience": Audience.UNIT,
        "region_id": cast.regions["city"],
        "unit_id": cast.units["a"],
        **changes,
    }
    return Message(**values)


@dataclass
class Office:
    """The city's office; the switch is on unless a test turns it off."""

    database: Database
    cast: Cast
    clock: ManualClock
    config: Config
    sandbox: RunningSandbox
    voice: ThingVoice = field(default_factory=ThingVoice)
    links: Links = field(default_factory=lambda: Links("https://tracker.example"))
    sender: ChannelSender | None = None
    tokens: Tokens = field(default_factory=Tokens)
    mail_port: int = 1

    @property
    def sealer(self) -> Sealer:
        return Sealer(self.config.secret_keys)

    def switch(self, value: str, region: str = "city") -> None:
        with self.database.writing() as session:
            scope = region_scope(self.cast.regions[region])
            put_setting(
                session, "push_enabled", value, by="tests", now=self.clock.now(), scope=scope
            )
            session.commit()

    def set(self, **settings: int) -> None:
        """Turn dials of the whole installation."""
        with self.database.writing() as session:
            for key, value in settings.items():
                put_setting(session, key, str(value), by="tests", now=self.clock.now())
            session.commit()

    def channel(
        self,
        key: str,
        kind: ChannelKind = ChannelKind.SHARED,
        *,
        unit: str | None = None,
        region: str = "city",
        name: str | None = None,
    ) -> int:
        with self.database.writing() as session:
            channel = service.add_channel(
                session,
                name or f"群{key}",
                self.sandbox.webhook_url(key),
                kind=kind,
                region_id=self.cast.regions[region],
                unit_id=self.cast.units[unit] if unit else None,
                base_url=self.sandbox.url,
                allowed_hosts=[self.sandbox.url],
                sealer=self.sealer,
                actor=TESTER,
                now=self.clock.now(),
            )
            session.commit()
            return channel.id

    def queue(self, *numbers: int, not_before: datetime | None = None, **changes: Any) -> int:
        messages = [message(self.cast, number, **changes) for number in numbers]
        with self.database.writing() as session:
            new = enqueue_all(session, messages, now=self.clock.now(), not_before=not_before)
            session.commit()
        return new

    def deliver(
        self, *more_voices: ThingVoice, patience: Patience | None = None, workers: int = 1
    ) -> int:
        return deliver(
            self.database,
            [self.voice, *more_voices],
            channel_sender=self.sender or self.robot(),
            now_source=self.clock,
            worker="tests",
            links=self.links,
            sealer=self.sealer,
            workers=workers,
            patience=patience,
            ways=self.ways(),
        )

    def ways(self) -> dict[ChannelKind, PersonalSender]:
        way = Way(allowed_hosts=(self.sandbox.url,), total_seconds=3.0)
        mail = Way(allowed_hosts=(f"127.0.0.1:{self.mail_port}",), total_seconds=3.0)
        return {ChannelKind.APP: WecomApp(way, self.tokens), ChannelKind.MAIL: Mailer(mail)}

    def way(self, kind: ChannelKind, *, region: str = "city") -> int:
        """Add an application or a mail server; return its id."""
        accounts: dict[ChannelKind, Account] = {
            ChannelKind.APP: AppAccount(
                base=self.sandbox.url, corpid="ww1", agentid=7, secret="app-secret-1234"
            ),
            ChannelKind.MAIL: MailAccount(
                host="127.0.0.1",
                port=self.mail_port,
                security=MailSecurity.PLAIN,
                sender="xcb@example.cn",
            ),
        }
        lead = {"city": "lead", "east": "east_lead"}[region]
        with self.database.writing() as session:
            way = personal_channels.add_way(
                session,
                self.cast.regions[region],
                kind.label,
                accounts.get(kind),
                kind=kind,
                sealer=self.sealer,
                actor=self.cast.actor(lead),
                now=self.clock.now(),
            )
            session.commit()
            return way.id

    def person(self, name: str, **fields: Any) -> int:
        """Take in somebody without a sign-in."""
        with self.database.writing() as session:
            stamps = born(actor=TESTER, now=self.clock.now())
            region_id = self.cast.regions["city"]
            person = Person(region_id=region_id, name=name, **fields, **stamps)
            session.add(person)
            session.commit()
            return person.id

    def told(self) -> dict[int, tuple[MessageState, str | None]]:
        """Return state and reason of each notification by the number of its object."""
        with self.database.reading() as session:
            rows = session.scalars(select(Notification).order_by(Notification.object_id))
            return {row.object_id: (row.state, row.state_reason) for row in rows}

    def robot(self, **changes: Any) -> WecomRobot:
        return WecomRobot(Way(allowed_hosts=(self.sandbox.url,), **changes))

    def states(self) -> dict[int, MessageState]:
        """Return the state of each notification by the number of its object."""
        with self.database.reading() as session:
            rows = session.scalars(select(Notification).order_by(Notification.object_id))
            return {row.object_id: row.state for row in rows}

    def parts(self) -> list[Delivery]:
        with self.database.reading() as session:
            return list(session.scalars(select(Delivery).order_by(Delivery.id)))

    def get_channel(self, channel_id: int) -> Channel:
        with self.database.reading() as session:
            return session.get_one(Channel, channel_id)

    def contents(self, key: str) -> list[str]:
        return [seen["content"] for seen in self.sandbox.seen(key)]
