"""The official lists opened, saved again and printed by a real office program."""

import subprocess
from pathlib import Path

import pytest
from openpyxl import load_workbook

from tests.factories.cast import Cast
from tests.fakes.clock import ManualClock
from tests.ledger.office_of_lists import make_lists, sheets_of
from tests.real_parts import require_program
from tracker.kernel.db import Database
from tracker.ledger.official_lists import lists_of_round
from tracker.rectification.rules.words import TaskState
from tracker.rounds.models import Round

ROWS = 60
LONG = "部分班子成员对巡察整改认识不到位，督促落实不经常，制度执行有偏差，台账更新不及时。"


@pytest.fixture
def workbook(database: Database, people: Cast, clock: ManualClock, tmp_path: Path) -> Path:
    """The lists of a round that fills several pages."""
    with database.writing() as session:
        work = make_lists(session, people, now=clock.now())
        for number in range(ROWS):
            state = TaskState.CLOSED if number % 3 else TaskState.IN_PROGRESS
            task = work.task(session, people, unit="ab"[number % 2], state=state, now=clock.now())
            task.issue.text = LONG * (1 + number % 4)
        tour = session.get_one(Round, work.round_id)
        content = lists_of_round(session, tour, actor=people.actor("clerk"), now=clock.now())
    path = tmp_path / "lists.xlsx"
    path.write_bytes(content)
    return path


def converted(source: Path, kind: str, folder: Path) -> Path:
    office = require_program("soffice", "libreoffice", package="libreoffice-calc")
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
    return out / f"lists.{kind}"


@pytest.mark.office
def test_libreoffice_reads_the_same_cells_and_merges(workbook: Path, tmp_path: Path) -> None:
    again = converted(workbook, "xlsx", tmp_path)
    before, after = sheets_of(workbook.read_bytes()), sheets_of(again.read_bytes())
    assert {name: len(rows) for name, rows in before.items()} == {
        "问题清单": 5 + ROWS, "任务清单": 6 + ROWS, "责任清单": 5 + ROWS, "成效清单": 5 + ROWS, "档案清单": 2,
    }  # fmt: skip
    assert after == before
    merged = [
        {str(area) for area in load_workbook(path)["任务清单"].merged_cells.ranges}
        for path in (workbook, again)
    ]
    assert merged[0] == merged[1]
    assert "D4:D6" in merged[0]


@pytest.mark.office
def test_every_printed_page_is_wide_and_carries_header_and_number(
    workbook: Path, tmp_path: Path
) -> None:
    reader = require_program("pdftotext", package="poppler-utils")
    pdf = converted(workbook, "pdf", tmp_path)
    text = subprocess.run(
        [reader, "-layout", pdf, "-"], check=True, capture_output=True, timeout=60
    )
    pages = text.stdout.decode().split("\f")[:-1]
    assert len(pages) >= 10
    for number, page in enumerate(pages, start=1):
        assert f"第 {number} 页，共 {len(pages)} 页" in page
        assert "单位" in page
        assert "数据截至 2026-11-16" in page
    sizes = subprocess.run(
        [require_program("pdfinfo", package="poppler-utils"), "-l", str(len(pages)), pdf],
        check=True, capture_output=True, timeout=60,
    ).stdout.decode()  # fmt: skip
    assert sizes.count("841.89 x 595.304 pts (A4)") + sizes.count("842 x 595") == len(pages), sizes
