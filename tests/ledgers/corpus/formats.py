"""The same ledgers as .xls, .et, .ods and separated text; files that are not what they say."""

from dataclasses import replace
from datetime import date
from typing import Any

from tests.ledgers.books import (
    BLANK,
    HEADER,
    HIDDEN_SHEET,
    ROW_HIDDEN,
    TITLE,
    TOTAL,
    Book,
    LedgerFile,
    SheetSays,
    aside,
    book,
    category,
    item,
    says,
    sheet,
)
from tests.ledgers.corpus.headers import DUE, HEAD
from tests.ledgers.ods_file import to_ods
from tests.ledgers.text_file import to_text
from tests.ledgers.xls_file import to_xls
from tests.ledgers.xlsx_file import to_xlsx

XLS = "这种文件不能判断是否有隐藏行，全部照常读取；公式按保存的结果读取。"
EVERYDAY = book(
    ("甲局整改台账",),
    HEAD,
    ("（一）党的领导方面",),
    (1, "甲局", "学习不深入，\n联系实际不够", "制定计划", "张三、李四", "2025年6月底前"),
    (None, None, None, "开展研讨", "王五", date(2025, 5, 31)),
    (None,),
    ("合计", None, "共1个问题"),
    merges="A1:F1 A3:F3 A4:A5 B4:B5 C4:C5",
)
ISSUE: dict[str, Any] = {
    "unit": "甲局",
    "cat_l1": "党的领导方面",
    "issue": "学习不深入，\n联系实际不够",
}
EVERYDAY_ROWS = (
    aside(1, TITLE), aside(2, HEADER), aside(3, category("党的领导方面")),
    item(4, **ISSUE, measures=["制定计划"], owners=["张三", "李四"], **DUE),
    item(5, **ISSUE, measures=["开展研讨"], owners=["王五"], due="2025-05-31", due_on="2025-05-31"),
    aside(6, BLANK), aside(7, TOTAL),
)  # fmt: skip
HIDDEN = Book((replace(EVERYDAY.sheets[0], hidden_rows=frozenset({5, 6})),))
HIDDEN_ROWS = (
    *EVERYDAY_ROWS[:4],
    item(5, ROW_HIDDEN, hidden=True, **ISSUE, measures=["开展研讨"], owners=["王五"], due="2025-05-31", due_on="2025-05-31"),
    aside(6, BLANK, hidden=True), EVERYDAY_ROWS[6],
)  # fmt: skip
ALL_HIDDEN_ROWS = (
    aside(1, TITLE, hidden=True), aside(2, HEADER), aside(3, category("党的领导方面"), hidden=True),
    item(4, ROW_HIDDEN, hidden=True, **ISSUE, measures=["制定计划"], owners=["张三", "李四"], **DUE),
    EVERYDAY_ROWS[4], aside(6, BLANK, hidden=True), aside(7, TOTAL, hidden=True),
)  # fmt: skip
MAC_DAYS = book(HEAD, (1, "甲局", "学习不深入", "制定计划", "张三", 44376))
MAC_DAYS_ROWS = (
    aside(1, HEADER),
    item(2, unit="甲局", issue="学习不深入", measures=["制定计划"], owners=["张三"], due="44376", due_on="2025-06-30"),
)  # fmt: skip
PLAIN = book(
    ("甲局整改台账",),
    HEAD,
    (1, "甲局", "学习不深入，\n“联系实际”不够", "制定计划", "张三、李四", "2025年6月底前"),
    (2, "乙局", "㐀𠀀龘问题", "1.甲；\n2.乙", "王五", "2024.12.31"),
    (None,),
    ("合计", None, "共2个问题"),
)
PLAIN_ROWS = (
    aside(1, TITLE), aside(2, HEADER),
    item(3, unit="甲局", issue="学习不深入，\n“联系实际”不够", measures=["制定计划"], owners=["张三", "李四"], **DUE),
    item(4, unit="乙局", issue="㐀𠀀龘问题", measures=["甲", "乙"], owners=["王五"], due="2024.12.31", due_on="2024-12-31"),
    aside(5, BLANK), aside(6, TOTAL),
)  # fmt: skip
TEXTS = {
    "text_utf8.csv": ("utf-8", ","),
    "text_utf8_with_mark.csv": ("utf-8-sig", ","),
    "text_gb18030.csv": ("gb18030", ","),
    "text_semicolons.csv": ("utf-8-sig", ";"),
    "text_utf8.tsv": ("utf-8", "\t"),
    "text_gb18030.tsv": ("gb18030", "\t"),
    "text_utf16_of_excel.csv": ("utf-16", "\t"),
}
SKIPPED = ("sheet_hidden", "", HIDDEN_SHEET)
TWO_SHEETS = Book((*EVERYDAY.sheets, sheet("字典", ("a", "b"), state="hidden")))


