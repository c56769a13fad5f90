"""The one clock. Nobody else reads the time; below an entrypoint `now` and `today` are arguments."""

from datetime import UTC, date, datetime
from typing import Protocol
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, text

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
    if connection.dialect.name == "sqlite":
        told = connection.scalar(text("SELECT strftime('%Y-%m-%d %H:%M:%f', 'now')"))
        return datetime.fromisoformat(told or "").replace(tzinfo=UTC)
    moment: datetime = connection.scalar(text("SELECT clock_timestamp()"))
    return moment.astimezone(UTC)


def local(instant: datetime) -> datetime:
    """Return the instant as Beijing wall time (北京时间)."""
    return instant.astimezone(BEIJING)


def local_date(instant: datetime) -> date:
    """Return the Beijing calendar day the instant falls on: what a person calls “today”."""
    return local(instant).date()


def at_local(day: date, hour: int, minute: int = 0) -> datetime:
    """Return the UTC instant of a Beijing wall time on a day."""
    return datetime(day.year, day.month, day.day, hour, minute, tzinfo=BEIJING).astimezone(UTC)
