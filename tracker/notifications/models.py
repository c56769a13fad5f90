"""The outbox: one Notification per key, one Delivery per part of a digest and channel."""

from datetime import date, datetime

from sqlalchemy import Index, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from tracker.kernel.db import Base, Id, Row, enum_type, foreign_key
from tracker.notifications.rules import Audience, ChannelKind, ChannelState, MessageState, Way
from tracker.organizations.models import Region, Unit
from tracker.people.models import Person

KEY = (
    "rule",
    "object_type",
    "object_id",
    "reopen_count",
    "anchor_on",
    "occurrence",
    "audience",
)
QUEUED = text("state = 'queued'")
WAITING = text("state IN ('queued', 'sending', 'retry_at')")


class Channel(Row, Base):
    """A WeCom group robot, or a way to single persons. Its address, with what is secret of it, is
    sealed; `key_mark` names it in logs and limits it.

    One process at a time sends to a channel: the holder of the lease `claimed_until`.
    """

    __tablename__ = "channels"
    __table_args__ = (UniqueConstraint("region_id", "name"),)

    region_id: Mapped[int] = foreign_key("regions.id")
    kind: Mapped[ChannelKind] = mapped_column(enum_type(ChannelKind, "kind"))
    unit_id: Mapped[int | None] = foreign_key("units.id", nullable=True)
    name: Mapped[str] = mapped_column(String(80))
    sealed_url: Mapped[str] = mapped_column(Text)
    key_mark: Mapped[str] = mapped_column(String(64), index=True)
    key_tail: Mapped[str] = mapped_column(String(8))
    state: Mapped[ChannelState] = mapped_column(
        enum_type(ChannelState, "state"), default=ChannelState.ACTIVE
    )
    state_reason: Mapped[str | None] = mapped_column(String(400))
    last_sent_at: Mapped[datetime | None]
    last_failed_at: Mapped[datetime | None]
    last_errcode: Mapped[int | None]
    last_answer: Mapped[str | None] = mapped_column(String(400))
    claimed_by: Mapped[str | None] = mapped_column(String(160))
    claimed_until: Mapped[datetime | None]

    region: Mapped[Region] = relationship()
    unit: Mapped[Unit | None] = relationship()


class RobotBudget(Base):
    """The limiter of one robot key, shared by all processes and all channels with that key.

    While a message travels, `in_flight_until` keeps every other one with the same key at home.
    """

    __tablename__ = "robot_budgets"

    key_mark: Mapped[str] = mapped_column(String(64), primary_key=True)
    paused_until: Mapped[datetime | None]
    in_flight_until: Mapped[datetime | None]


class RobotAttempt(Base):
    """One attempt to reach a robot, counted in its rolling minute, failed ones too."""

    __tablename__ = "robot_attempts"
    __table_args__ = (Index("ix_robot_attempts_key_at", "key_mark", "at"),)  # rolling minute

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    key_mark: Mapped[str] = mapped_column(String(64))
    at: Mapped[datetime]


class Notification(Base):
    """One thing to be said once. The key is UNIQUE: no second run can queue it again.

    `way` is no part of it: until it is frozen it follows its rule.
    """

    __tablename__ = "notifications"
    __table_args__ = (
        UniqueConstraint(*KEY, name="uq_notifications_key"),
        Index(
            "ix_notifications_queued", "not_before", postgresql_where=QUEUED, sqlite_where=QUEUED
        ),  # what is due to be sent
        Index(
            "ix_notifications_queued_unit",
            "unit_id",
            "region_id",
            postgresql_where=QUEUED,
            sqlite_where=QUEUED,
        ),  # what is due to be sent to one group
        Index(
            "ix_notifications_queued_person",
            "channel_id",
            "person_id",
            postgresql_where=QUEUED,
            sqlite_where=QUEUED,
        ),  # what is due to be sent to one person
        Index("ix_notifications_object", "object_type", "object_id"),  # a task's reminders
    )

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    rule: Mapped[str] = mapped_column(String(60))
    object_type: Mapped[str] = mapped_column(String(40))
    object_id: Mapped[int] = mapped_column(Id)
    reopen_count: Mapped[int] = mapped_column(default=0)
    anchor_on: Mapped[date]
    occurrence: Mapped[int] = mapped_column(default=1)
    audience: Mapped[Audience] = mapped_column(enum_type(Audience, "audience"))
    way: Mapped[Way] = mapped_column(enum_type(Way, "way"), default=Way.DEFAULT)
    region_id: Mapped[int] = foreign_key("regions.id")
    unit_id: Mapped[int | None] = foreign_key("units.id", nullable=True)
    channel_id: Mapped[int | None] = foreign_key("channels.id", nullable=True, index=False)
    person_id: Mapped[int | None] = foreign_key("persons.id", nullable=True, index=False)
    digest_id: Mapped[int | None] = foreign_key("digests.id", nullable=True)
    part_no: Mapped[int | None]
    state: Mapped[MessageState] = mapped_column(enum_type(MessageState, "state"))
    state_reason: Mapped[str | None] = mapped_column(String(400))
    not_before: Mapped[datetime]
    queued_at: Mapped[datetime]
    settled_at: Mapped[datetime | None]

    channel: Mapped[Channel | None] = relationship()
    unit: Mapped[Unit | None] = relationship()
    digest: Mapped["Digest | None"] = relationship(back_populates="notifications")


