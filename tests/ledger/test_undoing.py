"""撤销导入: all that an import made goes, nothing else does, and the same file lands the same again."""

import json
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import MetaData, Table, delete, func, select, text
from sqlalchemy.exc import DatabaseError
from sqlalchemy.orm import Session

from tests.factories.cast import Cast
from tests.factories.work import Work, make_work
from tests.fakes.clock import ManualClock
from tests.ledger.importing import FED_BACK, bring_in, mixed_ledger, preview, template_ledger
from tracker.audit.models import AuditEntry
from tracker.feedback.models import Feedback, Issue, IssueUnit
from tracker.kernel.db import Database, born
from tracker.kernel.errors import DomainError, NotVisibleError
from tracker.kernel.migrate import downgrade, upgrade
from tracker.ledger.built_on import MADE, SHARED
from tracker.ledger.landing import apply_import
from tracker.ledger.models import ImportBatch, ImportRow, ImportTrace, UndoneRow
from tracker.ledger.rules import BatchState
from tracker.ledger.undoing import leaving, undo_import
from tracker.models import metadata
from tracker.people.models import Person
from tracker.rectification.models import Task, TaskTransition
from tracker.rounds.models import Inspection, Milestone

# What is not counted, or is the record of what was done.
TRAIL = frozenset(
    {
        "audit_entries",
        "audit_heads",
        "import_batches",
        "import_rows",
        "import_traces",
        "stored_files",
        "undone_rows",
    }
)
STAMPS = frozenset({"version", "updated_at", "updated_by"})
# What tells two imports of one file apart: ids, and when it was.
TIMES = STAMPS | {"id", "created_at", "recorded_at"}
WHY = "导错了轮次"


@pytest.fixture
def work(database: Database, people: Cast, clock: ManualClock) -> Work:
    """A round that has only unit a in it so far."""
    with database.writing() as session:
        made = make_work(session, people, now=clock.now(), units=("a",), fed_back_on=FED_BACK)
        session.commit()
    return made


def everything(session: Session, left_out: frozenset[str] = STAMPS) -> dict[str, list[Any]]:
    """Return all rows of all tables but the trail; pointers as they are."""
    return {
        table.name: sorted(
            (tuple(row) for row in session.execute(select(*_columns(table, left_out)))), key=repr
        )
        for table in metadata.sorted_tables
        if table.name not in TRAIL and _columns(table, left_out)
    }


def _columns(table: Table, left_out: frozenset[str]) -> list[Any]:
    return [column for column in table.columns if column.name not in left_out]


def told(session: Session) -> dict[str, list[Any]]:
    """Return what rows say, without ids and pointers, for these are others the second time."""
    pointers = {
        key.parent.name
        for table in metadata.sorted_tables
        for key in table.foreign_keys
        if key.column.table.name in {*MADE, *SHARED}
    }
    return everything(session, TIMES | pointers)


@pytest.fixture
def session(database: Database) -> Iterator[Session]:
    with database.writing() as made:
        yield made


def test_an_import_taken_back_leaves_the_database_as_it_was(
    session: Session, people: Cast, work: Work, clock: ManualClock, tmp_path: Path
) -> None:
    clerk, now = people.actor("clerk"), clock.now()
    before = everything(session)
    batch = bring_in(session, mixed_ledger(), work.round_id, tmp_path, actor=clerk, now=now)
    first = told(session)
    assert len(first["tasks"]) == 6
    cells = list(session.scalars(select(ImportRow.cells).order_by(ImportRow.id)))
    gone = undo_import(session, batch, WHY, actor=clerk, now=now)
    session.commit()
    assert everything(session) == before
    assert (gone.going["任务"], gone.going["问题"], gone.going["巡察对象"]) == (6, 5, 1)
    assert (batch.state, batch.undone_at, batch.undone_by, batch.undo_reason) == (
        BatchState.UNDONE,
        now,
        clerk.label,
        WHY,
    )
    assert list(session.scalars(select(ImportRow.cells).order_by(ImportRow.id))) == cells
    again = bring_in(session, mixed_ledger(), work.round_id, tmp_path, actor=clerk, now=now)
    assert told(session) == first
    assert (again.issues_made, again.tasks_made) == (5, 6)
    undo_import(session, again, WHY, actor=clerk, now=now)
    session.commit()
    assert everything(session) == before
