"""Titles, headers of one to three rows, other words for columns, unknown columns."""

from typing import Any

from tests.ledgers.books import (
    BLANK,
    COLUMN_NUMBERS,
    HEADER,
    HEADER_AGAIN,
    TITLE,
    LedgerFile,
    aside,
    book,
    item,
    says,
)
from tests.ledgers.xlsx_file import to_xlsx

HEAD = ("序号", "被巡察单位", "反馈问题", "整改措施", "责任人", "整改时限")
DUE: dict[str, Any] = {"due": "2025年6月底前", "due_on": "2025-06-30"}

FILES = (
    LedgerFile(
        "title_and_as_of.xlsx",
        lambda: to_xlsx(
            book(
                ("甲县七届县委第三轮巡察整改台账",),
                ("数据截至2025年4月30日",),
                HEAD,
                (1, "甲局", "学习不深入", "制定计划", "张三", "2025年6月底前"),
                merges="A1:F1 A2:F2",
            )
        ),
        (
            says(
                aside(1, TITLE), aside(2, TITLE), aside(3, HEADER),
                item(4, unit="甲局", issue="学习不深入", measures=["制定计划"], owners=["张三"], **DUE),
            ),
        ),
        (1, 1, 1), 4,
    ),
    LedgerFile(
        "title_rows_many.xlsx",
        lambda: to_xlsx(
            book(
                ("附件2",),
                ("巡察整改台账（样表）",),
                (None,),
                ("填报单位：甲县民政局", None, None, "填报日期：2025年4月1日"),
                ("说明：一行一条措施",),
                ("序号", "反馈问题", "整改措施", "整改时限"),
                (1, "救助不及时", "限期办结", "2025年6月底前"),
            )
        ),
        (
            says(
                aside(1, TITLE), aside(2, TITLE), aside(3, TITLE), aside(4, TITLE), aside(5, TITLE), aside(6, HEADER),
                item(7, unit="甲县民政局", issue="救助不及时", measures=["限期办结"], **DUE),
            ),
        ),
        (1, 1, 1), 7,
    ),
    LedgerFile(
        "header_of_two_rows.xlsx",
        lambda: to_xlsx(
            book(
                ("某局整改台账",),
                ("序号", "存在问题", "具体措施", "责任落实", None, "完成时限"),
                (None, None, None, "分管领导", "具体责任人", None),
                (1, "问题甲", "措施甲", "张三", "李四", "2025年6月底前"),
                merges="A1:F1 A2:A3 B2:B3 C2:C3 D2:E2 F2:F3",
            )
        ),
        (
            says(
                aside(1, TITLE), aside(2, HEADER), aside(3, HEADER),
                item(4, unit="甲局", issue="问题甲", measures=["措施甲"], lead_leaders=["张三"], owners=["李四"], **DUE),
            ),
        ),
        (1, 1, 1), 4, unit="甲局",
    ),
    LedgerFile(
        "header_of_three_rows.xlsx",
        lambda: to_xlsx(
            book(
                ("序号", "被巡察单位", "反馈问题", "整改落实", None, None, None),
                (None, None, None, "措施", "责任", None, "时限"),
                (None, None, None, None, "责任领导", "责任人", None),
                (1, "甲局", "问题甲", "措施甲", "张三", "李四", "2025年6月底前"),
                merges="A1:A3 B1:B3 C1:C3 D1:G1 D2:D3 E2:F2 G2:G3",
            )
        ),
        (
            says(
                aside(1, HEADER), aside(2, HEADER), aside(3, HEADER),
                item(4, unit="甲局", issue="问题甲", measures=["措施甲"], lead_leaders=["张三"], owners=["李四"], **DUE),
            ),
        ),
        (1, 1, 1), 4,
    ),
    LedgerFile(
        "header_broken_and_marked.xlsx",
        lambda: to_xlsx(
            book(
                ("序 号", "被巡察\n单位", "*反馈问题（必填）", "整改\n措施", "责 任 人：", "整改时限【年月日】"),
                (1, "甲局", "问题甲", "措施甲", "张三", "2025年6月底前"),
            )
        ),
        (
            says(
                aside(1, HEADER),
                item(2, unit="甲局", issue="问题甲", measures=["措施甲"], owners=["张三"], **DUE),
            ),
        ),
        (1, 1, 1), 2,
    ),
    *(
        LedgerFile(
            f"synonyms_{name}.xlsx",
            lambda words=words: to_xlsx(  # type: ignore[misc]
                book(words, (1, "甲局", "问题甲", "措施甲", "张三", "李四", "2025年6月底前"))
            ),
            (
                says(
                    aside(1, HEADER),
                    item(2, unit="甲局", issue="问题甲", measures=["措施甲"], lead_leaders=["张三"], owners=["李四"], **DUE),
                ),
            ),
            (1, 1, 1), 2,
        )
        for name, words in {
            "wanchengshixian": ("序号", "整改单位", "存在问题", "具体措施", "牵头领导", "具体责任人", "完成时限"),
            "zhenggaiqixian": ("序号", "被巡察党组织", "巡察反馈问题", "整改举措", "分管领导", "直接责任人", "整改期限"),
            "shixian": ("序号", "单位", "问题", "措施", "责任领导", "责任人", "时限"),
            "niwancheng": ("序号", "责任党组织", "巡察反馈的问题", "整改具体举措", "分管负责人", "承办人", "计划完成时限"),
        }.items()
    ),
    LedgerFile(
        "header_repeated_on_each_page.xlsx",
        lambda: to_xlsx(
            book(
                HEAD,
                (1, 2, 3, 4, 5, 6),
                (1, "甲局", "问题甲", "措施甲", "张三", "2025年6月底前"),
                HEAD,
                (2, "甲局", "问题乙", "措施乙", "李四", "2025年6月底前"),
            )
        ),
        (
            says(
                aside(1, HEADER), aside(2, COLUMN_NUMBERS),
                item(3, unit="甲局", issue="问题甲", measures=["措施甲"], owners=["张三"], **DUE),
                aside(4, HEADER_AGAIN),
                item(5, unit="甲局", issue="问题乙", measures=["措施乙"], owners=["李四"], **DUE),
            ),
        ),
        (2, 2, 2), 5,
    ),
    LedgerFile(
        "unknown_columns.xlsx",
        lambda: to_xlsx(
            book(
                ("序号", "被巡察单位", "反馈问题", "整改措施", "整改时限", "巡察组联络员", "群众满意度"),
                (1, "甲局", "问题甲", "措施甲", "2025年6月底前", "王五", 98.5),
                (2, "甲局", "问题乙", "措施乙", "2025年6月底前", None, "未测"),
            )
        ),
        (
            says(
                aside(1, HEADER),
                item(2, unit="甲局", issue="问题甲", measures=["措施甲"], extra={"巡察组联络员": "王五", "群众满意度": "98.5"}, **DUE),
                item(3, unit="甲局", issue="问题乙", measures=["措施乙"], extra={"群众满意度": "未测"}, **DUE),
            ),
        ),
        (2, 2, 2), 3,
    ),
    LedgerFile(
        "columns_without_a_word_and_twice_the_same.xlsx",
        lambda: to_xlsx(
            book(
                ("被巡察单位", "反馈问题", "整改措施", "整改时限", "评分", "评分", None),
                ("甲局", "问题甲", "措施甲", "2025年6月底前", 8, 9, "请领导阅"),
            )
        ),
        (
            says(
                aside(1, HEADER),
                item(2, unit="甲局", issue="问题甲", measures=["措施甲"],
                     extra={"评分（E列）": "8", "评分（F列）": "9", "G列": "请领导阅"}, **DUE),
            ),
        ),
        (1, 1, 1), 2,
    ),
    LedgerFile(
        "empty_rows_and_columns_before_and_between.xlsx",
        lambda: to_xlsx(
            book(
                (None,),
                (None, *HEAD),
                (None,),
                (None, 1, "甲局", "问题甲", "措施甲", "张三", "2025年6月底前"),
                (None, None, None, "  ", None, None, "\n"),
                (None, 2, "甲局", "问题乙", "措施乙", "李四", "2025年6月底前"),
            )
        ),
        (
            says(
                aside(1, TITLE), aside(2, HEADER), aside(3, BLANK),
                item(4, unit="甲局", issue="问题甲", measures=["措施甲"], owners=["张三"], **DUE),
                aside(5, BLANK),
                item(6, unit="甲局", issue="问题乙", measures=["措施乙"], owners=["李四"], **DUE),
            ),
        ),
        (2, 2, 2), 6,
    ),
)  # fmt: skip
