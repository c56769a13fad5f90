"""Words of the official lists: how a task, an issue, a closure stands on a day."""

from collections import Counter
from collections.abc import Mapping

from tracker.rectification.models import Task
from tracker.rectification.queries import DUE_SOON_DAYS
from tracker.rectification.rules.deadline import Deadline
from tracker.rectification.rules.words import OPEN_STATES, UNCOUNTED_STATES, TaskState, state_word
from tracker.spreadsheets.writer import Tone

OVERDUE, DUE_SOON, CLOSED = "逾期", "临期", "已销号"
TONES = ((OVERDUE, Tone.ALERT), (DUE_SOON, Tone.NOTICE), (CLOSED, Tone.DONE))
States = Mapping[TaskState, int]


def standing(deadline: Deadline, *, is_simple: bool) -> str:
    """Return 逾期 or 临期 where that is so, else the state's own word; as the list on screen counts."""
    left = deadline.days_left
    if left is not None and left < 0:
        return OVERDUE
    if left is not None and left <= DUE_SOON_DAYS:
        return DUE_SOON
    return state_word(deadline.state, is_simple=is_simple)


def issue_standing(states: States) -> str:
    """Return how an issue stands by its tasks: closed when one is, and none is open."""
    found = Counter(states)
    if found[TaskState.CLOSED] and not any(found[state] for state in OPEN_STATES):
        return CLOSED
    return "未销号" if any(found[state] for state in OPEN_STATES) else "没有在办任务"


def counted(states: States) -> int:
    """Return how many tasks count: neither void nor ended."""
    return sum(number for state, number in states.items() if state not in UNCOUNTED_STATES)


def closure(task: Task) -> str:
    """Return whether and how a task is closed."""
    if task.state is not TaskState.CLOSED:
        return "未销号"
    if task.is_sustained:
        return f"{CLOSED}（长期坚持）"
    return f"{CLOSED}（历史导入）" if task.is_historic else CLOSED
