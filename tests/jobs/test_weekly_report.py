"""The job `weekly-report`: once per week, round and region, whoever runs it and how often."""

from datetime import date, timedelta

import pytest
from flask import Flask
from sqlalchemy import func, select, text

from jobs.context import JobContext, job_context
from jobs.weekly_report import run
from tests.factories.cast import Cast
from tests.factories.work import Work, make_work
from tests.fakes.clock import ManualClock
from tracker.kernel.clock import at_local
from tracker.kernel.db import Database
from tracker.kernel.errors import DomainError
from tracker.notifications.models import Notification
from tracker.reports.models import ReportRun
from tracker.rounds.models import Round
from tracker.rounds.rules import RoundStatus

MONDAY = date(2026, 11, 16)


@pytest.fixture
def rounds(database: Database, people: Cast, clock: ManualClock) -> list[Work]:
    """A round of the city and one of a county, one task each."""
    with database.writing() as session:
        city = make_work(session, people, now=clock.now())
        east = make_work(session, people, now=clock.now(), region="east", units=("e",))
        city.task(session, people, now=clock.now(), due_on=date(2026, 11, 1))
        task = east.task(session, people, unit="e", now=clock.now())
        task.task_no = "E-001"
        session.commit()
    return [city, east]


@pytest.fixture
def context(app: Flask) -> JobContext:
    return job_context(app)


def made(database: Database) -> list[tuple[int, int, date]]:
    with database.reading() as session:
        rows = session.execute(
            select(ReportRun.region_id, ReportRun.edition, ReportRun.as_of).order_by(ReportRun.id)
        )
        return [(row[0], row[1], row[2]) for row in rows]


def test_it_makes_one_edition_per_round_and_never_twice(
    context: JobContext, rounds: list[Work], database: Database, clock: ManualClock
) -> None:
    assert run(context, clock.now()) == 2
    assert run(context, clock.now()) == 0
    assert run(context, clock.now() + timedelta(days=3)) == 0
    assert made(database) == [(work.region_id, 1, date(2026, 11, 15)) for work in rounds]
    with database.reading() as session:
        assert session.scalar(select(func.count(Notification.id))) == 2
    assert run(context, clock.now() + timedelta(days=7)) == 2
    assert [edition for _region, edition, _day in made(database)] == [1, 1, 2, 2]


def test_after_an_outage_it_catches_up_with_this_week_only(
    context: JobContext, rounds: list[Work], database: Database, clock: ManualClock
) -> None:
    run(context, clock.now())
    assert run(context, at_local(date(2026, 12, 10), 15)) == 2  # a Thursday, three weeks on
    assert [day for _region, _edition, day in made(database)][2:] == [date(2026, 12, 6)] * 2


def test_rounds_that_are_not_under_rectification_are_left_alone(
    context: JobContext, rounds: list[Work], database: Database, clock: ManualClock
) -> None:
    set_status(database, rounds[0], RoundStatus.ARCHIVED)
    assert run(context, clock.now()) == 1
    assert [region for region, _edition, _day in made(database)] == [rounds[1].region_id]


def test_one_round_that_fails_does_not_keep_the_others(
    context: JobContext, rounds: list[Work], database: Database, clock: ManualClock
) -> None:
    east = rounds[1]
    set_status(database, east, RoundStatus.ARCHIVED)
    assert run(context, clock.now()) == 1
    set_status(database, east, RoundStatus.RECTIFYING)
    with database.writing() as session:  # from now on the database refuses the city's second one
        session.execute(text("CREATE UNIQUE INDEX in_the_way ON report_runs (round_id)"))
        session.commit()
    with pytest.raises(DomainError, match="1 个轮次的周报没有生成"):
        run(context, clock.now() + timedelta(days=7))
    assert made(database)[1:] == [(east.region_id, 1, date(2026, 11, 22))]


def test_a_disk_that_refuses_is_made_up_for_later(
    context: JobContext, rounds: list[Work], database: Database, clock: ManualClock
) -> None:
    folder = context.config.evidence_dir
    folder.write_text("in the way")
    with pytest.raises(DomainError, match="2 个轮次"):
        run(context, clock.now())
    assert made(database) == []
    folder.unlink()
    assert run(context, clock.now()) == 2


def set_status(database: Database, work: Work, status: RoundStatus) -> None:
    with database.writing() as session:
        session.get_one(Round, work.round_id).status = status
        session.commit()
