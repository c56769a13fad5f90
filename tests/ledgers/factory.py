"""Builds small ledgers as .xlsx bytes with openpyxl; imports nothing of the product.

`HEADER` spells the template's columns out by hand on purpose: a column lost in the product must show.
"""

import io
import zipfile
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from openpyxl import Workbook
from openpyxl.utils.datetime import CALENDAR_MAC_1904
from openpyxl.worksheet.worksheet import Worksheet

HEADER = (
    "序号", "巡察轮次", "巡察组", "被巡察单位", "问题编号", "一级类别", "二级类别", "问题性质(共性/个性)", "反馈问题",
    "具体表现", "原因分析", "整改目标", "整改措施", "责任领导", "牵头部门", "配合部门", "责任人", "联系电话", "整改时限",
    "整改类型(立行立改/限期/长期)", "整改进展", "完成情况", "完成时间", "佐证材料", "建章立制", "追责问责(人次)",
    "挽回损失(万元)", "是否销号", "销号时间", "未完成原因及下步打算", "备注",
)  # fmt: skip
SHORT = (
    "序号",
    "被巡察单位",
    "问题编号",
    "反馈问题",
    "整改措施",
    "责任领导",
    "责任人",
    "整改时限",
    "是否销号",
    "销号时间",
)


def saved(book: Workbook) -> bytes:
    """Return the workbook as bytes."""
    target = io.BytesIO()
    book.save(target)
    return target.getvalue()


def sheet_of(book: Workbook) -> Worksheet:
    """Return the first sheet."""
    sheet = book.worksheets[0]
    sheet.title = "整改台账"
    return sheet


def ledger(
    rows: Sequence[Sequence[Any]],
    *,
    merges: Sequence[str] = (),
    above: Sequence[Sequence[Any]] = (),
    header: Sequence[Any] = SHORT,
) -> bytes:
    """Return a ledger: `above` stands over the header; `merges` are ranges like "D3:D5"."""
    book = Workbook()
    sheet = sheet_of(book)
    for row in (*above, header, *rows):
        sheet.append(list(row))
    for merged in merges:
        sheet.merge_cells(merged)
    return saved(book)


def row(**values: Any) -> list[Any]:
    """Return a row of the SHORT layout from named cells."""
    names = (
        "serial",
        "unit",
        "no",
        "issue",
        "measure",
        "leader",
        "owner",
        "due",
        "closed",
        "closed_on",
    )
    unknown = set(values) - set(names)
    if unknown:
        raise KeyError(unknown)
    return [values.get(name) for name in names]


def full_row(values: Mapping[str, Any]) -> list[Any]:
    """Return a row of the whole template from cells named by their header without brackets."""
    titles = [title.split("(")[0] for title in HEADER]
    return [values.get(title) for title in titles]


def everyday_ledger() -> bytes:
    """The usual ledger: title and 截至 rows, a merged issue of three measures, headings, total, signature.

    Rows of the file: 1 title, 2 截至, 3 header, 4 heading, 5–7 issue one, 8 heading, 9 issue two
    (closed), 10 total, 11 blank, 12 signature.
    """
    issue = "理论学习不深入，落实上级部署有差距"
    return ledger(
        [
            ["（一）党的领导方面"],
            row(serial=1, unit="甲县公安局", no="3-01", issue=issue, measure="制定学习计划", leader="张三", owner="李四、王五", due="2025年6月底前", closed="否"),
            row(measure="开展专题研讨", leader="张三", owner="赵六", due=date(2025, 5, 31), closed="否"),
            row(measure="完善学习制度", leader="张三", owner="李四", due="长期坚持", closed="否"),
            ["（二）作风建设方面"],
            row(serial=1, unit="甲县公安局", no="3-02", issue="公务接待不规范", measure="清退超标费用", leader="钱七", owner="孙八", due="立行立改", closed="是", closed_on="2025.3.12"),
            ["合 计", None, None, "共2个问题"],
            [None],
            ["填报人：周九", None, None, "审核人：吴十"],
        ],
        above=[["甲县公安局巡察整改台账"], ["数据截至2025年4月30日"]],
        merges=["A1:J1", "A2:J2", "A4:J4", "A5:A7", "B5:B7", "C5:C7", "D5:D7", "A8:J8"],
    )  # fmt: skip


def two_row_header_ledger() -> bytes:
    """A header of two rows: 责任落实 over 责任领导 and 责任人, the rest merged downwards."""
    book = Workbook()
    sheet = sheet_of(book)
    sheet.append(["某局整改台账"])
    sheet.append(["序号", "存在问题", "具体措施", "责任落实", None, "完成时限"])
    sheet.append([None, None, None, "分管领导", "具体责任人", None])
    sheet.append([1, "问题甲", "措施甲", "张三", "李四", "2025年6月底前"])
    for merged in ("A1:F1", "A2:A3", "B2:B3", "C2:C3", "D2:E2", "F2:F3"):
        sheet.merge_cells(merged)
    return saved(book)


def mac_dates_ledger() -> bytes:
    """A workbook that counts days from 1904: one real date, one bare serial, one serial as text."""
    book = Workbook()
    book.epoch = CALENDAR_MAC_1904
    sheet = sheet_of(book)
    sheet.append(list(SHORT))
    sheet.append(row(unit="甲局", issue="问题一", measure="措施", due=date(2025, 6, 30)))
    sheet.append(row(unit="甲局", issue="问题二", measure="措施", due=44376))
    sheet.append(row(unit="甲局", issue="问题三", measure="措施", due="44376"))
    return saved(book)


def hidden_ledger() -> bytes:
    """A hidden row (3), a hidden sheet and a very hidden one, a leading empty row and column."""
    book = Workbook()
    sheet = sheet_of(book)
    for place, title in enumerate(SHORT, start=2):
        sheet.cell(2, place, title)
    for number, issue in ((3, "问题甲"), (4, "问题乙")):
        for place, value in enumerate(
            row(unit="甲局", issue=issue, measure="措施", due="2025年6月底前"), start=2
        ):
            sheet.cell(number, place, value)
    sheet.row_dimensions[3].hidden = True
    for name, state in (("字典", "hidden"), ("系统", "veryHidden")):
        extra = book.create_sheet(name)
        extra.append(["反馈问题", "整改措施", "整改时限"])
        extra.append(["隐藏的问题", "措施", "2025年6月底前"])
        extra.sheet_state = state
    return saved(book)


def formula_ledger() -> bytes:
    """Formulas without a saved value, and an error value, in a measure, a due and an issue cell."""
    book = Workbook()
    sheet = sheet_of(book)
    sheet.append(list(SHORT))
    sheet.append(row(unit="甲局", issue="问题甲", measure='="措施"&"甲"', due="2025年6月底前"))
    sheet.append(row(unit="甲局", issue="问题乙", measure="措施", due="#REF!"))
    sheet.append(row(unit="甲局", issue="=A1", measure="措施", due="2025年6月底前"))
    sheet.cell(3, 8).data_type = "e"
    return saved(book)


def with_part(original: bytes, name: str, content: bytes, *, replace: bool = False) -> bytes:
    """Return the file with one part added, or replaced."""
    target = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(original)) as source,
        zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as out,
    ):
        for entry in source.infolist():
            if not (replace and entry.filename == name):
                out.writestr(entry, source.read(entry))
        out.writestr(name, content)
    return target.getvalue()


def part(original: bytes, name: str) -> bytes:
    """Return one part of the file."""
    with zipfile.ZipFile(io.BytesIO(original)) as source:
        return source.read(name)
