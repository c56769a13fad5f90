"""整改时限 in every form, serial numbers of both calendars, days that have been, closed rows."""

from datetime import date
from typing import Any

from tests.ledgers.books import (
    HEADER,
    Book,
    Cell,
    LedgerFile,
    Note,
    RowSays,
    aside,
    book,
    item,
    says,
)
from tests.ledgers.corpus.headers import DUE
from tests.ledgers.corpus.notes import (
    CLOSED_WITHOUT_DATE,
    DUE_IMMEDIATE,
    DUE_MISSING,
    month_only,
    open_ended,
    unclear,
    year_assumed,
)
from tests.ledgers.xlsx_file import to_xlsx

HEAD = ("被巡察单位", "反馈问题", "整改措施", "整改时限")
CLOSED = (*HEAD, "完成时间", "是否销号", "销号时间")
Read = tuple[Cell, str | None, tuple[Note, ...], dict[str, Any]]


def dues(name: str, *cases: Read, date_1904: bool = False) -> LedgerFile:
    """Return a file with one row per due text; a case is cell, day, notes, more values."""
    rows = tuple(("甲局", f"问题{n}", "措施", cell) for n, (cell, *_) in enumerate(cases, start=1))
    expected = [_due(number, case) for number, case in enumerate(cases, start=2)]
    count = len(cases)
    return LedgerFile(
        name,
        lambda: to_xlsx(Book(book(HEAD, *rows).sheets, date_1904)),
        (says(aside(1, HEADER), *expected),),
        (count, count, count),
        count + 1,
    )


def _due(number: int, case: Read) -> RowSays:
    cell, day, notes, more = case
    raw = {} if cell is None else {"due": cell if isinstance(cell, str) else str(cell)}
    on = {} if day is None else {"due_on": day}
    values: dict[str, Any] = {
        "unit": "甲局",
        "issue": f"问题{number - 1}",
        "measures": ["措施"],
        **raw,
        **on,
        **more,
    }
    return item(number, *notes, **values)


LONG: dict[str, Any] = {"long_term": True}
BEFORE = (
    "due_before_feedback", "整改时限", "整改时限“2024年6月30日”早于反馈日期 2024-11-20，请核对。",
)  # fmt: skip

