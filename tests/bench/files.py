"""Workbooks against the bare library writing and reading the same cells; the weekly report."""

import io
from collections.abc import Iterator, Sequence
from datetime import date

import xlsxwriter
from python_calamine import CalamineWorkbook

from tests.bench.office import BigOffice
from tests.bench.timing import Measured, compare, statements_of
from tracker.kernel.clock import local_date
from tracker.ledger.columns import COLUMNS, Field
from tracker.ledger.list_rows import GROUP_COLUMNS, TASK_COLUMNS
from tracker.ledger.official_lists import TASKS
from tracker.ledger.reading import read_ledger
from tracker.ledger.template import ledger_columns
from tracker.reports.weekly_assembly import assemble
from tracker.reports.weekly_docx import weekly_docx
from tracker.reports.weekly_xlsx import weekly_xlsx
from tracker.rounds.models import Round
from tracker.spreadsheets.reader import read_workbook
from tracker.spreadsheets.writer import RowSpan, Table, write_workbook

ROWS = 5_000
LIST_ROWS = 10_000
MEASURES = 3  # of each task, merged
CELLS = {
    Field.UNIT: "第一试验局",
    Field.ISSUE: "某项制度执行不严，台账更新不及时，审批流程有缺项。",
    Field.MEASURE: "修订制度，开展专项自查，逐项销账。",
    Field.LEAD_LEADER: "试验人员一",
    Field.OWNER: "试验人员二、试验人员三",
    Field.DUE: "2026年12月底前",
    Field.CLOSED: "否",
}


def measure_files(office: BigOffice) -> Iterator[Measured]:
    """Yield ledger export and reading, then the weekly report."""
    now = office.clock.now()
    rows = [
        tuple(
            str(number) if column.field is Field.ISSUE_NO else CELLS.get(column.field)
            for column in COLUMNS
        )
        for number in range(ROWS)
    ]

    def export() -> bytes:
        return write_workbook([Table("整改台账", ledger_columns(), rows)], created_at=now)

    ours, floor = compare(export, lambda: _bare_export(rows), turns=3)
    yield Measured(name=f"G13 ledger export, {ROWS} rows / XlsxWriter", ours=ours, floor=floor, goal=1 / 0.35)  # fmt: skip
    yield _lists(office)
    content = export()
    ours, floor = compare(lambda: _read(content), lambda: _bare_read(content), turns=3)
    yield Measured(name=f"ledger read, {ROWS} rows / calamine", ours=ours, floor=floor)
    yield _weekly(office)


def _lists(office: BigOffice) -> Measured:
    """任务清单 with its merged cells and heights, beside the same cells bare."""
    day = date(2026, 12, 1)
    head = (
        "第一试验局",
        "1-001",
        CELLS[Field.ISSUE],
        "7-3-001-01",
        "完善制度",
        CELLS[Field.MEASURE],
    )
    rows = [
        (number // MEASURES, *head, day, "限期整改", day, day, "整改中", None)
        for number in range(LIST_ROWS)
    ]
    tops = range(0, LIST_ROWS - MEASURES, MEASURES)
    places = (*GROUP_COLUMNS, *TASK_COLUMNS)
    spans = tuple(RowSpan(place, top, top + MEASURES - 1) for top in tops for place in places)
    table = Table("任务清单", TASKS, rows, title="任务清单", spans=spans, footer="数据")
    now = office.clock.now()
    ours, floor = compare(
        lambda: write_workbook([table], created_at=now), lambda: _bare_list(rows), turns=3
    )
    return Measured(name=f"G13 task list, {LIST_ROWS} rows / XlsxWriter", ours=ours, floor=floor, goal=1.5)  # fmt: skip


def _bare_list(rows: Sequence[tuple[object, ...]]) -> bytes:
    target = io.BytesIO()
    book = xlsxwriter.Workbook(target, {"constant_memory": True})
    sheet = book.add_worksheet()
    style = book.add_format({"border": 1, "text_wrap": True})
    dated = book.add_format({"border": 1, "num_format": "yyyy-mm-dd"})
    for number, row in enumerate(rows):
        for place, value in enumerate(row):
            if value is None:
                sheet.write_blank(number, place, None, style)
            elif isinstance(value, date):
                sheet.write_datetime(number, place, value, dated)
            elif isinstance(value, int):
                sheet.write_number(number, place, value, style)
            else:
                sheet.write_string(number, place, value, style)
    book.close()
    return target.getvalue()


def _bare_export(rows: list[tuple[str | None, ...]]) -> bytes:
    target = io.BytesIO()
    book = xlsxwriter.Workbook(target, {"constant_memory": True})
    sheet = book.add_worksheet()
    style = book.add_format({"border": 1, "text_wrap": True})
    for place, column in enumerate(COLUMNS):
        sheet.write_string(0, place, column.title, style)
    for number, row in enumerate(rows, start=1):
        for place, value in enumerate(row):
            if value is None:
                sheet.write_blank(number, place, None, style)
            else:
                sheet.write_string(number, place, value, style)
    book.close()
    return target.getvalue()


def _read(content: bytes) -> object:
    workbook = read_workbook(io.BytesIO(content), name="台账.xlsx")
    reading = read_ledger(
        workbook, feedback_on=date(2026, 9, 1), concentrated_end=date(2027, 3, 1), unit=None
    )
    assert len(reading.items) == ROWS
    return reading


def _bare_read(content: bytes) -> object:
    return CalamineWorkbook.from_filelike(io.BytesIO(content)).get_sheet_by_index(0).to_python()


def _weekly(office: BigOffice) -> Measured:
    day = local_date(office.clock.now())

    def figures() -> object:
        with office.database.reading() as session:
            tour = session.get_one(Round, office.filled.work.round_id)
            return assemble(
                session, tour, region_id=tour.region_id, edition=1, issue_on=day, as_of=day
            )

    def files() -> object:
        report = figures()
        return weekly_docx(report), weekly_xlsx(report)  # type: ignore[arg-type]

    whole, reading = compare(files, figures, turns=3)
    return Measured(
        name="weekly report: figures and two files / figures",
        ours=whole,
        floor=reading,
        statements=statements_of(figures),
        most_statements=20,
    )
