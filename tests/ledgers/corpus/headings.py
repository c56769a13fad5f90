"""Sub-heading rows become categories; numbers start again; total, signature and remark rows."""

from typing import Any

from tests.ledgers.books import (
    AS_OF,
    BLANK,
    HEADER,
    NUMBER_ONLY,
    REMARK,
    SECTION,
    SIGNATURE,
    TOTAL,
    LedgerFile,
    RowSays,
    aside,
    book,
    category,
    item,
    says,
)
from tests.ledgers.corpus.headers import DUE, HEAD
from tests.ledgers.xlsx_file import to_xlsx


def plain(serial: int, name: str) -> tuple[int, str, str, str, str, str]:
    """Return a row of HEAD."""
    return (serial, "甲局", f"问题{name}", f"措施{name}", "张三", "2025年6月底前")


def read(number: int, name: str, cat_l1: str = "", cat_l2: str = "") -> RowSays:
    """Expect the row of `plain`."""
    where: dict[str, Any] = {
        key: text for key, text in (("cat_l1", cat_l1), ("cat_l2", cat_l2)) if text
    }
    return item(
        number, unit="甲局", issue=f"问题{name}", measures=[f"措施{name}"], owners=["张三"], **where, **DUE
    )  # fmt: skip


FILES = (
    LedgerFile(
        "headings_of_one_level.xlsx",
        lambda: to_xlsx(
            book(
                HEAD,
                ("（一）党的领导方面（2个）",),
                plain(1, "甲"),
                plain(2, "乙"),
                ("（二）作风建设方面存在的问题",),
                plain(1, "丙"),
                merges="A2:F2 A5:F5",
            )
        ),
        (
            says(
                aside(1, HEADER), aside(2, category("党的领导方面")), read(3, "甲", "党的领导方面"), read(4, "乙", "党的领导方面"),
                aside(5, category("作风建设方面存在的问题")), read(6, "丙", "作风建设方面存在的问题"),
            ),
        ),
        (3, 3, 3), 6,
    ),
    LedgerFile(
        "headings_of_two_levels.xlsx",
        lambda: to_xlsx(
            book(
                HEAD,
                ("一、聚焦落实职责情况",),
                ("（一）贯彻部署有差距",),
                plain(1, "甲"),
                ("（二）履职不到位",),
                plain(1, "乙"),
                ("二、聚焦队伍建设情况",),
                plain(1, "丙"),
                merges="A2:F2 A3:F3 A5:F5 A7:F7",
            )
        ),
        (
            says(
                aside(1, HEADER), aside(2, category("聚焦落实职责情况")), aside(3, category("贯彻部署有差距")),
                read(4, "甲", "聚焦落实职责情况", "贯彻部署有差距"), aside(5, category("履职不到位")),
                read(6, "乙", "聚焦落实职责情况", "履职不到位"), aside(7, category("聚焦队伍建设情况")),
                read(8, "丙", "聚焦队伍建设情况"),
            ),
        ),
        (3, 3, 3), 8,
    ),
    LedgerFile(
        "headings_in_two_cells_and_unmerged.xlsx",
        lambda: to_xlsx(
            book(
                HEAD,
                ("（一）", "党的建设方面"),
                plain(1, "甲"),
                ("（二）群众身边不正之风方面",),
                plain(1, "乙"),
                (None, None, "（三）巡察整改方面"),
                plain(1, "丙"),
            )
        ),
        (
            says(
                aside(1, HEADER), aside(2, category("党的建设方面")), read(3, "甲", "党的建设方面"),
                aside(4, category("群众身边不正之风方面")), read(5, "乙", "群众身边不正之风方面"),
                aside(6, category("巡察整改方面")), read(7, "丙", "巡察整改方面"),
            ),
        ),
        (3, 3, 3), 7,
    ),
    LedgerFile(
        "measures_and_issues_that_look_like_headings.xlsx",
        lambda: to_xlsx(
            book(
                HEAD,
                (1, "甲局", "（一）学习不够，联系实际不紧密。", "一、组织学习", "张三", "2025年6月底前"),
                (None, None, None, "（二）抓好作风方面", "张三", "2025年6月底前"),
                (2, "甲局", "合计发放补贴3万元不合规", "清退", "张三", "2025年6月底前"),
                merges="A2:A3 B2:B3 C2:C3",
            )
        ),
        (
            says(
                aside(1, HEADER),
                item(2, unit="甲局", issue="（一）学习不够，联系实际不紧密。", measures=["一、组织学习"], owners=["张三"], **DUE),
                item(3, unit="甲局", issue="（一）学习不够，联系实际不紧密。", measures=["（二）抓好作风方面"], owners=["张三"], **DUE),
                item(4, unit="甲局", issue="合计发放补贴3万元不合规", measures=["清退"], owners=["张三"], **DUE),
            ),
        ),
        (2, 2, 3), 4,
    ),
    LedgerFile(
        "own_category_column_goes_before_headings.xlsx",
        lambda: to_xlsx(
            book(
                ("一级类别", "二级类别", "被巡察单位", "反馈问题", "整改措施", "整改时限"),
                ("（一）党的领导方面",),
                ("党的建设", "组织生活", "甲局", "问题甲", "措施甲", "2025年6月底前"),
                (None, None, "甲局", "问题乙", "措施乙", "2025年6月底前"),
                merges="A2:F2",
            )
        ),
        (
            says(
                aside(1, HEADER), aside(2, category("党的领导方面")),
                item(3, unit="甲局", cat_l1="党的建设", cat_l2="组织生活", issue="问题甲", measures=["措施甲"], **DUE),
                item(4, unit="甲局", cat_l1="党的领导方面", issue="问题乙", measures=["措施乙"], **DUE),
            ),
        ),
        (2, 2, 2), 4,
    ),
    LedgerFile(
        "totals_and_signatures_at_the_bottom.xlsx",
        lambda: to_xlsx(
            book(
                HEAD,
                plain(1, "甲"),
                ("合  计", None, "共1个问题", "1条措施"),
                (None,),
                ("填报人：周九", None, None, "审核人：吴十"),
                ("主要负责人（签字）：", None, None, None, None, "2025年4月1日"),
                ("（盖章）",),
                merges="A3:B3",
            )
        ),
        (
            says(
                aside(1, HEADER), read(2, "甲"), aside(3, TOTAL), aside(4, BLANK), aside(5, SIGNATURE), aside(6, SIGNATURE),
                aside(7, SIGNATURE),
            ),
        ),
        (1, 1, 1), 7,
    ),
    LedgerFile(
        "subtotals_between_and_numbers_alone.xlsx",
        lambda: to_xlsx(
            book(
                HEAD,
                ("一、党的领导方面",),
                plain(1, "甲"),
                ("小计", None, None, 1, None, 1),
                ("二、作风方面",),
                plain(1, "乙"),
                (2,),
                ("小计：1个",),
                ("总计", 2, 2),
            )
        ),
        (
            says(
                aside(1, HEADER), aside(2, category("党的领导方面")), read(3, "甲", "党的领导方面"), aside(4, TOTAL),
                aside(5, category("作风方面")), read(6, "乙", "作风方面"), aside(7, NUMBER_ONLY), aside(8, TOTAL), aside(9, TOTAL),
            ),
        ),
        (2, 2, 2), 9,
    ),
    LedgerFile(
        "remarks_and_as_of_at_the_bottom.xlsx",
        lambda: to_xlsx(
            book(
                HEAD,
                plain(1, "甲"),
                ("第二部分 其他事项",),
                plain(2, "乙"),
                ("截至2025年4月30日，已完成整改1个。",),
                ("注：1.本表一式两份。2.逾期未报的予以通报。",),
                merges="A3:F3 A5:F5 A6:F6",
            )
        ),
        (
            says(
                aside(1, HEADER), read(2, "甲"), aside(3, SECTION), read(4, "乙"), aside(5, AS_OF), aside(6, REMARK),
            ),
        ),
        (2, 2, 2), 6,
    ),
)  # fmt: skip
