"""Days the calendar starts from: published notices, and statutory days of years without one."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

import holidays as statutory
from chinese_calendar import constants as notices

from tracker.workdays.rules import DayKind, DaySource

FIRST_YEAR = 2020


@dataclass(frozen=True)
class SeedDay:
    """One day as a source tells it."""

    on: date
    kind: DayKind
    name: str
    source: DaySource


def seed_days(last_year: int) -> list[SeedDay]:
    """Return all days from 2020 to the last year, each once, in order.

    Years chinesecalendar holds a notice for come from there; later ones are estimates.
    """
    days = [day for day in _notice_days() if FIRST_YEAR <= day.on.year <= last_year]
    estimated = range(max(noticed_years()) + 1, last_year + 1)
    days += [day for year in estimated for day in _estimated_days(year)]
    return sorted(days, key=lambda day: day.on)


def noticed_years() -> set[int]:
    """Return the years whose whole notice chinesecalendar holds: those that know National Day."""
    return {day.year for day in notices.holidays if (day.month, day.day) == (10, 1)}


def _notice_days() -> Iterator[SeedDay]:
    for kind, days in (
        (DayKind.DAY_OFF, notices.holidays),
        (DayKind.WORKDAY, notices.workdays),
    ):
        for day, name in days.items():
            yield SeedDay(day, kind, notices.Holiday(name).chinese, DaySource.NOTICE)


def _estimated_days(year: int) -> Iterator[SeedDay]:
    found = statutory.country_holidays("CN", years=year, language="zh_CN")
    for day, name in found.items():
        if day.year == year:
            yield SeedDay(day, DayKind.DAY_OFF, name, DaySource.ESTIMATE)
