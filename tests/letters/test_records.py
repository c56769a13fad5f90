"""Pages of 约谈 and 问责: the office registers, leaders read, units see neither."""

import io
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from tests.factories.cast import Cast
from tests.factories.letters import make_letter
from tests.factories.work import Work, make_work
from tests.fakes.clock import ManualClock
from tests.letters.work import oversight
from tests.visitor import Visitor
from tracker.audit.models import AuditEntry
from tracker.kernel.config import Config
from tracker.kernel.db import Database
from tracker.letters.models import Accountability, Assessment, Interview
from tracker.letters.rules.letters import LetterState
from tracker.rectification.models import Task

PDF = b"%PDF-1.4\n1 0 obj\n<<>>\nendobj\ntrailer\n<<>>\n%%EOF\n"


@pytest.fixture
def work(database: Database, people: Cast, clock: ManualClock) -> Work:
    with database.writing() as session:
        made = make_work(session, people, now=clock.now())
        for unit in ("a", "b"):
            made.task(session, people, unit=unit, now=clock.now())
        session.commit()
    return made


def enter(app: Flask, username: str) -> Visitor:
    visitor = Visitor(app)
    visitor.sign_in(username)
    return visitor


def task_of(database: Database, people: Cast, unit: str) -> int:
    with database.reading() as session:
        return session.scalars(select(Task.id).where(Task.lead_unit_id == people.units[unit])).one()


def talk(**changes: Any) -> dict[str, Any]:
    return {
        "person_name": "赵一",
        "post_title": "党组书记、局长",
        "is_head": "y",
        "held_on": "2026-11-10",
        "interviewer": "钱主任",
        "reason": "整改进展滞后",
        "is_confirmed_not_secret": "y",
        **changes,
    }


def decision(**changes: Any) -> dict[str, Any]:
    return {
        "name": "孙二",
        "post_title": "副局长",
        "form_code": "admonish",
        "decided_on": "2026-11-12",
        "basis": "整改不力",
        **changes,
    }


def register_talk(clerk: Visitor, people: Cast, **changes: Any) -> str:
    answer = clerk.post(f"/interviews/new?unit={people.units['a']}", talk(**changes))
    assert answer.status_code == 302
    return answer.headers["Location"]


def register_decision(clerk: Visitor, people: Cast, held: str = "person", **changes: Any) -> str:
    path = f"/accountability/new?unit={people.units['a']}&held={held}"
    answer = clerk.post(path, decision(**changes))
    assert answer.status_code == 302
    return answer.headers["Location"]


def test_an_interview_is_registered_about_a_task_and_stands_on_its_page(
    app: Flask, database: Database, people: Cast, work: Work
) -> None:
    clerk = enter(app, "clerk")
    task_id = task_of(database, people, "a")
    page = register_talk(clerk, people, tasks=[task_id], file=(io.BytesIO(PDF), "谈话记录.pdf"))
    assert "谈话记录.pdf" in clerk.get(page).text
    assert clerk.get(f"{page}/file").data == PDF
    assert page in clerk.get(f"/tasks/{task_id}").text
    assert page not in enter(app, "liaison_a").get(f"/tasks/{task_id}").text
    assert "约谈 1 人、1 人次" in clerk.get("/interviews").text


def test_an_assessment_of_the_same_unit_is_kept_with_the_interview_it_led_to(
    app: Flask, database: Database, people: Cast, work: Work, clock: ManualClock
) -> None:
    with database.writing() as session:
        oversight(session, people, work, now=clock.now())
        session.commit()
        assessment = session.scalars(select(Assessment)).first()
        assert assessment is not None
        unit_id, assessment_id = assessment.unit_id, assessment.id
    other = next(unit for unit in people.units.values() if unit != unit_id)
    clerk = enter(app, "clerk")
    for unit, number in ((other, assessment_id), (unit_id, 999)):
        path = f"/interviews/new?unit={unit}&assessment={number}"
        assert clerk.post(path, talk(), via="/interviews/new").status_code == 404
    path = f"/interviews/new?unit={unit_id}&assessment={assessment_id}"
    page = clerk.post(path, talk(held_on="2026-11-16")).headers["Location"]
    assert f"/assessments/{assessment_id}" in clerk.get(page).text
    assert page in clerk.get(f"/assessments/{assessment_id}").text
    with database.reading() as session:
        assert session.scalars(select(Interview.assessment_no)).all() == [assessment_id]


def test_a_talk_that_a_letter_led_to_stands_on_both_pages(
    app: Flask, database: Database, people: Cast, clock: ManualClock, config: Config, work: Work
) -> None:
    with database.writing() as session:
        folder = config.evidence_dir
        letter = make_letter(session, people, folder, now=clock.now(), state=LetterState.SENT)
        session.commit()
    clerk = enter(app, "clerk")
    clerk.get(f"/letters/{letter.id}")
    assert f"/interviews/new?unit={letter.unit_id}&amp;letter={letter.id}" in clerk.text
    strange = f"/interviews/new?unit={people.units['b']}&letter={letter.id}"
    assert clerk.post(strange, talk()).status_code == 404
    path = f"/interviews/new?unit={letter.unit_id}&letter={letter.id}"
    page = clerk.post(path, talk()).headers["Location"]
    assert f"/letters/{letter.id}" in clerk.get(page).text
    assert page in clerk.get(f"/letters/{letter.id}").text
    assert page not in enter(app, "liaison_a").get(f"/letters/{letter.id}").text
    with database.reading() as session:
        assert session.scalars(select(Interview.letter_id)).all() == [letter.id]


