"""A running simulator with a clock that tests move by hand."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from tests.wecom_sandbox.robots import Robot
from tracker.wecom_sandbox.server import RunningSandbox, start_sandbox

KEY = "demo-liaisons"


class HandClock:
    """Stands still until it is moved."""

    def __init__(self) -> None:
        self.instant = datetime(2026, 11, 20, 1, 30, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.instant

    def advance(self, **duration: float) -> None:
        """Move on by a timedelta's arguments."""
        self.instant += timedelta(**duration)


@pytest.fixture
def clock() -> HandClock:
    return HandClock()


@pytest.fixture
def sandbox(clock: HandClock) -> Iterator[RunningSandbox]:
    with start_sandbox(now=clock, groups={KEY: "整改联络员群"}) as running:
        yield running


@pytest.fixture
def robot(sandbox: RunningSandbox) -> Robot:
    return Robot(sandbox.url, KEY)
