"""A month's figures are frozen once; what was written down later explains every difference."""

from datetime import date, datetime, timedelta

import pytest
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select
from sqlalchemy.orm import Session

from jobs import monthly_snapshot
from jobs.context import job_context
from tests.factories.cast import TESTER, Cast
from tests.factories.work import make_work
from tests.fakes.clock import ManualClock
from tests.visitor import Visitor
from tracker.handover.models import ClueCount
from tracker.handover.rules import ClueKind, ClueMeasure
from tracker.kernel.clock import at_local
from tracker.kernel.db import Database, born
from tracker.kernel.errors import NotVisibleError
from tracker.kernel.permissions import Actor
from tracker.rectification.models import Task, TaskTransition
from tracker.rectification.rules.words import TaskState
from tracker.statistics.comparing import compared, differences, frozen_days
from tracker.statistics.frozen_rows import pack, unpack
from tracker.statistics.models import Snapshot
from tracker.statistics.queries.query import FigureQuery
from tracker.statistics.rules import Side
from tracker.statistics.snapshots import month_before, regions_to_freeze

OCTOBER = date(2026, 10, 31)
FIRST = at_local(date(2026, 11, 1), 2, 25)
LATER = at_local(date(2026, 11, 12), 10)


@given(
    st.dictionaries(
        st.sampled_from([side.value for side in Side]),
        st.dictionaries(st.integers(1, 2**40), st.integers(0, 999), max_size=30),
    )
)
def test_rows_come_back_as_they_were_packed(sides: dict[str, dict[int, int]]) -> None:
    assert unpack(pack(sides)) == sides


@given(st.dates(min_value=date(1950, 1, 1)))
def test_the_month_before_ends_on_its_last_day(day: date) -> None:
    last = month_before(day)
    assert (last + timedelta(days=1)).day == 1
    assert timedelta(0) < day - last <= timedelta(days=31)


def close(session: Session, task: Task, on: date, recorded_at: datetime) -> None:
    session.add(
        TaskTransition(
            task=task,
            from_state=task.state,
            to_state=TaskState.CLOSED,
            verb="made",
            occurred_on=on,
            recorded_at=recorded_at,
            actor="tests",
        )
    )
    task.state = TaskState.CLOSED


def count(session: Session, people: Cast, inspection_id: int, amount: int) -> ClueCount:
    row = ClueCount(
        region_id=people.regions["city"],
        inspection_id=inspection_id,
        measure=ClueMeasure.FOUND,
        kind=ClueKind.CLUE,
        amount=amount,
        occurred_on=date(2026, 10, 5),
        source_document="统计表",
        **born(actor=TESTER, now=FIRST),
    )
    session.add(row)
    return row


@pytest.fixture
def frozen(app: Flask, database: Database, people: Cast, clock: ManualClock) -> dict[str, int]:
    """Three tasks of a round fed back in spring, frozen for October; the ids of the first two."""
    clock.instant = FIRST
    with database.writing() as session:
        work = make_work(session, people, now=FIRST, fed_back_on=date(2026, 4, 1))
        tasks = [work.task(session, people, now=FIRST) for _number in range(3)]
        clues = count(session, people, work.inspection_ids["a"], 7)
        session.commit()
        ids = {"first": tasks[0].id, "second": tasks[1].id, "issue": tasks[0].issue_id or 0}
        ids["clues"] = clues.id
    assert monthly_snapshot.run(job_context(app), clock.now()) > 0
    clock.instant = LATER
    return ids


def query(people: Cast, actor: Actor = TESTER) -> FigureQuery:
    return FigureQuery(actor=actor, region_id=people.regions["city"], as_of=OCTOBER)


def test_a_month_is_frozen_once_for_every_region_with_a_term(
    frozen: dict[str, int], app: Flask, database: Database, people: Cast, clock: ManualClock
) -> None:
    assert monthly_snapshot.run(job_context(app), clock.now()) == 0
    with database.reading() as session:
        assert frozen_days(session, people.regions["city"]) == [(OCTOBER, FIRST)]
        assert all(one.is_same for one in compared(session, query(people)))
        assert regions_to_freeze(session, OCTOBER) == []
    clock.instant = at_local(date(2026, 12, 3), 9)
    assert monthly_snapshot.run(job_context(app), clock.now()) == 1


