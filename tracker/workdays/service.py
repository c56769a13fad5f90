"""Filling the calendar."""

from collections.abc import Iterable
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from tracker.kernel.clock import local_date
from tracker.kernel.db import born, touch
from tracker.kernel.permissions import Actor
from tracker.workdays.models import CalendarDay, CalendarMove, CalendarNotice
from tracker.workdays.notice import NoticeDay, Reading
from tracker.workdays.rules import DateMove, DaySource, WorkCalendar
from tracker.workdays.seed import SeedDay, seed_days

YEARS_AHEAD = 2


def seed_calendar(session: Session, *, now: datetime, actor: Actor) -> int:
    """Bring the calendar up to what the sources know, two years ahead; return the days changed.

    Only estimates are ever replaced or dropped: days from a notice or from people stay as they
    are, and a year with a notice in the table takes no estimates; one that was pasted takes
    nothing at all. Running it again changes nothing.
    """
    rows = {row.on: row for row in session.scalars(select(CalendarDay))}
    pasted = set(
        session.scalars(select(CalendarNotice.year).where(CalendarNotice.text.is_not(None)))
    )
    planned = _plan(rows, local_date(now).year + YEARS_AHEAD, pasted)
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


def _plan(rows: dict[date, CalendarDay], last_year: int, pasted: set[int]) -> dict[date, SeedDay]:
    """Return the days of all years but those whose notice somebody pasted: that one counts."""
    noticed = {row.on.year for row in rows.values() if row.source is DaySource.NOTICE}
    return {
        day.on: day
        for day in seed_days(last_year)
        if day.on.year not in pasted
        and (day.source is DaySource.NOTICE or day.on.year not in noticed)
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


def calendar_with(session: Session, reading: Reading) -> WorkCalendar:
    """Return the calendar as it would be with a year's arrangement taken in."""
    rows = {row.on: row for row in session.scalars(select(CalendarDay))}
    kept = {on: row for on, row in rows.items() if not _gives_way(row, reading)}
    special = {day.on: day.kind for day in reading.days}
    special |= {on: row.kind for on, row in kept.items()}
    known = {row.on.year for row in kept.values() if row.source is DaySource.NOTICE}
    return WorkCalendar(special, known | ({reading.year} if reading.year else set()))


def _gives_way(row: CalendarDay, reading: Reading) -> bool:
    """Return whether a day is replaced by an arrangement; what people keep by hand stays."""
    if row.source is DaySource.MANUAL:
        return False
    is_named = any(day.on == row.on for day in reading.days)
    return row.on.year == reading.year or (is_named and row.source is DaySource.ESTIMATE)


def take_in_notice(
    session: Session, reading: Reading, text: str, *, actor: Actor, now: datetime
) -> CalendarNotice:
    """Save a year's arrangement as it was read; what is kept by hand stays, the text is kept."""
    rows = {row.on: row for row in session.scalars(select(CalendarDay))}
    wanted = {day.on: day for day in reading.days}
    for row in rows.values():
        if row.on not in wanted and _gives_way(row, reading):
            session.delete(row)
    for on, day in wanted.items():
        _take_in(session, rows.get(on), day, reading, actor=actor, now=now)
    return note_notice(session, reading.year or 0, text, actor=actor, now=now)


def _take_in(
    session: Session,
    row: CalendarDay | None,
    day: NoticeDay,
    reading: Reading,
    *,
    actor: Actor,
    now: datetime,
) -> None:
    # A day of the year before (31 December) must not make that year look as if it had a notice.
    source = DaySource.NOTICE if day.on.year == reading.year else DaySource.MANUAL
    if row is None:
        stamps = born(actor=actor, now=now)
        session.add(CalendarDay(on=day.on, kind=day.kind, name=day.name, source=source, **stamps))
        return
    told = (day.kind, day.name, source)
    if _gives_way(row, reading) and (row.kind, row.name, row.source) != told:
        row.kind, row.name, row.source = told
        touch(row, actor=actor, now=now)


def note_notice(
    session: Session, year: int, text: str | None, *, actor: Actor, now: datetime
) -> CalendarNotice:
    """Note where a year's days came from; None = with the program."""
    notice = CalendarNotice(year=year, text=text, taken_in_at=now, taken_in_by=actor.label)
    session.add(notice)
    return notice


def note_moves(notice: CalendarNotice, moves: Iterable[DateMove]) -> None:
    """Write down which dates were computed anew because of a year's arrangement."""
    notice.moves += [
        CalendarMove(
            region_id=move.region_id,
            object_type=move.object_type,
            object_id=move.object_id,
            name=move.name[:200],
            due_before=move.before,
            due_after=move.after,
        )
        for move in moves
    ]
