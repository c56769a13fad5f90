"""The seed against both of its sources, day by day."""

from datetime import date, timedelta

import chinese_calendar
import holidays
import pytest

from tracker.workdays.rules import DayKind, DaySource, WorkCalendar
from tracker.workdays.seed import FIRST_YEAR, noticed_years, seed_days


def seeded(last_year: int = 2028) -> WorkCalendar:
    days = seed_days(last_year)
    known = {day.on.year for day in days if day.source is DaySource.NOTICE}
    return WorkCalendar({day.on: day.kind for day in days}, known)


def days_of(year: int) -> list[date]:
    first = date(year, 1, 1)
    return [
        first + timedelta(days=i) for i in range(366) if (first + timedelta(days=i)).year == year
    ]


@pytest.mark.parametrize("year", range(FIRST_YEAR, 2027))
def test_every_day_agrees_with_chinesecalendar(year: int) -> None:
    calendar = seeded()
    for day in days_of(year):
        assert calendar.is_workday(day) is chinese_calendar.is_workday(day), day


@pytest.mark.parametrize("year", range(FIRST_YEAR, 2027))
def test_every_day_agrees_with_an_independent_source(year: int) -> None:
    calendar, other = seeded(), holidays.country_holidays("CN", years=[year - 1, year, year + 1])
    differing = [
        day for day in days_of(year) if calendar.is_workday(day) is not other.is_working_day(day)
    ]
    assert differing == []


def test_the_days_of_2026_worked_on_weekends() -> None:
    worked = [
        day.on for day in seed_days(2026) if day.on.year == 2026 and day.kind is DayKind.WORKDAY
    ]
    assert worked == [
        date(2026, 1, 4),
        date(2026, 2, 14),
        date(2026, 2, 28),
        date(2026, 5, 9),
        date(2026, 9, 20),
        date(2026, 10, 10),
    ]


def test_a_year_without_a_notice_is_estimated_from_its_statutory_days() -> None:
    later = max(noticed_years()) + 1
    days = [day for day in seed_days(later) if day.on.year == later]
    assert {day.source for day in days} == {DaySource.ESTIMATE}
    assert any("春节" in day.name for day in days)
    calendar = seeded(later)
    assert all(not calendar.is_workday(day.on) for day in days)
    assert calendar.is_estimated(date(later, 6, 1))


def test_every_day_is_told_once_in_order_with_a_chinese_name() -> None:
    days = seed_days(2028)
    assert [day.on for day in days] == sorted({day.on for day in days})
    assert all(day.name and not day.name.isascii() for day in days)
