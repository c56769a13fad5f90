"""填报表: the workbook of one unit's open tasks, protected but for the cells to fill in.

It works without the network and without macros; what stood in it is kept as a copy (`fill_in_copies.py`).
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from tracker.ledger.fill_in_fields import (
    FORMAT,
    GUIDE_SHEET,
    MARK,
    FillField,
    column_of,
)
from tracker.ledger.row_keys import FILL_IN_SHEET, KEY_TITLE, VERSION_TITLE, RowKey
from tracker.rectification.models import ProgressReport, Task
from tracker.rectification.rules.words import CompletionClass, DutyRole
from tracker.spreadsheets.sanitise import clean_text
from tracker.spreadsheets.tables import Column, OutValue, Table
from tracker.spreadsheets.writer import write_workbook

DATED = "%Y-%m"
SHOWN = {
    "task_no": Column("任务编号", 13),
    "issue_no": Column("问题编号", 10),
    "issue": Column("反馈问题", 26),
    "measures": Column("整改措施", 28),
    "due": Column("整改时限", 12),
    "owners": Column("责任人", 11),
    "last": Column("上次进展", 24),
}
HIDDEN = (Column(KEY_TITLE, 4, hidden=True), Column(VERSION_TITLE, 4, hidden=True))
GUIDE = (
    f"1. 只填“{FILL_IN_SHEET}”表里栏目名带“{MARK}”、底色为浅黄的格子，其他格子已锁定。没有填写的行不会提交，不必删除。",
    "2. 没有变化的任务，“本月无变化”选“是”即可；有变化的写“本月进展”，并选择“完成情况”。",
    "3. 累计数是从整改开始到现在的总数，已按上次填报带出，有变化才改；挽回损失的单位是万元。",
    "4. 措施完成了的，在“本次完成的措施序号”里填左边“整改措施”前面的序号，几条用顿号隔开，如 1、3。",
    "5. 不用联网，用 Excel 或 WPS 打开都可以；可以打印，可以调整行高列宽。请保存为 .xlsx，不要另存为其他格式。",
    "6. 表格的保护没有密码，只为防止误改；锁定的格子即使改了，也不会写入系统。请不要删改右侧隐藏的两列。",
    "7. 填好后交回：在系统“本月填报”页面点“交回填报表”上传，或用 U 盘交巡察办代为上传。上传后先预览，确认后才写入。",
    "8. 同一项任务如果这期间有人在系统里填过，预览时会并排列出两份内容，由您选择，不会互相覆盖。",
    "9. 提交后与在网页上填报相同：由主要负责人整体审签，已审签的月份再交会作为补报。",
    "10. 可以带佐证材料：把填报表和材料压缩成一个 .zip，填报表放在最外层；文件夹名或文件名以问题编号（任务编号）开头。",
    "11. 例如问题 3-01 的材料：“3-01/会议纪要.pdf”或“3-01 会议纪要.pdf”。没有对上编号的，预览时再选择任务。",
    "12. 涉密内容不得填入本表。",
)


@dataclass(frozen=True)
class FillRow:
    """One task as it goes out: its key, what is shown of it, and what the cells to fill hold."""

    key: RowKey
    shown: dict[str, str]
    filled: dict[FillField, str]
    last_report: int

    def as_sent(self) -> dict[str, str]:
        """Return the row as a copy keeps it."""
        shown = {f"shown_{name}": text for name, text in self.shown.items()}
        filled = {field.value: text for field, text in self.filled.items()}
        return {**shown, **filled, "last_report": str(self.last_report)}


def row_of(task: Task, last: ProgressReport | None, *, token: str) -> FillRow:
    """Return a task's row; totals and completion go on from the last report, as on the page."""
    return FillRow(
        RowKey(token, task.id), _shown(task, last), going_on(last), last.id if last else 0
    )


def _shown(task: Task, last: ProgressReport | None) -> dict[str, str]:
    owners = (d.person.name for d in task.duties if d.role is DutyRole.OWNER and not d.to_on)
    measures = (
        f"{m.seq}. {m.text}{f'（{m.done_on} 已完成）' if m.done_on else ''}" for m in task.measures
    )
    texts = {
        "task_no": task.task_no,
        "issue_no": task.issue.issue_no,
        "issue": task.issue.text,
        "measures": "\n".join(measures),
        "due": task.due_on.isoformat() if task.due_on else task.due_text_raw or "",
        "owners": "、".join(dict.fromkeys(owners)),
        "last": f"{last.reported_on}（{last.completion.label}）：{last.text}" if last else "",
    }
    return {name: clean_text(text).strip() for name, text in texts.items()}


def going_on(last: ProgressReport | None) -> dict[FillField, str]:
    """Return what stands in the cells to fill in before anybody types."""
    completion = last.completion if last else CompletionClass.PARTLY
    totals = {
        field: f"{getattr(last, field.value).normalize():f}"
        if field is FillField.RECOVERED and last
        else str(getattr(last, field.value) if last else 0)
        for field in (FillField.RULES, FillField.ORGS, FillField.PERSONS, FillField.RECOVERED)
    }
    return {**dict.fromkeys(FillField, ""), FillField.COMPLETION: completion.label, **totals}


def version_text(month: date, unit: str, token: str) -> str:
    """Return what the hidden column says of the workbook: format, month, copy, unit."""
    return f"{FORMAT}|{month.strftime(DATED)}|{token}|{unit}"


def fill_in_workbook(
    rows: Iterable[FillRow], *, unit: Mapping[str, str], month: date, now: datetime
) -> bytes:
    """Return the workbook; `unit` has a name and a code."""
    title = f"{unit['name']}{month.year}年{month.month}月整改进展填报表"
    sheet = Table(
        FILL_IN_SHEET,
        (*SHOWN.values(), *(column_of(field) for field in FillField), *HIDDEN),
        (_cells(row, version_text(month, unit["code"], row.key.token)) for row in rows),
        title=title,
        notes=(f"只填浅黄色、栏目名带“{MARK}”的格子；没有填写的行不会提交。详见“{GUIDE_SHEET}”。",),
        frozen_columns=2,
        autofilter=False,
        footer=title,
        protected=True,
    )
    lines = Column("填报前请先阅读", 110)
    guide = Table(
        GUIDE_SHEET, (lines,), [[line] for line in GUIDE],
        title=GUIDE_SHEET, autofilter=False, footer=title, protected=True,
    )  # fmt: skip
    return write_workbook([sheet, guide], created_at=now)


def _cells(row: FillRow, version: str) -> list[OutValue]:
    shown: list[OutValue] = [text or None for text in row.shown.values()]
    filled = [_typed(field, text) for field, text in row.filled.items()]
    return [*shown, *filled, str(row.key), version]


def _typed(field: FillField, text: str) -> OutValue:
    """Return a cell's value: totals as numbers, so that they can be checked and added up."""
    if field in (FillField.RULES, FillField.ORGS, FillField.PERSONS):
        return int(text)
    return Decimal(text) if field is FillField.RECOVERED else text or None
