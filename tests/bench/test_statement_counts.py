"""Ten times the rows cost not one statement more, and no page needs many."""

from pathlib import Path

import pytest

from tests.bench.data import S
from tests.bench.office import BigOffice, big_office
from tests.bench.statements import counted
from tests.databases import PostgresqlTemplate, SqliteTemplate
from tracker.kernel.clock import local_date
from tracker.notifications import claims
from tracker.reminders.service import queue_due
from tracker.reports.weekly_assembly import assemble
from tracker.rounds.models import Round
from tracker.watchdog.queries import facts
from tracker.workdays.queries import load_calendar

MIX = (S.IN_PROGRESS, S.PLANNING, S.OFFICE_REVIEW, S.CLOSED, S.PLAN_REVIEW)
FEW, MANY = 20, 200
CEILINGS = {
    "/": 14,
    "/tasks": 8,
    "/tasks?only=all": 8,
    "/tasks?q=问题1": 8,
    "/tasks?court=head": 8,
    "/tasks/{task}/deadline": 17,
    "/court": 8,
    "/tasks/{task}": 23,
    "/reviews": 7,
    "/plans": 6,
    "/plans/{plan}": 16,
    "/documents": 9,
    "/documents?only=all": 9,
    "/rounds": 8,
    "/rounds/{round}": 8,
    "/inspections/{inspection}": 8,
    "/feedbacks": 8,
    "/feedbacks/{feedback}": 8,
    "/issues/{issue}": 8,
    "/reminders": 36,
    "/figures": 84,
    "/coverage": 30,
    "/coverage/planner": 24,
    "/letters": 8,
    "/interviews": 8,
    "/accountability": 8,
    "/reports": 6,
    "/deliveries": 8,
    "/channel-health": 12,
    "/reminders/call-list": 21,
    "/ledger/export?round={round}": 15,
    "/ledger/export?round={round}&layout=lists": 17,
    "/ledger/export?layout=lists&only=overdue": 15,
    "/units": 6,
    "/persons": 6,
}
READERS = ("clerk", "liaison_a")
JOBS = {
    "reminder pass": 19,
    "reminder pass again": 18,
    "idle delivery": 6,
    "watchdog": 12,
    "weekly report": 20,
}
Counts = dict[tuple[str, str], int]


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def counts(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Counts, Counts]:
    """Statements by (what, who), with few rows and with many."""
    template: SqliteTemplate | PostgresqlTemplate = request.getfixturevalue(
        f"{request.param}_template"
    )
    folder = tmp_path_factory.mktemp("offices")
    return _counts(template, folder, FEW, 4), _counts(template, folder, MANY, 8)


def _counts(
    template: SqliteTemplate | PostgresqlTemplate, folder: Path, size: int, units: int
) -> Counts:
    with (
        template.copy(folder) as url,
        big_office(url, folder, size, units=units, mix=MIX) as office,
    ):
        return {**_pages(office), **_jobs(office)}


def _pages(office: BigOffice) -> Counts:
    found: Counts = {}
    made = office.filled
    ids = {
        "task": made.task_ids[0],
        "plan": made.plan_ids[0],
        "round": made.work.round_id,
        "inspection": made.work.inspection_ids["a"],
        "feedback": made.feedback_ids[0],
        "issue": made.issue_ids[0],
    }
    for username in READERS:
        visitor = office.visitor(username)
        for path in CEILINGS:
            visitor.get(path.format(**ids))  # a first look may be written down
            with counted() as statements:
                response = visitor.get(path.format(**ids))
            if response.status_code == 200:
                found[path, username] = len(statements)
    return found


def _jobs(office: BigOffice) -> Counts:
    found: Counts = {}
    now = office.clock.now()
    with office.database.writing() as session:
        calendar = load_calendar(session)
        for name, expected in (("reminder pass", True), ("reminder pass again", False)):
            with counted() as statements:
                assert bool(queue_due(session, now=now, calendar=calendar)) is expected
            found[name, "job"] = len(statements)
        session.rollback()
    with office.database.reading() as session:
        with counted() as statements:
            claims.channels_with_work(session, object_types=["task"], now=now)
        found["idle delivery", "job"] = len(statements)
        with counted() as statements:
            facts(session, now=now, calendar=calendar)
        found["watchdog", "job"] = len(statements)
        tour = session.get_one(Round, office.filled.work.round_id)
        day = local_date(now)
        with counted() as statements:
            assemble(session, tour, region_id=tour.region_id, edition=1, issue_on=day, as_of=day)
        found["weekly report", "job"] = len(statements)
    return found


def test_ten_times_the_rows_cost_not_one_statement_more(counts: tuple[Counts, Counts]) -> None:
    few, many = counts
    assert {key: (few[key], many[key]) for key in few if few[key] != many[key]} == {}


def test_no_page_and_no_job_sends_more_statements_than_its_ceiling(
    counts: tuple[Counts, Counts],
) -> None:
    ceilings = {**CEILINGS, **JOBS}
    over = {key: sent for key, sent in counts[1].items() if sent > ceilings[key[0]]}
    assert over == {}


def test_every_page_was_looked_at_by_somebody(counts: tuple[Counts, Counts]) -> None:
    seen = {name for name, _who in counts[1]}
    assert seen == {*CEILINGS, *JOBS}
