"""Finds the days that a Chinese text names: 2025年6月30日, 12月底前, 上半年, 3个月内, 集中整改期内."""

import calendar
import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, timedelta
from enum import StrEnum

from tracker.ledger.notes import Note, info
from tracker.ledger.texts import chinese_number

MAX_SPAN_DAYS = 5 * 366


class Precision(StrEnum):
    """How exactly a text names its day; `period` is a deadline by rule, like 上半年 or N个月内."""

    DAY = "day"
    MONTH = "month"
    PERIOD = "period"


@dataclass(frozen=True)
class Reference:
    """What a text without a year, or without a date of its own, is measured from."""

    feedback_on: date | None
    concentrated_end: date | None = None


@dataclass(frozen=True)
class Found:
    """`rest` is what no pattern explains; `problem` says in Chinese why a day cannot be trusted."""

    due_on: date | None
    rest: str
    problem: str = ""
    notes: tuple[Note, ...] = ()
    precision: Precision = Precision.PERIOD
    year_given: bool = True
    silent: bool = False


@dataclass(frozen=True)
class Moment:
    """A stretch of text that names a day once its year is known; `named` is 0 this or 1 next year."""

    start: int
    end: int
    at: Callable[[int], date | None]
    year: int | None = None
    named: int | None = None
    precision: Precision = Precision.PERIOD
    problem: str = ""
    soft: bool = False


@dataclass(frozen=True)
class Resolved:
    """A moment and its day, or why there is none."""

    moment: Moment
    day: date | None
    problem: str = ""


YEAR = r"(?:(?P<year>(?<!\d)(?:\d{4}|\d{2}))年(?:度)?|(?P<named>今年|本年度?|当年|明年|次年))"
PART = r"(?P<part>底|末|上旬|中旬|下旬|初|中|内)?"
AFTER = re.compile(r"(?:以|之)?后|起")
BEFORE = re.compile(r"(?:以|之)?前")
JOINED = re.compile(r"(?:以?前|起|开始)?[至到~\-—–－]+")
NUMERALS = re.compile(
    r"[〇零○一二两三四五六七八九十]+(?=年|月|日|号|个月|个?工作日|季度|周|天|星期)"
)
NAMED_YEARS = {"明年": 1, "次年": 1, "明": 1, "次": 1}
PART_DAYS = {"上旬": 10, "中旬": 20}


def find_dates(text: str, reference: Reference) -> Found:
    """Find the one day that a squeezed, half-width text names, if it names one."""
    spelled = NUMERALS.sub(_digits, text)
    moments, rest = _moments(spelled, reference)
    moments = _last_of_ranges(spelled, moments)
    resolved = [_resolve(_bounded(spelled, moment), reference) for moment in moments]
    if not resolved:
        return Found(None, rest, silent=not re.search(r"\d", rest))
    return _decide(resolved, rest)


def _digits(match: re.Match[str]) -> str:
    number = chinese_number(match[0])
    return match[0] if number is None else str(number)


def _decide(resolved: list[Resolved], rest: str) -> Found:
    """Take the one day named; a date of its own goes before the 集中整改期 named beside it."""
    firm = [item for item in resolved if not item.moment.soft] or resolved
    problem = next((item.problem for item in firm if item.problem), "")
    days = {item.day for item in firm if item.day is not None}
    if problem or len(days) != 1:
        return Found(None, rest, problem or "写了多个日期")
    moment = firm[0].moment
    day = days.pop()
    return Found(
        day,
        rest,
        notes=_assumptions(moment, day),
        precision=min((item.moment.precision for item in firm), key=list(Precision).index),
        year_given=moment.year is not None,
    )


def _assumptions(moment: Moment, day: date) -> tuple[Note, ...]:
    notes = []
    if moment.year is None:
        notes.append(info("due_year_assumed", f"没有写明年份，按反馈日期推算为 {day.year} 年。"))
    if moment.precision is Precision.MONTH:
        notes.append(info("due_month_only", f"只写到月份，按当月最后一天 {day.isoformat()} 登记。"))
    return tuple(notes)


