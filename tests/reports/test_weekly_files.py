"""Word and Excel of an edition: the same figures, the same bytes, readable by real programs."""

import re
import subprocess
from datetime import date, timedelta
from io import BytesIO
from pathlib import Path
from typing import Any

import docx
import pytest
from docx.enum.section import WD_ORIENT
from python_calamine import CalamineWorkbook

from tests.real_parts import require_program
from tracker.reports.rules import Balance
from tracker.reports.weekly import Line, WeeklyReport
from tracker.reports.weekly_docx import weekly_docx
from tracker.reports.weekly_xlsx import weekly_xlsx

T = date(2026, 11, 15)
LEDGER = "原定时限 2026-09-30；现时限 2026-11-03；截至 2026-11-15 逾期 12 天。"


def line(number: int, days: int, **changes: Any) -> Line:
    values: dict[str, Any] = {
        "task_id": number,
        "unit_id": number % 3,
        "unit": f"云州市示例{number % 3}局",
        "issue_no": f"{number:03d}",
        "task_no": f"7-3-{number:03d}-01",
        "task": "修订财务审批制度，规范公务接待和差旅费报销，开展专项自查并逐条整改",
        "original_due": T - timedelta(days=days),
        "due_on": T - timedelta(days=days),
        "days": days,
        "leader": "甲某某",
        "court": "单位联络员",
        "updated_on": T - timedelta(days=2),
        "reminders": 4,
        "reason": "正在履行集体决策程序，需逐级报批",
        **changes,
    }
    return Line(**values)


def report(**changes: Any) -> WeeklyReport:
    late = (
        line(1, 3, is_new=True),
        line(2, 12, original_due=date(2026, 9, 30), ledger=LEDGER),
        line(3, 47, reason="", updated_on=None, leader=""),
    )
    values: dict[str, Any] = {
        "region_id": 1,
        "region_name": "云州市",
        "round_id": 1,
        "round_name": "第三轮巡察",
        "edition": 5,
        "issue_on": date(2026, 11, 16),
        "as_of": T,
        "opened": Balance(30, 1, 3),
        "closed": Balance(3, 3, 0),
        "overdue": Balance(4, 1, 2),
        "overdue_lines": late,
        "cleared_lines": (line(4, 20, outcome="已销号"), line(5, -15, outcome="批准延期")),
        "coming_lines": (line(6, -3), line(7, -14)),
        **changes,
    }
    return WeeklyReport(**values)


def nil_report() -> WeeklyReport:
    return report(overdue=Balance(0, 0, 0), overdue_lines=(), cleared_lines=(), coming_lines=())


def opened(data: bytes) -> Any:
    return docx.Document(BytesIO(data))


def text_of(data: bytes) -> str:
    return "\n".join(paragraph.text for paragraph in opened(data).paragraphs)


def test_the_document_says_the_figures() -> None:
    text = text_of(weekly_docx(report()))
    assert "第三轮巡察整改工作周报\n（第5期）" in text
    assert "截至2026年11月15日，本轮巡察纳入整改任务34项，已销号6项，在办28项" in text
    assert "销号率17.6%" in text
    assert "本周新销号3项；在办任务较上周减少2项（上周末30项，新增1项，减少3项）。" in text
    assert "逾期任务3项，涉及3个单位，占在办任务的10.7%，最长逾期47天。" in text
    assert "逾期1–7天1项，逾期8–30天1项，逾期31–90天1项，逾期90天以上0项。" in text
    assert "较上周减少1项：上周末4项，本周新增1项，本周清零2项，现有3项。" in text
    assert "7日内到期1项，14日内到期（含7日内）2项。" in text
    assert "云州市委巡察工作领导小组办公室\n2026年11月16日" in text


