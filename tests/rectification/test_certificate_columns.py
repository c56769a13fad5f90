"""No column of the rows behind a closing is forgotten: it is held, or known to mean nothing."""

from collections.abc import Iterator
from datetime import UTC, date, datetime
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import Column, Enum, Table, func, select, update
from sqlalchemy.orm import Session

from tests.factories.cast import TESTER, Cast
from tests.factories.work import Work, make_work
from tests.fakes.clock import ManualClock
from tests.rectification.certificate_columns import WITHOUT_MEANING
from tests.rectification.closed_task import Closed, found, make_closed, take_guards_off
from tracker.feedback.models import Issue
from tracker.files.models import StoredFile
from tracker.files.storage import FileStorage
from tracker.kernel.db import Database, UtcDateTime, born
from tracker.models import metadata
from tracker.rectification.models import (
    DueChange,
    Evidence,
    Extension,
    Measure,
    ProgressReport,
    Review,
    SignOff,
    Task,
    TaskDuty,
    TaskTransition,
    TaskUnit,
)
from tracker.rounds.models import Round
from tracker.rounds.rules import RoundKind, RoundStatus

COVERED = (
    *(Task, Issue, TaskUnit, TaskDuty, Measure, ProgressReport, Evidence, StoredFile),
    *(SignOff, Extension, DueChange, TaskTransition, Review),
)
LATER = {  # a duty counts when it ran on the day of the closing
    "task_duties.from_on": date(2026, 12, 31),
    "task_duties.to_on": date(2026, 10, 1),
}


@pytest.fixture
def closed(database: Database, people: Cast, clock: ManualClock, app: Flask) -> Closed:
    """The closed task, and beside it a row of every kind that a key could be bent to."""
    storage = FileStorage(app.extensions["tracker_config"].evidence_dir)
    with database.writing() as session:
        work = make_work(session, people, now=clock.now())
        made = make_closed(session, people, clock, work, storage)
        _others(session, people, work, clock)
        session.commit()
    return made


def _others(session: Session, people: Cast, work: Work, clock: ManualClock) -> None:
    work.task(session, people, unit="b", measures=[], now=clock.now())
    tour = session.get_one(Round, work.round_id)
    session.add(
        Round(
            region_id=work.region_id,
            term_id=work.term_id,
            code="R7-4",
            seq=4,
            name="第四轮巡察",
            kind=RoundKind.REGULAR,
            status=RoundStatus.RECTIFYING,
            profile_id=tour.profile_id,
            **born(actor=TESTER, now=clock.now()),
        )
    )


def columns() -> Iterator[tuple[Table, Any]]:
    for model in COVERED:
        table = metadata.tables[model.__tablename__]
        for column in table.columns:
            if not column.primary_key:
                yield table, column


def test_each_column_changed_by_hand_is_named_or_stands_in_the_list_with_its_reason(
    database: Database, closed: Closed
) -> None:
    named = {}
    with database.writing() as session:
        take_guards_off(session, database)
        for table, column in columns():
            point = session.begin_nested()
            row_id, before = _first_row(session, table, column, closed)
            after = _another(session, column, before, row_id)
            changed = update(table).where(table.c.id == row_id).values({column.name: after})
            session.execute(changed)
            named[str(column)] = bool(found(session, closed))
            point.rollback()
        assert found(session, closed) == set()
        session.rollback()
    unheld = {column for column, is_named in named.items() if not is_named}
    assert unheld == set(WITHOUT_MEANING)


def _first_row(session: Session, table: Table, column: Any, closed: Closed) -> tuple[int, Any]:
    query = select(table.c.id, column).order_by(table.c.id).limit(1)
    if "task_id" in table.c:
        query = query.where(table.c.task_id == closed.task_id)
    row_id, value = session.execute(query).one()
    return row_id, value


def _another(session: Session, column: Column[Any], before: Any, row_id: int) -> Any:
    """Return another value the column takes; a key is bent to another row, or else to its own."""
    if column.foreign_keys:
        (key,) = column.foreign_keys
        target = key.column.table
        query = select(func.min(target.c.id)).where(target.c.id != (before or 0))
        return session.scalar(query) or row_id
    if str(column) in LATER:
        return LATER[str(column)]
    if isinstance(column.type, Enum):
        return next(each for each in column.type.enum_class or () if each is not before)
    plain = column.type.impl_instance if isinstance(column.type, UtcDateTime) else column.type
    kind = plain.python_type
    if kind is bool:
        return not before
    if kind in (date, datetime):
        return datetime(2026, 5, 5, tzinfo=UTC) if kind is datetime else date(2026, 5, 5)
    return f"改{str(before or '')[:20]}" if kind is str else (before or 0) + 7
