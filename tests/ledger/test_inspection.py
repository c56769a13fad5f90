"""The document of `ledger inspect --json`, and the template that comes back through the reader."""

import io
import json
from datetime import UTC, datetime

import pytest
from openpyxl import load_workbook

from tests.ledger.reading import CONCENTRATED_END, FEEDBACK, read
from tests.ledgers.factory import HEADER, everyday_ledger
from tracker.ledger.inspection import inspect_file, to_json
from tracker.ledger.sheet_cells import SheetCells
from tracker.ledger.template import ledger_columns, template_workbook
from tracker.spreadsheets.errors import RefusedFileError
from tracker.spreadsheets.workbook import MergedRange, Row, Sheet, SheetState
from tracker.spreadsheets.writer import Table, write_workbook

DAY = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)


def test_the_document_holds_one_entry_per_row_and_is_plain_json() -> None:
    document = json.loads(json.dumps(to_json(read(everyday_ledger())), ensure_ascii=False))
    assert (document["file"], document["refused"]) == ("台账.xlsx", None)
    assert document["sheets"] == [{"name": "整改台账", "state": "read", "reason": None}]
    assert [row["row"] for row in document["rows"]] == list(range(1, 13))
    row = document["rows"][5]
    wanted = ("sheet", "row", "reading", "issue", "unit", "measures", "lead_leader", "owners", "due_text_raw", "due_on",
              "long_term", "closed", "notes")  # fmt: skip
    assert [row[key] for key in wanted] == [
        "整改台账", 6, "item", "理论学习不深入，落实上级部署有差距", "甲县公安局", ["开展专题研讨"], "张三", ["赵六"], "2025-05-31", "2025-05-31",
        False, False, [],
    ]  # fmt: skip
    assert document["rows"][8]["notes"][0]["column"] == "整改时限"
    assert document["counts"] == {
        "issues": 2,
        "tasks": 2,
        "measures": 4,
        "doubtful": 1,
        "refused": 0,
    }


def test_a_refused_file_has_neither_sheets_nor_rows() -> None:
    document = to_json(inspect_file(io.BytesIO(everyday_ledger()), name="a.xlsm"))
    assert document["refused"]["code"] == "macro"
    assert document["refused"]["detail"].startswith("不接收带宏")
    assert (document["sheets"], document["rows"], document["counts"]["refused"]) == ([], [], 0)


def test_inspecting_a_file_gives_the_same_as_reading_it() -> None:
    stream = io.BytesIO(everyday_ledger())
    reading = inspect_file(
        stream, name="台账.xlsx", feedback_on=FEEDBACK, concentrated_end=CONCENTRATED_END
    )
    assert to_json(reading) == to_json(read(everyday_ledger()))


def test_overlapping_merged_cells_are_refused() -> None:
    rows = tuple(Row(number, ("甲",)) for number in range(1, 6))
    sheet = Sheet(
        "台账", SheetState.VISIBLE, rows, (MergedRange(1, 1, 4, 1), MergedRange(2, 1, 3, 1))
    )
    with pytest.raises(RefusedFileError, match="互相重叠"):
        SheetCells(sheet)


def test_the_template_has_every_column_and_its_drop_downs() -> None:
    sheet = load_workbook(io.BytesIO(template_workbook(created_at=DAY)))["整改台账"]
    assert [cell.value for cell in sheet[4]] == list(HEADER)
    lists = {rule.formula1 for rule in sheet.data_validations.dataValidation if rule.type == "list"}
    assert lists == {
        '"共性,个性"',
        '"立行立改,限期,长期"',
        '"已完成,基本完成,取得阶段性成效,未完成"',
        '"是,否"',
    }


def test_an_empty_template_reads_as_a_ledger_without_rows() -> None:
    reading = read(template_workbook(created_at=DAY))
    assert reading.refused is None
    assert [row.notes[0].code for row in reading.rows] == ["title", "title", "title", "header"]


def test_a_row_written_in_the_template_is_read_back() -> None:
    values = {
        "被巡察单位": "甲局",
        "反馈问题": "=问题",
        "整改措施": "甲",
        "整改时限": "2025年6月底前",
        "责任人": "张三",
    }
    line = [values.get(column.title.split("(")[0]) for column in ledger_columns()]
    content = write_workbook(
        [Table("整改台账", ledger_columns(), [line], title="台账")], created_at=DAY
    )
    (entry,) = [row for row in to_json(read(content))["rows"] if row["reading"] == "item"]
    assert (entry["issue"], entry["unit"], entry["due_on"], entry["owners"]) == (
        "=问题",
        "甲局",
        "2025-06-30",
        ["张三"],
    )
