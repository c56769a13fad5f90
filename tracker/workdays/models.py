"""The calendar's days that differ from the plain week, and where a year's days came from."""

from datetime import date, datetime

from sqlalchemy import String, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from tracker.kernel.db import Base, Id, Row, enum_type, foreign_key
from tracker.workdays.rules import DayKind, DaySource


class CalendarDay(Row, Base):
    """One named day: a holiday, or a weekend day people work on (调休).

    A correction is a row too (`manual`), never a deletion: the seed puts missing days back.
    """

    __tablename__ = "calendar_days"

    on: Mapped[date] = mapped_column(unique=True)
    kind: Mapped[DayKind] = mapped_column(enum_type(DayKind, "kind"))
    name: Mapped[str] = mapped_column(String(60))
    source: Mapped[DaySource] = mapped_column(enum_type(DaySource, "source"))


class CalendarNotice(Base):
    """A year's arrangement as it came in: pasted by somebody, or with the program. Never changed.

    `text` is what was pasted, word for word; None for what came with the program.
    """

    __tablename__ = "calendar_notices"

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    year: Mapped[int] = mapped_column(index=True)  # where the days of a year came from
    text: Mapped[str | None] = mapped_column(Text)
    taken_in_at: Mapped[datetime]
    taken_in_by: Mapped[str] = mapped_column(String(120))

    moves: Mapped[list["CalendarMove"]] = relationship(
        back_populates="notice", order_by="CalendarMove.id"
    )


class CalendarMove(Base):
    """One date that was computed anew because a year's arrangement came in: what, from, to."""

    __tablename__ = "calendar_moves"

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    notice_id: Mapped[int] = foreign_key("calendar_notices.id")
    region_id: Mapped[int] = foreign_key("regions.id")
    object_type: Mapped[str] = mapped_column(String(60))
    object_id: Mapped[int] = mapped_column(Id)
    name: Mapped[str] = mapped_column(String(200))
    due_before: Mapped[date]
    due_after: Mapped[date]

    notice: Mapped[CalendarNotice] = relationship(back_populates="moves")
