"""What figures of tasks must be, over plain lists: no SQL, no product code that reads rows."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import TypeVar

from tracker.rectification.rules.words import TaskState as S

CLOSED, UNCOUNTED = {S.CLOSED}, {S.VOID, S.ENDED}
OPEN = set(S) - CLOSED - UNCOUNTED
WITH_UNIT = {S.ISSUED, S.PLANNING, S.IN_PROGRESS, S.UNIT_CHECK}
Fact = TypeVar("Fact")
Sides = tuple[set[int], set[int] | None]


@dataclass
class Told:
    """A task: where it is, and what happened on which day, in the order it was told."""

    task_id: int
    issue_id: int
    region: str
    unit: str
    fed_back_on: date
    moves: list[tuple[date, S]]
    dues: list[tuple[date, date]]
    words: list[tuple[date, bool]] = field(default_factory=list)

    def state(self, day: date) -> S | None:
        return _last(self.moves, day)

    def due(self, day: date) -> date | None:
        return _last(self.dues, day)

    def is_confirmed(self, day: date) -> bool:
        return bool(_last(self.words, day))


def _last(facts: Sequence[tuple[date, Fact]], day: date) -> Fact | None:
    """Return what was told last of what counts by a day; of one day the later told."""
    known = sorted((on, place) for place, (on, _fact) in enumerate(facts) if on <= day)
    return facts[known[-1][1]][1] if known else None


def _issues(tasks: Iterable[Told], day: date, wanted: Callable[[list[Told]], bool]) -> set[int]:
    by_issue: dict[int, list[Told]] = {}
    for task in tasks:
        if task.fed_back_on <= day:
            by_issue.setdefault(task.issue_id, []).append(task)
    return {issue for issue, own in by_issue.items() if wanted(own)}


def sides(tasks: list[Told], day: date) -> dict[str, Sides]:
    """Return the ids above and below each figure as of a day."""

    def is_in(task: Told, states: set[S]) -> bool:
        return task.state(day) in states

    def counts(own: list[Told]) -> bool:
        told = [task for task in own if task.state(day) is not None]
        return not told or any(not is_in(task, UNCOUNTED) for task in told)

    def closed(own: list[Told]) -> bool:
        return any(is_in(task, CLOSED) for task in own) and not any(
            is_in(task, OPEN) for task in own
        )

    def completed(own: list[Told]) -> bool:
        counted = [task for task in own if task.state(day) and not is_in(task, UNCOUNTED)]
        return bool(counted) and all(
            is_in(task, CLOSED) or (is_in(task, OPEN) and task.is_confirmed(day))
            for task in counted
        )

    late = {
        task.task_id
        for task in tasks
        if is_in(task, WITH_UNIT) and (due := task.due(day)) is not None and due < day
    }
    below = _issues(tasks, day, counts)
    return {
        "issues_fed_back": (_issues(tasks, day, lambda _own: True), None),
        "closure_rate": (_issues(tasks, day, closed), below),
        "completion_rate": (_issues(tasks, day, completed), below),
        "tasks_overdue": (late, None),
        "tasks_closed": ({task.task_id for task in tasks if is_in(task, CLOSED)}, None),
    }
