"""Sentences that the corpus expects, written out by hand."""

from tests.ledgers.books import Note

ISSUE_MISSING = (
    "issue_missing", "反馈问题",
    "反馈问题是空的，不能导入。如属于上一行的问题，请合并“反馈问题”单元格，或在本行重复填写问题。",
)  # fmt: skip
UNIT_MISSING = ("unit_missing", "被巡察单位", "没有写被巡察单位，请补充。")
DUE_MISSING = ("due_missing", "整改时限", "没有填写整改时限，待确认。")
DUE_IMMEDIATE = (
    "due_immediate",
    "整改时限",
    "待确认：“立行立改”没有具体日期，请填写立行立改的完成日期。",
)
CLOSED_WITHOUT_DATE = ("closed_without_date", "销号时间", "已销号但没有可用的销号时间，请补充。")

DOUBTS = frozenset(
    {
        "issue_missing", "unit_missing", "due_missing", "due_immediate", "due_unclear", "due_before_feedback",
        "formula_uncached", "error_value", "number_in_text", "number_unreadable", "date_unreadable", "date_incomplete",
        "closed_without_date", "closed_conflict", "closed_unknown", "issue_no_is_date",
    }
)  # fmt: skip
"""Codes that make a row doubtful; all others only tell."""


def year_assumed(year: int, column: str = "整改时限") -> Note:
    return ("due_year_assumed", column, f"没有写明年份，按反馈日期推算为 {year} 年。")


def month_only(day: str, column: str = "整改时限") -> Note:
    return ("due_month_only", column, f"只写到月份，按当月最后一天 {day} 登记。")


def open_ended(text: str, column: str = "整改时限") -> Note:
    return ("due_open_ended", column, f"“{text}”没有具体日期，按长期整改登记。")


def unclear(text: str, reason: str = "") -> Note:
    because = f"（{reason}）" if reason else ""
    return (
        "due_unclear",
        "整改时限",
        f"待确认：整改时限“{text}”不能识别为日期{because}，未设时限。",
    )


def formula(column: str) -> Note:
    detail = (
        f"“{column}”是公式，但文件里没有保存计算结果，按空白处理。请打开后重新保存，或改成文字。"
    )
    return ("formula_uncached", column, detail)


def error(column: str) -> Note:
    return (
        "error_value",
        column,
        f"“{column}”是公式错误值（如 #REF!），按空白处理。请改正。",
    )