def test_the_same_person_twice_is_one_person(app: Flask, people: Cast) -> None:
    clerk = enter(app, "clerk")
    register_talk(clerk, people)
    register_talk(clerk, people, held_on="2026-11-11")
    register_talk(clerk, people, person_name="李三", is_head="")
    assert "约谈 2 人、3 人次" in clerk.get("/interviews").text
    assert "约谈 1 人、2 人次" in clerk.get("/interviews?heads=1").text
    assert "约谈 0 人、0 人次" in clerk.get("/interviews?year=2025").text


@pytest.mark.parametrize("name", ["liaison_a", "head_a", "supervisor", "admin"])
def test_units_and_supervisors_see_neither_record(app: Flask, people: Cast, name: str) -> None:
    clerk = enter(app, "clerk")
    pages = [register_talk(clerk, people), register_decision(clerk, people)]
    visitor = enter(app, name)
    for path in (*pages, "/interviews", "/accountability"):
        assert visitor.get(path).status_code == 403


def test_another_office_sees_neither_record_and_a_leader_reads_both(
    app: Flask, people: Cast
) -> None:
    clerk = enter(app, "clerk")
    pages = [register_talk(clerk, people), register_decision(clerk, people)]
    leader, county = enter(app, "leader"), enter(app, "east_clerk")
    for page in pages:
        assert leader.get(page).status_code == 200
        assert county.get(page).status_code == 404
        assert county.get(f"{page}/edit").status_code == 404
        assert county.get(f"{page}/void").status_code == 404
        assert leader.get(f"{page}/edit").status_code == 403
        assert "修改" not in leader.get(page).text.split("</h1>")[1].split("<h2>")[0]


def test_a_record_is_about_its_own_units_tasks_only(
    app: Flask, database: Database, people: Cast, work: Work
) -> None:
    clerk = enter(app, "clerk")
    foreign = [task_of(database, people, "b")]
    unit = people.units["a"]
    assert clerk.post(f"/interviews/new?unit={unit}", talk(tasks=foreign)).status_code == 422
    path = f"/accountability/new?unit={unit}&held=person"
    assert clerk.post(path, decision(tasks=foreign)).status_code == 422
    assert clerk.get(f"/interviews/new?unit={people.units['w']}").status_code == 404


def test_a_record_typed_in_error_is_voided_with_a_reason_and_counts_no_longer(
    app: Flask, people: Cast
) -> None:
    clerk = enter(app, "clerk")
    page = register_talk(clerk, people)
    assert clerk.post(f"{page}/void", {"reason": ""}).status_code == 422
    clerk.post(f"{page}/void", {"reason": "日期录错"})
    assert "日期录错" in clerk.get(page).text
    assert "约谈 0 人、0 人次" in clerk.get("/interviews").text
    assert "已作废" in clerk.text
    assert "已经作废" in clerk.post(f"{page}/edit", {**talk(), "version": "2"}).text


def test_a_correction_is_saved_once_and_a_stale_one_is_refused(
    app: Flask, database: Database, people: Cast
) -> None:
    clerk = enter(app, "clerk")
    page = register_decision(clerk, people)
    first = {**decision(basis="依据一"), "version": "1"}
    assert clerk.post(f"{page}/edit", first).status_code == 302
    late = clerk.post(f"{page}/edit", {**first, "basis": "依据二"})
    assert (late.status_code, "依据二" in late.text) == (409, True)
    with database.reading() as session:
        assert session.scalars(select(Accountability.basis)).all() == ["依据一"]
        actions = session.scalars(select(AuditEntry.action)).all()
    assert actions.count("accountability_registered") == 1
    assert actions.count("accountability_edited") == 1


def test_organisations_and_persons_have_forms_of_their_own(app: Flask, people: Cast) -> None:
    clerk = enter(app, "clerk")
    path = f"/accountability/new?unit={people.units['a']}&held=organ"
    assert "改组" in clerk.get(path).text
    assert "诫勉" not in clerk.text
    assert clerk.post(path, decision(form_code="admonish")).status_code == 422
    register_decision(clerk, people, "organ", name="中共市甲局党组", form_code="reorganise")
    register_decision(clerk, people)
    assert "问责党组织 1 次、1 人次" in clerk.get("/accountability").text
    assert "中共市甲局党组" not in clerk.get("/accountability?held=person").text


@pytest.mark.parametrize("what", ["interviews", "accountability"])
def test_nothing_is_registered_for_a_day_to_come(app: Flask, people: Cast, what: str) -> None:
    clerk = enter(app, "clerk")
    path = f"/{what}/new?unit={people.units['a']}&held=person"
    fields = {**talk(held_on="2026-11-17"), **decision(decided_on="2026-11-17")}
    assert "不能晚于今天" in clerk.post(path, fields).text
