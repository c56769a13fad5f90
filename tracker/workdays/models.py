"""The calendar's days that differ from the plain week."""

from datetime import date

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from tracker.kernel.db import Base, Row, enum_type
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
