"""A running product with an injected clock, its robot simulator beside it."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.browser.product import Product
from tests.fakes.clock import ManualClock
from tracker.kernel.db import Database


@pytest.fixture
def product(database: Database, clock: ManualClock, tmp_path: Path) -> Iterator[Product]:
    """The product on a loopback port, the cast in its database, a simulator beside it."""
    running = Product(database, clock, tmp_path)
    yield running
    running.stop()
