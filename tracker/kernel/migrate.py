"""Schema versions: upgrade under a lock, and say clearly when the database is newer than we are."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config as AlembicConfig
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, create_engine, event, text
from sqlalchemy.pool import NullPool

from tracker.kernel.db import Database
from tracker.kernel.errors import ConfigError

MIGRATIONS = Path(__file__).resolve().parents[2] / "migrations"
UPGRADE_LOCK = 7_201_945_113  # any constant; one upgrade at a time on PostgreSQL


def upgrade(database: Database, revision: str = "head") -> None:
    """Bring the schema up to a revision. Raises ConfigError when the database is newer."""
    with _migrating(database) as connection:
        _refuse_newer(connection)
        command.upgrade(_config(connection), revision)


def downgrade(database: Database, revision: str) -> None:
    """Take the schema down to a revision, e.g. `-1`."""
    with _migrating(database) as connection:
        command.downgrade(_config(connection), revision)


def pending(database: Database) -> list[str]:
    """Return revisions not applied yet, oldest first. Raises ConfigError when it is newer."""
    with database.read_engine.connect() as connection:
        _refuse_newer(connection)
        current = MigrationContext.configure(connection).get_current_revision()
    script = ScriptDirectory(str(MIGRATIONS))
    waiting = [
        r.revision for r in script.iterate_revisions("head", current) if r.revision != current
    ]
    return list(reversed(waiting))


def _config(connection: Connection) -> AlembicConfig:
    config = AlembicConfig()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    config.attributes["connection"] = connection
    return config


def _refuse_newer(connection: Connection) -> None:
    current = MigrationContext.configure(connection).get_current_revision()
    known = {revision.revision for revision in ScriptDirectory(str(MIGRATIONS)).walk_revisions()}
    if current is not None and current not in known:
        raise ConfigError(
            f"数据库来自更新的版本（{current}），本程序不能使用它。请换用新版程序，或恢复旧的备份。"
        )


@contextmanager
def _migrating(database: Database) -> Iterator[Connection]:
    """Yield one locked connection; foreign keys are off on SQLite while tables are rebuilt."""
    engine = create_engine(database.engine.url, poolclass=NullPool)
    if database.is_sqlite:
        _prepare_sqlite(engine)
    with engine.begin() as connection:
        if not database.is_sqlite:
            connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": UPGRADE_LOCK})
        yield connection
        if database.is_sqlite:
            broken = connection.execute(text("PRAGMA foreign_key_check")).fetchall()
            if broken:
                raise ConfigError("升级后数据关联不完整，已撤销升级。请恢复备份并联系维护人员。")
    engine.dispose()


def _prepare_sqlite(engine: Any) -> None:
    @event.listens_for(engine, "connect")
    def prepare(connection: Any, _record: Any) -> None:
        connection.isolation_level = None
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("PRAGMA busy_timeout=15000")

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        connection.exec_driver_sql("BEGIN IMMEDIATE")
