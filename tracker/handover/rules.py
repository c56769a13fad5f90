"""Words of clues, advice and changes of post; when an answer is due."""

from datetime import date

from tracker.kernel.labels import LabelledEnum
from tracker.workdays.rules import WorkCalendar, due_after_months

REPLY_MONTHS = 3
FEEDBACK_AGAIN_WORKDAYS = 20


class ClueMeasure(LabelledEnum):
    """What a number of clues says. These counts never mix, nor do 件 and 人."""

    FOUND = "found", "发现（件）"
    TRANSFERRED = "transferred", "移交（件）"
    RECEIVED = "received", "接收（件）"
    SETTLED = "settled", "办结（件）"
    CASES = "cases", "立案（件）"
    PERSONS_FILED = "persons_filed", "立案（人）"
    PERSONS_PUNISHED = "persons_punished", "给予党纪政务处分（人）"


class ClueKind(LabelledEnum):
    """线索 or 信访事项."""

    CLUE = "clue", "问题线索"
    PETITION = "petition", "信访事项"


class ClueDirection(LabelledEnum):
    """Which way clues went. Found, moved out, taken in and settled are counted apart."""

    OUT = "out", "移出"
    IN = "in", "接收"


class Disposal(LabelledEnum):
    """处置方式, as a receiving organ answers it; 件 of several kinds are 其他."""

    TALK = "talk", "谈话函询"
    VERIFY = "verify", "初步核实"
    HOLD = "hold", "暂存待查"
    DROP = "drop", "予以了结"
    FILE = "file", "立案审查调查"
    OTHER = "other", "其他或多种方式"


class Adoption(LabelledEnum):
    """What a department made of advice."""

    ADOPTED = "adopted", "采纳"
    PARTLY = "partly", "部分采纳"
    NOT_ADOPTED = "not_adopted", "未采纳"


ADOPTING = frozenset({Adoption.ADOPTED, Adoption.PARTLY})
COUNTED_WHEN_MOVED = {
    ClueDirection.OUT: ClueMeasure.TRANSFERRED,
    ClueDirection.IN: ClueMeasure.RECEIVED,
}
OUTCOMES = (
    ClueMeasure.SETTLED,
    ClueMeasure.CASES,
    ClueMeasure.PERSONS_FILED,
    ClueMeasure.PERSONS_PUNISHED,
)


class ChangeState(LabelledEnum):
    """How far a change of post has come."""

    PREPARED = "prepared", "待确认交接"
    CONFIRMED = "confirmed", "待接任人签收"
    ACKNOWLEDGED = "acknowledged", "已交接"
    CANCELLED = "cancelled", "已取消"


class ItemKind(LabelledEnum):
    """What a leaving person passes on."""

    DUTY = "duty", "承担的整改任务"
    UNIT_TASK = "unit_task", "本单位在办任务"
    PLAN = "plan", "待办的整改方案"
    CLOSURE = "closure", "待审签的销号申请"
    EXTENSION = "extension", "待审签的延期申请"
    LETTER = "letter", "待签收、待回复的函件"


class AcknowledgeWay(LabelledEnum):
    """How the arriving person took over."""

    ONLINE = "online", "在线签收"
    PAPER = "paper", "纸质签收（代录）"


def reply_due(moved_on: date, calendar: WorkCalendar) -> date:
    """Return the day by which the receiving organ answers: three calendar months (条例 art. 29).

    The last day of a shorter month stands in for a day it lacks; a day off does not move it.
    """
    return due_after_months(moved_on, REPLY_MONTHS, work_calendar=calendar, move_to_workday=False)


def feedback_again_due(effective_on: date, workdays: int, calendar: WorkCalendar) -> date:
    """Return the day by which a new head hears the feedback again (再反馈).

    Twenty working days is one city's practice; the office sets its own number.
    """
    return calendar.add_workdays(effective_on, workdays)


def passing_days(from_on: date, effective_on: date) -> tuple[date, date]:
    """Return (last day of the one, first day of the other) when a duty begun on `from_on` passes.

    On every day exactly one of them holds it. A duty begun later than the change passes on the
    day it began, and the one who left never held it.
    """
    first = max(from_on, effective_on)
    return date.fromordinal(first.toordinal() - 1), first