def test_the_wide_table_stands_on_a_landscape_page_with_all_columns() -> None:
    document = opened(weekly_docx(report()))
    assert [section.orientation for section in document.sections][:2] == [
        WD_ORIENT.PORTRAIT,
        WD_ORIENT.LANDSCAPE,
    ]
    table = document.tables[-1]
    assert [cell.text for cell in table.rows[0].cells] == [
        "序号",
        "单位",
        "问题编号",
        "整改任务",
        "责任领导",
        "整改时限（原/现）",
        "逾期天数",
        "当前办理环节",
        "最近更新",
        "提醒次数",
        "未完成原因",
    ]
    row = [cell.text for cell in table.rows[2].cells]
    assert row[5:7] == ["2026.9.30/2026.11.3", "12"]
    assert [cell.text for cell in table.rows[3].cells][8:] == ["—", "4", "—"]


def test_a_week_without_overdue_tasks_says_so() -> None:
    document = weekly_docx(nil_report())
    assert "本周无逾期。" in text_of(document)
    assert len(opened(document).sections) == 1
    assert opened(document).tables == []


def test_office_delay_is_nowhere_in_the_report() -> None:
    text = text_of(weekly_docx(report()))
    assert "待审核" not in text


def test_excel_says_the_same_figures() -> None:
    book = CalamineWorkbook.from_filelike(BytesIO(weekly_xlsx(report())))
    assert book.sheet_names == [
        "总体情况",
        "逾期任务",
        "新增逾期任务",
        "本周清零任务",
        "逾期30天以上任务",
        "14日内到期任务",
    ]
    summary = {row[0]: row[1] for row in book.get_sheet_by_name("总体情况").to_python()}
    assert summary["整改任务"] == 34
    assert summary["销号率"] == "17.6%"
    assert [summary[f"{name}逾期"] for name in ("上周末", "本周新增")] == [4, 1]
    assert (summary["本周清零"], summary["逾期"]) == (2, 3)
    rows = book.get_sheet_by_name("逾期任务").to_python()
    assert rows[2][5:8] == ["整改时限（原）", "整改时限（现）", "逾期天数"]
    assert rows[4][5:8] == [date(2026, 9, 30), date(2026, 11, 3), 12]
    assert (rows[2][-1], rows[4][-1]) == ("时限台账", LEDGER)


def test_the_annex_says_how_each_due_date_came_about() -> None:
    text = text_of(weekly_docx(report()))
    assert f"2．云州市示例2局 7-3-002-01：{LEDGER}" in text
    assert "时限台账" not in text_of(weekly_docx(nil_report()))


@pytest.mark.parametrize("write", [weekly_docx, weekly_xlsx])
def test_the_same_report_gives_the_same_bytes(write: Any) -> None:
    assert write(report()) == write(report())
    assert write(report()) != write(nil_report())


def test_text_that_looks_like_a_formula_or_markup_stays_text() -> None:
    nasty = report(overdue_lines=(line(1, 3, task="=1+1<w:br/>&\x0b", reason="@SUM(A1)"),))
    assert "=1+1<w:br/>&" in opened(weekly_docx(nasty)).tables[-1].rows[1].cells[3].text
    rows = CalamineWorkbook.from_filelike(BytesIO(weekly_xlsx(nasty)))
    assert "1+1" in str(rows.get_sheet_by_name("逾期任务").to_python()[3][3])


@pytest.mark.office
def test_libreoffice_opens_both_files(tmp_path: Path) -> None:
    office = require_program("soffice", "libreoffice", package="libreoffice-writer-nogui")
    (tmp_path / "weekly.docx").write_bytes(weekly_docx(report()))
    (tmp_path / "book.xlsx").write_bytes(weekly_xlsx(report()))
    profile = f"-env:UserInstallation={(tmp_path / 'profile').as_uri()}"
    for source, target in (
        ("weekly.docx", "pdf"),
        ("weekly.docx", "txt:Text"),
        ("book.xlsx", "pdf"),
    ):
        options = [profile, "--convert-to", target, "--outdir", str(tmp_path)]
        subprocess.run(
            [office, "--headless", *options, str(tmp_path / source)],
            check=True,
            capture_output=True,
            timeout=120,
        )
    text = (tmp_path / "weekly.txt").read_text(encoding="utf-8-sig")
    assert "逾期任务3项" in text
    assert "2026.9.30/2026.11.3" in text
    assert re.search(rb"/Type\s*/Page\b", (tmp_path / "book.pdf").read_bytes())