FILES = (
    dues(
        "due_dates_as_text.xlsx",
        ("2024.12.31", "2024-12-31", (), {}),
        ("2025/6/30", "2025-06-30", (), {}),
        ("2025-06-30 00:00:00", "2025-06-30", (), {}),
        ("20250630", "2025-06-30", (), {}),
        ("2025年6月30日前", "2025-06-30", (), {}),
        ("于2025年6月30日前完成", "2025-06-30", (), {}),
        (date(2025, 6, 30), "2025-06-30", (), {}),
    ),
    dues(
        "due_ends_of_months_and_years.xlsx",
        ("12月底前", "2024-12-31", (year_assumed(2024),), {}),
        ("2025年2月底前", "2025-02-28", (), {}),
        ("2025年底前", "2025-12-31", (), {}),
        ("2025年上半年", "2025-06-30", (), {}),
        ("上半年", "2025-06-30", (year_assumed(2025),), {}),
        ("2025年一季度", "2025-03-31", (), {}),
        ("2025年6月", "2025-06-30", (month_only("2025-06-30"),), {}),
        ("年底前", "2024-12-31", (year_assumed(2024),), {}),
    ),
    dues(
        "due_parts_of_months.xlsx",
        ("2025年3月上旬", "2025-03-10", (), {}),
        ("2025年3月中旬", "2025-03-20", (), {}),
        ("2025年3月下旬", "2025-03-31", (), {}),
        ("3月上旬前", "2025-03-10", (year_assumed(2025),), {}),
        ("2月下旬", "2025-02-28", (year_assumed(2025),), {}),
    ),
    dues(
        "due_spans_from_feedback.xlsx",
        ("3个月内", "2025-02-20", (), {}),
        ("三个月内完成", "2025-02-20", (), {}),
        ("集中整改期内", "2025-05-20", (), {}),
        ("30日内", "2024-12-20", (), {}),
        ("半年内", "2025-05-20", (), {}),
        ("一年内", "2025-11-20", (), {}),
    ),
    dues(
        "due_long_term.xlsx",
        ("2025年6月底前，并长期坚持", "2025-06-30", (), LONG),
        ("2024年底前，并长期坚持", "2024-12-31", (), LONG),
        ("立行立改，长期坚持", None, (open_ended("立行立改，长期坚持"),), {**LONG, "immediate": True}),
        ("持续推进", None, (open_ended("持续推进"),), LONG),
        ("长期坚持", None, (open_ended("长期坚持"),), LONG),
        ("立行立改", None, (DUE_IMMEDIATE,), {"immediate": True}),
        ("2025年3月底前完成并持续推进", "2025-03-31", (), LONG),
    ),
    dues(
        "due_missing_years.xlsx",
        ("12月31日", "2024-12-31", (year_assumed(2024),), {}),
        ("6月30日前", "2025-06-30", (year_assumed(2025),), {}),
        ("11月20日", "2024-11-20", (year_assumed(2024),), {}),
        ("11月19日", "2025-11-19", (year_assumed(2025),), {}),
        ("明年6月底前", "2025-06-30", (year_assumed(2025),), {}),
        ("25年6月底前", "2025-06-30", (), {}),
    ),
    dues(
        "due_full_width_and_chinese_digits.xlsx",
        ("２０２５年６月３０日", "2025-06-30", (), {}),
        ("二〇二五年六月底前", "2025-06-30", (), {}),
        ("２０２５．６．３０", "2025-06-30", (), {}),
        ("2025 年 6 月 底 前", "2025-06-30", (), {}),
        ("十二月底前", "2024-12-31", (year_assumed(2024),), {}),
    ),
    dues(
        "due_to_confirm.xlsx",
        ("尽快完成", None, (unclear("尽快完成"),), {}),
        (None, None, (DUE_MISSING,), {}),
        ("2025年2月30日", None, (unclear("2025年2月30日", "日期不存在"),), {}),
        ("每月25日前", None, (unclear("每月25日前", "写的是周期，不是截止日期"),), {}),
        ("10个工作日内", None, (unclear("10个工作日内", "按工作日计算，请填写具体日期"),), {}),
        ("2025年3月底或6月底", None, (unclear("2025年3月底或6月底", "写了多个日期"),), {}),
        ("2024年6月30日", "2024-06-30", (BEFORE,), {}),
    ),
    dues(
        "due_serials_of_1900.xlsx",
        (45838, "2025-06-30", (), {}),
        ("45838", "2025-06-30", (), {}),
        ("４５８３８", "2025-06-30", (), {}),
    ),
    dues(
        "due_serials_of_1904.xlsx",
        (44376, "2025-06-30", (), {}),
        ("44376", "2025-06-30", (), {}),
        (date(2025, 6, 30), "2025-06-30", (), {}),
        date_1904=True,
    ),
    LedgerFile(
        "closed_rows.xlsx",
        lambda: to_xlsx(
            book(
                CLOSED,
                ("甲局", "问题1", "措施", "2025年6月底前", "2025.3.1", "是", "2025.3.12"),
                ("甲局", "问题2", "措施", "2025年6月底前", None, "已销号", date(2025, 3, 12)),
                ("甲局", "问题3", "措施", "2025年6月底前", None, None, "2025年3月12日"),
                ("甲局", "问题4", "措施", "2025年6月底前", None, "√", 45728),
                ("甲局", "问题5", "措施", "2025年6月底前", None, "否", None),
                ("甲局", "问题6", "措施", "2025年6月底前", None, True, date(2025, 3, 12)),
            )
        ),
        (
            says(
                aside(1, HEADER),
                item(2, unit="甲局", issue="问题1", measures=["措施"], done_on="2025-03-01", closed=True, closed_on="2025-03-12", **DUE),
                item(3, unit="甲局", issue="问题2", measures=["措施"], closed=True, closed_on="2025-03-12", **DUE),
                item(4, unit="甲局", issue="问题3", measures=["措施"], closed=True, closed_on="2025-03-12", **DUE),
                item(5, unit="甲局", issue="问题4", measures=["措施"], closed=True, closed_on="2025-03-12", **DUE),
                item(6, unit="甲局", issue="问题5", measures=["措施"], **DUE),
                item(7, unit="甲局", issue="问题6", measures=["措施"], closed=True, closed_on="2025-03-12", **DUE),
            ),
        ),
        (6, 6, 6), 7,
    ),
    LedgerFile(
        "closed_rows_in_doubt.xlsx",
        lambda: to_xlsx(
            book(
                CLOSED,
                ("甲局", "问题1", "措施", "2025年6月底前", None, "是", None),
                ("甲局", "问题2", "措施", "2025年6月底前", None, "是", "春节前"),
                ("甲局", "问题3", "措施", "2025年6月底前", None, "未销号", "2025.3.12"),
                ("甲局", "问题4", "措施", "2025年6月底前", "2025年3月", "部分", None),
            )
        ),
        (
            says(
                aside(1, HEADER),
                item(2, CLOSED_WITHOUT_DATE, unit="甲局", issue="问题1", measures=["措施"], closed=True, **DUE),
                item(3, CLOSED_WITHOUT_DATE, ("date_unreadable", "销号时间", "“春节前”不能识别为日期，未登记日期，请核对。"),
                     unit="甲局", issue="问题2", measures=["措施"], closed=True, **DUE),
                item(4, ("closed_conflict", "是否销号", "是否销号为“未销号”，却有销号时间 2025.3.12，按未销号登记，请核对。"),
                     unit="甲局", issue="问题3", measures=["措施"], **DUE),
                item(5, ("closed_unknown", "是否销号", "是否销号“部分”不能识别，按未销号登记，请核对。"),
                     ("date_incomplete", "完成时间", "“2025年3月”不是完整日期，暂按 2025-03-31 登记，请核对。"),
                     unit="甲局", issue="问题4", measures=["措施"], done_on="2025-03-31", **DUE),
            ),
        ),
        (4, 4, 4), 5,
    ),
)  # fmt: skip
