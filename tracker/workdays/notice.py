"""Reading the State Council's yearly notice (《国务院办公厅关于…年部分节假日安排的通知》), or a list.

Pure. Nothing is guessed: what names a date and is not understood is handed back, word for word,
and what contradicts itself (weekday, number of days, the same day twice) is a problem.
"""

import csv
import hashlib
import io
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta

from tracker.workdays.rules import DayKind

LONGEST_NOTICE = 20_000
LONGEST_HOLIDAY_DAYS = 15
FESTIVALS = ("元旦", "春节", "清明节", "劳动节", "端午节", "中秋节", "国庆节")
# 《全国年节及纪念日放假办法》 art. 2: days off in every year, one each of the three fixed festivals.
ALWAYS_OFF = {(1, 1): "元旦", (5, 1): "劳动节", (10, 1): "国庆节"}
WEEKDAYS = "一二三四五六日"
_YEAR = re.compile(r"(?:关于|现将)(20\d{2})年")
_SIGNED_ON = re.compile(r"^\d{4}年\d{1,2}月\d{1,2}日$", re.MULTILINE)
_SECTION = re.compile(r"(?:^|(?<=[\n。]))[一二三四五六七八九十]{1,3}、([^:。\n]{2,20}):")
_DAY = r"(?:(\d{4})年)?(?:(\d{1,2})月)?(\d{1,2})日(?:\(([^)]*)\))?"
_SPAN = re.compile(rf"{_DAY}(?:[至到~—–-]+{_DAY})?")
_TOTAL = re.compile(r"共(\d{1,2})天")
_WEEKDAY = re.compile(r"(?:周|星期)([一二三四五六日天])")
_CSV_LINE = re.compile(r"^\d{4}[-/.年]\d{1,2}[-/.月]\d{1,2}日?[,\t]", re.MULTILINE)
_CSV_DATE = re.compile(r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?")
_CSV_KINDS = {
    "放假": DayKind.DAY_OFF,
    "休": DayKind.DAY_OFF,
    "休息": DayKind.DAY_OFF,
    "上班": DayKind.WORKDAY,
    "班": DayKind.WORKDAY,
    "补班": DayKind.WORKDAY,
}


@dataclass(frozen=True)
class NoticeDay:
    """One day as the notice arranges it."""

    on: date
    kind: DayKind
    name: str


@dataclass
class Reading:
    """What was understood of a text: days in order, what contradicts itself, what was left over."""

    year: int | None = None
    days: list[NoticeDay] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    unread: list[str] = field(default_factory=list)

    @property
    def digest(self) -> str:
        """Return what names this very reading, so that only what was looked at is saved."""
        shown = [(day.on.isoformat(), day.kind.value, day.name) for day in self.days]
        return hashlib.sha256(repr((self.year, shown)).encode()).hexdigest()[:16]

    def add(self, day: NoticeDay) -> None:
        """Take a day in; the same day told twice in two ways is a problem."""
        same = next((each for each in self.days if each.on == day.on), None)
        if same is None:
            self.days.append(day)
        elif same.kind is not day.kind:
            self.problems.append(f"{day.on.isoformat()} 既写放假又写上班，请核对原文。")


class _UnclearError(Exception):
    """A date that cannot be one; the sentence says why."""


def read_notice(text: str) -> Reading:
    """Return what a pasted notice, or a list of days (日期,类型,名称), says about one year."""
    plain = unicodedata.normalize("NFKC", text).replace("\r", "\n")
    plain = re.sub(r"[ \u3000]+", "", plain)
    reading = _read_list(plain) if _CSV_LINE.search(plain) else _read_text(plain)
    _check(reading)
    reading.days.sort(key=lambda day: day.on)
    return reading


def _read_text(text: str) -> Reading:
    text = _SIGNED_ON.sub("", text)
    years = set(_YEAR.findall(text))
    if len(years) != 1:
        many = f"文字里写了几个年份（{'、'.join(sorted(years))}）" if years else "没有读到年份"
        sentence = f"{many}，请连同标题“国务院办公厅关于…年部分节假日安排的通知”一起粘贴。"
        return Reading(problems=[sentence])
    reading = Reading(year=int(years.pop()))
    sections = list(_SECTION.finditer(text))
    if not sections:
        reading.problems.append("没有读到“一、元旦：…”这样的条目，请粘贴通知的正文。")
    for at, section in enumerate(sections):
        end = sections[at + 1].start() if at + 1 < len(sections) else len(text)
        _read_section(reading, section[1], text[section.end() : end])
    told = "、".join(section[1] for section in sections)
    missing = [name for name in FESTIVALS if name.removesuffix("节") not in told]
    if sections and missing:
        reading.problems.append(f"没有读到{'、'.join(missing)}的安排，请粘贴完整的通知。")
    return reading


def _read_section(reading: Reading, name: str, body: str) -> None:
    """Read one festival sentence by sentence, each clause by its verb."""
    for sentence in re.split(r"[。;\n]", body):
        found: list[date] = []
        for clause in sentence.split(","):
            try:
                found += _read_clause(reading, name, clause)
            except _UnclearError as unclear:
                reading.problems.append(f"{name}：“{clause}”{unclear}")
            total = _TOTAL.search(clause)
            if total and found and int(total[1]) != len(found):
                reading.problems.append(
                    f"{name}：写明{total[0]}，但读出 {len(found)} 天，请核对原文。"
                )


def _read_clause(reading: Reading, name: str, clause: str) -> list[date]:
    """Take in the days of a clause; return those that are off."""
    spans = list(_SPAN.finditer(clause))
    if not spans:
        return []
    rest = clause[spans[-1].end() :]
    is_off = "放假" in rest or "补休" in rest
    if not is_off and not rest.endswith("上班"):
        reading.unread.append(f"{name}：{clause}")
        return []
    kind = DayKind.DAY_OFF if is_off else DayKind.WORKDAY
    days: list[date] = []
    for span in spans:
        days += _days(span, reading.year or 0, name, days[-1] if days else None)
    for day in days:
        if kind is DayKind.WORKDAY and day.weekday() < 5:
            raise _UnclearError(f"中 {day.isoformat()} 是周{WEEKDAYS[day.weekday()]}，本来就上班。")
        reading.add(NoticeDay(day, kind, name))
    return days if is_off else []


def _days(span: re.Match[str], year: int, name: str, before: date | None) -> list[date]:
    """Return the days of “2月15日（周日）至23日”; a month left out is that of the day before it."""
    first_year, first_month, first_day, first_note = span.groups()[:4]
    last_year, last_month, last_day, last_note = span.groups()[4:]
    month = first_month or (before and before.month)
    if not month:
        raise _UnclearError("没有写明月份。")
    if first_year is None and last_month and int(last_month) < int(month) and "元旦" in name:
        first_year = str(year - 1)  # 12月31日至1月2日
    first = _day(first_year or year, month, first_day, first_note)
    if last_day is None:
        return [first]
    last = _day(last_year or year, last_month or first.month, last_day, last_note)
    if not 0 <= (last - first).days < LONGEST_HOLIDAY_DAYS:
        raise _UnclearError("起止日期不对。")
    return [first + timedelta(days=i) for i in range((last - first).days + 1)]


def _day(year: int | str, month: int | str, day: int | str, note: str | None) -> date:
    try:
        found = date(int(year), int(month), int(day))
    except ValueError:
        raise _UnclearError(f"中的 {month}月{day}日 不是一个日期。") from None
    said = _WEEKDAY.search(note or "")
    if said and said[1].replace("天", "日") != WEEKDAYS[found.weekday()]:
        actual = WEEKDAYS[found.weekday()]
        raise _UnclearError(
            f"中 {found.isoformat()} 写作{said[0]}，实际是周{actual}，请核对年份和日期。"
        )
    return found


def _read_list(text: str) -> Reading:
    """Read a list of days: 日期,类型,名称; a first line that names no date is the header."""
    reading = Reading()
    rows = csv.reader(io.StringIO(text.replace("\t", ",")))
    for number, row in enumerate(rows, start=1):
        cells = [cell.strip() for cell in row]
        if not any(cells) or (number == 1 and not _CSV_DATE.fullmatch(cells[0])):
            continue
        try:
            reading.add(_listed(cells))
        except _UnclearError as unclear:
            reading.problems.append(f"第 {number} 行“{','.join(cells)}”{unclear}")
    years = [day.on.year for day in reading.days]
    reading.year = max(set(years), key=years.count) if years else None
    strays = [day.on.isoformat() for day in reading.days if day.on.year != reading.year]
    if any(not day.startswith(f"{(reading.year or 0) - 1}-12-") for day in strays):
        reading.problems.append(f"一次只能导入一年，请去掉 {'、'.join(strays)}。")
    return reading


def _listed(cells: list[str]) -> NoticeDay:
    found = _CSV_DATE.fullmatch(cells[0])
    if found is None:
        raise _UnclearError("的日期没有读懂，请写成 2027-01-01。")
    kind = _CSV_KINDS.get(cells[1] if len(cells) > 1 else "")
    if kind is None:
        raise _UnclearError("的类型请写“放假”或“上班”。")
    name = cells[2][:60] if len(cells) > 2 else ""
    day = _day(found[1], found[2], found[3], None)
    if kind is DayKind.WORKDAY and day.weekday() < 5:
        raise _UnclearError(f"是周{WEEKDAYS[day.weekday()]}，本来就上班。")
    return NoticeDay(day, kind, name or kind.label)


def _check(reading: Reading) -> None:
    """A year's arrangement names the three fixed festivals, or it is not whole."""
    if reading.year is None:
        if not reading.problems:
            reading.problems.append("没有读到任何一天，请粘贴通知全文，或按“日期,类型,名称”列表。")
        return
    reading.problems += list(_missing_days(reading, reading.year))


def _missing_days(reading: Reading, year: int) -> Iterator[str]:
    off = {day.on for day in reading.days if day.kind is DayKind.DAY_OFF}
    missing = [name for (m, d), name in ALWAYS_OFF.items() if date(year, m, d) not in off]
    if missing and not any("没有读到" in problem for problem in reading.problems):
        yield f"没有读到{'、'.join(missing)}当天放假，安排不完整，请核对。"
