"""A round with tasks, in a city that has switched pushing on."""

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest

from tests.factories.cast import Cast
from tests.factories.work import Work, make_work
from tests.fakes.clock import ManualClock
from tracker.kernel.db import Database
from tracker.reminders.service import switch_pushing

TaskMaker = Callable[..., int]


@pytest.fixture
def work(database: Database, people: Cast, clock: ManualClock) -> Work:
    with database.writing() as session:
        made = make_work(session, people, now=clock.now(), fed_back_on=date(2026, 3, 2))
        session.commit()
    return made


@pytest.fixture
def pushing(database: Database, people: Cast, clock: ManualClock) -> None:
    """The city's lead has switched pushing on."""
    with database.writing() as session:
        lead = people.actor("lead")
        switch_pushing(session, people.regions["city"], True, actor=lead, now=clock.now())
        session.commit()


@pytest.fixture
def make_task(database: Database, people: Cast, work: Work, clock: ManualClock) -> TaskMaker:
    """Make a task and return its id."""

    def make(**changes: Any) -> int:
        with database.writing() as session:
            task = work.task(session, people, now=clock.now(), **changes)
            session.commit()
            return task.id

    return make
