"""How high a row must be for its wrapped texts: LibreOffice does not work it out on opening."""

import math
from collections.abc import Iterable

from tracker.spreadsheets.tables import OutValue

LINE_POINTS = 15.0  # a line of 11-point text
HIGHEST_POINTS = 409.0  # Excel's limit


def row_height(cells: Iterable[tuple[OutValue, float, int]]) -> float:
    """Return the height in points for cells of (value, width in digits, rows merged over)."""
    lines = max(
        (_lines(value, width) / rows for value, width, rows in cells if isinstance(value, str)),
        default=1.0,
    )
    return min(max(math.ceil(lines), 1) * LINE_POINTS + 3, HIGHEST_POINTS)


def _lines(text: str, width: float) -> int:
    room = max(width - 1, 1)
    return sum(max(math.ceil(_digits(line) / room), 1) for line in text.split("\n"))


def _digits(line: str) -> float:
    """Return the width in digits: a Chinese character is twice as wide, and three bytes long."""
    more_bytes = len(line.encode("utf-8", "replace")) - len(line)
    return len(line) * 1.1 + more_bytes / 2
