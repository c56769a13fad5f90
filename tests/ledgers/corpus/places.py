"""Hidden rows and sheets, formulas, several sheets and tables, one page per issue."""

from typing import Any

from tests.ledgers.books import (
    HEADER,
    HEADER_AGAIN,
    HIDDEN_SHEET,
    NO_HEADER,
    ROW_HIDDEN,
    SECTION,
    SIGNATURE,
    TITLE,
    Book,
    Error,
    Formula,
    LedgerFile,
    RowSays,
    Sheet,
    SheetSays,
    aside,
    book,
    form_row,
    item,
    refused,
    says,
    sheet,
)
from tests.ledgers.corpus.headers import DUE
from tests.ledgers.corpus.notes import DUE_MISSING, ISSUE_MISSING, error, formula
from tests.ledgers.ods_file import to_ods
from tests.ledgers.xlsx_file import to_xlsx

HEAD = ("被巡察单位", "反馈问题", "整改措施", "整改时限")
ROW = ("甲局", "问题甲", "措施甲", "2025年6月底前")
SKIPPED = ("sheet_hidden", "", HIDDEN_SHEET)
NONE = ("no_header", "", NO_HEADER)


def read(
    number: int,
    name: str = "甲",
    unit: str = "甲局",
    *notes: tuple[str, str, str],
    hidden: bool = False,
) -> RowSays:
    return item(
        number,
        *notes,
        hidden=hidden,
        unit=unit,
        issue=f"问题{name}",
        measures=[f"措施{name}"],
        **DUE,
    )


def form(
    unit: str, number: str, issue: str, closed_on: str | None
) -> tuple[tuple[str | None, ...], ...]:
    """Return the eight rows of a 归零表."""
    return (
        ("巡察反馈问题整改归零表",),
        ("被巡察单位", unit, "问题编号", number),
        ("反馈问题", issue),
        ("整改措施", "1.制定计划；2.开展研讨"),
        ("责任领导", "张三", "责任人", "李四"),
        ("整改时限", "2025年6月底前", "验收组长", "周九"),
        ("是否销号", "是" if closed_on else "否", "销号时间", closed_on),
        ("主要负责人（签字）：",),
    )


FORM_MERGES = "A1:D1 B3:D3 B4:D4"


def form_says(
    first: int, unit: str, number: str, issue: str, closed_on: str | None
) -> tuple[RowSays, ...]:
    at = first + 2
    closed: dict[str, Any] = {"closed": True, "closed_on": closed_on} if closed_on else {}
    return (
        aside(first, TITLE),
        aside(first + 1, form_row(at)),
        item(
            at,
            unit=unit,
            issue_no=number,
            issue=issue,
            measures=["制定计划", "开展研讨"],
            lead_leaders=["张三"],
            owners=["李四"],
            extra={"验收组长": "周九"},
            **DUE,
            **closed,
        ),
        aside(first + 3, form_row(at)),
        aside(first + 4, form_row(at)),
        aside(first + 5, form_row(at)),
        aside(first + 6, form_row(at)),
        aside(first + 7, SIGNATURE),
    )


ONE_FORM = Book(
    (sheet("归零表", *form("甲局", "3-01", "学习不深入", "2025-03-12"), merges=FORM_MERGES),)
)
ONE_FORM_SAYS = (
    SheetSays("归零表", "read", form_says(1, "甲局", "3-01", "学习不深入", "2025-03-12")),
)
TWO_FORMS = Book(
    tuple(
        Sheet(name, form("甲局", name, issue, None), tuple(FORM_MERGES.split()))
        for name, issue in (("3-01", "学习不深入"), ("3-02", "接待超标"))
    )
)
HIDING = Book(
    (
        sheet("整改台账", HEAD, ROW, ("甲局", "问题乙", "措施乙", "2025年6月底前"), hidden=(2,)),
        sheet("字典", HEAD, ROW, state="hidden"),
    )
)
HIDING_SAYS = (
    says(aside(1, HEADER), read(2, "甲", "甲局", ROW_HIDDEN, hidden=True), read(3, "乙")),
    SheetSays("字典", "hidden", (aside(1, SKIPPED), aside(2, SKIPPED)), HIDDEN_SHEET),
)

