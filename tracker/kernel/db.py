"""The database: one declarative base, its column types, and read and write sessions."""

import enum
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any, ClassVar, Protocol

from sqlalchemy import (
    BigInteger,
    DateTime,
    Dialect,
    Engine,
    Enum,
    ForeignKey,
    Integer,
    MetaData,
    String,
    create_engine,
    event,
)
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, declared_attr, mapped_column
from sqlalchemy.types import TypeDecorator

from tracker.kernel.errors import StaleVersionError
from tracker.kernel.permissions import Actor

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}

Id = BigInteger().with_variant(Integer, "sqlite")
CHANGED_BY = "changed_by"  # in Session.info: a function that tells who acts, and when


class UtcDateTime(TypeDecorator[datetime]):
    """An instant. Stored in UTC; always comes back aware, on SQLite too."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, _dialect: Dialect) -> datetime | None:
        """Refuse naive instants: nobody can know what they mean."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("naive datetime")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, _dialect: Dialect) -> datetime | None:
        """Return an aware UTC instant."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Base(DeclarativeBase):
    """All models."""

    metadata = MetaData(naming_convention=NAMING)
    type_annotation_map: ClassVar = {datetime: UtcDateTime()}


def enum_type(cls: type[enum.StrEnum], name: str) -> Enum:
    """Return the column type of an enum: text with a named CHECK, the same on every database."""
    return Enum(
        cls,
        native_enum=False,
        create_constraint=True,
        length=40,
        name=name,
        values_callable=lambda members: [member.value for member in members],
        validate_strings=True,
    )


class Row:
    """Columns of every row a person edits: id, who and when, and a version against lost updates."""

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    created_at: Mapped[datetime]
    created_by: Mapped[str] = mapped_column(String(120))
    updated_at: Mapped[datetime | None]
    updated_by: Mapped[str | None] = mapped_column(String(120))
    version: Mapped[int] = mapped_column(default=1)

    @declared_attr.directive
    def __mapper_args__(cls) -> dict[str, Any]:  # noqa: N805
        """Let SQLAlchemy raise StaleDataError when two sessions overlap."""
        return {"version_id_col": cls.version}


class Versioned(Protocol):
    """What a page shows in a version: a row, or a set of rows as it stood."""

    @property
    def version(self) -> int: ...


def born(*, actor: Actor, now: datetime) -> dict[str, Any]:
    """Return the keyword arguments every new Row takes: who made it, and when."""
    return {"created_at": now, "created_by": actor.label}


def touch(row: Row, *, actor: Actor, now: datetime) -> None:
    """Write down who changed a row, and when."""
    row.updated_at = now
    row.updated_by = actor.label


def check_version(row: Versioned, seen: int, what: str = "这条记录") -> None:
    """Refuse to save over somebody else's change. `seen` is the version the form carried."""
    if row.version != seen:
        raise StaleVersionError(what)


def foreign_key(target: str, *, nullable: bool = False, index: bool = True) -> Any:
    """Return a column that points at `table.id`; indexed, because lists walk it."""
    return mapped_column(Id, ForeignKey(target), nullable=nullable, index=index)


class Database:
    """Engines of one database. Writers on SQLite take the lock at BEGIN, readers stay deferred."""

    def __init__(self, url: str, *, pool_size: int = 10) -> None:
        """Prepare engines; nothing is connected until a session asks."""
        self.url = url
        self.is_sqlite = url.startswith("sqlite")
        if self.is_sqlite:
            self.engine = _sqlite_engine(url, pool_size, begin="BEGIN IMMEDIATE")
            self.read_engine = _sqlite_engine(url, pool_size, begin="BEGIN", query_only=True)
        else:
            self.engine = create_engine(
                url,
                pool_pre_ping=True,
                hide_parameters=True,
                pool_size=pool_size,
                pool_timeout=10,
                connect_args={
                    "connect_timeout": 5,
                    "options": "-c statement_timeout=60000 -c timezone=UTC",
                },
            )
            self.read_engine = self.engine.execution_options(postgresql_readonly=True)

    def read_session(self) -> Session:
        """Return a session that cannot write."""
        return Session(self.read_engine, expire_on_commit=False)

    def write_session(self) -> Session:
        """Return a session whose first statement begins a writing transaction."""
        return Session(self.engine, expire_on_commit=False)

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """Run a block that only reads."""
        with self.read_session() as session:
            yield session

    @contextmanager
    def writing(self) -> Iterator[Session]:
        """Run a block that writes; the block commits, an exception rolls back."""
        with self.write_session() as session:
            yield session

    def dispose(self) -> None:
        """Close all pooled connections."""
        self.engine.dispose()
        self.read_engine.dispose()


def _sqlite_engine(url: str, pool_size: int, *, begin: str, query_only: bool = False) -> Engine:
    engine = create_engine(
        url, hide_parameters=True, pool_size=pool_size, connect_args={"timeout": 15}
    )

    @event.listens_for(engine, "connect")
    def prepare(connection: Any, _record: Any) -> None:
        connection.isolation_level = None
        cursor = connection.cursor()
        cursor.execute("PRAGMA foreign_keys=ON")
        cursor.execute("PRAGMA journal_mode=WAL")
        cursor.execute("PRAGMA synchronous=NORMAL")
        if query_only:
            cursor.execute("PRAGMA query_only=ON")
        cursor.close()

    @event.listens_for(engine, "begin")
    def begin_transaction(connection: Any) -> None:
        connection.exec_driver_sql(begin)

    return engine
