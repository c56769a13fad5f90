"""A running product with an injected clock, its robot simulator, and a real Chromium."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, sync_playwright

from tests.browser.product import Product
from tests.fakes.clock import ManualClock
from tests.real_parts import require_program
from tracker.kernel.db import Database


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    path = require_program(
        "chromium", "chromium-browser", package="chromium fonts-wqy-microhei libatomic1"
    )
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=path, args=["--disable-gpu"])
        yield chromium
        chromium.close()


@pytest.fixture
def product(database: Database, clock: ManualClock, tmp_path: Path) -> Iterator[Product]:
    """The product on a loopback port, the cast in its database, a simulator beside it."""
    running = Product(database, clock, tmp_path)
    yield running
    running.stop()
