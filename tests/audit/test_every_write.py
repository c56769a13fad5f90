"""No row changes without the trail knowing: every table, made, changed and deleted."""

import ast
import json
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event, insert, select, update
from sqlalchemy.orm import Mapper, Session, configure_mappers

from tests.factories.cast import Cast
from tests.rows_of_tables import sample
from tests.source_files import calls_in, name_of, product_files
from tracker.audit.changes import EXEMPT
from tracker.audit.models import AuditEntry
from tracker.audit.queries import change_lines
from tracker.audit.service import first_broken_link
from tracker.kernel.db import Base, Database
from tracker.models import metadata
from tracker.organizations.models import Unit

NOW = datetime(2026, 11, 16, 1, tzinfo=UTC)
SKIPPED_COLUMNS = frozenset(
    {"id", "version", "created_at", "created_by", "updated_at", "updated_by"}
)


def noted_models() -> list[type[Base]]:
    configure_mappers()
    models = [mapper.class_ for mapper in Base.registry.mappers]
    return sorted(
        (model for model in models if model.__tablename__ not in EXEMPT),
        key=lambda model: model.__tablename__,
    )


@pytest.fixture
def loose(database: Database) -> Iterator[Session]:
    """A session that lets rows point nowhere, so that each table can be tried alone."""
    if not database.is_sqlite:
        pytest.skip("foreign keys can be switched off for a connection on SQLite only")

    @event.listens_for(database.engine, "connect")
    def unbind(connection: Any, _record: Any) -> None:
        connection.execute("PRAGMA foreign_keys=OFF")
        connection.execute("PRAGMA ignore_check_constraints=ON")

    database.engine.dispose()
    with database.writing() as session:
        yield session


def made(model: type[Base], which: int = 0) -> Base:
    mapper: Mapper[Any] = model.__mapper__
    values = {
        mapper.get_property_by_column(column).key: sample(column, which)
        for column in model.__table__.columns
        if column.name not in ("id", "version") and not (column.nullable and which)
    }
    return model(**values)


def changeable(model: type[Base]) -> tuple[str, Any] | None:
    """Return a plain column of the model and another value for it."""
    for column in model.__table__.columns:
        if column.name in SKIPPED_COLUMNS or column.primary_key:
            continue
        other = sample(column, 1)
        if other != sample(column, 0):
            return model.__mapper__.get_property_by_column(column).key, other
    return None


def latest(session: Session) -> list[tuple[str, str]]:
    """Return (table, verb) of the last entry's lines."""
    entry = session.scalars(select(AuditEntry).order_by(AuditEntry.seq.desc()).limit(1)).one()
    return [(line["table"], line["verb"]) for line in raw(entry)]


def raw(entry: AuditEntry) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(entry.changes or "[]")
    return found


@pytest.mark.parametrize("model", noted_models(), ids=lambda model: model.__tablename__)
def test_no_row_is_made_changed_or_deleted_unseen(loose: Session, model: type[Base]) -> None:
    row = made(model)
    loose.add(row)
    loose.commit()
    assert (model.__tablename__, "created") in latest(loose)
    guarded = loose.connection().exec_driver_sql(
        "SELECT 1 FROM sqlite_master WHERE type = 'trigger' AND tbl_name = ?",
        (model.__tablename__,),
    )
    if guarded.first() is not None:
        return  # history: the database refuses to change or delete it
    change = changeable(model)
    if change is not None:
        setattr(row, *change)
        loose.commit()
        assert (model.__tablename__, "updated") in latest(loose)
    loose.delete(row)
    loose.commit()
    assert (model.__tablename__, "deleted") in latest(loose)
    assert first_broken_link(loose) is None


def test_most_tables_are_noted_and_those_that_are_not_exist() -> None:
    assert len(noted_models()) > 45
    assert set(EXEMPT) <= set(metadata.tables)
    assert all(reason for reason in EXEMPT.values())


def test_a_statement_over_many_rows_is_noted_too(database: Database, people: Cast) -> None:
    with database.writing() as session:
        session.execute(update(Unit).values(sort_no=9))
        session.commit()
        entry = session.scalars(select(AuditEntry).order_by(AuditEntry.seq.desc())).first()
        assert entry is not None
        assert raw(entry) == [
            {"table": "units", "verb": "updated", "count": 4, "columns": ["sort_no"]}
        ]
        assert change_lines(entry)[0].what == "单位：共 4 行"


def test_rows_inserted_by_a_statement_are_noted(database: Database, people: Cast) -> None:
    values = {"code": "X", "name": "云州市某科", "short_name": "某科", "category": "department"}
    with database.writing() as session:
        session.execute(
            insert(Unit).values(
                **values,
                region_id=people.regions["city"],
                sort_no=1,
                valid_from=date(2020, 1, 1),
                created_at=NOW,
                created_by="tests",
            )
        )
        session.commit()
        assert ("units", "created") in latest(session)


def test_nobody_writes_past_the_session() -> None:
    """Connections, drivers and bulk methods of old would not be heard."""
    past = ("bulk_insert_mappings", "bulk_save_objects", "bulk_update_mappings", "exec_driver_sql")
    found = {
        (name_of(path), name)
        for path in product_files()
        for name, call in calls_in(path)
        if name.endswith(past)
        or (name.endswith("session.connection") and call not in _asked_for_the_time(path))
    }
    # The steps of a message (leases, tokens, frozen parts, receipts) are technical and stand in every message's
    # way; what people change about groups goes by the session.
    message_steps = ("limiter", "personal_trial", "postman", "preparing", "trial")
    steps = (f"tracker/notifications/{name}.py" for name in message_steps)
    reading = ("tracker/notifications/claims.py", "tracker/reminders/looking.py")  # SELECT alone
    allowed = {"tracker/kernel/db.py", "tracker/kernel/migrate.py", *steps, *reading}
    assert {(path, name) for path, name in found if path not in allowed} == set()


def _asked_for_the_time(path: Path) -> list[ast.expr]:
    """Return connections that are handed to the database's clock and to nothing else."""
    return [
        call.args[0]
        for name, call in calls_in(path)
        if name.rpartition(".")[2] in ("shared", "database_now") and call.args
    ]


def test_a_trail_that_cannot_be_written_undoes_the_change(
    database: Database, people: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_args: object) -> None:
        raise RuntimeError("disk full")

    monkeypatch.setattr("tracker.audit.service._append", fail)
    with database.writing() as session:
        session.get_one(Unit, people.units["a"]).name = "另名"
        with pytest.raises(RuntimeError):
            session.commit()
    with database.reading() as session:
        assert session.get_one(Unit, people.units["a"]).name == "市甲局"
