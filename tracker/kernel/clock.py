"""The one clock. Nobody else reads the time; below an entrypoint `now` and `today` are arguments."""

from datetime import UTC, date, datetime
from typing import Any, Protocol
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, Connection, DateTime, String, literal_column, select

BEIJING = ZoneInfo("Asia/Shanghai")


class Clock(Protocol):
    """Anything that tells the time as an aware UTC instant."""

    def now(self) -> datetime:
        """Return the present instant, aware, in UTC."""
        ...

    def shared(self, connection: Connection) -> datetime:
        """Return the present instant as all processes on all machines see it: the database's."""
        ...


class SystemClock:
    """The computer's own clock."""

    def now(self) -> datetime:
        """Return the present instant, aware, in UTC."""
        return datetime.now(UTC)

    def shared(self, connection: Connection) -> datetime:
        """Return the present instant of the database's clock, aware, in UTC."""
        return database_now(connection)


def database_now(connection: Connection) -> datetime:
    """Return the database's clock, the one clock that all processes share."""
    return moment_of(connection.scalar(select(clock_of(connection.dialect.name))))


def clock_of(dialect: str) -> ColumnElement[Any]:
    """Return the database's clock as part of a statement; `moment_of` reads what comes back."""
    if dialect == "sqlite":
        return literal_column("strftime('%Y-%m-%d %H:%M:%f', 'now')", String)
    return literal_column("clock_timestamp()", DateTime(timezone=True))


def moment_of(told: str | datetime | None) -> datetime:
    """Return what a database's clock said, aware, in UTC."""
    if isinstance(told, datetime):
        return told.astimezone(UTC)
    return datetime.fromisoformat(told or "").replace(tzinfo=UTC)


def local(instant: datetime) -> datetime:
    """Return the instant as Beijing wall time (北京时间)."""
    return instant.astimezone(BEIJING)


def local_date(instant: datetime) -> date:
    """Return the Beijing calendar day the instant falls on: what a person calls “today”."""
    return local(instant).date()


def at_local(day: date, hour: int, minute: int = 0) -> datetime:
    """Return the UTC instant of a Beijing wall time on a day."""
    return datetime(day.year, day.month, day.day, hour, minute, tzinfo=BEIJING).astimezone(UTC)
