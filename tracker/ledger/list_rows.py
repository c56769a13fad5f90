"""The rows of the official lists, in the order of their columns."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date

from tracker.ledger.list_words import closure, counted, issue_standing, standing
from tracker.ledger.listing import Listing
from tracker.rectification.deadlines import deadline_of
from tracker.rectification.models import Measure, Task, TaskUnit
from tracker.rectification.rules.words import DutyRole, TaskState
from tracker.spreadsheets.writer import OutValue, RowSpan

GROUP_COLUMNS = (0, 1, 2, 3)
"""Columns of 任务清单 that are merged over the tasks of one issue and unit."""
TASK_COLUMNS = (4, 5, 8, 9, 10, 11, 12)
"""Those that are merged over the measures of one task."""
Line = Sequence[OutValue]


def issue_rows(listing: Listing) -> Iterator[Line]:
    """Give a row per issue."""
    for serial, one in enumerate(listing.issues, start=1):
        issue = one.issue
        yield (
            serial,
            _joined(unit.name for unit in one.units.values()),
            issue.issue_no,
            _joined((issue.cat_l1, issue.cat_l2), "—"),
            issue.nature.label,
            issue.text,
            issue.detail,
            issue.feedback.source.label,
            issue.feedback.fed_back_on,
            issue_standing(one.states),
            counted(one.states),
            one.states.get(TaskState.CLOSED, 0),
        )


def task_rows(listing: Listing, *, as_of: date, is_simple: bool) -> Iterator[Line]:
    """Give a row per measure, one per task at least; merged cells repeat their value."""
    for serial, group in enumerate(listing.groups(), start=1):
        for task in group:
            deadline = deadline_of(task, as_of=as_of)
            own = (
                task.kind.label,
                task.original_due,
                _due(task),
                standing(deadline, is_simple=is_simple),
                deadline.days_late or None,
            )
            head = (serial, task.lead_unit.name, task.issue.issue_no, task.issue.text)
            for measure in _measures(task):
                words = (measure.text, measure.due_on) if measure else (None, None)
                yield (*head, task.task_no, task.goal, *words, *own)


def task_spans(listing: Listing) -> Iterator[RowSpan]:
    """Give what `task_rows` merges, from top to bottom."""
    top = 0
    for group in listing.groups():
        sizes = [len(_measures(task)) for task in group]
        yield from _merged(GROUP_COLUMNS, top, sum(sizes))
        for size in sizes:
            yield from _merged(TASK_COLUMNS, top, size)
            top += size


def _merged(columns: Sequence[int], top: int, rows: int) -> Iterator[RowSpan]:
    if rows > 1:
        yield from (RowSpan(column, top, top + rows - 1) for column in columns)


def _measures(task: Task) -> Sequence[Measure | None]:
    return task.measures or [None]


def _due(task: Task) -> OutValue:
    """Return the date in force; the words where there is no date, or one that nobody confirmed."""
    if task.is_due_doubtful:
        return f"{task.due_text_raw or task.due_on or ''}（待确认）"
    return task.due_on or task.due_text_raw


def duty_rows(listing: Listing, *, as_of: date, is_simple: bool) -> Iterator[Line]:
    """Give a row per task: who answers for it."""
    for serial, task in enumerate(listing.tasks, start=1):
        yield (
            serial,
            task.lead_unit.name,
            task.task_no,
            task.issue.text,
            _joined(name for name, _ in _holders(task, DutyRole.LEAD_LEADER)),
            task.lead_dept,
            task.support_depts,
            _joined(name for name, _ in _holders(task, DutyRole.OWNER)),
            _phones(task),
            _joined(row.unit.name for row in sorted(task.co_units, key=_printed)),
            standing(deadline_of(task, as_of=as_of), is_simple=is_simple),
        )


def _holders(task: Task, role: DutyRole) -> list[tuple[str, str | None]]:
    """Return name and mobile of those who answer for a task today."""
    duties = (duty for duty in task.duties if duty.role is role and not duty.to_on)
    return [(duty.person.name, duty.person.mobile) for duty in duties]


def _phones(task: Task) -> str | None:
    """Return the owners' mobiles in the order of their names, so that gaps are seen."""
    mobiles = [mobile for _, mobile in _holders(task, DutyRole.OWNER)]
    return _joined(mobile or "未登记" for mobile in mobiles) if any(mobiles) else None


def _printed(row: TaskUnit) -> tuple[int, int]:
    return (row.unit.sort_no, row.unit.id)


def result_rows(listing: Listing) -> Iterator[Line]:
    """Give a row per task: what came of it by its newest report."""
    for serial, (task, report) in enumerate(listing.with_reports(), start=1):
        is_closed = task.state is TaskState.CLOSED
        told = (
            (report.rules_made, report.orgs_held, report.persons_held, report.recovered_wan)
            if report
            else (None, None, None, None)
        )
        yield (
            serial,
            task.lead_unit.name,
            task.task_no,
            task.issue.text,
            (report.text or None) if report else None,
            task.completion.label if task.completion else None,
            task.done_on or (report.done_on if report else None),
            *told,
            closure(task),
            task.closed_on if is_closed else None,
        )


def archive_rows(listing: Listing) -> Iterator[Line]:
    """Give a row per piece of evidence that counts."""
    for serial, (task, piece) in enumerate(listing.with_evidence(), start=1):
        yield (
            serial,
            task.lead_unit.name,
            task.task_no,
            piece.title,
            piece.document_on,
            piece.original_name,
            piece.size_bytes,
            piece.sha256,
        )


def _joined(parts: Iterable[str | None], between: str = "、") -> str | None:
    return between.join(part for part in parts if part) or None
