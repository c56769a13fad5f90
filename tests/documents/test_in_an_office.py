"""A document opened by a real office program."""

import re
import subprocess
from datetime import date
from pathlib import Path

import pytest

from tests.real_parts import require_program
from tracker.documents.official import OfficialDocument

HEADER = ["序号", "单位", "整改任务", "整改时限", "未完成原因"]
LONG_REASON = "正在履行程序，需要逐级报批。" * 200  # one row that is higher than a page


def long_document() -> bytes:
    document = OfficialDocument(title="第四轮巡察整改工作周报", created_on=date(2026, 11, 23))
    document.heading("总体情况")
    document.paragraph("完成了全覆盖任务的42.9%，共发现问题线索215件。" * 40)
    with document.landscape():
        rows = [[str(i), "示例局", "完善内控制度", "2026年9月30日", ""] for i in range(1, 61)]
        document.table(HEADER, [*rows, ["61", "示例局", "规范采购", "", LONG_REASON]])
    document.signature(["云州市委巡察办", "2026年11月23日"])
    return document.to_bytes()


@pytest.mark.office
def test_libreoffice_lays_it_out_on_upright_and_wide_pages(tmp_path: Path) -> None:
    office = require_program("soffice", "libreoffice", package="libreoffice-writer-nogui")
    source = tmp_path / "report.docx"
    source.write_bytes(long_document())
    subprocess.run(
        [
            office,
            "--headless",
            f"-env:UserInstallation={(tmp_path / 'profile').as_uri()}",
            "--convert-to",
            "pdf",
            "--outdir",
            tmp_path,
            source,
        ],
        check=True,
        capture_output=True,
        timeout=120,
    )
    wide = [width > height for width, height in page_sizes(tmp_path / "report.pdf")]
    assert wide[0] is False
    assert wide[-1] is False
    assert wide.count(True) >= 8  # sixty rows, and a long one that is not cut off
    assert wide == [*sorted(wide[:-1]), False]  # upright, then wide, then one page to sign


def page_sizes(pdf: Path) -> list[tuple[float, float]]:
    """Return width and height of each page in points, in the order of the file."""
    page = rb"/Type\s*/Page\b.*?/MediaBox\s*\[\s*0\s+0\s+([\d.]+)\s+([\d.]+)\s*\]"
    boxes = re.findall(page, pdf.read_bytes(), re.DOTALL)
    return [(float(width), float(height)) for width, height in boxes]
