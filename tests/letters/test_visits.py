"""督查记录: who reads what, and what comes of a finding, through the same steps as anywhere else."""

from datetime import date

import pytest
from flask import Flask
from sqlalchemy import select

from tests.factories.cast import Cast
from tests.factories.work import Work, make_work
from tests.fakes.clock import ManualClock
from tests.letters.work import closed_task
from tests.visitor import Visitor
from tracker.kernel.db import Database
from tracker.letters.models import SupervisionVisit, VisitFinding
from tracker.letters.queries.visits import count_visits
from tracker.letters.rules.visits import FindingOutcome
from tracker.people.models import Person
from tracker.rectification.models import Review, Task, TaskTransition
from tracker.rectification.rules.words import TaskState

TODAY = date(2026, 11, 16)


@pytest.fixture
def work(database: Database, people: Cast, clock: ManualClock) -> Work:
    """Task 1 of a waits for the office, task 2 of a is closed, task 3 is b's."""
    with database.writing() as session:
        work = make_work(session, people, now=clock.now())
        work.task(session, people, state=TaskState.OFFICE_REVIEW, now=clock.now())
        closed_task(session, people, work, now=clock.now())
        work.task(session, people, unit="b", now=clock.now())
        session.commit()
    return work


def enter(app: Flask, name: str) -> Visitor:
    visitor = Visitor(app)
    visitor.sign_in(name)
    return visitor


def visit_form(people: Cast, *units: str) -> dict[str, object]:
    return {
        "visited_on": "2026-11-12",
        "leader": "秦朗",
        "unit_ids": [str(people.units[unit]) for unit in units],
        "text": "总体推进有力，个别单位材料与实际不符。",
    }


@pytest.fixture
def page(app: Flask, people: Cast, work: Work) -> str:
    """A visit to a and b with a finding on each of the three tasks."""
    clerk = enter(app, "clerk")
    address = clerk.post("/visits/new", visit_form(people, "a", "b")).headers["Location"]
    for unit, number, text in (
        ("a", "7-3-001-01", "材料与现场不符"),
        ("a", "7-3-002-01", "制度未执行"),
        ("b", "", "长效机制没有建立"),
    ):
        data = {"unit_id": str(people.units[unit]), "task_no": number, "text": text}
        assert clerk.post(f"{address}/findings/new", data).status_code == 302
    return str(address)


def findings(database: Database) -> list[VisitFinding]:
    with database.reading() as session:
        return list(session.scalars(select(VisitFinding).order_by(VisitFinding.id)))


def test_a_visit_is_recorded_with_leader_units_and_findings(
    app: Flask, database: Database, people: Cast, page: str
) -> None:
    leader = enter(app, "leader")
    leader.get(page)
    for words in ("秦朗", "市甲局、市乙局", "材料与现场不符", "长效机制没有建立", "总体推进有力"):
        assert words in leader.text
    assert "登记督查意见" not in leader.text
    with database.reading() as session:
        assert session.scalars(select(Person.name).where(Person.name == "秦朗")).all() == ["秦朗"]
        region, clerk = people.regions["city"], people.actor("clerk")
        assert count_visits(session, region, as_of=TODAY, actor=clerk) == 1
        assert count_visits(session, region, as_of=date(2026, 11, 11), actor=clerk) == 0
        assert count_visits(session, region, as_of=TODAY, actor=people.actor("east_clerk")) == 0
        since = date(2026, 11, 13)
        assert count_visits(session, region, as_of=TODAY, since=since, actor=clerk) == 0


def test_a_visit_of_tomorrow_or_to_a_foreign_unit_is_refused(
    app: Flask, people: Cast, work: Work
) -> None:
    clerk = enter(app, "clerk")
    data = visit_form(people, "a")
    assert clerk.post("/visits/new", {**data, "visited_on": "2026-11-17"}).status_code == 422
    assert "不能晚于今天" in clerk.text
    foreign = {**data, "unit_ids": [str(people.units["w"])]}
    assert clerk.post("/visits/new", foreign).status_code == 422


def test_a_supervisor_reads_of_a_visit_only_what_concerns_its_units(
    app: Flask, people: Cast, page: str
) -> None:
    supervisor = enter(app, "supervisor")
    supervisor.get(page)
    assert "材料与现场不符" in supervisor.text
    for hidden in ("市乙局", "长效机制没有建立", "总体推进有力"):
        assert hidden not in supervisor.text
    supervisor.get("/visits")
    assert "市甲局" in supervisor.text
    assert "市乙局" not in supervisor.text


def test_a_visit_that_went_to_none_of_ones_units_does_not_exist(
    app: Flask, people: Cast, work: Work
) -> None:
    clerk = enter(app, "clerk")
    page = clerk.post("/visits/new", visit_form(people, "b")).headers["Location"]
    for name in ("supervisor", "east_clerk"):
        outsider = enter(app, name)
        answer = outsider.get(page)
        assert answer.status_code == 404
        assert answer.get_data() == outsider.get("/visits/999999").get_data()
        outsider.get("/visits")
        assert "还没有督查记录" in outsider.text
    for name in ("liaison_b", "head_b", "admin", "auditor"):
        assert enter(app, name).get(page).status_code == 403
    east = enter(app, "east_clerk")
    assert east.get(f"{page}/edit").status_code == 404
    assert east.get(f"{page}/findings/new").status_code == 404
    assert enter(app, "leader").get(f"{page}/edit").status_code == 403


