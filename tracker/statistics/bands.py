"""Bands of units, and the week a stock is compared over. Pure."""

from calendar import SUNDAY
from datetime import date, timedelta

from tracker.kernel.labels import LabelledEnum


class UnitBand(LabelledEnum):
    """How many of a unit's tasks are closed."""

    ALL = "all", "全部完成"
    MOST = "most", "80%以上未全部完成"
    REST = "rest", "不足80%"


MOST_OF = (4, 5)
"""At least this share is 80%以上: compared as whole numbers, never as a rounded rate."""


def band_of(closed: int, issued: int) -> UnitBand:
    """Return the band of a unit with tasks."""
    parts, whole = MOST_OF
    if closed == issued:
        return UnitBand.ALL
    return UnitBand.MOST if closed * whole >= issued * parts else UnitBand.REST


class WeekPart(LabelledEnum):
    """A stock from one Sunday to the day: last + new - cleared = now."""

    LAST = "last", "上周"
    NEW = "new", "新增"
    CLEARED = "cleared", "消除"
    NOW = "now", "本周"


KEPT = "kept"


def sunday_before(day: date) -> date:
    """Return the last Sunday before a day; a Sunday's own is a week earlier."""
    return day - timedelta(days=(day.weekday() - SUNDAY) % 7 or 7)
