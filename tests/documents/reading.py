"""A sample document, and ways to look into its file."""

from datetime import date
from io import BytesIO
from typing import Any
from zipfile import ZipFile

import docx

from tracker.documents.official import OfficialDocument

CREATED = date(2026, 11, 23)
TITLE = "第四轮巡察整改工作周报"
TWIPS_PER_MM = 1440 / 25.4


def begin(title: str = TITLE) -> OfficialDocument:
    return OfficialDocument(title=title, created_on=CREATED, author="云州市委巡察办")


def sample() -> OfficialDocument:
    document = begin()
    document.paragraph("市委巡察工作领导小组：", indented=False)
    document.heading("总体情况")
    document.paragraph("完成了全覆盖任务的42.9%。")
    document.heading("逾期情况", 2)
    with document.landscape():
        document.table(["序号", "单位"], [["1", "示例局"]], [20, 60], centred=[0])
    document.paragraph("抓紧整改。")
    document.signature(["云州市委巡察办", "2026年11月23日"])
    return document


def opened(document: OfficialDocument) -> Any:
    return docx.Document(BytesIO(document.to_bytes()))


def part(document: OfficialDocument, name: str) -> str:
    with ZipFile(BytesIO(document.to_bytes())) as archive:
        return archive.read(name).decode()


def style(document: OfficialDocument, style_id: str) -> Any:
    styles = opened(document).styles.element
    return styles.xpath(f"./w:style[@w:styleId='{style_id}']")[0]


def value(node: Any, path: str) -> str:
    return str(node.xpath(path)[0])


def mm(twips: str | int) -> int:
    return round(int(twips) / TWIPS_PER_MM)
