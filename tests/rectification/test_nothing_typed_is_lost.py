"""What was typed stays on the page when it is refused; what cannot be sent is not shown."""

import re
from datetime import date

import pytest
from flask import Flask

from tests.factories.cast import TESTER, Cast
from tests.factories.work import make_work
from tests.fakes.clock import ManualClock
from tests.rectification.office import enter
from tests.rectification.plan_office import PlanOffice, make_plan_office
from tests.rectification.scenarios import stored_file
from tests.web.test_no_500 import Fields
from tracker.kernel.db import Database, born
from tracker.rectification.models import Evidence, MonthlyReport, TaskUnit, UnitDocument
from tracker.rectification.rules.words import DocumentEventKind, DocumentKind, TaskState

E = DocumentEventKind


@pytest.fixture
def office(app: Flask, database: Database, people: Cast, clock: ManualClock) -> PlanOffice:
    return make_plan_office(app, database, people, clock)


@pytest.fixture
def signed(office: PlanOffice) -> list[int]:
    """Two tasks whose plan waits for the office."""
    tasks = office.issue("001", "002")
    office.submit(office.enter("liaison_a"), *tasks)
    office.press(office.enter("head_a"), "sign")
    return tasks


def test_remarks_without_a_reason_stay_on_the_page(office: PlanOffice, signed: list[int]) -> None:
    lead = office.enter("lead")
    said = {f"remark-{each}": f"第{each}项写明完成标志" for each in signed}
    assert office.press(lead, "return", reason="", **said).status_code == 422
    assert "请填写理由" in lead.text
    for text in said.values():
        assert f"{text}</textarea>" in lead.text
    assert office.events()[-1] is E.SIGNED
    assert office.press(lead, "return", reason="笼统", **said).status_code == 302
    assert office.events()[-1] is E.RETURNED


def test_a_remark_too_long_is_refused_and_kept_whole(office: PlanOffice, signed: list[int]) -> None:
    lead = office.enter("lead")
    text = "长" * 2001
    said = {"reason": "笼统", f"remark-{signed[0]}": text}
    assert office.press(lead, "return", **said).status_code == 422
    assert f"{text}</textarea>" in lead.text
    assert "笼统</textarea>" in lead.text
    assert "最多 2000 个字" in lead.text


def test_a_return_on_an_old_page_keeps_what_was_typed(
    office: PlanOffice, signed: list[int]
) -> None:
    lead = office.enter("lead")
    said = {"reason": "措施太笼统", f"remark-{signed[0]}": "写明完成标志"}
    assert office.press(lead, "return", version="1", **said).status_code == 409
    for text in said.values():
        assert f"{text}</textarea>" in lead.text
    office.press(office.enter("lead"), "pass")
    assert office.press(lead, "return", version="1", **said).status_code == 409
    for text in said.values():
        assert text in lead.text, "the form is gone, the words are not"


def test_the_head_who_gives_no_reason_is_asked_for_it(office: PlanOffice) -> None:
    (task_id,) = office.issue("001")
    office.submit(office.enter("liaison_a"), task_id)
    head = office.enter("head_a")
    assert office.press(head, "return-by-head", reason=" ").status_code == 422
    assert "请填写理由" in head.text
    assert office.events() == [E.SUBMITTED]


FORMS = ("/tasks/<int:task_id>/", "/plans/<int:plan_id>/", "/evidence/", "/monthly-reports/")


@pytest.mark.parametrize(
    ("unit", "readers"),
    [("a", ("liaison_b", "head_b")), ("e", ("east_clerk", "east_lead"))],
    ids=["a co-responsible unit", "the county of an inspected unit"],
)
def test_a_form_is_shown_to_nobody_whose_answer_would_be_that_there_is_none(
    app: Flask,
    database: Database,
    people: Cast,
    clock: ManualClock,
    unit: str,
    readers: tuple[str, ...],
) -> None:
    app.config["WTF_CSRF_ENABLED"] = False
    with database.writing() as session:
        stamps = born(actor=TESTER, now=clock.now())
        work = make_work(session, people, now=clock.now(), units=("a", "e"))
        task = work.task(session, people, unit=unit, state=TaskState.IN_PROGRESS, now=clock.now())
        session.add_all(
            [
                TaskUnit(task_id=task.id, unit_id=people.units["b"]),
                Evidence(
                    task_id=task.id,
                    file=stored_file(stamps),
                    title="制度文本",
                    document_on=date(2026, 11, 2),
                    is_confirmed_not_secret=True,
                    **stamps,
                ),
                UnitDocument(
                    feedback_id=work.feedback_ids[unit],
                    unit_id=people.units[unit],
                    kind=DocumentKind.PLAN,
                    **stamps,
                ),
                MonthlyReport(
                    region_id=work.region_id,
                    unit_id=people.units[unit],
                    month=date(2026, 11, 1),
                    needs_sign_off=True,
                    submitted_on=date(2026, 11, 2),
                    submitted_by="tests",
                    **stamps,
                ),
            ]
        )
        session.commit()
    rules = [
        rule
        for rule in app.url_map.iter_rules()
        if {"GET", "POST"} <= (rule.methods or set()) and rule.rule.startswith(FORMS)
    ]
    assert len(rules) > 25
    lost, shown = set(), set()
    for who in readers:
        reader = enter(app, who)
        for rule in rules:
            path = re.sub(r"<[^>]+>", "1", rule.rule)
            if reader.get(path).status_code != 200:
                continue
            page = Fields()
            page.feed(reader.text)
            page.values.pop("submission", None)
            shown.add(rule.endpoint)
            if reader.post_raw(path, page.values).status_code == 404:
                lost.add((who, rule.endpoint))
    assert lost == set()
    assert "rectification.comment" in shown or unit == "e"
