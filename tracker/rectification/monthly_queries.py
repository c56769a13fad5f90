"""What 本月填报 shows: a unit's open tasks with their last report, units, months' reports."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Select, case, func, select
from sqlalchemy.orm import Session, joinedload, selectinload

from tracker.kernel.errors import NotVisibleError
from tracker.kernel.permissions import Actor, Role
from tracker.organizations.models import Unit
from tracker.organizations.scope import conducts, sees
from tracker.rectification.models import MonthlyReport, MonthlyReportLine, ProgressReport, Task
from tracker.rectification.paging import FAR, by_date
from tracker.rectification.queries import visible_tasks
from tracker.rectification.service.working import WORKING
from tracker.rounds.models import Round

MAX_ROWS = 300
LIST_SIZE = 200


@dataclass(frozen=True, kw_only=True)
class UnitToFill:
    """A unit in the clerk's list: how many tasks it works on, how many were reported this month."""

    unit: Unit
    open_tasks: int
    reported: int


def fillable(actor: Actor) -> ColumnElement[bool]:
    """Return the condition of a task whose progress this person may report.

    A unit fills in what it leads; an office, for the units of its own inspections.
    """
    if actor.role in (Role.UNIT_LIAISON, Role.UNIT_HEAD):
        return Task.state.in_(WORKING) & visible_tasks(actor) & (Task.lead_unit_id == actor.unit_id)
    return Task.state.in_(WORKING) & conducts(actor, region=Task.region_id)


@dataclass(frozen=True, kw_only=True)
class Chosen:
    """Which of a unit's tasks the page shows: of one round, after the last row of the page before."""

    round_id: int | None = None
    after: tuple[date, int] | None = None


@dataclass(frozen=True, kw_only=True)
class Standing:
    """How much a unit has to report: tasks it works on, and those reported this month."""

    open_tasks: int
    reported: int


def tasks_to_fill(session: Session, unit_id: int, chosen: Chosen, *, actor: Actor) -> list[Task]:
    """Return one page of a unit's tasks that are being worked on, by due date, and one task more
    when there is a next page."""
    query = _to_fill(unit_id, chosen, actor)
    return list(session.scalars(by_date(query, Task.due_on, after=chosen.after, size=MAX_ROWS)))


def tasks_sent(
    session: Session, unit_id: int, task_ids: Collection[int], *, actor: Actor
) -> list[Task]:
    """Return the tasks that a page was sent with, as far as they can be filled in now."""
    query = _to_fill(unit_id, Chosen(), actor).where(Task.id.in_(list(task_ids)[:MAX_ROWS]))
    return list(session.scalars(query.order_by(func.coalesce(Task.due_on, FAR), Task.id)))


def _to_fill(unit_id: int, chosen: Chosen, actor: Actor) -> Select[Task]:
    query = select(Task).where(Task.lead_unit_id == unit_id, fillable(actor))
    if chosen.round_id is not None:
        query = query.where(Task.round_id == chosen.round_id)
    return query.options(
        joinedload(Task.issue),
        joinedload(Task.feedback),
        joinedload(Task.round).joinedload(Round.region),
        joinedload(Task.lead_unit),
        selectinload(Task.measures),
    )


def standing_of(session: Session, unit_id: int, *, actor: Actor, month: date) -> Standing:
    """Return how many tasks a unit works on, on all pages, and how many it has reported."""
    query = select(func.count(Task.id), _reported_since(month)).where(
        Task.lead_unit_id == unit_id, fillable(actor)
    )
    total, reported = session.execute(query).one()
    return Standing(open_tasks=total, reported=reported or 0)


def rounds_to_fill(session: Session, unit_id: int, *, actor: Actor) -> list[tuple[int, str]]:
    """Return the rounds whose tasks a unit works on: id and name."""
    query = (
        select(Round.id, Round.name)
        .join(Task, Task.round_id == Round.id)
        .where(Task.lead_unit_id == unit_id, fillable(actor))
        .distinct()
    )
    return [(row.id, row.name) for row in session.execute(query.order_by(Round.id))]


