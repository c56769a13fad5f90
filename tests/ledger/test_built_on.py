"""What stands in the way of taking an import back: every pointer of every room, and no other."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Column, Table, func, insert, select, update
from sqlalchemy.orm import Session

from tests.factories.cast import Cast
from tests.factories.work import Work, make_work
from tests.fakes.clock import ManualClock
from tests.ledger.importing import FED_BACK, bring_in, mixed_ledger
from tests.rows_of_tables import row_of, sample
from tracker.audit.service import table_of
from tracker.kernel.db import Database
from tracker.kernel.errors import DomainError
from tracker.ledger.built_on import (
    COUNTED,
    DATED,
    DRAFT,
    DRAFTS,
    EDITED,
    ELSEWHERE,
    GONE,
    MADE,
    NAMINGS,
    POINTERS,
    SHARED,
    Standing,
)
from tracker.ledger.in_the_way import CALLED, what_stands
from tracker.ledger.models import ImportBatch, ImportTrace
from tracker.ledger.undoing import undo_import
from tracker.models import metadata
from tracker.organizations.rules import HandedOver
from tracker.rectification.models import Task
from tracker.reminders.wanted import KINDS

HANDED_OVER = {
    HandedOver.TASK: "tasks",
    HandedOver.CO_TASK: "task_units",
    HandedOver.DOCUMENT: "unit_documents",
    HandedOver.DUTY: "task_duties",
}
TABLES_OF_KINDS: dict[str, dict[str, str | None]] = {
    "calendar_moves": {kind: table_of(kind) for kind in ("milestone", "unit_document")},
    "call_notes": {kind: table_of(kind) for kind in KINDS},
    "notifications": {kind: table_of(kind) for kind in KINDS},
    "unit_change_items": {kind.value: table for kind, table in HANDED_OVER.items()},
}
# What a made-up row must not share with one that an import made.
OTHERWISE: dict[str, dict[str, Any]] = {
    "feedbacks": {"code": "乙"},
    "issues": {"issue_no": "乙"},
    "measures": {"seq": 99},
    "milestones": {"seq": 99},
    "tasks": {"task_no": "乙"},
}


def columns() -> Iterator[Column[Any]]:
    for table in metadata.sorted_tables:
        yield from table.columns


def pointed_at(column: Column[Any]) -> set[str]:
    return {key.column.table.name for key in column.foreign_keys}


def test_every_pointer_at_what_an_import_makes_has_its_word() -> None:
    """A new table that points at a task, issue, … needs one line in POINTERS."""
    pointers = {f"{c.table.name}.{c.name}" for c in columns() if pointed_at(c) & set(MADE)}
    assert len(pointers) > 45
    assert pointers == set(POINTERS)
    assert all(POINTERS.values())
    assert set(CALLED) == set(MADE)


def test_every_table_that_names_rows_by_kind_or_bare_id_is_decided_about() -> None:
    loose = {
        column.table.name
        for column in columns()
        if column.name.endswith("_id") and not column.primary_key and not column.foreign_keys
        if column.table.name not in ("import_traces", "undone_rows")
    }
    assert loose == set(NAMINGS) | set(ELSEWHERE)
    lists = {c.table.name for c in columns() if c.name.endswith("_ids")}
    assert lists <= set(COUNTED)


@pytest.mark.parametrize("table", NAMINGS)
def test_every_kind_that_means_a_row_of_an_import_is_asked_about(table: str) -> None:
    ours = {kind: name for kind, name in TABLES_OF_KINDS[table].items() if name in MADE}
    assert NAMINGS[table].tables == ours
    assert set(TABLES_OF_KINDS) == set(NAMINGS)
    assert set(HANDED_OVER) == set(HandedOver)


@pytest.fixture
def session(database: Database) -> Iterator[Session]:
    with database.writing() as made:
        yield made


@pytest.fixture
def work(session: Session, people: Cast, clock: ManualClock) -> Work:
    made = make_work(session, people, now=clock.now(), units=("a",), fed_back_on=FED_BACK)
    session.commit()
    return made


@pytest.fixture
def batch(
    session: Session, people: Cast, work: Work, clock: ManualClock, tmp_path: Path
) -> ImportBatch:
    """An import into an office that has rows of every kind already, and another import."""
    for table in [*MADE, *SHARED]:
        row_of(session.connection(), metadata.tables[table])
    row_of(session.connection(), metadata.tables["import_batches"])
    session.commit()
    clerk, now = people.actor("clerk"), clock.now()
    return bring_in(session, mixed_ledger(), work.round_id, tmp_path, actor=clerk, now=now)


def made_row(session: Session, batch: ImportBatch, table: str) -> int:
    query = select(func.min(ImportTrace.row_id)).where(
        ImportTrace.batch_id == batch.id, ImportTrace.table_name == table
    )
    found = session.scalar(query)
    assert found is not None
    return found


def add_row(session: Session, table: Table, **given: Any) -> None:
    """Insert a made-up row, its other keys pointing at rows that no import made."""
    connection = session.connection()
    values = {
        column.name: row_of(connection, metadata.tables[pointed_at(column).pop()])
        if column.foreign_keys
        else sample(column)
        for column in table.columns
        if column.name != "id" and not column.nullable and column.name not in given
    }
    connection.execute(insert(table).values(**{**values, **OTHERWISE.get(table.name, {}), **given}))


def told(session: Session, batch: ImportBatch) -> list[tuple[str, str]]:
    """Return the first word of where, and what, of all that stands in the way."""
    return [(each.name.split(" ")[0], each.word) for each in what_stands(session, batch)]


def test_an_import_traces_all_kinds_of_rows_and_nothing_stands_in_its_way(
    session: Session, batch: ImportBatch
) -> None:
    made = select(ImportTrace.table_name).where(ImportTrace.before.is_(None)).distinct()
    assert set(session.scalars(made)) | {"teams"} == {*MADE, *SHARED}
    assert what_stands(session, batch) == []


def test_each_pointer_alone_stands_in_the_way(
    session: Session, batch: ImportBatch, people: Cast
) -> None:
    found, expected = {}, {}
    for pointer, word in POINTERS.items():
        name, _, key = pointer.partition(".")
        table = metadata.tables[name]
        target = pointed_at(table.c[key]).pop()
        given = {key: made_row(session, batch, target)}
        if name in ("issue_units", "feedback_recipients"):
            given["unit_id"] = people.units["e"]
        add_row(session, table, **given)
        found[pointer] = told(session, batch)
        expected[pointer] = [(CALLED[target][0], word)]
        session.rollback()
    assert found == expected


def test_whatever_names_a_row_by_kind_and_id_stands_in_the_way(
    session: Session, batch: ImportBatch
) -> None:
    for name, naming in NAMINGS.items():
        table = metadata.tables[name]
        for kind, target in naming.tables.items():
            made = made_row(session, batch, target)
            add_row(session, table, **{naming.kind: kind, "object_id": made})
            assert told(session, batch) == [(CALLED[target][0], naming.word)]
            session.rollback()
            add_row(session, table, **{naming.kind: kind, "object_id": 999_999})
            assert told(session, batch) == []
            session.rollback()


def test_a_draft_about_a_row_stands_in_the_way(session: Session, batch: ImportBatch) -> None:
    drafts = metadata.tables["drafts"]
    for word, target in DRAFTS.items():
        made = made_row(session, batch, target)
        add_row(session, drafts, form_key=f"/{word}/{made}/progress?x=1")
        assert told(session, batch) == [(CALLED[target][0], DRAFT)]
        session.rollback()
        add_row(session, drafts, form_key=f"/{word}/{made}9/progress")
        assert told(session, batch) == []
        session.rollback()


@pytest.mark.parametrize("name", [name for name in MADE if "version" in metadata.tables[name].c])
def test_a_row_that_was_edited_stands_in_the_way(
    session: Session, batch: ImportBatch, name: str
) -> None:
    table = metadata.tables[name]
    made = made_row(session, batch, name)
    session.execute(update(table).where(table.c.id == made).values(version=table.c.version + 1))
    assert told(session, batch) == [(CALLED[name][0], EDITED)]


def test_a_row_that_was_taken_away_stands_in_the_way(session: Session, batch: ImportBatch) -> None:
    measures = metadata.tables["measures"]
    made = made_row(session, batch, "measures")
    session.execute(measures.delete().where(measures.c.id == made))
    assert what_stands(session, batch) == [Standing("整改措施", GONE)]


def test_figures_kept_or_given_away_since_stand_in_the_way(
    session: Session, batch: ImportBatch, people: Cast, clock: ManualClock
) -> None:
    before, after = datetime(2020, 1, 1, tzinfo=UTC), clock.now()
    city, west = people.regions["city"], people.regions["west"]
    day = sample(metadata.tables["dispatches"].c.as_of)

    def keep(table: str, region_id: int, when: datetime) -> None:
        there = metadata.tables[table]
        if table == "report_runs":
            add_row(session, there, round_id=batch.round_id, created_at=when)
        elif table == "snapshots":
            add_row(session, there, region_id=region_id, taken_at=when)
        elif table == "dispatches":
            add_row(session, there, region_id=region_id, created_at=when, as_of=day)
        else:
            add_row(session, there, region_id=region_id)
            answer = session.scalar(select(func.max(there.c.id)))
            events = metadata.tables["submission_events"]
            add_row(session, events, submission_id=answer, recorded_at=when)

    for table, word in COUNTED.items():
        keep(table, city, after)
        assert [each.word for each in what_stands(session, batch)] == [word]
        session.rollback()
        keep(table, city, before)
        assert what_stands(session, batch) == []
        session.rollback()
        if table != "report_runs":
            keep(table, west, after)
            assert what_stands(session, batch) == []
            session.rollback()


def test_a_city_that_counted_its_county_stands_in_the_countys_way(
    session: Session, batch: ImportBatch, people: Cast, clock: ManualClock
) -> None:
    batch.region_id = people.regions["east"]
    session.commit()
    for name, stands in (("city", True), ("east", True), ("west", False)):
        region = {"region_id": people.regions[name], "taken_at": clock.now()}
        add_row(session, metadata.tables["snapshots"], **region)
        assert bool(what_stands(session, batch)) is stands
        session.rollback()


def test_a_feedback_dated_by_the_import_whose_date_was_used_stands_in_the_way(
    session: Session, people: Cast, work: Work, clock: ManualClock, tmp_path: Path
) -> None:
    clerk, now = people.actor("clerk"), clock.now()
    feedbacks = metadata.tables["feedbacks"]
    own = work.feedback_ids["a"]
    session.execute(update(feedbacks).where(feedbacks.c.id == own).values(fed_back_on=None))
    session.commit()
    batch = bring_in(session, mixed_ledger(), work.round_id, tmp_path, actor=clerk, now=now)
    assert what_stands(session, batch) == []
    work.task(session, people, now=now)
    assert what_stands(session, batch) == [Standing("反馈 F-a", DATED)]
    session.rollback()
    undo_import(session, batch, "日期有误", actor=clerk, now=now)
    session.commit()
    assert session.scalar(select(feedbacks.c.fed_back_on).where(feedbacks.c.id == own)) is None


def test_a_refusal_names_what_stands_and_changes_nothing(
    session: Session, batch: ImportBatch, people: Cast, clock: ManualClock
) -> None:
    task = session.get_one(Task, made_row(session, batch, "tasks"))
    number = task.task_no
    for _ in range(2):
        add_row(session, metadata.tables["evidences"], task_id=task.id)
    session.commit()
    tables = [*MADE, *SHARED, "import_rows", "import_batches", "undone_rows"]
    before = {t: session.execute(select(metadata.tables[t])).all() for t in tables}
    with pytest.raises(DomainError, match=f"任务 {number}：佐证材料（2 条）"):
        undo_import(session, batch, "导错了", actor=people.actor("clerk"), now=clock.now())
    session.rollback()
    assert {t: session.execute(select(metadata.tables[t])).all() for t in tables} == before
