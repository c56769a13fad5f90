"""The simulator's own clock: it imports nothing of the product, and every part takes `now`."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone

Now = Callable[[], datetime]
BEIJING = timezone(timedelta(hours=8), "北京时间")


def system_now() -> datetime:
    """The present instant, UTC, aware."""
    return datetime.now(UTC)
