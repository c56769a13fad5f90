"""整改时限: free text to a due date.

Rules: 月底前 → last day, 年底前 → 12-31, 上半年 → 06-30, 上/中/下旬 → 10 / 20 / last day, N个月内 →
feedback date + N with end-of-month clamp, 集中整改期内 → its end. A missing year is the feedback's, or
the next when that day is already past. What is not understood gets no date and 待确认: it is never
overdue, and never silently lost.
"""

import re
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache

from tracker.ledger.calendar_text import Found, Reference, find_dates
from tracker.ledger.notes import Note, Weight, doubt, info
from tracker.ledger.serials import serial_date
from tracker.ledger.texts import cell_text, half_width, says_nothing, squeeze
from tracker.spreadsheets.workbook import CellValue

FIRST_YEAR, LAST_YEAR = 2000, 2099
LONG_TERM = re.compile(r"长期|持续|常态|经常性|一以贯之|永远在路上|不断深化|始终")
IMMEDIATE = re.compile(r"立行立改|立查立改|即知即改|边查边改|立即整改|立整立改|马上整改|立即改")
TIME_OF_DAY = re.compile(r"[ T]\d{1,2}:\d{2}(?::\d{2})?(?:\.\d+)?\s*$")
RECURRING = re.compile(r"每(?:个)?(?:年|半年|季度?|月|周|日|天|星期)")
WORKING_DAYS = re.compile(r"\d+个?工作日")


@dataclass(frozen=True)
class DueReading:
    """A due text as understood. `raw` is the file's own text; no date but a doubt = 待确认."""

    raw: str
    due_on: date | None = None
    long_term: bool = False
    immediate: bool = False
    notes: tuple[Note, ...] = ()

    @property
    def to_confirm(self) -> bool:
        """Tell whether a person must say the date (待确认)."""
        return self.due_on is None and any(note.weight is Weight.DOUBT for note in self.notes)


@lru_cache(maxsize=4096)  # a ledger repeats the same few texts in thousands of rows
def parse_due_text(
    raw: str, *, feedback_on: date | None, concentrated_end: date | None
) -> DueReading:
    """Read a due text; never raises.

    `feedback_on` gives missing years and the start of “N个月内”; `concentrated_end` is the last day of
    the round's 集中整改期. Either may be None: what needs it is then 待确认.
    """
    text = squeeze(TIME_OF_DAY.sub("", half_width(raw)))
    long_term, immediate = bool(LONG_TERM.search(text)), bool(IMMEDIATE.search(text))
    if says_nothing(text):
        return DueReading(raw, notes=(doubt("due_missing", "没有填写整改时限，待确认。"),))
    found = find_dates(text, Reference(feedback_on, concentrated_end))
    reason = _refusal(text, found)
    if found.due_on is not None and reason is None:
        notes = found.notes + _plausible(found.due_on, feedback_on, raw)
        return DueReading(raw, found.due_on, long_term, immediate, notes)
    if found.silent and long_term:
        note = info("due_open_ended", f"“{raw}”没有具体日期，按长期整改登记。")
        return DueReading(raw, None, long_term, immediate, (note,))
    return DueReading(
        raw, None, long_term, immediate, (_unclear(raw, reason, immediate=immediate),)
    )


def read_due_cell(
    value: CellValue,
    *,
    feedback_on: date | None,
    concentrated_end: date | None,
    date_1904: bool = False,
) -> DueReading:
    """Read a due cell: a date, a date's serial number (also as text), or free text."""
    raw = cell_text(value)
    day = value.date() if isinstance(value, datetime) else value
    if not isinstance(day, date):
        day = serial_date(value, date_1904=date_1904)
    if day is None and isinstance(value, float) and re.fullmatch(r"20\d\d\.1", raw):
        detail = f"待确认：数字“{raw}”分不清是 1 月还是 10 月，请填写完整日期。"
        return DueReading(raw, notes=(doubt("due_unclear", detail),))
    if day is None:
        return parse_due_text(raw, feedback_on=feedback_on, concentrated_end=concentrated_end)
    if not FIRST_YEAR <= day.year <= LAST_YEAR:
        return DueReading(raw, notes=(_unclear(raw, "年份不合理", immediate=False),))
    return DueReading(raw, day, notes=_plausible(day, feedback_on, raw))


def _refusal(text: str, found: Found) -> str | None:
    """Say why the date found must not be trusted; None when it may."""
    if found.problem:
        return found.problem
    if RECURRING.search(text):
        return "写的是周期，不是截止日期"
    if WORKING_DAYS.search(text):
        return "按工作日计算，请填写具体日期"
    if re.search(r"\d", found.rest):
        return "还有不能识别的数字"
    if found.due_on is not None and not FIRST_YEAR <= found.due_on.year <= LAST_YEAR:
        return "年份不合理"
    return None


def _unclear(raw: str, reason: str | None, *, immediate: bool) -> Note:
    if reason is None and immediate:
        return doubt("due_immediate", f"待确认：“{raw}”没有具体日期，请填写立行立改的完成日期。")
    because = f"（{reason}）" if reason else ""
    return doubt("due_unclear", f"待确认：整改时限“{raw}”不能识别为日期{because}，未设时限。")


def _plausible(day: date, feedback_on: date | None, raw: str) -> tuple[Note, ...]:
    if feedback_on is not None and day < feedback_on:
        detail = f"整改时限“{raw}”早于反馈日期 {feedback_on.isoformat()}，请核对。"
        return (Note("due_before_feedback", detail, Weight.DOUBT),)
    return ()
