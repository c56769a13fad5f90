"""Filling the calendar."""

from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from tracker.kernel.clock import local_date
from tracker.kernel.db import born, touch
from tracker.kernel.permissions import Actor
from tracker.workdays.models import CalendarDay
from tracker.workdays.rules import DaySource
from tracker.workdays.seed import SeedDay, seed_days

YEARS_AHEAD = 2


def seed_calendar(session: Session, *, now: datetime, actor: Actor) -> int:
    """Bring the calendar up to what the sources know, two years ahead; return the days changed.

    Only estimates are ever replaced or dropped: days from a notice or from people stay as they
    are, and a year with a notice in the table takes no estimates. Running it again changes nothing.
    """
    rows = {row.on: row for row in session.scalars(select(CalendarDay))}
    planned = _plan(rows, local_date(now).year + YEARS_AHEAD)
    changed = _drop_stale_estimates(session, rows, planned)
    for day in planned.values():
        row = rows.get(day.on)
        if row is None:
            session.add(CalendarDay(**vars(day), **born(actor=actor, now=now)))
            changed += 1
        elif _replaces(row, day):
            row.kind, row.name, row.source = day.kind, day.name, day.source
            touch(row, actor=actor, now=now)
            changed += 1
    return changed


def _plan(rows: dict[date, CalendarDay], last_year: int) -> dict[date, SeedDay]:
    noticed = {row.on.year for row in rows.values() if row.source is DaySource.NOTICE}
    return {
        day.on: day
        for day in seed_days(last_year)
        if day.source is DaySource.NOTICE or day.on.year not in noticed
    }


def _drop_stale_estimates(
    session: Session, rows: dict[date, CalendarDay], planned: dict[date, SeedDay]
) -> int:
    """Delete estimates nothing speaks for any more, e.g. once the year's notice is out."""
    stale = [
        row for row in rows.values() if row.source is DaySource.ESTIMATE and row.on not in planned
    ]
    for row in stale:
        session.delete(row)
    return len(stale)


def _replaces(row: CalendarDay, day: SeedDay) -> bool:
    if row.source is not DaySource.ESTIMATE:
        return False
    return (row.kind, row.name, row.source) != (day.kind, day.name, day.source)
