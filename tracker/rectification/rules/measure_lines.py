"""整改措施 as people type or paste them: one a line, with a due date at the end where it has one."""

import re
import unicodedata
from collections.abc import Iterable
from contextlib import suppress
from datetime import date

from tracker.kernel.errors import DomainError

NUMBERED = re.compile(r"^\s*(?:\d+[.、)）]|[（(]\d+[)）])\s*")
# Two columns pasted from Excel are parted by a tab; U+FF5C is the bar of a Chinese keyboard.
PARTED = re.compile(r"^(?P<text>.*)[\t|\uff5c](?P<due>[^\t|\uff5c]*)$")
DAY = re.compile(r"(\d{4})[-./年](\d{1,2})[-./月](\d{1,2})日?前?")
Line = tuple[str, date | None]


def read_lines(typed: str) -> list[Line]:
    """Return text and due date of each line. DomainError names a date that cannot be read."""
    lines = [NUMBERED.sub("", line).strip() for line in typed.splitlines()]
    return [_read(number, line) for number, line in enumerate(filter(None, lines), start=1)]


def _read(number: int, line: str) -> Line:
    parted = PARTED.match(line)
    if parted is None or not parted["text"].strip():
        return line.strip("\t|\uff5c "), None
    due = unicodedata.normalize("NFKC", parted["due"]).replace(" ", "")
    return parted["text"].strip(), _day(number, due) if due else None


def _day(number: int, typed: str) -> date:
    found = DAY.fullmatch(typed)
    if found is not None:
        with suppress(ValueError):  # 30 February
            return date(*map(int, found.groups()))
    raise DomainError(f"第 {number} 条措施的时限“{typed}”无法识别，请写成“措施内容 | 2026-12-01”。")


def write_lines(lines: Iterable[Line]) -> str:
    """Return measures as `read_lines` reads them."""
    return "\n".join(f"{text} | {due.isoformat()}" if due else text for text, due in lines)


def check_dues(dues: Iterable[date | None], task_due: date | None) -> None:
    """Refuse a measure that is due after its task."""
    for number, due in enumerate(dues, start=1):
        if due and task_due and due > task_due:
            raise DomainError(
                f"第 {number} 条措施的时限（{due.isoformat()}）晚于这项任务的整改时限"
                f"（{task_due.isoformat()}），请核对。"
            )
