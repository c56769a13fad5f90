"""The office with groups and the simulator, and a jobs context over its database."""

from collections.abc import Callable

import pytest

from jobs.context import JobContext
from tests.notifications.conftest import office, sandbox
from tests.notifications.office import Office

__all__ = ["office", "sandbox"]
Watch = Callable[[], int]


@pytest.fixture
def context(office: Office) -> JobContext:
    return JobContext(office.database, office.clock, office.config, office.sealer, "one")