def _resolve(moment: Moment, reference: Reference) -> Resolved:
    """Give a moment its year and so its day."""
    if moment.problem:
        return Resolved(moment, None, moment.problem)
    start = reference.feedback_on
    try:
        if moment.year is not None:
            return Resolved(moment, moment.at(moment.year))
        if start is None:
            return Resolved(moment, None, "没有年份，也没有反馈日期可供推算")
        day = moment.at(start.year + (moment.named or 0))
        if day is not None and day < start and moment.named is None:
            day = moment.at(start.year + 1)
    except ValueError:
        return Resolved(moment, None, "日期不存在")
    return Resolved(moment, day)


def _bounded(text: str, moment: Moment) -> Moment:
    """Refuse “6月前” (its first or its last day?) and “6月30日后” (a start, not an end)."""
    tail = text[moment.end :]
    if AFTER.match(tail):
        return replace(moment, problem="写的是起点，不是截止日期", soft=False)
    if moment.precision is Precision.MONTH and BEFORE.match(tail):
        return replace(moment, problem="“某月前”分不清是月初还是月底")
    return moment


def _last_of_ranges(text: str, moments: list[Moment]) -> list[Moment]:
    """Of “2025年3月至6月底” keep the end, with the year of its beginning."""
    kept: list[Moment] = []
    for moment in moments:
        if kept and JOINED.fullmatch(text[kept[-1].end : moment.start]):
            first = kept.pop()
            if moment.year is None and moment.named is None:
                moment = replace(moment, year=first.year, named=first.named)
        kept.append(moment)
    return kept


def _moments(text: str, reference: Reference) -> tuple[list[Moment], str]:
    """Match the patterns in order; what one has taken the next does not see."""
    moments: list[Moment] = []
    for pattern, make in PATTERNS:
        while match := pattern.search(text):
            moments.append(make(match, reference))
            text = text[: match.start()] + "\0" * len(match[0]) + text[match.end() :]
    return sorted(moments, key=lambda moment: moment.start), text.replace("\0", "")


def _moment(match: re.Match[str], at: Callable[[int], date | None], precision: Precision) -> Moment:
    groups = match.groupdict()
    year = int(groups["year"]) if groups.get("year") else None
    if year is not None and year < 100:
        year += 2000
    named = groups.get("named")
    offset = None if named is None else NAMED_YEARS.get(named, 0)
    return Moment(match.start(), match.end(), at, year, offset, precision)


def _day(match: re.Match[str], _: Reference) -> Moment:
    month, day = int(match["month"]), int(match["day"])
    return _moment(match, lambda year: date(year, month, day), Precision.DAY)


def _month(match: re.Match[str], _: Reference) -> Moment:
    month, part = int(match["month"]), match["part"]
    if part in {"初", "中"}:
        return replace(
            _moment(match, lambda _: None, Precision.PERIOD), problem=f"“月{part}”没有确定的日子"
        )
    if part in PART_DAYS:
        return _moment(match, lambda year: date(year, month, PART_DAYS[part]), Precision.PERIOD)
    precision = Precision.PERIOD if part else Precision.MONTH
    return _moment(match, lambda year: month_end(year, month), precision)


def _half(match: re.Match[str], _: Reference) -> Moment:
    month = 6 if match["half"] == "上" else 12
    return _moment(match, lambda year: month_end(year, month), Precision.PERIOD)


def _quarter(match: re.Match[str], _: Reference) -> Moment:
    month = int(match["quarter"]) * 3
    return _moment(match, lambda year: month_end(year, month), Precision.PERIOD)


def _year_end(match: re.Match[str], _: Reference) -> Moment:
    return _moment(match, lambda year: date(year, 12, 31), Precision.PERIOD)


