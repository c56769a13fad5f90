"""Reading the calendar."""

from collections.abc import Iterable
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from tracker.workdays.models import CalendarDay, CalendarNotice
from tracker.workdays.rules import DaySource, WorkCalendar


def load_calendar(session: Session) -> WorkCalendar:
    """Return the whole calendar with one query; an empty table gives plain weeks, all 推算."""
    rows = session.execute(select(CalendarDay.on, CalendarDay.kind, CalendarDay.source)).all()
    special = {row.on: row.kind for row in rows}
    known = {row.on.year for row in rows if row.source is DaySource.NOTICE}
    return WorkCalendar(special, known)


def guessed_days(session: Session, days: Iterable[date | None]) -> frozenset[date]:
    """Return those days whose year has no notice yet; no statement where no day is given."""
    given = {day for day in days if day is not None}
    if not given:
        return frozenset()
    calendar = load_calendar(session)
    return frozenset(day for day in given if calendar.is_estimated(day))


def days_of_year(session: Session, year: int) -> list[CalendarDay]:
    """Return the days of a year that differ from the plain week, in order."""
    query = select(CalendarDay).where(
        CalendarDay.on >= date(year, 1, 1), CalendarDay.on <= date(year, 12, 31)
    )
    return list(session.scalars(query.order_by(CalendarDay.on)))


def notices_of_year(session: Session, year: int) -> list[CalendarNotice]:
    """Return where a year's days came from, newest first, with the dates that moved."""
    query = (
        select(CalendarNotice)
        .where(CalendarNotice.year == year)
        .options(selectinload(CalendarNotice.moves))
    )
    return list(session.scalars(query.order_by(CalendarNotice.id.desc())))
