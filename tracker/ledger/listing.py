"""What the official lists tell: tasks and issues that this person may see, in the units' order."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from itertools import groupby
from typing import Any, TypeVar

from sqlalchemy import Row, Select, func, select
from sqlalchemy.orm import Session, contains_eager, selectinload

from tracker.feedback.models import Feedback, Issue, IssueUnit
from tracker.feedback.queries import visible_issues
from tracker.files.models import StoredFile
from tracker.kernel.permissions import Actor
from tracker.ledger.newest import CHUNK, newest_reports
from tracker.organizations.models import Unit
from tracker.organizations.scope import sees
from tracker.rectification.evidence_queries import counts_as_evidence
from tracker.rectification.models import Evidence, ProgressReport, Task, TaskDuty, TaskUnit
from tracker.rectification.queries import TaskFilter, narrowed, visible_tasks
from tracker.rectification.rules.words import TaskState
from tracker.rounds.models import Round

Piece = TypeVar("Piece")


@dataclass
class ListedIssue:
    """An issue with the units and the states of its tasks that the reader may know of."""

    issue: Issue
    units: dict[int, Unit] = field(default_factory=dict)
    states: dict[TaskState, int] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Listing:
    """The rows of one export; what is long is read while it is written."""

    session: Session
    tasks: Sequence[Task]
    issues: Sequence[ListedIssue]

    def groups(self) -> Iterator[list[Task]]:
        """Give the tasks of one issue and unit together, in order."""
        for _, found in groupby(self.tasks, key=lambda task: (task.lead_unit_id, task.issue_id)):
            yield list(found)

    def with_reports(self) -> Iterator[tuple[Task, ProgressReport | None]]:
        """Give each task with its newest progress report."""
        for part in chunks(self.tasks):
            reports = newest_reports(self.session, [task.id for task in part])
            yield from ((task, reports.get(task.id)) for task in part)

    def with_evidence(self) -> Iterator[tuple[Task, Row[Any]]]:
        """Give each piece of evidence that counts, with its task; pieces of a task oldest first."""
        for part in chunks(self.tasks):
            found: dict[int, list[Row[Any]]] = {}
            for row in self.session.execute(_evidence([task.id for task in part])):
                found.setdefault(row.task_id, []).append(row)
            yield from ((task, row) for task in part for row in found.get(task.id, ()))


def _evidence(task_ids: Sequence[int]) -> Select[*tuple[Any, ...]]:
    return (
        select(
            Evidence.task_id,
            Evidence.title,
            Evidence.document_on,
            StoredFile.original_name,
            StoredFile.size_bytes,
            StoredFile.sha256,
        )
        .join(StoredFile, StoredFile.id == Evidence.file_id)
        .where(Evidence.task_id.in_(task_ids), counts_as_evidence())
        .order_by(Evidence.id)
    )


def chunks(pieces: Sequence[Piece]) -> Iterator[Sequence[Piece]]:
    """Give parts of at most CHUNK, in order."""
    return (pieces[start : start + CHUNK] for start in range(0, len(pieces), CHUNK))


def listing_of_round(session: Session, tour: Round, *, actor: Actor, today: date) -> Listing:
    """Return a round's tasks, voided ones left out, and its issues, those without a task too."""
    wanted = TaskFilter(round_id=tour.id, only="all")
    query = narrowed(select(Task), wanted, actor=actor, today=today)
    tasks = _tasks(session, query.where(Task.state != TaskState.VOID), home=tour.region_id)
    of_round = (
        select(Issue)
        .join(Issue.feedback)
        .where(Feedback.round_id == tour.id, visible_issues(actor))
        .options(contains_eager(Issue.feedback))
    )
    issues = _told(session, [*session.scalars(of_round)], tasks, actor=actor)
    return Listing(session=session, tasks=tasks, issues=_in_order(issues, home=tour.region_id))


def listing_of_tasks(session: Session, wanted: TaskFilter, *, actor: Actor, today: date) -> Listing:
    """Return exactly the tasks that the list on screen shows for a filter, and their issues."""
    query = narrowed(select(Task), wanted, actor=actor, today=today)
    tasks = _tasks(session, query, home=actor.region_id)
    issues = _told(session, [], tasks, actor=actor)
    return Listing(session=session, tasks=tasks, issues=_in_order(issues, home=actor.region_id))


def _tasks(session: Session, query: Select[Any], *, home: int | None) -> list[Task]:
    found = (
        query.join(Task.lead_unit)
        .join(Task.issue)
        .options(
            contains_eager(Task.lead_unit),
            contains_eager(Task.issue).joinedload(Issue.feedback),
            selectinload(Task.measures),
            selectinload(Task.duties).joinedload(TaskDuty.person),
            selectinload(Task.co_units).joinedload(TaskUnit.unit),
        )
        .order_by(
            Unit.region_id != home,
            Unit.region_id,
            Unit.sort_no,
            Unit.id,
            Issue.issue_no,
            Issue.id,
            Task.id,
        )
    )
    return list(session.scalars(found))


def _told(
    session: Session, issues: Sequence[Issue], tasks: Sequence[Task], *, actor: Actor
) -> list[ListedIssue]:
    """Add what the reader may know of each issue: its units, and the states of all its tasks,
    also of those that a filter left out."""
    listed = {issue.id: ListedIssue(issue) for issue in issues}
    for task in tasks:
        one = listed.setdefault(task.issue_id, ListedIssue(task.issue))
        one.units[task.lead_unit_id] = task.lead_unit
    for part in chunks(list(listed)):
        for issue_id, unit in session.execute(_units(part, actor)):
            listed[issue_id].units[unit.id] = unit
        for issue_id, state, number in session.execute(_states(part, actor)):
            listed[issue_id].states[state] = number
    return list(listed.values())


def _units(issue_ids: Sequence[int], actor: Actor) -> Select[*tuple[Any, ...]]:
    return (
        select(IssueUnit.issue_id, Unit)
        .join(Unit, Unit.id == IssueUnit.unit_id)
        .join(Issue, Issue.id == IssueUnit.issue_id)
        .where(IssueUnit.issue_id.in_(issue_ids), sees(actor, region=Issue.region_id, unit=Unit.id))
    )


def _states(issue_ids: Sequence[int], actor: Actor) -> Select[*tuple[Any, ...]]:
    return (
        select(Task.issue_id, Task.state, func.count())
        .where(Task.issue_id.in_(issue_ids), visible_tasks(actor))
        .group_by(Task.issue_id, Task.state)
    )


def _in_order(issues: list[ListedIssue], *, home: int | None) -> list[ListedIssue]:
    """Sort issues by their first unit, its units too; an issue without one comes last."""

    def place(unit: Unit) -> tuple[bool, int, int, int]:
        return (unit.region_id != home, unit.region_id, unit.sort_no, unit.id)

    for one in issues:
        units = sorted(one.units.values(), key=place)
        one.units = {unit.id: unit for unit in units}
    last = (True, 1 << 62, 0, 0)
    return sorted(
        issues,
        key=lambda one: (
            place(next(iter(one.units.values()))) if one.units else last,
            one.issue.issue_no,
            one.issue.id,
        ),
    )