def _span(match: re.Match[str], reference: Reference) -> Moment:
    """N个月内 and its kin count from the feedback date."""
    unit, start = match["unit"], reference.feedback_on
    count = int(match["count"]) if match["count"].isdigit() else 6
    blank = Moment(match.start(), match.end(), lambda _: None, 0)
    if start is None:
        return replace(blank, problem="没有反馈日期，不能推算")
    if unit in {"个月", "半年", "年"}:
        end = add_months(start, count * (12 if unit == "年" else 1))
    else:
        end = start + timedelta(days=count * (7 if unit in {"周", "星期"} else 1))
    if (end - start).days > MAX_SPAN_DAYS:
        return replace(blank, problem="期限过长")
    return replace(blank, at=lambda _: end)


def _concentrated(match: re.Match[str], reference: Reference) -> Moment:
    end = reference.concentrated_end
    problem = "" if end else "没有集中整改期的截止日期"
    return Moment(match.start(), match.end(), lambda _: end, 0, problem=problem, soft=True)


def month_end(year: int, month: int) -> date:
    """Return the last day of a month. Raises ValueError for a month that does not exist."""
    first = date(year, month, 1)
    return first.replace(day=calendar.monthrange(year, month)[1])


def add_months(day: date, months: int) -> date:
    """Add calendar months with end-of-month clamp: 31 August + 6 = 28 or 29 February."""
    index = day.year * 12 + day.month - 1 + months
    last = month_end(index // 12, index % 12 + 1)
    return last.replace(day=min(day.day, last.day))


PATTERNS: tuple[tuple[re.Pattern[str], Callable[[re.Match[str], Reference], Moment]], ...] = tuple(
    (re.compile(pattern), make)
    for pattern, make in (
        (r"(?<!\d)(?P<year>\d{4})年(?P<month>\d{1,2})月(?P<day>\d{1,2})(?:[日号]|(?![\d个]))", _day),
        (r"(?<!\d)(?P<year>\d{4})(?P<sign>[\-./])(?P<month>\d{1,2})(?P=sign)(?P<day>\d{1,2})(?:[日号]|(?!\d|月))", _day),
        (r"(?<![\d.])(?P<year>20\d{2})(?P<month>\d{2})(?P<day>\d{2})(?![\d.])", _day),
        (rf"{YEAR}?(?<!\d)(?P<month>\d{{1,2}})月(?P<day>\d{{1,2}})(?:[日号]|(?![\d个]))", _day),
        (r"集中整改(?:期限|期间|阶段|期)(?:以内|之内|内|中)?(?:结束之?前|结束时|结束|末|底)?", _concentrated),
        (r"(?P<count>(?<!\d)\d{1,3})(?P<unit>个月)(?:以内|之内|内)?", _span),
        (r"(?P<count>(?<!\d)\d{1,3})(?P<unit>年|周|星期|天|日)(?:以内|之内|内)", _span),
        (r"(?P<count>(?<![上下]))(?P<unit>半年)(?:以内|之内|内)", _span),
        (rf"{YEAR}?(?P<half>上|下)半年(?:底|末|内)?", _half),
        (rf"{YEAR}?(?:第)?(?P<quarter>[1-4])季度(?:底|末|内)?", _quarter),
        (rf"{YEAR}?(?<!\d)(?P<month>\d{{1,2}})月(?:份)?{PART}", _month),
        (rf"(?<!\d)(?P<year>\d{{4}})[年\-./](?P<month>\d{{1,2}})(?![\d个]){PART}", _month),
        (r"(?<![\d.])(?P<year>20\d{2})(?P<month>0[1-9]|1[0-2])(?![\d.])(?P<part>$)?", _month),
        (r"(?:(?P<year>(?<!\d)(?:\d{4}|\d{2}))年?|(?P<named>今|本|当|明|次)年?)?年度?(?:底|末|终|内)", _year_end),
    )
)  # fmt: skip