def _reported_since(month: date) -> Any:
    return func.sum(case((Task.last_progress_on >= month, 1), else_=0))


def last_reports(session: Session, task_ids: Sequence[int]) -> dict[int, ProgressReport]:
    """Return the newest progress report of each task, by task id."""
    newest = (
        select(func.max(ProgressReport.id))
        .where(ProgressReport.task_id.in_(task_ids))
        .group_by(ProgressReport.task_id)
    )
    found = session.scalars(select(ProgressReport).where(ProgressReport.id.in_(newest)))
    return {report.task_id: report for report in found}


def units_to_fill(session: Session, *, actor: Actor, month: date) -> list[UnitToFill]:
    """Return the units an office may write for, those with most left first."""
    query = (
        select(Unit, func.count(Task.id), _reported_since(month))
        .join(Task, Task.lead_unit_id == Unit.id)
        .where(fillable(actor))
        .group_by(Unit.id)
        .order_by(Unit.sort_no, Unit.id)
    )
    return [
        UnitToFill(unit=unit, open_tasks=total, reported=done)
        for unit, total, done in session.execute(query)
    ]


def unit_to_fill(session: Session, unit_id: int | None, *, actor: Actor) -> Unit:
    """Return the unit whose tasks are filled in: one's own, or one with tasks of the office."""
    if actor.role in (Role.UNIT_LIAISON, Role.UNIT_HEAD):
        query = select(Unit).where(Unit.id == actor.unit_id)
        if unit_id not in (None, actor.unit_id):
            raise NotVisibleError
    else:
        theirs = select(Task.id).where(
            Task.lead_unit_id == Unit.id, conducts(actor, region=Task.region_id)
        )
        query = select(Unit).where(Unit.id == unit_id, theirs.exists())
    unit = session.scalar(query)
    if unit is None:
        raise NotVisibleError
    return unit


def _visible_reports(actor: Actor) -> Select[MonthlyReport]:
    seen = sees(actor, region=MonthlyReport.region_id, unit=MonthlyReport.unit_id)
    return select(MonthlyReport).where(seen).options(joinedload(MonthlyReport.unit))


def list_reports(session: Session, *, actor: Actor) -> list[MonthlyReport]:
    """Return the months' reports this person may see: those not signed yet, then the newest."""
    lines = selectinload(MonthlyReport.lines).joinedload(MonthlyReportLine.progress)
    query = (
        _visible_reports(actor)
        .join(MonthlyReport.unit)
        .options(lines.load_only(ProgressReport.task_id))
        .order_by(MonthlyReport.month.desc(), Unit.sort_no, Unit.id, MonthlyReport.seq.desc())
        .limit(LIST_SIZE)
    )
    return list(session.scalars(query))


def get_report(session: Session, report_id: int, *, actor: Actor) -> MonthlyReport:
    """Return a month's report with its lines."""
    task = joinedload(MonthlyReportLine.progress).joinedload(ProgressReport.task)
    query = (
        _visible_reports(actor)
        .where(MonthlyReport.id == report_id)
        .options(
            joinedload(MonthlyReport.file),
            selectinload(MonthlyReport.lines).options(
                task.joinedload(Task.issue),
                task.joinedload(Task.feedback),
                task.joinedload(Task.round).joinedload(Round.region),
            ),
        )
    )
    report = session.scalar(query)
    if report is None:
        raise NotVisibleError
    return report


def not_reported(session: Session, report: MonthlyReport, *, actor: Actor) -> list[Task]:
    """Return the unit's open tasks of this office that nobody has reported since the month began,
    and one more than the page shows when there are more."""
    query = (
        select(Task)
        .where(
            Task.lead_unit_id == report.unit_id,
            Task.region_id == report.region_id,
            Task.state.in_(WORKING),
            func.coalesce(Task.last_progress_on, date.min) < report.month,
            visible_tasks(actor),
        )
        .options(joinedload(Task.issue))
        .order_by(func.coalesce(Task.due_on, FAR), Task.id)
        .limit(MAX_ROWS + 1)
    )
    return list(session.scalars(query))
