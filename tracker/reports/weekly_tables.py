"""The tables of the weekly report, the same on screen, in Word and in Excel."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from tracker.kernel.labels import LabelledEnum
from tracker.reports.weekly import Line, WeeklyReport


class Field(LabelledEnum):
    """One column."""

    NUMBER = "number", "序号"
    UNIT = "unit", "单位"
    ISSUE_NO = "issue_no", "问题编号"
    TASK = "task", "整改任务"
    LEADER = "leader", "责任领导"
    DUES = "dues", "整改时限（原/现）"
    ORIGINAL_DUE = "original_due", "整改时限（原）"
    DUE_NOW = "due_now", "整改时限（现）"
    DUE_ON = "due_on", "整改时限"
    DAYS = "days", "逾期天数"
    LEFT = "left", "距到期天数"
    COURT = "court", "当前办理环节"
    UPDATED_ON = "updated_on", "最近更新"
    REMINDERS = "reminders", "提醒次数"
    REASON = "reason", "未完成原因"
    OUTCOME = "outcome", "清零方式"
    LEDGER = "ledger", "时限台账"


class Section(LabelledEnum):
    """One table."""

    OVERDUE = "overdue", "逾期任务"
    NEW = "new", "新增逾期任务"
    CLEARED = "cleared", "本周清零任务"
    LONG = "long", "逾期30天以上任务"
    COMING = "coming", "14日内到期任务"


F = Field
NAMED = (F.NUMBER, F.UNIT, F.ISSUE_NO, F.TASK)
FIELDS: dict[Section, tuple[Field, ...]] = {
    Section.OVERDUE: (
        *NAMED,
        F.LEADER,
        F.DUES,
        F.DAYS,
        F.COURT,
        F.UPDATED_ON,
        F.REMINDERS,
        F.REASON,
    ),
    Section.NEW: (*NAMED, F.LEADER, F.DUE_ON, F.DAYS),
    Section.CLEARED: (*NAMED, F.LEADER, F.DUE_ON, F.OUTCOME),
    Section.LONG: (*NAMED, F.LEADER, F.DUE_ON, F.DAYS),
    Section.COMING: (*NAMED, F.LEADER, F.DUE_ON, F.LEFT),
}
Cell = str | int | date | None


@dataclass(frozen=True)
class SectionTable:
    """A table ready to be laid out; `rows` hold values in the order of `fields`."""

    section: Section
    fields: tuple[Field, ...]
    lines: tuple[Line, ...]

    def rows(self, *, is_wide: bool = False) -> list[list[Cell]]:
        """Return the cells of every line."""
        fields = self.columns(is_wide=is_wide)
        return [
            [_value(line, field, number) for field in fields]
            for number, line in enumerate(self.lines, start=1)
        ]

    def columns(self, *, is_wide: bool = False) -> list[Field]:
        """Return the columns; wide, the two due dates stand in a column each, and the ledger of
        the due date in one of its own."""
        if not is_wide:
            return list(self.fields)
        both = (F.ORIGINAL_DUE, F.DUE_NOW)
        split = [each for field in self.fields for each in (both if field is F.DUES else (field,))]
        return [*split, F.LEDGER]


def tables(report: WeeklyReport) -> list[SectionTable]:
    """Return all tables in the order of print, empty ones too."""
    lines: dict[Section, tuple[Line, ...]] = {
        Section.OVERDUE: report.overdue_lines,
        Section.NEW: report.new_lines,
        Section.CLEARED: report.cleared_lines,
        Section.LONG: report.long_lines,
        Section.COMING: report.coming_lines,
    }
    return [SectionTable(section, FIELDS[section], lines[section]) for section in Section]


def short_date(day: date | None) -> str:
    """Return 2026.9.30, or a dash."""
    return "—" if day is None else f"{day.year}.{day.month}.{day.day}"


def dues(line: Line) -> str:
    """Return the original and the present due date; once when they are the same."""
    if line.original_due is None or line.original_due == line.due_on:
        return short_date(line.due_on)
    return f"{short_date(line.original_due)}/{short_date(line.due_on)}"


def _value(line: Line, field: Field, number: int) -> Cell:
    special: dict[Field, Callable[[], Cell]] = {
        F.NUMBER: lambda: number,
        F.DUES: lambda: dues(line),
        F.DUE_NOW: lambda: line.due_on,
        F.LEFT: lambda: -line.days,
    }
    if field in special:
        return special[field]()
    found: Cell = getattr(line, field.value)
    return found
