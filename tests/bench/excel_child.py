"""One piece of work with a large ledger, in a process of its own: prints its seconds and its memory peak.

`python -m tests.bench.excel_child WORK ROWS FOLDER`. Times leave the start of Python out.
"""

import json
import resource
import sys
import types
from collections.abc import Callable, Iterator
from datetime import date, datetime
from pathlib import Path
from time import perf_counter
from typing import Any

FED_BACK, END = date(2026, 9, 1), date(2027, 3, 1)
MEASURES = 3  # of each task of a list, merged
NOW = datetime(2026, 11, 16, 10)  # noqa: DTZ001 -- only the date of the written file


def ledger_path(folder: Path, rows: int) -> Path:
    """Return where the ledger of so many rows lies."""
    return folder / f"ledger-{rows}.xlsx"


def make(rows: int, folder: Path) -> dict[str, float]:
    """Write the ledger as Excel saves one: texts in a table of their own, each once."""
    import xlsxwriter

    from tests.bench.ledger_rows import MERGED_FIELDS, MERGED_ROWS, ledger_rows, merged_tops
    from tracker.ledger.columns import COLUMNS

    book = xlsxwriter.Workbook(ledger_path(folder, rows), {"strings_to_formulas": False})
    sheet, day = book.add_worksheet("整改台账"), book.add_format({"num_format": "yyyy-mm-dd"})
    sheet.write_row(0, 0, [column.title for column in COLUMNS])
    for number, row in enumerate(ledger_rows(rows), start=1):
        for place, value in enumerate(row):
            if value is not None:
                sheet.write(number, place, value, day if isinstance(value, date) else None)
    places = [place for place, column in enumerate(COLUMNS) if column.field in MERGED_FIELDS]
    for top in merged_tops(rows):
        sheet.merge += [[top + 1, place, top + MERGED_ROWS, place] for place in places]
    book.close()
    return {}


def read_bare(rows: int, folder: Path) -> dict[str, float]:
    """Read with python-calamine alone, every row as a list that is dropped again."""
    from python_calamine import load_workbook

    begun, count = perf_counter(), 0
    with load_workbook(str(ledger_path(folder, rows))) as book:
        for row in book.get_sheet_by_index(0).iter_rows():
            count += bool(row)
    assert count == rows + 1
    return {"seconds": perf_counter() - begun}


def read_bare_kept(rows: int, folder: Path) -> dict[str, float]:
    """Read with python-calamine alone, all rows as one list."""
    from python_calamine import load_workbook

    begun = perf_counter()
    with load_workbook(str(ledger_path(folder, rows))) as book:
        assert len(book.get_sheet_by_index(0).to_python()) == rows + 1
    return {"seconds": perf_counter() - begun}


def read_ours(rows: int, folder: Path) -> dict[str, float]:
    """Read as an upload is read: guarded, in a process of its own, understood, handed over."""
    from tracker.ledger.reading_apart import Question, read_apart

    asked = Question(
        path=ledger_path(folder, rows), name="台账.xlsx", fed_back_on=FED_BACK, concentrated_end=END
    )
    begun = perf_counter()
    reading = read_apart(asked, memory_bytes=20_000_000_000, seconds=590)
    seconds = perf_counter() - begun
    assert len(reading.items) == rows, reading.refused
    apart = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss * 1024
    return {"seconds": seconds, "apart": apart}


def write_bare(rows: int, folder: Path) -> dict[str, float]:
    """Write with XlsxWriter alone, in constant memory: the same cells in the same formats."""
    from tests.bench.ledger_rows import ledger_rows

    begun = perf_counter()
    _write_bare(ledger_rows(rows), folder)
    return {"seconds": perf_counter() - begun}


def _write_bare(rows: Iterator[tuple[Any, ...]], folder: Path) -> None:
    import xlsxwriter

    from tracker.spreadsheets.formats import Formats
    from tracker.spreadsheets.tables import ColumnKind

    book = xlsxwriter.Workbook(folder / "bare.xlsx", {"constant_memory": True})
    sheet, formats = book.add_worksheet("整改台账"), Formats(book)
    text, number, day = (
        formats.body[kind] for kind in (ColumnKind.TEXT, ColumnKind.NUMBER, ColumnKind.DATE)
    )
    for place_of_row, row in enumerate(rows, start=1):
        for place, value in enumerate(row):
            if value is None:
                sheet.write_blank(place_of_row, place, None, text)
            elif isinstance(value, str):
                sheet.write_string(place_of_row, place, value, text)
            elif isinstance(value, date):
                sheet.write_datetime(place_of_row, place, value, day)
            else:
                sheet.write_number(place_of_row, place, value, number)
    book.close()


