"""Ten times the rows cost about ten times the work, never a hundred: SQLite's own steps counted."""

from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy.orm import Session

from tests.bench.data import S
from tests.bench.office import BigOffice, big_office
from tests.databases import SqliteTemplate
from tracker.home import queries as home
from tracker.kernel.clock import local_date
from tracker.notifications import claims
from tracker.rectification.queries import TaskFilter, list_tasks
from tracker.reports.weekly_assembly import assemble
from tracker.rounds.models import Round
from tracker.statistics.queries.query import FigureQuery
from tracker.statistics.service import measure_all

MIX = (S.IN_PROGRESS, S.PLANNING, S.OFFICE_REVIEW, S.CLOSED, S.PLAN_REVIEW)
FEW, MANY = 100, 1000
MOST_GROWTH = 20  # straight growth is 10, the square is 100
STEPS_PER_TICK = 50
Read = Callable[[Session, BigOffice], object]


def _figures(session: Session, office: BigOffice) -> object:
    query = FigureQuery(
        actor=office.cast.actor("clerk"),
        region_id=office.cast.regions["city"],
        as_of=local_date(office.clock.now()),
    )
    return measure_all(session, query)


def _home(session: Session, office: BigOffice) -> object:
    who, today = office.cast.actor("clerk"), local_date(office.clock.now())
    return (
        home.counts(session, actor=who, today=today),
        home.late(session, actor=who, today=today),
        home.happened(session, actor=who, now=office.clock.now()),
    )


def _list(session: Session, office: BigOffice) -> object:
    who, today = office.cast.actor("liaison_a"), local_date(office.clock.now())
    return list_tasks(session, TaskFilter(only="open"), actor=who, today=today)


def _weekly(session: Session, office: BigOffice) -> object:
    tour = session.get_one(Round, office.filled.work.round_id)
    day = local_date(office.clock.now())
    return assemble(session, tour, region_id=tour.region_id, edition=1, issue_on=day, as_of=day)


def _idle(session: Session, office: BigOffice) -> object:
    now = office.clock.now()
    return claims.channels_with_work(session, object_types=["task"], now=now)


READS: dict[str, Read] = {
    "figures": _figures,
    "home": _home,
    "list": _list,
    "weekly report": _weekly,
    "idle delivery": _idle,
}


@pytest.fixture(scope="module")
def steps(
    sqlite_template: SqliteTemplate, tmp_path_factory: pytest.TempPathFactory
) -> list[dict[str, int]]:
    """SQLite's steps of each read, with few rows and with many."""
    folder = tmp_path_factory.mktemp("growth")
    return [_steps(sqlite_template, folder, size) for size in (FEW, MANY)]


def _steps(template: SqliteTemplate, folder: Path, size: int) -> dict[str, int]:
    with (
        template.copy(folder) as url,
        big_office(url, folder, size, units=10, mix=MIX) as office,
        office.database.reading() as session,
    ):
        return {name: _ticks(session, lambda read=read: read(session, office)) for name, read in READS.items()}  # type: ignore[misc]  # fmt: skip


def _ticks(session: Session, read: Callable[[], object]) -> int:
    ticks = 0

    def tick() -> int:
        nonlocal ticks
        ticks += 1
        return 0

    driver = session.connection().connection.driver_connection
    assert driver is not None
    driver.set_progress_handler(tick, STEPS_PER_TICK)
    try:
        read()
    finally:
        driver.set_progress_handler(None, 0)
    return ticks


def test_work_grows_with_the_rows_and_not_with_their_square(steps: list[dict[str, int]]) -> None:
    few, many = steps
    assert many["figures"] > few["figures"], "nothing was counted"
    growth = {name: many[name] / max(few[name], 1) for name in READS}
    assert {name: rate for name, rate in growth.items() if rate > MOST_GROWTH} == {}


def test_an_idle_look_up_costs_the_same_however_many_tasks_there_are(
    steps: list[dict[str, int]],
) -> None:
    assert steps[1]["idle delivery"] <= steps[0]["idle delivery"] + 1
