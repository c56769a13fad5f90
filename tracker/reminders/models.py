"""提醒规则 as data, pauses of a unit, and calls that were made."""

from datetime import date, datetime

from sqlalchemy import Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from tracker.kernel.db import Base, Id, Row, enum_type, foreign_key
from tracker.notifications.rules import Audience, Way
from tracker.organizations.models import Unit
from tracker.reminders.rules import AnchorKind, OffsetKind, RuleStatus, SentBy, sent_by


class ReminderRule(Row, Base):
    """One step of a ladder: anchor, offset (`offset_kind` says of what), audience; repeated or once.

    `every_workdays` > 0: from the offset on, again every so many working days until closed.
    `is_in_product_only`: a to-do or a call inside the product, never a chat message. `round_id`:
    of one round, whose rules then take the place of its region's. `wording`: a text of its own.
    `way`: by which kind of channel what is sent goes.
    """

    __tablename__ = "reminder_rules"
    __table_args__ = (UniqueConstraint("region_id", "code"),)

    region_id: Mapped[int] = foreign_key("regions.id")
    round_id: Mapped[int | None] = foreign_key("rounds.id", nullable=True)
    code: Mapped[str] = mapped_column(String(60))
    label: Mapped[str] = mapped_column(String(120))
    anchor: Mapped[AnchorKind] = mapped_column(enum_type(AnchorKind, "anchor"))
    offset_days: Mapped[int]
    offset_kind: Mapped[OffsetKind] = mapped_column(
        enum_type(OffsetKind, "offset_kind"), default=OffsetKind.DAYS
    )
    every_workdays: Mapped[int] = mapped_column(default=0)
    min_span_days: Mapped[int] = mapped_column(default=0)
    audience: Mapped[Audience] = mapped_column(enum_type(Audience, "audience"))
    is_in_product_only: Mapped[bool] = mapped_column(default=False)
    status: Mapped[RuleStatus] = mapped_column(enum_type(RuleStatus, "status"))
    starts_on: Mapped[date | None]
    wording: Mapped[str] = mapped_column(String(120), default="")
    way: Mapped[Way] = mapped_column(enum_type(Way, "way"), default=Way.DEFAULT)

    @property
    def sent_by(self) -> SentBy:
        """Return what the office has chosen."""
        return sent_by(self.way, is_in_product_only=self.is_in_product_only)


class UnitPause(Row, Base):
    """An office does not remind a unit for a while: reason and end date compulsory.

    `to_on` is the last day without reminders. One that ended early keeps what was planned.
    """

    __tablename__ = "unit_pauses"

    region_id: Mapped[int] = foreign_key("regions.id")
    unit_id: Mapped[int] = foreign_key("units.id")
    from_on: Mapped[date]
    to_on: Mapped[date]
    reason: Mapped[str] = mapped_column(String(400))
    planned_to_on: Mapped[date | None]
    ended_on: Mapped[date | None]
    ended_by: Mapped[str | None] = mapped_column(String(120))
    end_reason: Mapped[str | None] = mapped_column(String(400))

    unit: Mapped[Unit] = relationship()


class CallNote(Base):
    """已电话催办: who of an office called about what, and when. Never changed."""

    __tablename__ = "call_notes"
    __table_args__ = (Index("ix_call_notes_object", "object_type", "object_id"),)  # its last call

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    region_id: Mapped[int] = foreign_key("regions.id", index=False)
    unit_id: Mapped[int] = foreign_key("units.id", index=False)
    object_type: Mapped[str] = mapped_column(String(40))
    object_id: Mapped[int] = mapped_column(Id)
    called_at: Mapped[datetime]
    called_by: Mapped[str] = mapped_column(String(120))
