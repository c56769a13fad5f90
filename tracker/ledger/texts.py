"""Plain text out of cells: full-width digits, lists of people, numbered lists, numbers in Chinese."""

import re
import unicodedata
from collections.abc import Callable, Iterable
from datetime import date, datetime
from functools import lru_cache, wraps
from itertools import groupby
from typing import TypeVar

from tracker.spreadsheets.sanitise import clean_text, original_text
from tracker.spreadsheets.workbook import CellValue

R = TypeVar("R")

LONGEST_REMEMBERED = (
    64  # characters: the cells that repeat are short, and a full memory stays small
)
_ESCAPED_RETURN = re.compile(r"_x000[dD]_")
_SPACES = re.compile(r"[ \t\u00a0\u3000]+")
_ALL_SPACE = re.compile(r"\s+")
_LIST_SIGNS = "、;；,，\n/／"
_OPEN, _CLOSE = "（([【〔", "）)]】〕"
_EMPTY_WORDS = frozenset({"", "无", "/", "\\", "-", "--", "—", "——", "－", "／", "暂无", "空"})
FULL_WIDTH_OFFSET = 0xFEE0
LONGEST_PADDED_NAME = 3
CIRCLED_NUMBERS = 20  # ① to ⑳
_CHINESE_DIGITS = {"〇": 0, "零": 0, "○": 0, "一": 1, "二": 2, "两": 2, "三": 3, "四": 4, "五": 5, "六": 6,
                   "七": 7, "八": 8, "九": 9}  # fmt: skip


def remembered(read: Callable[[str], R]) -> Callable[[str], R]:
    """Keep what was read out of the last few thousand short texts: a ledger says the same in many rows."""
    known = lru_cache(maxsize=4096)(read)

    @wraps(read)
    def reading(text: str) -> R:
        return known(text) if len(text) <= LONGEST_REMEMBERED else read(text)

    return reading


def cell_text(value: CellValue) -> str:
    """Return a cell as trimmed text: dates as ISO, booleans as 是/否, line breaks kept."""
    if isinstance(value, str):
        return _tidy(value)
    if value is None:
        return ""
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, datetime):
        return (
            value.isoformat(" ")
            if value.time().isoformat() != "00:00:00"
            else value.date().isoformat()
        )
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, int | float):
        return repr(value)
    raise TypeError(type(value))


def cell_texts(values: Iterable[CellValue]) -> list[str]:
    """Return what `cell_text` makes of each cell; the usual one, a plain text, without a call."""
    return [
        ""
        if value is None
        else value.strip()
        if type(value) is str and value.isprintable() and value[:1] != "'" and "_x000" not in value
        else cell_text(value)
        for value in values
    ]


def _tidy(text: str) -> str:
    if "_x000" in text:
        text = _ESCAPED_RETURN.sub("", text)
    if not text.isprintable():  # only then is there a line break or a sign to drop
        text = clean_text(text)
    if text.startswith("'"):
        text = original_text(text)
    if "\n" not in text:
        return text.strip()
    return "\n".join(line.strip() for line in text.strip().split("\n"))


def half_width(text: str) -> str:
    """Make full-width digits, letters and signs half-width (NFKC)."""
    return unicodedata.normalize("NFKC", text)


@remembered
def squeeze(text: str) -> str:
    """Half-width and without any white space: the form in which texts are compared."""
    return _ALL_SPACE.sub("", half_width(text))


@remembered
def says_nothing(text: str) -> bool:
    """Tell whether a cell only says “none”: 无, /, —."""
    return squeeze(text) in _EMPTY_WORDS


@remembered
def split_list(text: str) -> tuple[str, ...]:
    """Split several people or departments: 、；; , / and line breaks, but not inside brackets.

    “张 三” padded to the width of three characters is one person; “张三 李四” are two.
    """
    parts = [""]
    depth = 0
    for sign in text:
        depth += (sign in _OPEN) - (sign in _CLOSE and depth > 0)
        if depth == 0 and sign in _LIST_SIGNS:
            parts.append("")
        else:
            parts[-1] += sign
    names = [name for part in parts for name in _split_spaces(part) if not says_nothing(name)]
    return tuple(dict.fromkeys(names))


def _split_spaces(part: str) -> list[str]:
    words = _SPACES.sub(" ", part).strip().split(" ")
    if any(sign in part for sign in _OPEN):
        return ["".join(words)]
    if len(words) == 2 and any(len(word) == 1 for word in words):
        return ["".join(words)]  # “欧阳 修”
    groups = groupby(words, key=lambda word: len(word) == 1)
    return [name for is_single, run in groups for name in _names([*run], is_single=is_single)]


def _names(words: list[str], *, is_single: bool) -> list[str]:
    """Join single characters into names: two or three are one name, an even number are names of two."""
    if not is_single:
        return words
    if len(words) > LONGEST_PADDED_NAME and len(words) % 2 == 0:
        return ["".join(words[place : place + 2]) for place in range(0, len(words), 2)]
    return ["".join(words)]


def split_measures(text: str) -> tuple[str, ...]:
    """Split “1.… 2.…” into its items; a text that is not such a list is one item.

    Only an unbroken count from 1 is a list, so “2.5万元” or “1.5倍” splits nothing. Words before the
    first number stay with the first item.
    """
    if not text.strip():
        return ()
    starts = _list_marks(text)
    if len(starts) < 2:
        return (text.strip(),)
    ends = [start for start, _ in starts[1:]] + [len(text)]
    items = [
        text[begin:end].strip().rstrip("；;，,")
        for (_, begin), end in zip(starts, ends, strict=True)
    ]
    items[0] = (text[: starts[0][0]].strip() + items[0]).strip()
    return tuple(item for item in items if item)


def _list_marks(text: str) -> list[tuple[int, int]]:
    """Return (start, end) of the marks 1, 2, 3 … as far as they follow each other."""
    marks: list[tuple[int, int]] = []
    position = 0
    while match := _mark(len(marks) + 1).search(text, position):
        marks.append((match.start("mark"), match.end("mark")))
        position = match.end("mark")
    return marks


@lru_cache(maxsize=256)
def _mark(number: int) -> re.Pattern[str]:
    """Return what announces item N: 1. 1、 1） （1） ① at a start, after a line break or a stop."""
    digits = str(number)
    plain = "".join(f"[{digit}{chr(ord(digit) + FULL_WIDTH_OFFSET)}]" for digit in digits)
    closed = rf"[（(]{plain}[)）]"
    if number <= CIRCLED_NUMBERS:
        closed += "|" + chr(0x245F + number)
    loose = rf"{plain}[.．、)）](?![0-9０-９])"
    before = r"(?:^|[\s；;。：:，,])\s*"
    if number == 1:
        return re.compile(rf"{before}(?P<mark>{closed}|{loose})")
    return re.compile(rf"(?P<mark>{closed}|(?<=[\s；;。：:，,]){loose})")


def chinese_number(text: str) -> int | None:
    """Return 12 for 十二, 31 for 三十一, 2025 for 二〇二五; None for what is no number below 10,000."""
    if not text or any(sign not in _CHINESE_DIGITS and sign != "十" for sign in text):
        return None
    if "十" not in text:
        return int("".join(str(_CHINESE_DIGITS[sign]) for sign in text))
    tens, _, ones = text.partition("十")
    if len(tens) > 1 or len(ones) > 1 or "十" in ones:
        return None
    return _CHINESE_DIGITS.get(tens, 1) * 10 + _CHINESE_DIGITS.get(ones, 0)
