"""The robot's quota: 20 messages a minute per key, then a block as long as the window."""

from collections import defaultdict
from enum import StrEnum

MESSAGES_PER_WINDOW = 20


class Window(StrEnum):
    """How the minute is counted; the official page leaves it open."""

    SLIDING = "sliding"
    FIXED = "fixed"


class Limiter:
    """Counts requests per key. All instants are seconds since the epoch.

    With `count_failures` a request that is refused later (empty, too long …) uses quota too.
    Requests refused by the limiter itself never prolong the block.
    """

    def __init__(
        self,
        *,
        window_seconds: float = 60.0,
        limit: int = MESSAGES_PER_WINDOW,
        window: Window = Window.SLIDING,
        count_failures: bool = True,
    ) -> None:
        if window_seconds <= 0:
            raise ValueError("the window must be longer than 0 seconds")
        self.window_seconds = window_seconds
        self._limit = limit
        self._window = window
        self._count_failures = count_failures
        self._used_at: defaultdict[str, list[float]] = defaultdict(list)
        self._blocked_until: dict[str, float] = {}

    def admits(self, key: str, *, at: float) -> bool:
        """Whether a request may go on now; the first excess one starts the block."""
        if at < self._blocked_until.get(key, float("-inf")):
            return False
        recent = [used for used in self._used_at[key] if self._is_recent(used, at)]
        self._used_at[key] = recent
        if len(recent) < self._limit:
            return True
        self._blocked_until[key] = at + self.window_seconds
        recent.clear()
        return False

    def count(self, key: str, *, at: float, accepted: bool) -> None:
        """Use one unit of the quota."""
        if accepted or self._count_failures:
            self._used_at[key].append(at)

    def _is_recent(self, used: float, at: float) -> bool:
        if self._window is Window.FIXED:
            return used // self.window_seconds == at // self.window_seconds
        return at - used < self.window_seconds
