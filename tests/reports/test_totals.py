"""Every total of an edition is the registry's figure of that Sunday, and equals its own rows."""

from collections import Counter
from datetime import date, timedelta
from random import Random

import pytest
from sqlalchemy.orm import Session

from tests.conftest import MONDAY
from tests.reports.histories import EARLY, Histories, T
from tracker.demo.load import load
from tracker.kernel.clock import at_local
from tracker.kernel.config import Config
from tracker.kernel.crypto import Sealer
from tracker.kernel.db import Database
from tracker.rectification.models import DueChange, Task
from tracker.rectification.rules.court import state_on
from tracker.rectification.rules.words import DueChangeKind, TaskState
from tracker.reports.queries import rounds_to_report
from tracker.reports.rules import UNDER_WAY, WEEK
from tracker.reports.weekly import WeeklyReport
from tracker.reports.weekly_assembly import assemble
from tracker.reports.weekly_facts import load_history
from tracker.reports.weekly_totals import weekly_query
from tracker.rounds.models import Round
from tracker.statistics.service import measure

S = TaskState
STATES = (S.DRAFT, S.ISSUED, S.IN_PROGRESS, S.UNIT_CHECK, S.OFFICE_REVIEW, S.CLOSED, S.VOID)


def check(session: Session, report: WeeklyReport) -> None:
    """Compare each total with the figure of the same query, and with what the rows say."""
    for day, end in ((report.as_of, "now"), (report.as_of - WEEK, "last")):
        query = weekly_query(report.region_id, report.round_id, day)
        share = measure(session, query, "overdue_share").reading
        closed = measure(session, query, "tasks_closed").reading
        totals = [getattr(each, end) for each in (report.overdue, report.opened, report.closed)]
        figures = [share.numerator, share.denominator, closed.numerator]
        assert totals == [each or 0 for each in figures]
        assert totals[1:] == list(_by_state(session, report, day))
    bands = measure(
        session, weekly_query(report.region_id, report.round_id, report.as_of), "tasks_overdue"
    )
    counted = {part.key: part.numerator for part in bands.reading.parts if part.numerator}
    assert {band.value: number for band, number in report.ageing.items() if number} == counted
    assert report.overdue.now == len(report.overdue_lines)
    assert report.overdue.new == len(report.new_lines)
    assert report.overdue.gone == len(report.cleared_lines)


def _by_state(session: Session, report: WeeklyReport, day: date) -> tuple[int, int]:
    """Return open and closed tasks by the histories alone."""
    history = load_history(session, report.region_id, report.round_id, as_of=day)
    states = Counter(state_on(history.moves.get(row.id, []), day) for row in history.tasks)
    return sum(states[state] for state in UNDER_WAY), states[S.CLOSED]


def test_the_demonstration_reports_what_the_statistics_count(
    database: Database, config: Config
) -> None:
    seen = 0
    with database.writing() as session:
        load(session, Sealer(config.secret_keys), now=at_local(MONDAY, 9, 30))
        session.flush()
        for region_id, round_id in rounds_to_report(session):
            round_ = session.get_one(Round, round_id)
            for weeks in range(12):
                report = assemble(
                    session,
                    round_,
                    region_id=region_id,
                    edition=1,
                    issue_on=MONDAY,
                    as_of=T - weeks * WEEK,
                )
                if report is not None:
                    check(session, report)
                    seen += report.overdue.now
    assert seen > 10


@pytest.mark.parametrize("seed", range(4))
def test_any_history_is_counted_alike(made: Histories, seed: int) -> None:
    chance = Random(seed)
    made.task(None)
    for _ in range(25):
        _lived(made, chance)
    for weeks in range(-2, 8):
        check(made.session, made.weekly(T - weeks * WEEK))


def _lived(made: Histories, chance: Random) -> None:
    """Make a task and let days pass over it: states, dates, a date that nobody can read."""
    due = chance.choice([None, T - timedelta(days=chance.randrange(-20, 60))])
    task = made.task(due, state=chance.choice(STATES))
    task.is_due_doubtful = chance.random() < 0.2
    for day in sorted(chance.choices(range(1, 70), k=chance.randrange(5))):
        on = EARLY.date() + timedelta(days=day + 20)
        if chance.random() < 0.5:
            made.move(task, chance.choice(STATES), on)
        else:
            until = T + timedelta(days=chance.randrange(-40, 40))
            _redated(made, task, chance.choice([None, until, until]), on)


def _redated(made: Histories, task: Task, due: date | None, on: date) -> None:
    made.session.add(
        DueChange(
            task_id=task.id,
            kind=DueChangeKind.CORRECTION,
            old_due=task.due_on,
            new_due=due,
            occurred_on=on,
            recorded_at=at_local(on, 10),
            actor="tests",
        )
    )
    task.due_on = due
    made.session.flush()  # ids follow the order of the changes
