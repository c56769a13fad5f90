"""The page 本月填报 for tests: a unit with three tasks to report, its fields, what was saved."""

import re
from datetime import date

from sqlalchemy import select

from tests.factories.cast import TESTER, Cast
from tests.factories.work import Work, make_work
from tests.fakes.clock import ManualClock
from tests.visitor import TOKEN, Visitor
from tracker.kernel.db import Database, born
from tracker.rectification.models import MonthlyReport, ProgressReport
from tracker.rectification.rules.words import TaskState
from tracker.rounds.models import Milestone
from tracker.rounds.rules import MilestoneKind

PAGE = "/fill-in"


def make_month(database: Database, people: Cast, clock: ManualClock) -> Work:
    """Unit a works on three tasks and has others it cannot report; November's milestone is owed."""
    with database.writing() as session:
        made = make_work(session, people, now=clock.now())
        for _ in range(2):
            made.task(session, people, now=clock.now())
        made.task(session, people, state=TaskState.LONG_TERM, now=clock.now())
        made.task(session, people, state=TaskState.PLANNING, now=clock.now())
        made.task(session, people, unit="b", now=clock.now())
        stamps = born(actor=TESTER, now=clock.now())
        for number, due in ((1, date(2026, 10, 1)), (2, date(2026, 11, 1))):
            session.add(
                Milestone(
                    inspection_id=made.inspection_ids["a"],
                    kind=MilestoneKind.MONTHLY_REPORT,
                    seq=number,
                    due_on=due,
                    **stamps,
                )
            )
        session.commit()
    return made


def fields_of(text: str) -> dict[str, str]:
    """Return every input, text and choice of the page as a browser would send it untouched."""
    found = dict(
        re.findall(r'<input[^>]*type="hidden"[^>]*name="(t[^"]+)"[^>]*value="([^"]*)"', text)
    )
    found |= {
        name: value
        for name, value in re.findall(r'<input[^>]*name="(t\d+-\w+)"[^>]*value="([^"]*)"', text)
        if not name.endswith(("-is_no_change", "measures"))
    }
    for name, options in re.findall(r'<select[^>]*name="(t[^"]+)"[^>]*>(.*?)</select>', text, re.S):
        chosen = re.search(r'<option selected value="([^"]*)"', options)
        found[name] = chosen[1] if chosen else ""
    return found


def send(visitor: Visitor, path: str = PAGE, **typed: str) -> int:
    """Open the page and send it with what is typed; t1_text stands for the field t1-text."""
    page = visitor.get(path).get_data(as_text=True)
    filled = {
        **fields_of(page),
        **{name.replace("_", "-", 1): value for name, value in typed.items()},
    }
    token = TOKEN.search(page)
    assert token is not None
    return visitor.post_raw(path, {**filled, "csrf_token": token[1]}).status_code


def reports(database: Database) -> list[MonthlyReport]:
    """Return every report, oldest first."""
    with database.reading() as session:
        return list(session.scalars(select(MonthlyReport).order_by(MonthlyReport.id)))


def progress(database: Database) -> dict[int, ProgressReport]:
    """Return the newest report of each task by the task's id."""
    with database.reading() as session:
        found = session.scalars(select(ProgressReport).order_by(ProgressReport.id))
        return {report.task_id: report for report in found}


def milestone(database: Database, number: int) -> Milestone:
    """Return the month's milestone of a number."""
    with database.reading() as session:
        return session.scalars(select(Milestone).where(Milestone.seq == number)).one()


def shown(visitor: Visitor, path: str = PAGE) -> list[int]:
    """Return the ids of the tasks a page lists, in order."""
    page = visitor.get(path).get_data(as_text=True)
    return [int(number) for number in re.findall(r'id="task-(\d+)"', page)]


def with_lines(database: Database) -> list[MonthlyReport]:
    """Return every report with its lines."""
    with database.reading() as session:
        found = list(session.scalars(select(MonthlyReport)))
        for report in found:
            _ = report.lines
        return found
