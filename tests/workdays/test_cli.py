"""`calendar workdays FROM TO`."""

import json
from datetime import UTC, datetime

from flask import Flask

from tracker.kernel.db import Database
from tracker.kernel.permissions import Actor
from tracker.workdays.service import seed_calendar


def seed(database: Database) -> None:
    with database.writing() as session:
        now = datetime(2026, 11, 16, 1, tzinfo=UTC)
        seed_calendar(session, now=now, actor=Actor(name="tests"))
        session.commit()


def test_it_lists_the_workdays_around_a_holiday(app: Flask, database: Database) -> None:
    seed(database)
    result = app.test_cli_runner().invoke(args=["calendar", "workdays", "2026-09-30", "2026-10-10"])
    assert result.exit_code == 0
    assert result.output.splitlines() == [
        "2026-09-30 周三",
        "2026-10-08 周四",
        "2026-10-09 周五",
        "2026-10-10 周六",
        "共 4 个工作日。",
    ]


def test_it_prints_json_and_marks_estimates(app: Flask, database: Database) -> None:
    seed(database)
    result = app.test_cli_runner().invoke(
        args=["calendar", "workdays", "2026-12-31", "2027-01-04", "--json"]
    )
    assert json.loads(result.output) == {
        "from": "2026-12-31",
        "to": "2027-01-04",
        "count": 2,
        "workdays": [
            {"on": "2026-12-31", "estimated": False},
            {"on": "2027-01-04", "estimated": True},
        ],
    }


def test_it_says_which_lines_are_estimates(app: Flask, database: Database) -> None:
    seed(database)
    result = app.test_cli_runner().invoke(args=["calendar", "workdays", "2027-01-04", "2027-01-04"])
    assert "2027-01-04 周一（推算）" in result.output


def test_it_refuses_a_span_that_runs_backwards_with_a_sentence(app: Flask) -> None:
    result = app.test_cli_runner().invoke(args=["calendar", "workdays", "2026-10-10", "2026-10-01"])
    assert result.exit_code == 1
    assert "请把较早的日期写在前面" in result.output


def test_it_takes_a_bad_date_as_wrong_usage(app: Flask) -> None:
    result = app.test_cli_runner().invoke(args=["calendar", "workdays", "2026-02-30", "2026-03-01"])
    assert result.exit_code == 2