def test_a_finding_returns_a_request_under_review(
    app: Flask, database: Database, page: str
) -> None:
    first = findings(database)[0]
    clerk = enter(app, "clerk")
    address = f"/visit-findings/{first.id}/return"
    clerk.get(address)
    assert "材料与现场不符" in clerk.text
    data = {"reason": "现场台账缺失", "supplement": "补齐台账", "version": "1"}
    assert clerk.post(address, {**data, "supplement": ""}).status_code == 422
    assert clerk.post(address, data).status_code == 302
    with database.reading() as session:
        task = session.get_one(Task, first.task_id)
        review = session.scalars(select(Review).where(Review.task_id == task.id)).one()
        assert task.state is TaskState.IN_PROGRESS
        assert review.reason == "2026-11-12 秦朗带队督查：现场台账缺失"
        assert review.required_supplement == "补齐台账"
    kept = findings(database)[0]
    assert (kept.outcome, kept.decided_on) == (FindingOutcome.RETURNED, TODAY)
    assert clerk.post(address, {**data, "version": str(kept.version)}).status_code == 422
    assert "不需要再次办理" in clerk.text


def test_a_finding_reopens_a_closed_task_by_the_lead_alone(
    app: Flask, database: Database, page: str
) -> None:
    second = findings(database)[1]
    address = f"/visit-findings/{second.id}/reopen"
    data = {"reason": "制度未执行", "new_due": "2026-12-31", "version": "1"}
    assert enter(app, "clerk").get(address).status_code == 403
    lead = enter(app, "lead")
    assert lead.post(address, {**data, "new_due": "2026-11-15"}).status_code == 422
    assert lead.post(address, data).status_code == 302
    with database.reading() as session:
        task = session.get_one(Task, second.task_id)
        step = session.scalars(select(TaskTransition).where(TaskTransition.verb == "reopen")).one()
        assert (task.state, task.due_on) == (TaskState.IN_PROGRESS, date(2026, 12, 31))
        assert step.reason == "2026-11-12 秦朗带队督查：制度未执行"
    assert findings(database)[1].outcome is FindingOutcome.REOPENED


def test_what_cannot_be_returned_or_reopened_now_stays_as_it_is(
    app: Flask, database: Database, page: str
) -> None:
    first, second, third = findings(database)
    lead = enter(app, "lead")
    wrong = (
        (f"/visit-findings/{second.id}/return", "不能“退回整改”"),
        (f"/visit-findings/{first.id}/reopen", "不能“重新整改”"),
        (f"/visit-findings/{third.id}/return", "没有写明任务编号"),
    )
    data = {"reason": "x", "supplement": "y", "new_due": "2026-12-31", "version": "1"}
    for address, words in wrong:
        assert lead.post(address, data).status_code == 422
        assert words in lead.text
    assert {one.outcome for one in findings(database)} == {FindingOutcome.NOTED}


def test_a_finding_makes_a_draft_task_that_is_issued_like_any_other(
    app: Flask, database: Database, people: Cast, work: Work, page: str
) -> None:
    third = findings(database)[2]
    clerk, address = enter(app, "clerk"), f"/visit-findings/{third.id}/task"
    assert enter(app, "lead").get(address).status_code == 403
    with database.reading() as session:
        of_b = session.scalars(select(Task).where(Task.lead_unit_id == people.units["b"])).one()
        of_a = session.scalars(select(Task).where(Task.lead_unit_id == people.units["a"])).first()
        assert of_a is not None
        own, foreign = str(of_b.issue_id), str(of_a.issue_id)
    data = {"goal": "建立长效机制", "version": "1"}
    assert clerk.post(address, {**data, "issue_id": foreign}).status_code == 422
    assert clerk.post(address, {**data, "issue_id": own}).status_code == 302
    made = findings(database)[2]
    assert made.outcome is FindingOutcome.TASK_MADE
    with database.reading() as session:
        task = session.get_one(Task, made.result_task_id)
        assert (task.state, task.goal) == (TaskState.DRAFT, "建立长效机制")
        assert task.task_no == "7-3-003-02"
    feedback = f"/feedbacks/{work.feedback_ids['b']}/issue-tasks"
    assert clerk.post(feedback, {}).status_code == 302
    with database.reading() as session:
        assert session.get_one(Task, made.result_task_id).state is TaskState.ISSUED


def test_a_finding_names_a_task_of_that_very_unit(app: Flask, people: Cast, page: str) -> None:
    clerk = enter(app, "clerk")
    data = {"unit_id": str(people.units["b"]), "task_no": "7-3-001-01", "text": "x"}
    assert clerk.post(f"{page}/findings/new", data).status_code == 422
    assert "没有编号为“7-3-001-01”的整改任务" in clerk.text


def test_a_stale_edit_of_visit_or_finding_keeps_what_was_typed(
    app: Flask, database: Database, people: Cast, page: str
) -> None:
    clerk = enter(app, "clerk")
    data = visit_form(people, "a", "b")
    assert clerk.post(f"{page}/edit", {**data, "version": "1"}).status_code == 302
    stale = {**data, "text": "我写的另一版", "version": "1"}
    assert clerk.post(f"{page}/edit", stale).status_code == 409
    assert "我写的另一版" in clerk.text
    without_a = {**visit_form(people, "b"), "version": "2"}
    assert clerk.post(f"{page}/edit", without_a).status_code == 422
    assert "不能去掉" in clerk.text
    third = findings(database)[2]
    change = {"unit_id": str(people.units["b"]), "text": "机制仍未建立", "version": "1"}
    address = f"/visit-findings/{third.id}/edit"
    assert clerk.post(address, change).status_code == 302
    assert clerk.post(address, change).status_code == 409
    with database.reading() as session:
        assert session.scalars(select(SupervisionVisit.version)).one() == 2
