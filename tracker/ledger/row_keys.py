"""The key of a row that went out in a workbook: which copy, which task, which measure.

A key only finds the row again; who may see or change it is asked anew when it comes back. Its last part
is a check, so that a key that was typed over or half deleted is told from one of ours.
"""

import re
import zlib
from dataclasses import dataclass

KEY_TITLE = "行标识（请勿改动）"
VERSION_TITLE = "表格版本（请勿改动）"
FILL_IN_SHEET = "填报"
CHECK_DIGITS = 4
KEY_FORM = re.compile(r"([a-z0-9]{6,16})-(\d{1,12})-(\d{1,12})-([0-9a-f]{4})", re.ASCII)


@dataclass(frozen=True, order=True)
class RowKey:
    """`token` names the copy; `measure_id` is 0 for a task without measures."""

    token: str
    task_id: int
    measure_id: int = 0

    def __str__(self) -> str:
        return f"{self._body()}-{_check(self._body())}"

    def _body(self) -> str:
        return f"{self.token}-{self.task_id}-{self.measure_id}"


def read_key(text: str) -> RowKey | None:
    """Return the key that a cell holds; None for anything that is not one of ours."""
    found = KEY_FORM.fullmatch(text.strip())
    if found is None:
        return None
    key = RowKey(found[1], int(found[2]), int(found[3]))
    return key if str(key) == found[0] else None


def _check(body: str) -> str:
    return f"{zlib.crc32(body.encode()):08x}"[:CHECK_DIGITS]
