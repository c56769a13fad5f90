"""时限台账: how a due date came about and how late a task is, as data and as one line.

Lateness is counted in calendar days, from the due date to T; it counts only while the unit has to
act. Once the unit has stated when it was done, that day counts instead of T.
"""

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from tracker.kernel.formats import without_sign_in_name
from tracker.rectification.rules.court import CAN_BE_OVERDUE
from tracker.rectification.rules.words import DueChangeKind, SignatureWay, TaskState

UNDER_REVIEW = frozenset({TaskState.PLAN_REVIEW, TaskState.OFFICE_REVIEW})
GRANTED = frozenset({DueChangeKind.EXTENSION, DueChangeKind.RESUME})
SPACE = re.compile(r"\s+")


@dataclass(frozen=True)
class DueMove:
    """One change of a due date; `by` granted or corrected it. The rest is of an extension."""

    occurred_on: date
    kind: DueChangeKind
    old: date | None
    new: date | None
    by: str = ""
    reason: str = ""
    lent_by: str = ""
    asked_on: date | None = None
    asked_by: str = ""
    signed_by: str = ""
    signed_how: SignatureWay | None = None
    on_behalf_of: str = ""
    sign_lent_by: str = ""


def due_on(changes: Sequence[DueMove], current: date | None, day: date) -> date | None:
    """Return the due date as it stood at the end of a day.

    The last change by the day; else what the first later change replaced; else today's.
    """
    place = bisect_right(changes, day, key=lambda change: change.occurred_on)
    if place:
        return changes[place - 1].new
    return changes[0].old if changes else current


def original_on(changes: Sequence[DueMove], current: date | None, day: date) -> date | None:
    """Return the original due date as far as it was fixed at the end of a day."""
    fixed = [change for change in changes if change.kind is DueChangeKind.FIXED]
    return due_on(fixed, current, day)


def days_late(state: TaskState | None, due: date | None, day: date) -> int:
    """Return calendar days past the due date of a task with its unit; 0 when it is not overdue."""
    if state not in CAN_BE_OVERDUE or due is None:
        return 0
    return max((day - due).days, 0)


@dataclass(frozen=True, kw_only=True)
class Deadline:
    """What the ledger of one task says on the day T (`as_of`); `moves` end with that day."""

    as_of: date
    state: TaskState
    original_due: date | None
    due_on: date | None
    moves: tuple[DueMove, ...] = ()
    is_doubtful: bool = False
    done_on: date | None = None
    closed_on: date | None = None
    next_review_on: date | None = None

    @property
    def runs(self) -> bool:
        """Return whether the unit's clock runs towards the due date or past it."""
        return self.state in CAN_BE_OVERDUE and self.due_on is not None and not self.is_doubtful

    @property
    def days_left(self) -> int | None:
        """Return calendar days until the due date, negative when overdue; None: nothing runs."""
        return (self.due_on - self.as_of).days if self.due_on and self.runs else None

    @property
    def days_late(self) -> int:
        """Return calendar days overdue today; 0 when it is not."""
        return days_late(self.state, self.due_on, self.as_of) if self.runs else 0

    @property
    def is_done(self) -> bool:
        """Return whether the unit's statement of when it was done is what counts."""
        return self.done_on is not None and self.state in (
            TaskState.OFFICE_REVIEW,
            TaskState.CLOSED,
        )

    @property
    def counted_until(self) -> date | None:
        """Return the day up to which lateness is counted; None when none is counted."""
        if self.is_doubtful:
            return None
        return self.done_on if self.is_done else self.as_of if self.runs else None

    @property
    def spans(self) -> tuple[tuple[date, date], ...]:
        """Return what lies between a due date and the day counted: (due, until), late ones only.

        The date in force first; then the original one, where that is another.
        """
        until = self.counted_until
        dues = dict.fromkeys(due for due in (self.due_on, self.original_due) if due)
        return tuple((due, until) for due in dues if until is not None and due < until)

    @property
    def changes(self) -> tuple[DueMove, ...]:
        """Return corrections, extensions, reopenings and resumptions; fixing the first date is none."""
        return tuple(move for move in self.moves if move.kind is not DueChangeKind.FIXED)


def deadline_line(ledger: Deadline) -> str:
    """Return the ledger of one task as one Chinese sentence, the same on every page and export."""
    return "；".join(_parts(ledger)) + "。"


