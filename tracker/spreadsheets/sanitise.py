"""Makes a text safe to stand in a cell of a file that somebody opens in Excel, and back again.

Marks after OWASP “CSV injection”; the full-width forms are those that Excel and WPS turn into the
half-width ones while a Chinese input method is on.
"""

import re

MAX_CELL_UNITS = 32_767  # Excel's limit, counted in UTF-16 units: an emoji is two
CUT_MARK = "…（内容过长，已截断）"

_STARTERS = "=+\\-@\t\r\n＝＋－＠"
_DANGEROUS = re.compile(f"^'*[{_STARTERS}]")
_NEUTRALISED = re.compile(f"^'+[{_STARTERS}]")
_LINE_END = re.compile("\r\n?")
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ud800-\udfff\ufffe\uffff]")


def clean_text(text: str) -> str:
    """Drop control characters and lone surrogates, and make every line end a single line feed."""
    return _CONTROL.sub("", _LINE_END.sub("\n", text))


def safe_text(text: str) -> str:
    """Return the text as it may be written to a cell: clean, harmless as a formula, not too long.

    A leading = + - @ TAB CR LF, half or full width, gets an apostrophe before it; a text that already
    starts with apostrophes before such a sign gets one more, so that `original_text` can undo it.
    """
    cleaned = clean_text(text)
    if _DANGEROUS.match(cleaned):
        cleaned = "'" + cleaned
    return _cut(cleaned)


def original_text(text: str) -> str:
    """Undo the apostrophe of `safe_text`."""
    return text[1:] if _NEUTRALISED.match(text) else text


def _cut(text: str) -> str:
    """Cut to Excel's limit, between characters, with a mark that a reader sees."""
    if len(text) * 2 <= MAX_CELL_UNITS or _units(text) <= MAX_CELL_UNITS:
        return text
    room = (MAX_CELL_UNITS - _units(CUT_MARK)) * 2
    return text.encode("utf-16-le")[:room].decode("utf-16-le", "ignore") + CUT_MARK


def _units(text: str) -> int:
    return len(text.encode("utf-16-le")) // 2
