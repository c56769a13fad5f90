"""A clock that stands still until a test moves it."""

from datetime import UTC, date, datetime, timedelta

from tracker.kernel.clock import at_local


class ManualClock:
    """Tells the time it was given."""

    def __init__(self, instant: datetime) -> None:
        self.instant = instant

    def now(self) -> datetime:
        return self.instant.astimezone(UTC)

    def set_local(self, day: date, hour: int = 9, minute: int = 0) -> None:
        self.instant = at_local(day, hour, minute)

    def advance(self, delta: timedelta) -> None:
        self.instant += delta
