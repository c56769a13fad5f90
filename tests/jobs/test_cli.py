"""`jobs run` and `jobs list`: twice for the same moment queues nothing the second time."""

import json
from datetime import date, timedelta

import pytest
from click.testing import Result
from flask import Flask
from sqlalchemy import delete, update

from jobs.cli import jobs_group
from tests.factories.cast import Cast
from tests.factories.work import make_work
from tests.fakes.clock import ManualClock
from tracker.job_runs.models import JobRun
from tracker.kernel.clock import at_local
from tracker.kernel.db import Database
from tracker.notifications.models import Notification
from tracker.notifications.rules import MessageState
from tracker.reminders.service import switch_pushing

MONDAY = date(2026, 11, 16)


@pytest.fixture
def late_task(database: Database, people: Cast, clock: ManualClock) -> None:
    with database.writing() as session:
        work = make_work(session, people, now=clock.now(), fed_back_on=date(2026, 3, 2))
        work.task(session, people, due_on=MONDAY - timedelta(days=30), now=clock.now())
        lead, city = people.actor("lead"), people.regions["city"]
        switch_pushing(session, city, True, actor=lead, now=clock.now())
        session.commit()


def command(app: Flask, *arguments: str) -> Result:
    return app.test_cli_runner().invoke(jobs_group, arguments)


def queued(app: Flask, moment: str) -> int:
    result = command(app, "run", "queue-reminders", "--now", moment, "--json")
    assert result.exit_code == 0, result.output
    answer = json.loads(result.output.splitlines()[-1])
    assert answer["job"] == "queue-reminders"
    return int(answer["done"])


@pytest.mark.usefixtures("late_task")
def test_a_second_run_queues_nothing_even_when_the_runs_are_forgotten(
    app: Flask, database: Database
) -> None:
    assert queued(app, "2026-11-16T09:07") == 1
    assert queued(app, "2026-11-16T09:07") == 0
    assert queued(app, "2026-11-16T01:08:00Z") == 0
    with database.writing() as session:
        session.execute(delete(JobRun))
        session.commit()
    assert queued(app, "2026-11-16T09:07+08:00") == 0
    assert queued(app, "2026-11-21T09:07") == 0  # a Saturday
    assert queued(app, "2026-11-23T09:07") == 0  # what is queued is still on its way
    with database.writing() as session:
        session.execute(
            update(Notification).values(
                state=MessageState.SENT, settled_at=at_local(date(2026, 11, 16), 9, 8)
            )
        )
        session.commit()
    assert queued(app, "2026-11-23T09:07") == 1


@pytest.mark.usefixtures("people")
def test_the_list_says_what_ran_last_and_runs_next(app: Flask) -> None:
    assert command(app, "run", "milestones").exit_code == 0
    answer = json.loads(command(app, "list", "--json").output)
    jobs = {job["name"]: job for job in answer["jobs"]}
    assert jobs["queue-reminders"]["last"] is None
    assert jobs["queue-reminders"]["next_at"] == "2026-11-16T09:07:00+08:00"
    assert jobs["milestones"]["last"]["state"] == "done"
    assert "queue-reminders" in command(app, "list").output


def test_a_name_or_a_moment_nobody_knows_is_a_usage_error(app: Flask) -> None:
    assert command(app, "run", "make-tea").exit_code == 2
    assert command(app, "run", "milestones", "--now", "morgen").exit_code == 2


def test_a_failure_is_told_in_one_sentence(app: Flask, database: Database) -> None:
    with database.writing() as session:
        session.connection().exec_driver_sql("DROP TABLE reminder_rules")
        session.connection().exec_driver_sql("ALTER TABLE settings RENAME TO lost")
        session.commit()
    result = command(app, "run", "queue-reminders")
    assert result.exit_code == 1
    assert "运行失败" in result.output
