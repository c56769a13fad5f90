"""Tables with ruled lines and a header row that repeats on every page."""

from collections.abc import Collection, Sequence
from typing import Any

from tracker.documents.markup import element, lines_of, paragraph
from tracker.documents.styles import TABLE_HEAD, TABLE_NUMBER, TABLE_TEXT, TextStyle

TWIPS_PER_MM = 1440 / 25.4
BORDERS = ("top", "left", "bottom", "right", "insideH", "insideV")
CELL_MARGINS = {"top": 40, "left": 60, "bottom": 40, "right": 60}  # twips


def table(
    header: Sequence[str],
    rows: Sequence[Sequence[str]],
    *,
    widths_mm: Sequence[float],
    centred: Collection[int],
) -> Any:
    """Return a table; `centred` are column numbers from 0.

    Raises ValueError when a row or the widths have not as many cells as the header.
    """
    if any(len(cells) != len(header) for cells in (widths_mm, *rows)):
        raise ValueError("a row must have as many cells as the header")
    widths = [round(width * TWIPS_PER_MM) for width in widths_mm]
    grid = element("tblGrid", *[element("gridCol", w=width) for width in widths])
    styles = [TABLE_NUMBER if i in centred else TABLE_TEXT for i in range(len(header))]
    head = _row(header, widths, [TABLE_HEAD] * len(header), repeats=True)
    return element(
        "tbl", _properties(sum(widths)), grid, head, *[_row(r, widths, styles) for r in rows]
    )


def fitted_widths(
    columns: int, widths_mm: Sequence[float] | None, available_mm: float
) -> list[float]:
    """Return the columns' widths: equal ones by default, shrunk where they pass the margins."""
    if widths_mm is None:
        return [available_mm / columns] * columns
    shrink = min(1.0, available_mm / sum(widths_mm))
    return [width * shrink for width in widths_mm]


def _properties(width: int) -> Any:
    lines = [element(side, val="single", sz=4, space=0, color="auto") for side in BORDERS]
    margins = [element(side, w=width, type="dxa") for side, width in CELL_MARGINS.items()]
    return element(
        "tblPr",
        element("tblW", w=width, type="dxa"),
        element("jc", val="center"),
        element("tblBorders", *lines),
        element("tblLayout", type="fixed"),
        element("tblCellMar", *margins),
    )


def _row(
    texts: Sequence[str],
    widths: Sequence[int],
    styles: Sequence[TextStyle],
    *,
    repeats: bool = False,
) -> Any:
    properties = element("trPr", element("cantSplit"))
    if repeats:
        properties.append(element("tblHeader"))
    cells = map(_cell, texts, widths, styles)
    return element("tr", properties, *cells)


def _cell(text: str, width: int, style: TextStyle) -> Any:
    lines = lines_of(text) or [""]
    return element(
        "tc",
        element("tcPr", element("tcW", w=width, type="dxa"), element("vAlign", val="center")),
        *[paragraph(style.id, line) for line in lines],
    )
