"""A measure has a date of its own where the unit gives it one, never after its task's."""

from datetime import date

import pytest
from flask import Flask
from sqlalchemy import select

from tests.factories.cast import Cast
from tests.fakes.clock import ManualClock
from tests.rectification.plan_office import PlanOffice, make_plan_office
from tracker.kernel.db import Database
from tracker.kernel.errors import DomainError
from tracker.rectification.models import Measure, Task
from tracker.rectification.rules.guards import PlannedTask, plan_faults
from tracker.rectification.rules.measure_lines import check_dues, read_lines, write_lines

DAY = date(2026, 12, 1)


@pytest.mark.parametrize(
    "end", ["| 2026-12-01", "\uff5c2026.12.1", "\t2026/12/1", "|2026年12月1日前", "|２０２６-12-01"]
)
def test_a_line_may_end_in_a_date(end: str) -> None:
    assert read_lines(f"1. 修订制度{end}\n\n（2）开展自查") == [
        ("修订制度", DAY),
        ("开展自查", None),
    ]


@pytest.mark.parametrize("line", ["修订制度", "修订制度|", "修订制度\t", "2026年12月1日前修订制度"])
def test_a_line_without_one_stays_text(line: str) -> None:
    assert read_lines(line) == [(line.strip("|\t"), None)]


@pytest.mark.parametrize("end", ["年底前", "2026-13-01", "2026-02-30", "财务科"])
def test_a_date_that_cannot_be_read_is_named_with_its_line(end: str) -> None:
    with pytest.raises(DomainError, match=f"第 2 条措施的时限“{end}”"):
        read_lines(f"开展自查\n修订制度 | {end}")


def test_lines_are_written_as_they_are_read() -> None:
    lines = [("修订制度", DAY), ("开展自查", None)]
    assert read_lines(write_lines(lines)) == lines


def test_a_measure_is_never_due_after_its_task() -> None:
    check_dues([None, DAY], DAY)
    check_dues([DAY], None)
    with pytest.raises(DomainError, match="第 2 条措施的时限"):
        check_dues([None, DAY], date(2026, 11, 30))
    planned = PlannedTask(
        task_no="1",
        goal="甲",
        measures=1,
        lead_leader="甲",
        lead_dept="甲",
        due_on=date(2026, 11, 30),
        is_long_term=False,
        last_measure_due=DAY,
    )
    assert plan_faults(planned, None) == ["措施时限不晚于整改时限 2026-11-30"]


@pytest.fixture
def office(app: Flask, database: Database, people: Cast, clock: ManualClock) -> PlanOffice:
    return make_plan_office(app, database, people, clock)


def dues(office: PlanOffice) -> list[tuple[str, date | None]]:
    with office.database.reading() as session:
        rows = session.scalars(select(Measure).order_by(Measure.seq))
        return [(row.text, row.due_on) for row in rows]


def test_the_plans_form_takes_shows_and_takes_back_a_measures_date(office: PlanOffice) -> None:
    (task_id,) = office.issue("001")
    liaison = office.enter("liaison_a")
    office.press(liaison, "acknowledge")
    two = "修订制度 | 2026-12-01\n开展自查"
    assert office.write(liaison, task_id, measures=two).status_code == 302
    assert dues(office) == [("修订制度", DAY), ("开展自查", None)]
    liaison.get(f"/tasks/{task_id}/plan")
    assert "修订制度 | 2026-12-01" in liaison.text
    for page in (office.page, f"/tasks/{task_id}"):
        liaison.get(page)
        assert liaison.text.count("时限 2026-12-01</span>") == 1
    late = "修订制度 | 2026-12-21\n开展自查"
    assert office.write(liaison, task_id, measures=late).status_code == 422
    assert "晚于这项任务的整改时限" in liaison.text
    assert "修订制度 | 2026-12-21" in liaison.text
    assert dues(office)[0] == ("修订制度", DAY)
    assert office.write(liaison, task_id, measures="开展自查\n修订制度").status_code == 302
    assert dues(office) == [("开展自查", None), ("修订制度", None)]


def test_a_task_whose_date_moved_before_its_measures_holds_the_plan_up(office: PlanOffice) -> None:
    (task_id,) = office.issue("001")
    liaison = office.enter("liaison_a")
    office.press(liaison, "acknowledge")
    office.write(liaison, task_id, measures="修订制度 | 2026-12-15")
    with office.database.writing() as session:
        session.get_one(Task, task_id).due_on = DAY
        session.commit()
    office.press(liaison, "submit")
    liaison.get(office.page)
    assert "措施时限不晚于整改时限 2026-12-01" in liaison.text
    assert office.events() == []
