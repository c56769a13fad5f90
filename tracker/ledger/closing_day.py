"""The day an imported task counts as closed. Pure.

The file's own 销号时间, where it is a day that has been. Else the nearest day the file or the round
gives: 完成时间, then the feedback date. Never the day of the import where another is known, or the
first weekly report would show a whole ledger as closed that week.
"""

from dataclasses import dataclass
from datetime import date

from tracker.ledger.columns import Field
from tracker.ledger.notes import Note, doubt
from tracker.ledger.rules import TaskGroup


@dataclass(frozen=True)
class ClosingDay:
    """The day, and a note when the file did not give it."""

    on: date
    note: Note | None = None


def closing_day(task: TaskGroup, *, fed_back_on: date, today: date) -> ClosingDay:
    """Return the day a closed task counts as closed; never later than today."""
    told = task.closed_on
    if told is not None and told <= today:
        return ClosingDay(told)
    done = task.done_on
    if done is not None and done <= today:
        on, word = done, "完成时间"
    else:
        on, word = min(fed_back_on, today), "反馈日期"
    reason = "销号时间晚于今天" if told is not None else "没有可用的销号时间"
    detail = f"{reason}，暂按{word} {on.isoformat()} 登记为已销号，请核对。"
    return ClosingDay(on, doubt("closed_day_assumed", detail, _column(task)))


def done_day(task: TaskGroup, *, today: date) -> tuple[date | None, Note | None]:
    """Return when the work was done, as far as it can be true, and a note when it cannot."""
    if task.done_on is None or task.done_on <= today:
        return task.done_on, None
    detail = f"完成时间 {task.done_on.isoformat()} 晚于今天，没有登记，请核对。"
    return None, doubt("done_in_future", detail, "完成时间")


def _column(task: TaskGroup) -> str:
    return "销号时间" if any(item.text(Field.CLOSED_ON) for item in task.items) else "是否销号"
