"""The one clock. Nobody else reads the time; below an entrypoint `now` and `today` are arguments."""

from datetime import UTC, date, datetime
from typing import Protocol
from zoneinfo import ZoneInfo

BEIJING = ZoneInfo("Asia/Shanghai")


class Clock(Protocol):
    """Anything that tells the time as an aware UTC instant."""

    def now(self) -> datetime:
        """Return the present instant, aware, in UTC."""
        ...


class SystemClock:
    """The computer's own clock."""

    def now(self) -> datetime:
        """Return the present instant, aware, in UTC."""
        return datetime.now(UTC)


def local(instant: datetime) -> datetime:
    """Return the instant as Beijing wall time (北京时间)."""
    return instant.astimezone(BEIJING)


def local_date(instant: datetime) -> date:
    """Return the Beijing calendar day the instant falls on: what a person calls “today”."""
    return local(instant).date()


def at_local(day: date, hour: int, minute: int = 0) -> datetime:
    """Return the UTC instant of a Beijing wall time on a day."""
    return datetime(day.year, day.month, day.day, hour, minute, tzinfo=BEIJING).astimezone(UTC)
