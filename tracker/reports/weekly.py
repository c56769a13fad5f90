"""整改工作周报: the figures of one edition, all as of one Sunday, as plain data."""

import json
from collections.abc import Collection
from dataclasses import asdict, dataclass, fields, replace
from datetime import date
from typing import Any

from tracker.kernel.formats import percent
from tracker.reports.rules import LONG_OVERDUE_DAYS, WEEK, Balance, ageing_of
from tracker.statistics.rules import Ageing


@dataclass(frozen=True, kw_only=True)
class Line:
    """One task in one of the tables."""

    task_id: int
    unit_id: int
    unit: str
    issue_no: str
    task_no: str
    task: str
    original_due: date | None
    due_on: date | None
    days: int
    """T minus due in calendar days: above 0 overdue, below 0 still so many days."""
    is_new: bool = False
    outcome: str = ""
    """How a task that was overdue a week ago no longer is."""
    leader: str = ""
    court: str = ""
    updated_on: date | None = None
    reminders: int = 0
    reason: str = ""
    ledger: str = ""
    """时限台账 of the task in one line."""


@dataclass(frozen=True, kw_only=True)
class WeeklyReport:
    """One edition. Counts are tasks (项); `as_of` is T."""

    region_id: int
    region_name: str
    round_id: int
    round_name: str
    edition: int
    issue_on: date
    as_of: date
    opened: Balance
    """在办: issued, not closed, neither void nor ended."""
    closed: Balance
    overdue: Balance
    overdue_lines: tuple[Line, ...]
    cleared_lines: tuple[Line, ...]
    coming_lines: tuple[Line, ...]

    @property
    def in_scope(self) -> int:
        """Return the tasks that count: issued, neither void nor ended."""
        return self.opened.now + self.closed.now

    @property
    def closure_rate(self) -> str:
        """Return closed ÷ in scope as printed."""
        return percent(self.closed.now, self.in_scope)

    @property
    def overdue_share(self) -> str:
        """Return overdue ÷ open as printed."""
        return percent(self.overdue.now, self.opened.now)

    @property
    def new_lines(self) -> tuple[Line, ...]:
        """Return the tasks that have become overdue this week."""
        return tuple(line for line in self.overdue_lines if line.is_new)

    @property
    def long_lines(self) -> tuple[Line, ...]:
        """Return the tasks overdue for more than 30 days."""
        return tuple(line for line in self.overdue_lines if line.days > LONG_OVERDUE_DAYS)

    @property
    def week_lines(self) -> tuple[Line, ...]:
        """Return the tasks due within seven days; `coming_lines` are those within fourteen."""
        return tuple(line for line in self.coming_lines if -line.days <= WEEK.days)

    @property
    def ageing(self) -> dict[Ageing, int]:
        """Return how many tasks are overdue for how long."""
        bands = [ageing_of(line.days) for line in self.overdue_lines]
        return {band: bands.count(band) for band in Ageing}

    @property
    def longest_days(self) -> int:
        """Return the days of the task that is overdue longest; 0 without any."""
        return max((line.days for line in self.overdue_lines), default=0)

    @property
    def overdue_units(self) -> int:
        """Return how many units have overdue tasks."""
        return len({line.unit_id for line in self.overdue_lines})

    @property
    def task_ids(self) -> set[int]:
        """Return all tasks that stand in a table."""
        return {
            line.task_id
            for lines in (self.overdue_lines, self.cleared_lines, self.coming_lines)
            for line in lines
        }

    def only(self, task_ids: Collection[int]) -> "WeeklyReport":
        """Return the report with the lines of some tasks alone; its totals stay the round's."""

        def kept(lines: tuple[Line, ...]) -> tuple[Line, ...]:
            return tuple(line for line in lines if line.task_id in task_ids)

        return replace(
            self,
            overdue_lines=kept(self.overdue_lines),
            cleared_lines=kept(self.cleared_lines),
            coming_lines=kept(self.coming_lines),
        )


def dumped(report: WeeklyReport) -> str:
    """Return a report as the JSON that is kept beside its files."""
    return json.dumps(asdict(report), ensure_ascii=False, sort_keys=True, default=date.isoformat)


def loaded(kept: str) -> WeeklyReport:
    """Return the report that was kept."""
    data = json.loads(kept)
    for name in ("opened", "closed", "overdue"):
        data[name] = Balance(**data[name])
    for name in ("overdue_lines", "cleared_lines", "coming_lines"):
        data[name] = tuple(Line(**_dated(Line, line)) for line in data[name])
    return WeeklyReport(**_dated(WeeklyReport, data))


def _dated(kind: type[Any], data: dict[str, Any]) -> dict[str, Any]:
    days = {field.name for field in fields(kind) if field.type in (date, date | None)}
    return {
        name: date.fromisoformat(value) if name in days and value else value
        for name, value in data.items()
    }
