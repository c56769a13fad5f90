"""How high a row must be for its wrapped texts: LibreOffice does not work it out on opening."""

import math

LINE_POINTS = 15.0  # a line of 11-point text
HIGHEST_POINTS = 409.0  # Excel's limit


def points(lines: float) -> float:
    """Return a row's height for so many lines, one at least."""
    return min(math.ceil(max(lines, 1)) * LINE_POINTS + 3, HIGHEST_POINTS)


def lines_of(text: str, width: float) -> int:
    """Return how many lines a text takes in a column so many digits wide."""
    room = max(width - 1, 1)
    if "\n" not in text:
        return math.ceil(_digits(text) / room)
    return sum(max(math.ceil(_digits(line) / room), 1) for line in text.split("\n"))


def _digits(line: str) -> float:
    """Return the width in digits: a Chinese character is twice as wide, and three bytes long."""
    more_bytes = len(line.encode("utf-8", "replace")) - len(line)
    return len(line) * 1.1 + more_bytes / 2
