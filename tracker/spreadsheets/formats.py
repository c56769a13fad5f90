"""The formats of a written workbook."""

from typing import Any

from tracker.spreadsheets.tables import ColumnKind, Tone

TONES = {
    Tone.ALERT: {"bg_color": "#F8D7DA", "font_color": "#842029"},
    Tone.NOTICE: {"bg_color": "#FFF3CD", "font_color": "#664D03"},
    Tone.DONE: {"bg_color": "#D1E7DD", "font_color": "#0F5132"},
}
NUMBERS = {
    ColumnKind.TEXT: "@",
    ColumnKind.INTEGER: "0",
    ColumnKind.NUMBER: "General",
    ColumnKind.DATE: "yyyy-mm-dd",
    ColumnKind.DATETIME: "yyyy-mm-dd hh:mm",
}
CENTRED = frozenset({ColumnKind.INTEGER, ColumnKind.DATE, ColumnKind.DATETIME})
BODY = {
    "border": 1,
    "valign": "vcenter",
    "text_wrap": True,
    "font_name": "宋体",
    "font_size": 11,
}
TITLE = {
    "bold": True,
    "font_size": 16,
    "align": "center",
    "valign": "vcenter",
    "font_name": "黑体",
}
NOTE = {"font_color": "#555555", "valign": "vcenter", "text_wrap": True}
OPEN = {"bg_color": "#FFF8D6", "locked": False}
HEADER = {**BODY, "bold": True, "align": "center", "bg_color": "#E8EEF4", "font_name": "黑体"}


class Formats:
    """What a workbook's sheets share."""

    def __init__(self, book: Any) -> None:
        self._book = book
        self._open: dict[ColumnKind, Any] = {}
        self.title = book.add_format(TITLE)
        self.note = book.add_format(NOTE)
        self.header = book.add_format(HEADER)
        self.body = {kind: book.add_format(_body(kind, number)) for kind, number in NUMBERS.items()}
        self.tones = {tone: book.add_format(style) for tone, style in TONES.items()}

    def open(self, kind: ColumnKind) -> Any:
        """Return the format of a cell to type into; made when asked for, other files stay as they are."""
        if kind not in self._open:
            style = {**_body(kind, NUMBERS[kind]), **OPEN}
            self._open[kind] = self._book.add_format(style)
        return self._open[kind]


def _body(kind: ColumnKind, number: str) -> dict[str, Any]:
    align = {"align": "center"} if kind in CENTRED else {}
    return {**BODY, **align, "num_format": number}
