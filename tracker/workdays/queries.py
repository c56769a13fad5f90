"""Reading the calendar."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from tracker.workdays.models import CalendarDay
from tracker.workdays.rules import DaySource, WorkCalendar


def load_calendar(session: Session) -> WorkCalendar:
    """Return the whole calendar with one query; an empty table gives plain weeks, all 推算."""
    rows = session.execute(select(CalendarDay.on, CalendarDay.kind, CalendarDay.source)).all()
    special = {row.on: row.kind for row in rows}
    known = {row.on.year for row in rows if row.source is DaySource.NOTICE}
    return WorkCalendar(special, known)
