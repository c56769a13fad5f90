"""Figures, and the rows behind one, as Excel workbooks. The same day gives the same bytes."""

from collections.abc import Iterator, Sequence
from datetime import date
from decimal import Decimal

from tracker.kernel.clock import at_local
from tracker.kernel.formats import chinese_date, plain_number
from tracker.spreadsheets.writer import Column, ColumnKind, OutValue, Table, write_workbook
from tracker.statistics.asked import Asked
from tracker.statistics.queries.drill import Listing
from tracker.statistics.rules import Figure, Part, Side, exact

NUMBER = ColumnKind.NUMBER
FIGURE_COLUMNS = (
    Column("分类", 16),
    Column("指标", 30),
    Column("其中", 18),
    Column("数字", 16),
    Column("分子", 12, NUMBER),
    Column("分母", 12, NUMBER),
    Column("单位", 8),
    Column("来源", 16),
    Column("口径", 70),
    Column("说明", 40),
)


COMPARED_COLUMNS = (Column("上年同期", 16), Column("同比", 22), Column("上年同期起止", 34))


def figures_workbook(
    figures: Sequence[Figure], *, title: str, as_of: date, asked: Asked | None = None
) -> bytes:
    """Return an .xlsx with one row per figure and one per part of it, and last, where that is
    asked, the year before and the change."""
    is_compared = asked is not None and asked.is_compared
    table = Table(
        sheet_name="统计",
        columns=(*FIGURE_COLUMNS, *COMPARED_COLUMNS) if is_compared else FIGURE_COLUMNS,
        rows=[row for figure in figures for row in _figure_rows(figure, is_compared=is_compared)],
        title=title,
        notes=(_head(as_of, asked),),
        frozen_columns=2,
    )
    return write_workbook([table], created_at=at_local(as_of, 0))


def _head(as_of: date, asked: Asked | None) -> str:
    """Say the day, and what the figures are narrowed to."""
    day = f"数据截至{chinese_date(as_of)}"
    return f"{day}；{asked.words}" if asked is not None and asked.said else day


def _figure_rows(figure: Figure, *, is_compared: bool) -> Iterator[list[OutValue]]:
    reading = figure.reading
    of_whole = _comparison(figure) if is_compared else []
    yield [*_row(figure, None, figure.text, reading.reason), *of_whole]
    for part in reading.parts:
        yield [*_row(figure, part, figure.part_text(part), part.note), *("" for _ in of_whole)]


def _comparison(figure: Figure) -> list[OutValue]:
    before = figure.before
    if before is None:
        return ["", "", ""]
    span = f"{chinese_date(before.since)}至{chinese_date(before.as_of)}"
    return [figure.before_text, figure.change_text, span]


def _row(figure: Figure, part: Part | None, text: str, note: str) -> list[OutValue]:
    definition, of = figure.definition, part or figure.reading
    return [
        definition.group.label,
        definition.name,
        "" if part is None else part.label,
        text,
        None if of.numerator is None else exact(of.numerator),
        None if of.denominator is None else exact(of.denominator),
        definition.unit.label,
        of.basis.label,
        definition.wording if part is None else "",
        note,
    ]


def rows_workbook(
    figure: Figure,
    listing: Listing,
    *,
    side: Side,
    part: str | None,
    region_name: str,
    asked: Asked | None = None,
) -> bytes:
    """Return an .xlsx with the rows of one side of a figure, what each weighs last."""
    definition = figure.definition
    which = side.label if figure.reading.denominator is not None else "明细"
    label = next((each.label for each in figure.reading.parts if each.key == part), "")
    total = plain_number(Decimal(exact(listing.total)))
    table = Table(
        sheet_name=which,
        columns=(*(Column(title, 24) for title in listing.columns), Column("数", 8, NUMBER)),
        rows=[[*cells, exact(amount)] for _id, amount, cells in listing.rows],
        title=f"{region_name}{definition.name}{label and f'（{label}）'}",
        notes=(
            f"{_head(figure.as_of, asked)}，{figure.text}；本表合计{total}{definition.row_unit.label}",
            definition.wording,
        ),
    )
    return write_workbook([table], created_at=at_local(figure.as_of, 0))