def _parts(ledger: Deadline) -> Iterator[str]:
    yield f"原定时限 {ledger.original_due.isoformat()}" if ledger.original_due else "原定时限未定"
    for move in ledger.changes:
        yield move_words(move)
    if ledger.changes:
        yield f"现时限 {_day(ledger.due_on)}"
    elif ledger.due_on and ledger.due_on != ledger.original_due:
        yield f"拟定时限 {_day(ledger.due_on)}"
    yield standing_words(ledger)


def move_words(move: DueMove) -> str:
    """Return one change as words: when, from which date to which, who asked, why, who granted."""
    head = f"{_day(move.occurred_on)} {move.kind.label}"
    dates = f"{_day(move.old)} → {_day(move.new)}"
    told = "，".join(_told(move))
    return f"{head}：{dates}（{told}）" if told else f"{head}：{dates}"


def _told(move: DueMove) -> Iterator[str]:
    if move.asked_on and _name(move.asked_by):
        entered = f"（代{move.on_behalf_of}录入）" if move.on_behalf_of else ""
        yield f"{_day(move.asked_on)} {_name(move.asked_by)}{entered}申请"
    if reason := _on_one_line(move.reason):
        yield f"理由：{reason}"
    if _name(move.signed_by):
        way = move.signed_how or SignatureWay.ONLINE
        done = "审签" if way is SignatureWay.ONLINE else way.label
        yield f"{_name(move.signed_by)}{_lent(move.sign_lent_by)}{done}"
    if _name(move.by):
        done = "批准" if move.kind in GRANTED else "办理"
        yield f"{_name(move.by)}{_lent(move.lent_by)}{done}"


def _lent(lender: str) -> str:
    return f"（受{_name(lender)}授权）" if lender else ""


def standing_words(ledger: Deadline) -> str:
    """Return where the task stands against its dates, with the day it is counted to."""
    if ledger.is_doubtful:
        return "时限待确认，不计逾期"
    if ledger.is_done:
        return _done_words(ledger)
    if ledger.runs:
        return _running_words(ledger)
    if ledger.state is TaskState.LONG_TERM:
        return f"长期整改，下次复查 {_day(ledger.next_review_on)}，不计逾期"
    if ledger.state is TaskState.CLOSED:
        return f"{_day(ledger.closed_on)} 销号，完成日期没有记载，不计是否逾期"
    if ledger.state in UNDER_REVIEW:
        return "已报巡察办审核，不计逾期"
    if ledger.state is TaskState.DRAFT:
        return "尚未下发，不计逾期"
    return f"{ledger.state.label}，不计逾期"


def _running_words(ledger: Deadline) -> str:
    left = ledger.days_left or 0
    if left < 0:
        return f"截至 {_day(ledger.as_of)} 逾期 {-left} 天{_by_original(ledger)}"
    if left == 0:
        return f"{_day(ledger.as_of)} 到期"
    return f"截至 {_day(ledger.as_of)} 还有 {left} 天"


def _done_words(ledger: Deadline) -> str:
    done = f"{_day(ledger.done_on)} 完成"
    after = _closed_words(ledger)
    if ledger.due_on is None or ledger.done_on is None:
        return f"{done}{after}"
    days = (ledger.done_on - ledger.due_on).days
    against = f"时限 {_day(ledger.due_on)}"
    if days > 0:
        return f"{done}，比{against} 晚 {days} 天{_by_original(ledger)}{after}"
    return f"{done}，没有超过{against}{_by_original(ledger)}{after}"


def _closed_words(ledger: Deadline) -> str:
    if ledger.state is TaskState.CLOSED:
        return f"，{_day(ledger.closed_on)} 销号"
    return "，已报巡察办审核"


def _by_original(ledger: Deadline) -> str:
    """Return the days counted from the original date, where that is another and they differ."""
    until, original = ledger.counted_until, ledger.original_due
    if original is None or until is None or original == ledger.due_on or until <= original:
        return ""
    return f"（按原定时限 {_day(original)} 计 {(until - original).days} 天）"


def _day(value: date | None) -> str:
    return value.isoformat() if value else "未定"


def _name(actor: str) -> str:
    return _on_one_line(without_sign_in_name(actor))


def _on_one_line(text: str) -> str:
    return SPACE.sub(" ", text).strip()