def text_says(name: str) -> tuple[SheetSays, ...]:
    return (SheetSays(name.rpartition(".")[0], "read", PLAIN_ROWS),)


def not_read(name: str, content: bytes, code: str) -> LedgerFile:
    return LedgerFile(name, lambda: content, (), (0, 0, 0), 0, refused=code)


FILES = (
    LedgerFile("everyday.xls", lambda: to_xls(EVERYDAY), (says(*EVERYDAY_ROWS),), (1, 1, 2), 7),
    LedgerFile("everyday.et", lambda: to_xls(EVERYDAY), (says(*EVERYDAY_ROWS),), (1, 1, 2), 7),
    LedgerFile("hidden_row.xls", lambda: to_xls(HIDDEN), (says(*HIDDEN_ROWS),), (1, 1, 2), 7),
    LedgerFile("hidden_row.et", lambda: to_xls(HIDDEN), (says(*HIDDEN_ROWS),), (1, 1, 2), 7),
    LedgerFile("hidden_row.ods", lambda: to_ods(HIDDEN), (says(*HIDDEN_ROWS),), (1, 1, 2), 7),
    LedgerFile("hidden_row.xlsx", lambda: to_xlsx(HIDDEN), (says(*HIDDEN_ROWS),), (1, 1, 2), 7),
    LedgerFile(
        "hidden_unless_told.xls", lambda: to_xls(EVERYDAY, all_hidden=(2, 5)), (says(*ALL_HIDDEN_ROWS),), (1, 1, 2), 7,
    ),
    LedgerFile(
        "a_stream_xlrd_does_not_read.xls", lambda: to_xls(HIDDEN, spoilt=True), (says(*EVERYDAY_ROWS, reason=XLS),), (1, 1, 2), 7,
    ),
    LedgerFile(
        "mac_days.xls", lambda: to_xls(replace(MAC_DAYS, date_1904=True)), (says(*MAC_DAYS_ROWS),), (1, 1, 1), 2,
    ),
    LedgerFile("everyday.ods", lambda: to_ods(EVERYDAY), (says(*EVERYDAY_ROWS),), (1, 1, 2), 7),
    LedgerFile("everyday.xlsx", lambda: to_xlsx(EVERYDAY), (says(*EVERYDAY_ROWS),), (1, 1, 2), 7),
    LedgerFile(
        "hidden_sheet.xls",
        lambda: to_xls(TWO_SHEETS),
        (says(*EVERYDAY_ROWS), SheetSays("字典", "hidden", (aside(1, SKIPPED),), HIDDEN_SHEET)),
        (1, 1, 2), 8,
    ),
    *(
        LedgerFile(
            name,
            lambda encoding=encoding, delimiter=delimiter: to_text(PLAIN, encoding=encoding, delimiter=delimiter),  # type: ignore[misc]
            text_says(name),
            (2, 2, 3), 6,
        )
        for name, (encoding, delimiter) in TEXTS.items()
    ),
    not_read("a_page_called.xls", b"<html><table><tr><td>x</td></tr></table></html>", "not_what_it_says"),
    not_read("a_workbook_called.csv", to_xlsx(PLAIN), "not_what_it_says"),
    not_read("no_known_encoding.csv", b"\xff\x80\x81,\xff\xff\n" * 3, "encoding"),
    not_read("a_workbook_called.ods", to_xlsx(PLAIN), "not_what_it_says"),
    not_read("nothing_inside.csv", b"", "empty"),
)  # fmt: skip