def write_ours(rows: int, folder: Path) -> dict[str, float]:
    """Write as 导出台账 does once its tasks are read: checks, drop-downs, merged cells."""
    from tests.bench.ledger_rows import MERGED_FIELDS, MERGED_ROWS, ledger_rows, merged_tops
    from tracker.ledger.columns import COLUMNS
    from tracker.ledger.template import ledger_columns
    from tracker.spreadsheets.writer import RowSpan, Table, write_workbook

    begun = perf_counter()
    places = [place for place, column in enumerate(COLUMNS) if column.field in MERGED_FIELDS]
    spans = tuple(
        RowSpan(place, top, top + MERGED_ROWS - 1) for top in merged_tops(rows) for place in places
    )
    table = Table(
        "整改台账", ledger_columns(), ledger_rows(rows), title="整改台账", spans=spans, autofilter=False
    )  # fmt: skip
    (folder / "ours.xlsx").write_bytes(write_workbook([table], created_at=NOW))
    return {"seconds": perf_counter() - begun}


def list_rows_of(rows: int) -> Iterator[tuple[Any, ...]]:
    """Give the rows of a 任务清单."""
    day, issue = date(2026, 12, 1), "某项制度执行不严，台账更新不及时，审批流程有缺项。"
    measure = "修订制度，开展专项自查，逐项销账。"
    head = ("第一试验局", "1-001", issue, "7-3-001-01", "完善制度", measure)
    for number in range(rows):
        yield (number // MEASURES, *head, day, "限期整改", day, day, "整改中", None)


def list_ours(rows: int, folder: Path) -> dict[str, float]:
    """Write a 任务清单: merged by unit and task, rows as high as their texts, for paper."""
    from tracker.ledger.list_rows import GROUP_COLUMNS, TASK_COLUMNS
    from tracker.ledger.official_lists import TASKS
    from tracker.spreadsheets.writer import RowSpan, Table, write_workbook

    begun = perf_counter()
    places = (*GROUP_COLUMNS, *TASK_COLUMNS)
    tops = range(0, rows - MEASURES, MEASURES)
    spans = tuple(RowSpan(place, top, top + MEASURES - 1) for top in tops for place in places)
    table = Table(
        "任务清单", TASKS, list_rows_of(rows), title="任务清单", spans=spans, footer="数据"
    )
    (folder / "ours.xlsx").write_bytes(write_workbook([table], created_at=NOW))
    return {"seconds": perf_counter() - begun}


def list_bare(rows: int, folder: Path) -> dict[str, float]:
    """Write the same cells with XlsxWriter alone, in constant memory."""
    begun = perf_counter()
    _write_bare(list_rows_of(rows), folder)
    return {"seconds": perf_counter() - begun}


def peak_bytes() -> float:
    """Return the most memory this process has held; getrusage would count the process it came from."""
    status = Path("/proc/self/status")
    if status.exists():
        line = next(x for x in status.read_text().splitlines() if x.startswith("VmHWM"))
        return float(line.split()[1]) * 1024
    return float(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)


WORKS: dict[str, Callable[[int, Path], dict[str, Any]]] = {
    work.__name__: work
    for work in (
        make,
        read_bare,
        read_bare_kept,
        read_ours,
        write_bare,
        write_ours,
        list_bare,
        list_ours,
    )
}

if __name__ == "__main__":
    # The rooms alone: the whole application would weigh on every peak.
    package = types.ModuleType("tracker")
    package.__path__ = [str(Path(__file__).parents[2] / "tracker")]
    sys.modules["tracker"] = package
    found = WORKS[sys.argv[1]](int(sys.argv[2]), Path(sys.argv[3]))
    print(json.dumps({**found, "peak": peak_bytes()}))
