"""Filling the calendar on real databases."""

from collections.abc import Iterator
from datetime import UTC, date, datetime

import pytest
from sqlalchemy import delete, event, select
from sqlalchemy.orm import Session

from tracker.kernel.db import Database, born
from tracker.kernel.permissions import Actor
from tracker.workdays.models import CalendarDay
from tracker.workdays.queries import load_calendar
from tracker.workdays.rules import DayKind, DaySource
from tracker.workdays.service import seed_calendar

NOW = datetime(2026, 11, 16, 1, tzinfo=UTC)
JOB = Actor(name="job:check-calendar")
CLERK = Actor(name="clerk")


@pytest.fixture
def session(database: Database) -> Iterator[Session]:
    with database.writing() as session:
        yield session


def seed(session: Session, now: datetime = NOW) -> int:
    changed = seed_calendar(session, now=now, actor=JOB)
    session.commit()
    return changed


def add_day(session: Session, on: date, kind: DayKind, source: DaySource) -> None:
    session.add(
        CalendarDay(on=on, kind=kind, name="测试日", source=source, **born(actor=CLERK, now=NOW))
    )
    session.commit()


def day(session: Session, on: date) -> CalendarDay:
    return session.scalars(select(CalendarDay).where(CalendarDay.on == on)).one()


def test_seeding_twice_changes_nothing_the_second_time(session: Session) -> None:
    assert seed(session) > 200
    assert seed(session) == 0


def test_two_years_ahead_are_estimated(session: Session) -> None:
    seed(session)
    calendar = load_calendar(session)
    assert not calendar.is_estimated(date(2026, 12, 31))
    assert calendar.is_estimated(date(2027, 1, 1))
    assert not calendar.is_workday(date(2028, 1, 26))  # Spring Festival


def test_a_day_kept_by_hand_is_never_overwritten(session: Session) -> None:
    on = date(2026, 10, 8)
    add_day(session, on, DayKind.DAY_OFF, DaySource.MANUAL)
    add_day(session, date(2026, 10, 10), DayKind.DAY_OFF, DaySource.MANUAL)
    seed(session)
    assert day(session, on).kind is DayKind.DAY_OFF
    saturday = day(session, date(2026, 10, 10))
    assert (saturday.kind, saturday.source) == (DayKind.DAY_OFF, DaySource.MANUAL)
    assert load_calendar(session).next_workday(date(2026, 10, 8)) == date(2026, 10, 9)


def test_an_imported_day_is_never_overwritten(session: Session) -> None:
    on = date(2026, 10, 10)
    add_day(session, on, DayKind.DAY_OFF, DaySource.NOTICE)
    seed(session)
    assert (day(session, on).kind, day(session, on).name) == (DayKind.DAY_OFF, "测试日")


def test_an_imported_notice_drives_out_the_estimates_of_its_year(session: Session) -> None:
    seed(session)
    first = date(2027, 1, 1)
    session.execute(delete(CalendarDay).where(CalendarDay.on == first))
    add_day(session, first, DayKind.DAY_OFF, DaySource.NOTICE)
    add_day(session, date(2027, 1, 9), DayKind.WORKDAY, DaySource.NOTICE)
    seed(session)
    of_2027 = [row for row in session.scalars(select(CalendarDay)) if row.on.year == 2027]
    assert {row.source for row in of_2027} == {DaySource.NOTICE}
    assert not load_calendar(session).is_estimated(first)
    assert seed(session) == 0


def test_a_published_notice_takes_the_place_of_an_estimate(session: Session) -> None:
    add_day(session, date(2026, 10, 8), DayKind.DAY_OFF, DaySource.ESTIMATE)
    add_day(session, date(2026, 10, 7), DayKind.WORKDAY, DaySource.ESTIMATE)
    seed(session)
    row = day(session, date(2026, 10, 7))
    assert (row.kind, row.source, row.name) == (DayKind.DAY_OFF, DaySource.NOTICE, "国庆节")
    assert (row.updated_by, row.updated_at) == (JOB.name, NOW)
    assert load_calendar(session).is_workday(date(2026, 10, 8))


def test_the_calendar_is_loaded_with_one_query(session: Session, database: Database) -> None:
    seed(session)
    statements: list[str] = []
    event.listen(
        database.engine,
        "before_cursor_execute",
        lambda _c, _cu, statement, *_rest: statements.append(statement),
    )
    calendar = load_calendar(session)
    assert calendar.workdays_between(date(2026, 1, 1), date(2026, 12, 31)) == 248
    assert sum(text.startswith("SELECT") for text in statements) == 1


def test_an_empty_calendar_gives_plain_weeks(session: Session) -> None:
    calendar = load_calendar(session)
    assert calendar.is_estimated(date(2026, 11, 16))
    assert calendar.next_workday(date(2026, 11, 14)) == date(2026, 11, 16)
