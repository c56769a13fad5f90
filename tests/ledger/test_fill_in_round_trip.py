"""What is typed into a 填报表 is what is read: drawn at random, and saved again by a real office program."""

import io
import subprocess
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.ledger.filling_in import FIRST_ROW, sheet_of, titles_of, typed
from tests.real_parts import require_program
from tracker.ledger.fill_in_child import rows_of
from tracker.ledger.fill_in_fields import FillField, canonical, faults_of
from tracker.ledger.fill_in_reading import ReturnedRow
from tracker.ledger.fill_in_sheet import FillRow, fill_in_workbook, going_on
from tracker.ledger.row_keys import RowKey
from tracker.spreadsheets.reader import read_workbook

NOW = datetime(2026, 11, 16, 1, tzinfo=UTC)
F = FillField
SHOWN = {
    "task_no": "7-3-001-01",
    "issue_no": "001",
    "issue": "=理论学习不深入\n台账不全",
    "measures": "1. 修订制度\n2. 开展自查",
    "due": "2026-12-01",
    "owners": "柳青",
    "last": "",
}


def workbook(count: int) -> bytes:
    rows = [FillRow(RowKey("abcdefgh", n), SHOWN, going_on(None), 0) for n in range(1, count + 1)]
    unit = {"name": "市甲局", "code": "A01"}
    return fill_in_workbook(rows, unit=unit, month=date(2026, 11, 1), now=NOW)


def read(content: bytes) -> list[ReturnedRow]:
    found = rows_of(read_workbook(io.BytesIO(content), name="填报表.xlsx"))
    return [ReturnedRow(**row) for row in found["rows"]]


words = st.text(
    st.characters(exclude_categories=["Cc", "Cs", "Co", "Cn"], include_characters="\n=+-@"),
    max_size=60,
).filter(lambda text: not text.startswith("'") and "_x" not in text)
counts = st.integers(0, 9999)
fills: st.SearchStrategy[dict[FillField, Any]] = st.fixed_dictionaries(
    {
        F.NO_CHANGE: st.sampled_from([None, "是"]),
        F.TEXT: words,
        F.COMPLETION: st.sampled_from(["已完成", "基本完成", "取得阶段性成效", "未完成"]),
        F.DONE: st.sampled_from([None, "1", 2, "1、2", "2，1"]),
        F.REASON: words,
        F.NEXT: words,
        F.RULES: counts,
        F.ORGS: counts,
        F.PERSONS: counts | counts.map(str),
        F.RECOVERED: st.decimals(0, 99_999_999, places=4),
    }
)


def expected(field: FillField, value: Any) -> str:
    if isinstance(value, Decimal):
        return f"{value.normalize():f}"
    text = "" if value is None else str(value).strip()
    return {"2，1": "1、2"}.get(text, text) if field is F.DONE else text


@settings(max_examples=40, deadline=None)
@given(st.lists(fills, min_size=1, max_size=3))
def test_whatever_is_typed_comes_back_the_same(rows: list[dict[FillField, Any]]) -> None:
    content = typed(workbook(len(rows)), *({f.label: v for f, v in row.items()} for row in rows))
    back = read(content)
    assert [row.key for row in back] == [
        str(RowKey("abcdefgh", n)) for n in range(1, len(rows) + 1)
    ]
    for row, said in zip(back, rows, strict=True):
        cells = {field: canonical(field, row.cells.get(field.header, "")) for field in FillField}
        assert {field: cells[field] for field in said} == {
            field: expected(field, value) for field, value in said.items()
        }
        assert faults_of(cells, [1, 2]) == []


def converted(content: bytes, kind: str, folder: Path) -> Path:
    office = require_program("soffice", "libreoffice", package="libreoffice-calc")
    source = folder / "filled.xlsx"
    source.write_bytes(content)
    profile = f"-env:UserInstallation={(folder / 'profile').as_uri()}"
    out = folder / "out"
    command = [
        office,
        "--headless",
        profile,
        "--convert-to",
        kind,
        "--outdir",
        str(out),
        str(source),
    ]
    subprocess.run(command, check=True, capture_output=True, timeout=120)
    return out / f"filled.{kind}"


@pytest.mark.office
def test_libreoffice_saves_what_was_typed_with_keys_and_protection(tmp_path: Path) -> None:
    said = {"本月进展": "=1+1 已修订\n制度", "累计挽回损失（万元）": 1.25, "完成情况": "已完成"}
    content = typed(workbook(3), said, {}, {"本月无变化": "是"})
    again = converted(content, "xlsx", tmp_path).read_bytes()
    before, after = read(content), read(again)
    assert [(row.key, row.stamp, row.cells) for row in after] == [
        (row.key, row.stamp, row.cells) for row in before
    ]
    sheet = sheet_of(again)
    assert sheet.protection.sheet
    places = titles_of(sheet)
    assert sheet.cell(FIRST_ROW, places["反馈问题"]).protection.locked
    assert not sheet.cell(FIRST_ROW, places["本月进展"]).protection.locked
    kinds = {rule.type for rule in sheet.data_validations.dataValidation}
    assert {"list", "whole", "decimal"} <= kinds
