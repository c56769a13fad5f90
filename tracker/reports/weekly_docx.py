"""The weekly report as a Word document after GB/T 9704-2012."""

from tracker.documents.official import OfficialDocument
from tracker.kernel.formats import chinese_date
from tracker.reports import texts
from tracker.reports.weekly import WeeklyReport
from tracker.reports.weekly_tables import Cell, Field, Section, SectionTable, short_date, tables

F = Field
WIDTHS_MM = {
    F.NUMBER: 10,
    F.UNIT: 22,
    F.ISSUE_NO: 19,
    F.TASK: 46,
    F.LEADER: 19,
    F.DUES: 24,
    F.DUE_ON: 22,
    F.DAYS: 18,
    F.LEFT: 18,
    F.COURT: 20,
    F.UPDATED_ON: 22,
    F.REMINDERS: 12,
    F.REASON: 36,
    F.OUTCOME: 18,
}
LEFT_ALIGNED = frozenset({F.UNIT, F.TASK, F.REASON})


def weekly_docx(report: WeeklyReport) -> bytes:
    """Return the .docx file; the same report gives the same bytes."""
    organ = texts.said("organ", report)
    heading = texts.title(report).replace("（第", "\n（第")
    document = OfficialDocument(title=heading, created_on=report.issue_on, author=organ)
    by_section = {table.section: table for table in tables(report)}
    overdue = by_section.pop(Section.OVERDUE)
    document.heading("总体情况")
    document.paragraph(texts.said("overview", report))
    document.note(texts.said("basis", report))
    document.heading("逾期情况")
    document.paragraph(texts.said("overdue", report))
    for table in by_section.values():
        _section(document, table, report)
    document.heading("工作要求")
    _requirements(document, report)
    if overdue.lines:
        document.paragraph(texts.said("annex", report))
    document.signature([organ, chinese_date(report.issue_on)])
    if overdue.lines:
        _annex(document, overdue, report)
    return document.to_bytes()


def _section(document: OfficialDocument, table: SectionTable, report: WeeklyReport) -> None:
    document.heading(table.section.label)
    is_coming = table.section is Section.COMING
    document.paragraph(texts.said("coming", report) if is_coming else texts.count(table.lines))
    if table.lines:
        _table(document, table)


def _requirements(document: OfficialDocument, report: WeeklyReport) -> None:
    wanted = texts.said("requirements", report).splitlines()
    if len(wanted) == 1:
        document.paragraph(wanted[0])
        return
    for number, sentence in enumerate(wanted, start=1):
        document.paragraph(f"{number}.{sentence}")


def _annex(document: OfficialDocument, table: SectionTable, report: WeeklyReport) -> None:
    with document.landscape():
        document.heading(texts.said("annex", report), numbered=False)
        _table(document, table)
        _ledgers(document, table)


def _ledgers(document: OfficialDocument, table: SectionTable) -> None:
    """Say below the annex how each due date came about, by the table's own numbers."""
    told = [(number, line) for number, line in enumerate(table.lines, start=1) if line.ledger]
    if told:
        document.heading(Field.LEDGER.label, numbered=False)
    for number, line in told:
        document.note(f"{number}．{line.unit} {line.task_no}：{line.ledger}")


def _table(document: OfficialDocument, table: SectionTable) -> None:
    columns = table.columns()
    document.table(
        [field.label for field in columns],
        [[_shown(cell) for cell in row] for row in table.rows()],
        [WIDTHS_MM[field] for field in columns],
        centred=[place for place, field in enumerate(columns) if field not in LEFT_ALIGNED],
    )


def _shown(cell: Cell) -> str:
    if cell is None or cell == "":
        return "—"
    return (
        cell if isinstance(cell, str) else str(cell) if isinstance(cell, int) else short_date(cell)
    )
