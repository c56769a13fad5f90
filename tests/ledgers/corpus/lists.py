"""Several persons in a cell, telephone numbers, numbered lists, amounts, long and odd texts."""

from datetime import date
from typing import Any

from tests.ledgers.books import HEADER, LedgerFile, Shown, aside, book, item, says
from tests.ledgers.corpus.headers import DUE, HEAD
from tests.ledgers.xlsx_file import to_xlsx

WIDE = (
    "问题编号",
    "被巡察单位",
    "反馈问题",
    "整改措施",
    "责任领导",
    "责任人",
    "联系电话",
    "整改时限",
)
SUMS = (
    "被巡察单位",
    "反馈问题",
    "整改措施",
    "整改时限",
    "建章立制",
    "追责问责(人次)",
    "挽回损失(万元)",
)
LONG = "整改" * 12_000 + "完。\n第二段😀"
BASE: dict[str, Any] = {"unit": "甲局", "issue": "问题甲", "measures": ["措施甲"], **DUE}


def moved(phone: str) -> tuple[str, str, str]:
    return ("phone_moved", "责任人", f"责任人中的电话“{phone}”已登记为联系电话。")


def in_text(text: str, number: str, column: str) -> tuple[str, str, str]:
    return ("number_in_text", column, f"“{text}”按 {number} 登记，请核对。")


