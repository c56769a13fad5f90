"""Merged cells: filled down inside their range, never past it."""

from tests.ledgers.books import BLANK, HEADER, LedgerFile, aside, book, item, refused, says
from tests.ledgers.corpus.headers import DUE, HEAD
from tests.ledgers.corpus.notes import ISSUE_MISSING, UNIT_MISSING
from tests.ledgers.xlsx_file import to_xlsx

FILES = (
    LedgerFile(
        "merged_issue_over_measures.xlsx",
        lambda: to_xlsx(
            book(
                HEAD,
                (1, "甲局", "学习不深入", "制定计划", "张三", "2025年6月底前"),
                (None, None, None, "开展研讨", "李四", "2025年3月底前"),
                (None, None, None, "完善制度", "王五", "2025年12月底前"),
                (2, "乙局", "接待超标", "清退费用", "赵六", "2025年6月底前"),
                merges="A2:A4 B2:B4 C2:C4",
            )
        ),
        (
            says(
                aside(1, HEADER),
                item(2, unit="甲局", issue="学习不深入", measures=["制定计划"], owners=["张三"], **DUE),
                item(3, unit="甲局", issue="学习不深入", measures=["开展研讨"], owners=["李四"], due="2025年3月底前", due_on="2025-03-31"),
                item(4, unit="甲局", issue="学习不深入", measures=["完善制度"], owners=["王五"], due="2025年12月底前", due_on="2025-12-31"),
                item(5, unit="乙局", issue="接待超标", measures=["清退费用"], owners=["赵六"], **DUE),
            ),
        ),
        (2, 2, 4), 5,
    ),
    LedgerFile(
        "merge_ends_before_the_next_row.xlsx",
        lambda: to_xlsx(
            book(
                HEAD,
                (1, "甲局", "学习不深入", "制定计划", "张三", "2025年6月底前"),
                (None, None, None, "开展研讨", "李四", "2025年6月底前"),
                (None, None, None, "完善制度", "王五", "2025年6月底前"),
                merges="B2:B3 C2:C3",
            )
        ),
        (
            says(
                aside(1, HEADER),
                item(2, unit="甲局", issue="学习不深入", measures=["制定计划"], owners=["张三"], **DUE),
                item(3, unit="甲局", issue="学习不深入", measures=["开展研讨"], owners=["李四"], **DUE),
                refused(4, ISSUE_MISSING, UNIT_MISSING, measures=["完善制度"], owners=["王五"], **DUE),
            ),
        ),
        (1, 1, 2), 4,
    ),
    LedgerFile(
        "merged_unit_over_several_issues.xlsx",
        lambda: to_xlsx(
            book(
                ("被巡察单位", "一级类别", "反馈问题", "整改措施", "整改时限"),
                ("甲局", "党的领导", "问题甲", "措施甲", "2025年6月底前"),
                (None, None, "问题乙", "措施乙", "2025年6月底前"),
                (None, "作风", "问题丙", "措施丙", "2025年6月底前"),
                ("乙局", None, "问题丁", "措施丁", "2025年6月底前"),
                merges="A2:A4 B2:B3",
            )
        ),
        (
            says(
                aside(1, HEADER),
                item(2, unit="甲局", cat_l1="党的领导", issue="问题甲", measures=["措施甲"], **DUE),
                item(3, unit="甲局", cat_l1="党的领导", issue="问题乙", measures=["措施乙"], **DUE),
                item(4, unit="甲局", cat_l1="作风", issue="问题丙", measures=["措施丙"], **DUE),
                item(5, unit="乙局", issue="问题丁", measures=["措施丁"], **DUE),
            ),
        ),
        (4, 4, 4), 5,
    ),
    LedgerFile(
        "merge_reaching_over_blank_rows.xlsx",
        lambda: to_xlsx(
            book(
                HEAD,
                (1, "甲局", "问题甲", "措施甲", "张三", "2025年6月底前"),
                (None,),
                (2, "甲局", "问题乙", "措施乙", "李四", "2025年6月底前"),
                (None,),
                merges="C2:C3 C4:C5",
            )
        ),
        (
            says(
                aside(1, HEADER),
                item(2, unit="甲局", issue="问题甲", measures=["措施甲"], owners=["张三"], **DUE),
                aside(3, BLANK),
                item(4, unit="甲局", issue="问题乙", measures=["措施乙"], owners=["李四"], **DUE),
                aside(5, BLANK),
            ),
        ),
        (2, 2, 2), 5,
    ),
    LedgerFile(
        "merged_block_over_rows_and_columns.xlsx",
        lambda: to_xlsx(
            book(
                ("被巡察单位", "反馈问题", "具体表现", "整改措施", "整改时限"),
                ("甲局", "问题甲", None, "措施一", "2025年6月底前"),
                (None, None, None, "措施二", "2025年6月底前"),
                merges="A2:A3 B2:C3",
            )
        ),
        (
            says(
                aside(1, HEADER),
                item(2, unit="甲局", issue="问题甲", measures=["措施一"], **DUE),
                item(3, unit="甲局", issue="问题甲", measures=["措施二"], **DUE),
            ),
        ),
        (1, 1, 2), 3,
    ),
    LedgerFile(
        "merged_measure_and_due.xlsx",
        lambda: to_xlsx(
            book(
                HEAD,
                (1, "甲局", "问题甲", "统一整治", "张三", "2025年6月底前"),
                (2, "乙局", "问题乙", None, "李四", None),
                (3, "丙局", "问题丙", "另行整治", "王五", "2025年3月底前"),
                merges="D2:D3 F2:F3",
            )
        ),
        (
            says(
                aside(1, HEADER),
                item(2, unit="甲局", issue="问题甲", measures=["统一整治"], owners=["张三"], **DUE),
                item(3, unit="乙局", issue="问题乙", measures=["统一整治"], owners=["李四"], **DUE),
                item(4, unit="丙局", issue="问题丙", measures=["另行整治"], owners=["王五"], due="2025年3月底前", due_on="2025-03-31"),
            ),
        ),
        (3, 3, 3), 4,
    ),
    LedgerFile(
        "issue_repeated_in_each_row.xlsx",
        lambda: to_xlsx(
            book(
                HEAD,
                (1, "甲局", "问题甲", "措施一", "张三", "2025年6月底前"),
                (1, "甲局", "问题甲", "措施二", "李四", "2025年6月底前"),
                (1, "乙局", "问题甲", "措施三", "王五", "2025年6月底前"),
            )
        ),
        (
            says(
                aside(1, HEADER),
                item(2, unit="甲局", issue="问题甲", measures=["措施一"], owners=["张三"], **DUE),
                item(3, unit="甲局", issue="问题甲", measures=["措施二"], owners=["李四"], **DUE),
                item(4, unit="乙局", issue="问题甲", measures=["措施三"], owners=["王五"], **DUE),
            ),
        ),
        (2, 2, 3), 4,
    ),
    LedgerFile(
        "common_issue_over_several_units.xlsx",
        lambda: to_xlsx(
            book(
                ("问题编号", "问题性质(共性/个性)", "被巡察单位", "反馈问题", "整改措施", "整改时限"),
                ("G1", "共性", "甲局、乙局；丙局", "会风不实", "改进会风", "2025年6月底前"),
                ("G2", "共性问题", "甲局", "文山会海", "精简文件", "2025年6月底前"),
                ("G2", "共性问题", "乙局", "文山会海", "减少会议", "2025年6月底前"),
            )
        ),
        (
            says(
                aside(1, HEADER),
                item(2, unit="甲局、乙局、丙局", issue_no="G1", nature="common", issue="会风不实", measures=["改进会风"], **DUE),
                item(3, unit="甲局", issue_no="G2", nature="common", issue="文山会海", measures=["精简文件"], **DUE),
                item(4, unit="乙局", issue_no="G2", nature="common", issue="文山会海", measures=["减少会议"], **DUE),
            ),
        ),
        (2, 5, 5), 4,
    ),
)  # fmt: skip
