"""The empty ledger that people download (下载模板): the columns of columns.py, drop-downs, hints."""

from datetime import datetime

from tracker.ledger.columns import COLUMNS, Field, LedgerColumn
from tracker.spreadsheets.writer import Column, ColumnKind, Table, write_workbook

TITLE = "巡察整改台账"
NOTES = (
    "填写说明：一行写一条整改措施；同一问题有几条措施的，合并“反馈问题”单元格或逐行重复填写。",
    "整改时限可写日期，也可写“2025年6月底前”“集中整改期内”“长期坚持”等。请勿填写涉密信息。",
)
SPARE_ROWS = 2_000
KINDS = {
    Field.DONE_ON: ColumnKind.DATE,
    Field.CLOSED_ON: ColumnKind.DATE,
    Field.INSTITUTIONS: ColumnKind.INTEGER,
    Field.ACCOUNTABILITY: ColumnKind.INTEGER,
    Field.RECOVERED: ColumnKind.NUMBER,
}
CHOICES = {
    Field.NATURE: ("共性", "个性"),
    Field.KIND: ("立行立改", "限期", "长期"),
    Field.COMPLETION: ("已完成", "基本完成", "取得阶段性成效", "未完成"),
    Field.CLOSED: ("是", "否"),
}
TITLES = {
    Field.NATURE: "问题性质(共性/个性)",
    Field.KIND: "整改类型(立行立改/限期/长期)",
    Field.ACCOUNTABILITY: "追责问责(人次)",
    Field.RECOVERED: "挽回损失(万元)",
}
HINTS = {
    Field.DUE: "如：2025-06-30、2025年6月底前、集中整改期内、立行立改，长期坚持",
    Field.OWNER: "多人用顿号分开",
    Field.CLOSED_ON: "已销号的填写销号日期",
}


def template_workbook(*, created_at: datetime) -> bytes:
    """Return the empty ledger as .xlsx; the same `created_at` gives the same bytes."""
    columns = tuple(_column(column) for column in COLUMNS)
    table = Table(
        "整改台账", columns, title=TITLE, notes=NOTES, frozen_columns=2, spare_rows=SPARE_ROWS
    )
    return write_workbook([table], created_at=created_at)


def ledger_columns() -> tuple[Column, ...]:
    """Return the template's columns, for an export that can be imported again."""
    return tuple(_column(column) for column in COLUMNS)


def _column(column: LedgerColumn) -> Column:
    return Column(
        TITLES.get(column.field, column.title),
        column.width,
        KINDS.get(column.field, ColumnKind.TEXT),
        CHOICES.get(column.field, ()),
        HINTS.get(column.field, ""),
        checked=column.field in KINDS,
    )