FILES = (
    LedgerFile(
        "several_persons_in_a_cell.xlsx",
        lambda: to_xlsx(
            book(
                WIDE,
                (None, "甲局", "问题甲", "措施甲", "张三；李四", "王五、赵六\n钱七,孙八", None, "2025年6月底前"),
                (None, "甲局", "问题乙", "措施乙", "张 三", "张三 李四", None, "2025年6月底前"),
                (None, "甲局", "问题丙", "措施丙", "欧阳 修", "张 三 李四", None, "2025年6月底前"),
            )
        ),
        (
            says(
                aside(1, HEADER),
                item(2, unit="甲局", issue="问题甲", measures=["措施甲"], lead_leaders=["张三", "李四"], owners=["王五", "赵六", "钱七", "孙八"], **DUE),
                item(3, unit="甲局", issue="问题乙", measures=["措施乙"], lead_leaders=["张三"], owners=["张三", "李四"], **DUE),
                item(4, unit="甲局", issue="问题丙", measures=["措施丙"], lead_leaders=["欧阳修"], owners=["张三", "李四"], **DUE),
            ),
        ),
        (3, 3, 3), 4,
    ),
    LedgerFile(
        "phones_in_their_column.xlsx",
        lambda: to_xlsx(
            book(
                WIDE,
                (None, "甲局", "问题甲", "措施甲", None, "张三、李四", "13900000001/13900000002", "2025年6月底前"),
                (None, "甲局", "问题乙", "措施乙", None, "张三", 13900000001, "2025年6月底前"),
                (None, "甲局", "问题丙", "措施丙", None, "张三", "０３７１－６５０００００１", "2025年6月底前"),
            )
        ),
        (
            says(
                aside(1, HEADER),
                item(2, owners=["张三", "李四"], phone="13900000001/13900000002", **BASE),
                item(3, unit="甲局", issue="问题乙", measures=["措施乙"], owners=["张三"], phone="13900000001", **DUE),
                item(4, unit="甲局", issue="问题丙", measures=["措施丙"], owners=["张三"], phone="0371-65000001", **DUE),
            ),
        ),
        (3, 3, 3), 4,
    ),
    LedgerFile(
        "phones_beside_the_name.xlsx",
        lambda: to_xlsx(
            book(
                ("被巡察单位", "反馈问题", "整改措施", "责任人及联系电话", "整改时限"),
                ("甲局", "问题甲", "措施甲", "张三 13900000001", "2025年6月底前"),
                ("甲局", "问题乙", "措施乙", "张三13900000001、李四（13900000002）", "2025年6月底前"),
            )
        ),
        (
            says(
                aside(1, HEADER),
                item(2, ("phone_moved", "责任人及联系电话", "责任人中的电话“13900000001”已登记为联系电话。"),
                     owners=["张三"], phone="13900000001", **BASE),
                item(3, ("phone_moved", "责任人及联系电话", "责任人中的电话“13900000001、13900000002”已登记为联系电话。"),
                     unit="甲局", issue="问题乙", measures=["措施乙"], owners=["张三", "李四"], phone="13900000001、13900000002", **DUE),
            ),
        ),
        (2, 2, 2), 3,
    ),
    LedgerFile(
        "numbered_lists_become_measures.xlsx",
        lambda: to_xlsx(
            book(
                HEAD,
                (1, "甲局", "问题甲", "1.制定计划；\n2.开展研讨；\n3.完善制度。", "张三", "2025年6月底前"),
                (2, "甲局", "问题乙", "（1）清退费用（2）追究责任", "张三", "2025年6月底前"),
                (3, "甲局", "问题丙", "①自查；②整改", "张三", "2025年6月底前"),
                (4, "甲局", "问题丁", "１、学习；２、培训", "张三", "2025年6月底前"),
            )
        ),
        (
            says(
                aside(1, HEADER),
                item(2, unit="甲局", issue="问题甲", measures=["制定计划", "开展研讨", "完善制度。"], owners=["张三"], **DUE),
                item(3, unit="甲局", issue="问题乙", measures=["清退费用", "追究责任"], owners=["张三"], **DUE),
                item(4, unit="甲局", issue="问题丙", measures=["自查", "整改"], owners=["张三"], **DUE),
                item(5, unit="甲局", issue="问题丁", measures=["学习", "培训"], owners=["张三"], **DUE),
            ),
        ),
        (4, 4, 9), 5,
    ),
    LedgerFile(
        "numbers_that_make_no_list.xlsx",
        lambda: to_xlsx(
            book(
                HEAD,
                (1, "甲局", "问题甲", "清退2.5万元，覆盖率提高1.5倍", "张三", "2025年6月底前"),
                (2, "甲局", "问题乙", "2.开展研讨", "张三", "2025年6月底前"),
            )
        ),
        (
            says(
                aside(1, HEADER),
                item(2, unit="甲局", issue="问题甲", measures=["清退2.5万元，覆盖率提高1.5倍"], owners=["张三"], **DUE),
                item(3, unit="甲局", issue="问题乙", measures=["2.开展研讨"], owners=["张三"], **DUE),
            ),
        ),
        (2, 2, 2), 3,
    ),
    LedgerFile(
        "amounts.xlsx",
        lambda: to_xlsx(
            book(
                SUMS,
                ("甲局", "问题甲", "措施甲", "2025年6月底前", 3, "２人次", "12.5万元"),
                ("甲局", "问题乙", "措施乙", "2025年6月底前", "3", "无", "5000元"),
                ("甲局", "问题丙", "措施丙", "2025年6月底前", "出台制度三项", None, "1,234.5"),
                ("甲局", "问题丁", "措施丁", "2025年6月底前", "制度3项，修订2项", "/", "1.2亿元"),
            )
        ),
        (
            says(
                aside(1, HEADER),
                item(2, institutions=3, accountability=2, recovered="12.5", **BASE),
                item(3, ("amount_converted", "挽回损失(万元)", "“5000元”换算为 0.5 万元。"),
                     unit="甲局", issue="问题乙", measures=["措施乙"], institutions=3, accountability=0, recovered="0.5", **DUE),
                item(4, in_text("出台制度三项", "3", "建章立制"),
                     unit="甲局", issue="问题丙", measures=["措施丙"], institutions=3, recovered="1234.5", **DUE),
                item(5, ("number_unreadable", "建章立制", "“制度3项，修订2项”不能识别为数字，未登记数字，原文保留。"),
                     ("amount_converted", "挽回损失(万元)", "“1.2亿元”换算为 12000 万元。"),
                     unit="甲局", issue="问题丁", measures=["措施丁"], accountability=0, recovered="12000", **DUE),
            ),
        ),
        (4, 4, 4), 5,
    ),
    LedgerFile(
        "very_long_cells_emoji_and_line_breaks.xlsx",
        lambda: to_xlsx(book(HEAD, (1, "甲局", LONG, "第一行\n\n第三行😀👨‍👩‍👧", "张三", "2025年6月底前"))),
        (
            says(
                aside(1, HEADER),
                item(2, unit="甲局", issue=LONG, measures=["第一行\n\n第三行😀👨‍👩‍👧"], owners=["张三"], **DUE),
            ),
        ),
        (1, 1, 1), 2,
    ),
    LedgerFile(
        "numbers_of_issues.xlsx",
        lambda: to_xlsx(
            book(
                WIDE,
                (Shown(7, "000"), "甲局", "问题甲", "措施甲", None, None, None, "2025年6月底前"),
                ("３－０１", "甲局", "问题乙", "措施乙", None, None, None, "2025年6月底前"),
                (date(2025, 3, 1), "甲局", "问题丙", "措施丙", None, None, None, "2025年6月底前"),
                (12.0, "甲局", "问题丁", "措施丁", None, None, None, "2025年6月底前"),
            )
        ),
        (
            says(
                aside(1, HEADER),
                item(2, issue_no="007", **BASE),
                item(3, issue_no="3-01", unit="甲局", issue="问题乙", measures=["措施乙"], **DUE),
                item(4, ("issue_no_is_date", "问题编号", "问题编号是日期 2025-03-01，可能是 Excel 把“3-1”一类的编号自动改成了日期，请核对。"),
                     issue_no="2025-03-01", unit="甲局", issue="问题丙", measures=["措施丙"], **DUE),
                item(5, issue_no="12", unit="甲局", issue="问题丁", measures=["措施丁"], **DUE),
            ),
        ),
        (4, 4, 4), 5,
    ),
    LedgerFile(
        "texts_that_look_like_formulas.xlsx",
        lambda: to_xlsx(book(HEAD, (1, "甲局", "'=1+1", "'@某人", "张三", "2025年6月底前"))),
        (says(aside(1, HEADER), item(2, unit="甲局", issue="=1+1", measures=["@某人"], owners=["张三"], **DUE)),),
        (1, 1, 1), 2,
    ),
)  # fmt: skip
