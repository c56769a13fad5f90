"""Rows of overdue tasks against the Sunday before, and those overdue longest."""

from dataclasses import replace

from sqlalchemy import case, func, literal, select

from tracker.rectification.models import Task
from tracker.statistics.bands import KEPT, WeekPart, sunday_before
from tracker.statistics.queries.query import FigureQuery, Rows
from tracker.statistics.queries.tasks import overdue_with_due, tasks_overdue


def _last_week(query: FigureQuery) -> Rows:
    return tasks_overdue(replace(query, as_of=sunday_before(query.as_of)))


def overdue_last_week(query: FigureQuery) -> Rows:
    """Return what was overdue on the Sunday before, by whether it still is on the day."""
    then, now = _last_week(query).subquery(), tasks_overdue(query).subquery()
    part = case((now.c.id.is_(None), WeekPart.CLEARED.value), else_=KEPT)
    return select(then.c.id, then.c.amount, part.label("part")).outerjoin(
        now, now.c.id == then.c.id
    )


def overdue_newly(query: FigureQuery) -> Rows:
    """Return what is overdue on the day and was not on the Sunday before."""
    then, now = _last_week(query).subquery(), tasks_overdue(query).subquery()
    return (
        select(now.c.id, now.c.amount, literal(None).label("part"))
        .outerjoin(then, then.c.id == now.c.id)
        .where(then.c.id.is_(None))
    )


def overdue_cleared(query: FigureQuery) -> Rows:
    """Return what was overdue on the Sunday before and no longer is."""
    rows = overdue_last_week(query).subquery()
    return select(rows).where(rows.c.part == WeekPart.CLEARED.value)


def overdue_by_due(query: FigureQuery) -> Rows:
    """Return overdue tasks by the due date they have passed."""
    rows, due = overdue_with_due(query)
    return rows.with_only_columns(
        Task.id.label("id"), literal(1).label("amount"), due.label("part")
    )


def overdue_longest(query: FigureQuery) -> Rows:
    """Return the overdue tasks whose due date lies furthest back."""
    rows = overdue_by_due(query).subquery()
    oldest = select(func.min(overdue_by_due(query).subquery().c.part)).scalar_subquery()
    return select(rows.c.id, rows.c.amount, literal(None).label("part")).where(
        rows.c.part == oldest
    )
