"""Days that have been: 完成时间, 销号时间. Unlike a due date they must name a day to be believed."""

from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache

from tracker.ledger.calendar_text import Precision, Reference, find_dates
from tracker.ledger.due_text import FIRST_YEAR, LAST_YEAR, TIME_OF_DAY
from tracker.ledger.notes import Note, doubt
from tracker.ledger.serials import serial_date
from tracker.ledger.texts import LONGEST_REMEMBERED, cell_text, half_width, says_nothing, squeeze
from tracker.spreadsheets.workbook import CellValue


@dataclass(frozen=True)
class DayReading:
    """A day as understood; `raw` is the file's own text and is never lost."""

    raw: str
    on: date | None = None
    notes: tuple[Note, ...] = ()


NO_DAY = DayReading("")


def read_day_cell(
    value: CellValue, *, feedback_on: date | None, date_1904: bool = False
) -> DayReading:
    """Read a cell that names a past day: a date, a serial number, or text. Never raises."""
    if value is None:
        return NO_DAY
    raw = cell_text(value)
    if says_nothing(raw):
        return DayReading(raw)
    given = value.date() if isinstance(value, datetime) else value
    day = given if isinstance(given, date) else serial_date(value, date_1904=date_1904)
    if day is None:
        known = len(raw) <= LONGEST_REMEMBERED
        return (_from_short_text if known else _from_text)(raw, feedback_on)
    if not FIRST_YEAR <= day.year <= LAST_YEAR:
        return DayReading(raw, notes=(_unreadable(raw),))
    return DayReading(raw, day)


@lru_cache(maxsize=1024)  # an office writes its days in few ways
def _from_short_text(raw: str, feedback_on: date | None) -> DayReading:
    return _from_text(raw, feedback_on)


def _from_text(raw: str, feedback_on: date | None) -> DayReading:
    text = squeeze(TIME_OF_DAY.sub("", half_width(raw)))
    found = find_dates(text, Reference(feedback_on))
    day = found.due_on
    digits_left = any(sign.isdigit() for sign in found.rest)
    if day is None or digits_left or found.precision is Precision.PERIOD:
        return DayReading(raw, notes=(_unreadable(raw),))
    if not FIRST_YEAR <= day.year <= LAST_YEAR:
        return DayReading(raw, notes=(_unreadable(raw),))
    if found.precision is Precision.MONTH or not found.year_given:
        detail = f"“{raw}”不是完整日期，暂按 {day.isoformat()} 登记，请核对。"
        return DayReading(raw, day, (doubt("date_incomplete", detail),))
    return DayReading(raw, day)


def _unreadable(raw: str) -> Note:
    return doubt("date_unreadable", f"“{raw}”不能识别为日期，未登记日期，请核对。")
