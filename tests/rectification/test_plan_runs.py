"""The plan goes as a whole; what is issued after it passed makes a supplementary plan."""

import pytest
from flask import Flask
from sqlalchemy import select

from tests.factories.cast import Cast
from tests.fakes.clock import ManualClock
from tests.rectification.plan_office import PlanOffice, make_plan_office
from tracker.kernel.db import Database
from tracker.rectification.models import Task
from tracker.rectification.rules.words import DocumentEventKind, TaskState

S, E = TaskState, DocumentEventKind


@pytest.fixture
def office(app: Flask, database: Database, people: Cast, clock: ManualClock) -> PlanOffice:
    return make_plan_office(app, database, people, clock)


def number_of(office: PlanOffice, task_id: int) -> str:
    with office.database.reading() as session:
        return session.scalars(select(Task.task_no).where(Task.id == task_id)).one()


def test_a_plan_is_not_submitted_while_one_of_its_tasks_waits_to_be_acknowledged(
    office: PlanOffice,
) -> None:
    first, second = office.issue("001", "002")
    liaison = office.enter("liaison_a")
    liaison.post(f"/tasks/{first}/acknowledge", via=f"/tasks/{first}")
    office.write(liaison, first)
    office.press(liaison, "submit")
    liaison.get(office.page)
    assert "还有1项任务未签收，请先签收" in liaison.text
    assert office.events() == []
    office.submit(liaison, second)
    assert office.events() == [E.SUBMITTED]


def test_an_immediate_task_does_not_hold_the_plan_up(office: PlanOffice) -> None:
    (first,) = office.issue("001")
    liaison = office.enter("liaison_a")
    office.press(liaison, "acknowledge")
    (immediate,) = office.issue("002", immediate=True)
    office.write(liaison, first)
    office.press(liaison, "submit")
    assert office.events() == [E.SUBMITTED]
    assert office.states(immediate) == [S.ISSUED]


def test_all_tasks_of_a_feedback_are_acknowledged_with_one_button(office: PlanOffice) -> None:
    dated = office.issue("001", "002")
    immediate = office.issue("003", immediate=True)
    head, stranger = office.enter("head_a"), office.enter("liaison_b")
    page = office.page
    assert stranger.post(f"{page}/acknowledge", via="/tasks").status_code == 404
    head.get(page)
    assert "全部签收（3 项）" in head.text
    office.press(head, "acknowledge")
    assert office.states(*dated, *immediate) == [S.PLANNING, S.PLANNING, S.IN_PROGRESS]
    head.get(page)
    assert "全部签收（" not in head.text
    office.press(head, "acknowledge")
    head.get(page)
    assert "没有待签收的任务" in head.text


def test_tasks_issued_after_the_pass_make_a_supplement_that_leaves_the_first_run_alone(
    office: PlanOffice,
) -> None:
    first = office.issue("001", "002")
    office.pass_through(*first)
    assert office.states(*first) == [S.IN_PROGRESS, S.IN_PROGRESS]
    later = office.issue("003")
    liaison = office.enter("liaison_a")
    office.press(liaison, "acknowledge")
    liaison.get(office.page)
    assert "第2次方案（补充方案）" in liaison.text
    liaison.get("/plans")
    assert "已通过" in liaison.text
    office.pass_through(*later)
    assert office.states(*first, *later) == [S.IN_PROGRESS] * 3
    reader = office.enter("leader")
    reader.get(office.page)
    numbers = [number_of(office, each) for each in (*first, *later)]
    assert f"通过 {numbers[0]}、{numbers[1]}</p>" in reader.text
    assert f"通过 {numbers[2]}</p>" in reader.text
    assert reader.text.count("第1次方案通过") == 2
    assert reader.text.count("第2次方案（补充方案）通过") == 1
    for task_id, told in ((first[0], False), (later[0], True)):
        reader.get(f"/tasks/{task_id}")
        assert ("第2次方案（补充方案）" in reader.text) is told


def test_a_supplement_waits_until_the_plan_before_it_is_reviewed(office: PlanOffice) -> None:
    first = office.issue("001")
    office.submit(office.enter("liaison_a"), *first)
    office.press(office.enter("head_a"), "sign")
    later = office.issue("002")
    liaison = office.enter("liaison_a")
    office.submit(liaison, *later)
    liaison.get(office.page)
    assert "还在巡察办审核" in liaison.text
    assert office.states(*first, *later) == [S.PLAN_REVIEW, S.PLANNING]
    office.press(office.enter("lead"), "pass")
    office.press(liaison, "submit")
    office.press(office.enter("head_a"), "sign")
    assert office.states(*first, *later) == [S.IN_PROGRESS, S.PLAN_REVIEW]
    assert office.events() == [E.SUBMITTED, E.SIGNED, E.PASSED, E.SUBMITTED, E.SIGNED]
    office.enter("clerk").get("/plans")


def test_a_round_without_review_of_plans_tells_its_runs_too(
    app: Flask, database: Database, people: Cast, clock: ManualClock
) -> None:
    office = make_plan_office(app, database, people, clock, needs_plan_review=False)
    for number in ("001", "002"):
        office.submit(office.enter("liaison_a"), *office.issue(number))
        office.press(office.enter("head_a"), "sign")
    reader = office.enter("clerk")
    reader.get(office.page)
    assert reader.text.count("第1次方案通过") == 1
    assert reader.text.count("第2次方案（补充方案）通过") == 1


@pytest.mark.parametrize(
    ("needs_sign_off", "said"), [(True, "待主要负责人审签"), (False, "巡察办审核中")]
)
def test_the_list_names_whoever_a_submitted_plan_waits_for(
    app: Flask,
    database: Database,
    people: Cast,
    clock: ManualClock,
    needs_sign_off: bool,
    said: str,
) -> None:
    office = make_plan_office(app, database, people, clock, needs_sign_off=needs_sign_off)
    liaison = office.enter("liaison_a")
    office.submit(liaison, *office.issue("001"))
    liaison.get("/plans")
    assert said in liaison.text