def test_what_happened_later_changes_nothing_of_the_month(
    frozen: dict[str, int], database: Database, people: Cast
) -> None:
    with database.writing() as session:
        close(session, session.get_one(Task, frozen["first"]), date(2026, 11, 5), LATER)
        session.commit()
        assert all(one.is_same for one in compared(session, query(people)))


def test_what_was_written_down_later_about_the_month_is_named(
    frozen: dict[str, int], database: Database, people: Cast
) -> None:
    with database.writing() as session:
        close(session, session.get_one(Task, frozen["first"]), date(2026, 10, 20), LATER)
        close(session, session.get_one(Task, frozen["second"]), date(2026, 11, 20), LATER)
        close(session, session.get_one(Task, frozen["first"]), date(2026, 11, 11), LATER)
        session.get_one(ClueCount, frozen["clues"]).amount = 9
        session.get_one(ClueCount, frozen["clues"]).updated_at = LATER
        session.commit()
        changed = {
            one.now.definition.code for one in compared(session, query(people)) if not one.is_same
        }
        assert {"closure_rate", "clues_found"} <= changed
        assert "issues_fed_back" not in changed
        both, sides = differences(session, query(people), "closure_rate")
        assert (both.then_text, both.now.text) == ("0%", "33.3%")
        above = next(side for side in sides if side.side is Side.NUMERATOR)
        assert [row[0] for row in above.come.rows] == [frozen["issue"]]
        assert above.reasons[frozen["issue"]] == ["2026年11月12日记入：2026年10月20日转为“已销号”"]
        below = next(side for side in sides if side.side is Side.DENOMINATOR)
        assert [below.come.rows, below.gone.rows, below.other.rows] == [(), (), ()]
        _both, (clues,) = differences(session, query(people), "clues_found")
        assert [row[0] for row in clues.other.rows] == [frozen["clues"]]
        assert "修改线索数" in clues.reasons[frozen["clues"]][0]


def test_the_pages_show_it_to_those_who_sign(
    frozen: dict[str, int], app: Flask, database: Database, people: Cast
) -> None:
    with database.writing() as session:
        close(session, session.get_one(Task, frozen["first"]), date(2026, 10, 20), LATER)
        session.commit()
    lead, supervisor = Visitor(app), Visitor(app)
    lead.sign_in("lead")
    assert "2026-10-31" in lead.get("/figures/snapshots").get_data(as_text=True)
    day = lead.get("/figures/snapshots/day?as_of=2026-10-31").get_data(as_text=True)
    assert "不同，查看原因" in day
    rows = lead.get("/figures/snapshots/day/closure_rate?as_of=2026-10-31")
    assert "2026年10月20日转为“已销号”" in rows.get_data(as_text=True)
    assert lead.get("/figures/snapshots/day?as_of=2026-09-30").status_code == 404
    assert lead.get("/figures/snapshots/day/nothing?as_of=2026-10-31").status_code == 404
    supervisor.sign_in("supervisor")
    assert supervisor.get("/figures/snapshots").status_code == 403


def test_a_city_compares_a_countys_numbers_without_its_rows(
    frozen: dict[str, int], database: Database, people: Cast
) -> None:
    with database.writing() as session:
        session.add(
            Snapshot(
                region_id=people.regions["east"],
                as_of=OCTOBER,
                metric="rounds_done",
                basis="counted",
                numerator=0,
                taken_at=FIRST,
            )
        )
        session.commit()
        county = FigureQuery(
            actor=people.actor("lead"), region_id=people.regions["east"], as_of=OCTOBER
        )
        assert compared(session, county)
        with pytest.raises(NotVisibleError):
            differences(session, county, "rounds_done")
        assert session.scalars(select(Snapshot.region_id).distinct()).all()
