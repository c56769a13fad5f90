"""A clock that stands still until a test moves it."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from sqlalchemy import Connection

from tracker.kernel.clock import SystemClock, at_local


class ManualClock:
    """Tells the time it was given; so does the database's."""

    def __init__(self, instant: datetime) -> None:
        self.instant = instant

    def now(self) -> datetime:
        return self.instant.astimezone(UTC)

    def shared(self, _connection: Connection) -> datetime:
        return self.now()

    def set_local(self, day: date, hour: int = 9, minute: int = 0) -> None:
        self.instant = at_local(day, hour, minute)

    def advance(self, delta: timedelta) -> None:
        self.instant += delta


@dataclass
class SkewedClock:
    """The clock of another machine, some seconds off; the database's is the same for both."""

    right: ManualClock
    off: timedelta

    def now(self) -> datetime:
        return self.right.now() + self.off

    def shared(self, connection: Connection) -> datetime:
        return self.right.shared(connection)


@dataclass(frozen=True)
class ShiftedClock:
    """The computer's clock, some days off."""

    shift: timedelta

    def now(self) -> datetime:
        return SystemClock().now() + self.shift

    def shared(self, connection: Connection) -> datetime:
        return SystemClock().shared(connection) + self.shift
