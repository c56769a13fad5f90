"""The weekly report as an Excel workbook: the same figures, one sheet per table."""

from tracker.kernel.clock import at_local
from tracker.reports import texts
from tracker.reports.weekly import WeeklyReport
from tracker.reports.weekly_tables import Field, SectionTable, tables
from tracker.spreadsheets.writer import Column, ColumnKind, Table, write_workbook

F = Field
WHOLE = frozenset({F.NUMBER, F.DAYS, F.LEFT, F.REMINDERS})
DAYS = frozenset({F.ORIGINAL_DUE, F.DUE_NOW, F.DUE_ON, F.UPDATED_ON})
WIDTHS = {F.NUMBER: 6, F.UNIT: 18, F.TASK: 40, F.REASON: 36, F.LEDGER: 60}  # characters
USUAL_WIDTH = 13
SUMMARY = "总体情况"


def weekly_xlsx(report: WeeklyReport) -> bytes:
    """Return the .xlsx file; the same report gives the same bytes."""
    sheets = [_summary(report), *(_sheet(table, report) for table in tables(report))]
    return write_workbook(sheets, created_at=at_local(report.issue_on, 0))


def _summary(report: WeeklyReport) -> Table:
    rows = [
        [name, int(figure) if figure.isdecimal() else figure, unit]
        for name, figure, unit in texts.figures(report)
    ]
    return Table(
        sheet_name=SUMMARY,
        columns=(Column("指标", 36), Column("数值", 24), Column("单位", 24)),
        rows=rows,
        title=texts.title(report),
        notes=tuple(texts.said("basis", report).split("；")),
        autofilter=False,
    )


def _sheet(table: SectionTable, report: WeeklyReport) -> Table:
    fields = table.columns(is_wide=True)
    return Table(
        sheet_name=table.section.label,
        columns=tuple(
            Column(field.label, WIDTHS.get(field, USUAL_WIDTH), _kind(field)) for field in fields
        ),
        rows=table.rows(is_wide=True),
        title=f"{texts.title(report)} {table.section.label}",
        notes=(texts.count(table.lines),),
        frozen_columns=2,
    )


def _kind(field: Field) -> ColumnKind:
    if field in WHOLE:
        return ColumnKind.INTEGER
    return ColumnKind.DATE if field in DAYS else ColumnKind.TEXT
