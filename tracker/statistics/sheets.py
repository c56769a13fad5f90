"""Figures, and the rows behind one, as Excel workbooks. The same day gives the same bytes."""

from collections.abc import Iterator, Sequence
from datetime import date
from decimal import Decimal

from tracker.kernel.clock import at_local
from tracker.kernel.formats import chinese_date, plain_number
from tracker.spreadsheets.writer import Column, ColumnKind, OutValue, Table, write_workbook
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


def figures_workbook(figures: Sequence[Figure], *, title: str, as_of: date) -> bytes:
    """Return an .xlsx with one row per figure and one per part of it."""
    table = Table(
        sheet_name="统计",
        columns=FIGURE_COLUMNS,
        rows=[row for figure in figures for row in _figure_rows(figure)],
        title=title,
        notes=(f"数据截至{chinese_date(as_of)}",),
        frozen_columns=2,
    )
    return write_workbook([table], created_at=at_local(as_of, 0))


def _figure_rows(figure: Figure) -> Iterator[list[OutValue]]:
    reading = figure.reading
    yield _row(figure, None, figure.text, reading.reason)
    for part in reading.parts:
        yield _row(figure, part, figure.part_text(part), part.note)


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
    figure: Figure, listing: Listing, *, side: Side, part: str | None, region_name: str
) -> bytes:
    """Return an .xlsx with the rows of one side of a figure, what each weighs last."""
    definition = figure.definition
    which = side.label if figure.reading.denominator is not None else "明细"
    label = next((each.label for each in figure.reading.parts if each.key == part), "")
    table = Table(
        sheet_name=which,
        columns=(*(Column(title, 24) for title in listing.columns), Column("数", 8, NUMBER)),
        rows=[[*cells, exact(amount)] for _id, amount, cells in listing.rows],
        title=f"{region_name}{definition.name}{label and f'（{label}）'}",
        notes=(
            f"数据截至{chinese_date(figure.as_of)}，{figure.text}；本表合计{plain_number(Decimal(exact(listing.total)))}{definition.row_unit.label}",
            definition.wording,
        ),
    )
    return write_workbook([table], created_at=at_local(figure.as_of, 0))
