"""A round with histories made by hand."""

from collections.abc import Iterator

import pytest

from tests.factories.cast import Cast
from tests.factories.work import make_work
from tests.reports.histories import EARLY, Histories
from tracker.kernel.db import Database


@pytest.fixture
def made(database: Database, people: Cast) -> Iterator[Histories]:
    """An open writing session over the city's round; the test commits what others shall see."""
    with database.writing() as session:
        yield Histories(session, people, make_work(session, people, now=EARLY))