FILES = (
    LedgerFile("hidden_rows_and_sheets.xlsx", lambda: to_xlsx(HIDING), HIDING_SAYS, (2, 2, 2), 5),
    LedgerFile("hidden_rows_and_sheets.ods", lambda: to_ods(HIDING), HIDING_SAYS, (2, 2, 2), 5),
    LedgerFile(
        "very_hidden_sheet.xlsx",
        lambda: to_xlsx(Book((sheet("整改台账", HEAD, ROW), sheet("系统", HEAD, ROW, state="very_hidden")))),
        (says(aside(1, HEADER), read(2)), SheetSays("系统", "hidden", (aside(1, SKIPPED), aside(2, SKIPPED)), HIDDEN_SHEET)),
        (1, 1, 1), 4,
    ),
    LedgerFile(
        "formulas_without_a_saved_value.xlsx",
        lambda: to_xlsx(
            book(
                HEAD,
                ("甲局", "问题甲", Formula('="措施"&"甲"'), "2025年6月底前"),
                ("甲局", Formula("=A1"), "措施乙", "2025年6月底前"),
                (None, Formula("=B2"), None, None),
            )
        ),
        (
            says(
                aside(1, HEADER),
                item(2, formula("整改措施"), unit="甲局", issue="问题甲", **DUE),
                refused(3, ISSUE_MISSING, formula("反馈问题"), unit="甲局", measures=["措施乙"], **DUE),
                refused(4, ISSUE_MISSING, formula("反馈问题"), DUE_MISSING, ("unit_missing", "被巡察单位", "没有写被巡察单位，请补充。")),
            ),
        ),
        (1, 1, 0), 4,
    ),
    LedgerFile(
        "formulas_with_a_saved_value.xlsx",
        lambda: to_xlsx(book(HEAD, ("甲局", Formula('="问题"&"甲"', "问题甲"), "措施甲", Formula('="x"', "2025年6月底前")))),
        (says(aside(1, HEADER), read(2)),),
        (1, 1, 1), 2,
    ),
    LedgerFile(
        "error_values.xlsx",
        lambda: to_xlsx(book(HEAD, ("甲局", "问题甲", "措施甲", Error("#REF!")), ("甲局", Error("#N/A"), "措施乙", "2025年6月底前"))),
        (
            says(
                aside(1, HEADER),
                item(2, error("整改时限"), DUE_MISSING, unit="甲局", issue="问题甲", measures=["措施甲"]),
                refused(3, ISSUE_MISSING, error("反馈问题"), unit="甲局", measures=["措施乙"], **DUE),
            ),
        ),
        (1, 1, 1), 3,
    ),
    LedgerFile(
        "cover_ledger_and_note_sheets.xlsx",
        lambda: to_xlsx(Book((sheet("封面", ("整改台账",), ("2025年4月",)), sheet("整改台账", HEAD, ROW), sheet("说明", ("姓名", "电话"))))),
        (
            SheetSays("封面", "skipped", (aside(1, NONE), aside(2, NONE)), NO_HEADER),
            says(aside(1, HEADER), read(2)),
            SheetSays("说明", "skipped", (aside(1, NONE),), NO_HEADER),
        ),
        (1, 1, 1), 5,
    ),
    LedgerFile(
        "a_sheet_for_each_unit.xlsx",
        lambda: to_xlsx(
            Book(
                tuple(
                    sheet(name, (f"填报单位：{name}",), HEAD[1:], ("问题甲", "措施甲", "2025年6月底前"))
                    for name in ("甲县民政局", "甲县水利局")
                )
            )
        ),
        tuple(
            says(aside(1, TITLE), aside(2, HEADER), read(3, "甲", name), name=name) for name in ("甲县民政局", "甲县水利局")
        ),
        (2, 2, 2), 6,
    ),
    LedgerFile(
        "two_tables_of_two_units_in_a_sheet.xlsx",
        lambda: to_xlsx(
            book(
                ("填报单位：甲县民政局",), HEAD[1:], ("问题甲", "措施甲", "2025年6月底前"),
                ("填报单位：甲县水利局",), HEAD[1:], ("问题甲", "措施甲", "2025年6月底前"),
            )
        ),
        (
            says(
                aside(1, TITLE), aside(2, HEADER), read(3, "甲", "甲县民政局"), aside(4, SIGNATURE), aside(5, HEADER_AGAIN),
                read(6, "甲", "甲县水利局"),
            ),
        ),
        (2, 2, 2), 6,
    ),
    LedgerFile(
        "two_tables_of_two_layouts_in_a_sheet.xlsx",
        lambda: to_xlsx(
            book(
                HEAD, ("（一）党的领导方面",), ROW, ("长期整改问题清单",),
                ("序号", "存在问题", "完成时限", "整改单位", "具体措施"), (1, "问题乙", "2025年6月底前", "乙局", "措施乙"),
                merges="A2:D2 A4:D4",
            )
        ),
        (
            says(
                aside(1, HEADER), aside(2, ("category", "", "小标题行，作为类别“党的领导方面”。")),
                item(3, unit="甲局", cat_l1="党的领导方面", issue="问题甲", measures=["措施甲"], **DUE),
                aside(4, SECTION), aside(5, HEADER_AGAIN), read(6, "乙", "乙局"),
            ),
        ),
        (2, 2, 2), 6,
    ),
    LedgerFile("one_page_form.xlsx", lambda: to_xlsx(ONE_FORM), ONE_FORM_SAYS, (1, 1, 2), 8),
    LedgerFile("one_page_form.ods", lambda: to_ods(ONE_FORM), ONE_FORM_SAYS, (1, 1, 2), 8),
    LedgerFile(
        "one_page_form_a_sheet_an_issue.xlsx",
        lambda: to_xlsx(TWO_FORMS),
        (
            SheetSays("3-01", "read", form_says(1, "甲局", "3-01", "学习不深入", None)),
            SheetSays("3-02", "read", form_says(1, "甲局", "3-02", "接待超标", None)),
        ),
        (2, 2, 4), 16,
    ),
    LedgerFile(
        "one_page_forms_below_each_other.xlsx",
        lambda: to_xlsx(Book((Sheet("归零表", (*form("甲局", "3-01", "学习不深入", None), *form("乙局", "3-02", "接待超标", None))),))),
        (
            SheetSays(
                "归零表", "read",
                (*form_says(1, "甲局", "3-01", "学习不深入", None), *form_says(9, "乙局", "3-02", "接待超标", None)),
            ),
        ),
        (2, 2, 4), 16,
    ),
)  # fmt: skip
