"""What figures of tasks must be, over plain lists: no SQL, no product code that reads rows."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import TypeVar

from tracker.kernel.formats import Number
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
    original: tuple[date | None, date] | None = None
    """Fixed on which day (None: before anything told here), and the date."""
    is_immediate: bool = False
    done: list[tuple[date, date]] = field(default_factory=list)
    extended: list[date] = field(default_factory=list)
    returned: list[date] = field(default_factory=list)
    results: list[tuple[date, tuple[int, int, int, int]]] = field(default_factory=list)
    """制度, 党组织, 人次, and 元 as running totals."""

    def state(self, day: date) -> S | None:
        return _last(self.moves, day)

    def due(self, day: date) -> date | None:
        return _last(self.dues, day)

    def is_issued(self, day: date) -> bool:
        return self.state(day) not in (None, S.DRAFT, *UNCOUNTED)

    def is_closed(self, day: date) -> bool:
        return self.state(day) in CLOSED

    def is_late(self, day: date) -> bool:
        due = self.due(day)
        return self.state(day) in WITH_UNIT and due is not None and due < day

    def fell_due(self, day: date) -> bool:
        if self.original is None or not self.is_issued(day):
            return False
        fixed_on, due = self.original
        return due <= day and (fixed_on is None or fixed_on <= day)

    def was_in_time(self, day: date) -> bool:
        done = _last(self.done, day)
        return (
            self.is_closed(day)
            and self.fell_due(day)
            and done is not None
            and self.original is not None
            and done <= self.original[1]
        )

    def times(self, facts: Sequence[date], day: date) -> int:
        return sum(1 for on in facts if on <= day) if self.is_issued(day) else 0

    def entered(self, state: S, day: date) -> list[date]:
        """Return the days it came into a state, from another or the same."""
        return [on for on, to in self.moves if to is state and on <= day]

    def reopened(self, day: date) -> list[date]:
        pairs = zip(self.moves, self.moves[1:], strict=False)
        return [
            on for (_, was), (on, to) in pairs if was in CLOSED and to not in CLOSED and on <= day
        ]

    def is_confirmed(self, day: date) -> bool:
        return bool(_last(self.words, day))


def _last(facts: Sequence[tuple[date, Fact]], day: date) -> Fact | None:
    """Return what was told last of what counts by a day; of one day the later told."""
    known = sorted((on, place) for place, (on, _fact) in enumerate(facts) if on <= day)
    return facts[known[-1][1]][1] if known else None


def sunday_before(day: date) -> date:
    """Step back day by day to a Sunday."""
    day -= timedelta(days=1)
    while day.isoweekday() != 7:
        day -= timedelta(days=1)
    return day


def week(tasks: list[Told], day: date) -> dict[str, set[int]]:
    """Return the ids behind each part of the comparison with the Sunday before."""
    last = {task.task_id for task in tasks if task.is_late(sunday_before(day))}
    now = {task.task_id for task in tasks if task.is_late(day)}
    return {"last": last, "new": now - last, "cleared": last - now, "now": now}


def by_unit(tasks: list[Told], day: date) -> dict[str, tuple[int, int]]:
    """Return (closed, issued) of each unit that has issued tasks."""
    found: dict[str, tuple[int, int]] = {}
    for task in tasks:
        if task.is_issued(day):
            closed, every = found.get(task.unit, (0, 0))
            found[task.unit] = (closed + task.is_closed(day), every + 1)
    return found


def bands(tasks: list[Told], day: date) -> dict[str, set[str]]:
    """Return the units at 100%, from 80% on, and below."""
    found: dict[str, set[str]] = {"all": set(), "most": set(), "rest": set()}
    for unit, (closed, every) in by_unit(tasks, day).items():
        share = Fraction(closed, every)
        found["all" if share == 1 else "most" if share >= Fraction(80, 100) else "rest"].add(unit)
    return found


def sums(tasks: list[Told], day: date) -> dict[str, Number]:
    """Return the figures that weigh more than 1 a task."""

    def of(place: int) -> int:
        every = (_last(task.results, day) for task in tasks if task.is_issued(day))
        return sum(totals[place] for totals in every if totals is not None)

    oldest = [due for task in tasks if task.is_late(day) and (due := task.due(day))]
    return {
        "times_extended": sum(task.times(task.extended, day) for task in tasks),
        "times_returned": sum(task.times(task.returned, day) for task in tasks),
        "times_reopened": sum(task.times(task.reopened(day), day) for task in tasks),
        "rules_made": of(0),
        "orgs_reported": of(1),
        "persons_reported": of(2),
        "money_recovered": Decimal(of(3)) / 10_000,
        "overdue_longest": max(((day - due).days for due in oldest), default=0),
    }


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

    def ids(wanted: Callable[[Told], object]) -> set[int]:
        return {task.task_id for task in tasks if task.is_issued(day) and wanted(task)}

    issued = ids(lambda _task: True)
    handed = ids(lambda task: task.entered(S.OFFICE_REVIEW, day))
    ever = ids(lambda task: task.entered(S.CLOSED, day))
    below = _issues(tasks, day, counts)
    return {
        "issues_fed_back": (_issues(tasks, day, lambda _own: True), None),
        "closure_rate": (_issues(tasks, day, closed), below),
        "completion_rate": (_issues(tasks, day, completed), below),
        "tasks_overdue": (late, None),
        "tasks_closed": ({task.task_id for task in tasks if is_in(task, CLOSED)}, None),
        "on_time_rate": (
            ids(lambda task: task.was_in_time(day)),
            ids(lambda task: task.fell_due(day)),
        ),
        "immediate_rate": (
            ids(lambda task: task.is_immediate and task.is_closed(day)),
            ids(lambda task: task.is_immediate),
        ),
        "unit_tasks": (ids(lambda task: task.is_closed(day)), issued),
        "extension_share": (ids(lambda task: task.times(task.extended, day)), issued),
        "return_share": (handed & ids(lambda task: task.times(task.returned, day)), handed),
        "reopen_share": (ids(lambda task: task.reopened(day)), ever),
    }