class Digest(Base):
    """What one group, or one person, is told in one run: composed at claim, frozen before the
    first send. `refused_at`: the far end knows no such person."""

    __tablename__ = "digests"
    __table_args__ = (
        Index("ix_digests_open", "channel_id", postgresql_where=WAITING, sqlite_where=WAITING),
        # ^ what is begun and not finished
        Index("ix_digests_channel_composed", "channel_id", "composed_at"),  # a group's last weeks
    )

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    channel_id: Mapped[int] = foreign_key("channels.id", index=False)
    person_id: Mapped[int | None] = foreign_key("persons.id", nullable=True)
    number: Mapped[str] = mapped_column(String(20), unique=True)
    composed_at: Mapped[datetime]
    composed_by: Mapped[str] = mapped_column(String(160))
    state: Mapped[MessageState] = mapped_column(enum_type(MessageState, "state"))
    retry_at: Mapped[datetime | None]
    refused_at: Mapped[datetime | None]

    channel: Mapped[Channel] = relationship()
    person: Mapped[Person | None] = relationship()
    notifications: Mapped[list[Notification]] = relationship(back_populates="digest")
    deliveries: Mapped[list["Delivery"]] = relationship(
        back_populates="digest", order_by="Delivery.part_no"
    )


class Delivery(Base):
    """One part of a digest to one channel, with the provider's real answer: its own receipt."""

    __tablename__ = "deliveries"
    __table_args__ = (UniqueConstraint("digest_id", "part_no"),)

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    digest_id: Mapped[int] = foreign_key("digests.id", index=False)
    part_no: Mapped[int]
    part_count: Mapped[int]
    body: Mapped[str] = mapped_column(Text)
    mentions: Mapped[str] = mapped_column(Text, default="")
    state: Mapped[MessageState] = mapped_column(enum_type(MessageState, "state"))
    attempts: Mapped[int] = mapped_column(default=0)
    failures: Mapped[int] = mapped_column(default=0)
    resends: Mapped[int] = mapped_column(default=0)
    retry_at: Mapped[datetime | None]
    errcode: Mapped[int | None]
    answer: Mapped[str | None] = mapped_column(String(400))
    attempted_at: Mapped[datetime | None]
    sent_at: Mapped[datetime | None]

    digest: Mapped[Digest] = relationship(back_populates="deliveries")


class InboxMessage(Base):
    """站内消息: one part of a digest as its person reads it in the product. `read_at` is the
    reader's own and shown to nobody else. The number and part make it arrive once."""

    __tablename__ = "inbox_messages"
    __table_args__ = (
        UniqueConstraint("number", "part_no"),
        Index("ix_inbox_messages_person_id_id", "person_id", "id"),  # a person's, newest first
    )

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    person_id: Mapped[int] = foreign_key("persons.id", index=False)
    number: Mapped[str] = mapped_column(String(20))
    part_no: Mapped[int]
    part_count: Mapped[int]
    body: Mapped[str] = mapped_column(Text)
    received_at: Mapped[datetime]
    read_at: Mapped[datetime | None]


# The predicates of the partial indexes word for word: with a bound value SQLite would not see that
# the index answers the question.
IS_QUEUED = text("notifications.state = 'queued'")
IS_BEGUN = text("digests.state IN ('queued', 'sending', 'retry_at')")
