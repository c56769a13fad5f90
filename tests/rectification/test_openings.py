"""撤回 is possible until the next person has opened it: whoever may sign, wherever it is shown."""

import pytest
from flask import Flask
from sqlalchemy import delete, select, update
from sqlalchemy.exc import DatabaseError

from tests.conftest import MONDAY
from tests.factories.cast import TESTER, Cast
from tests.fakes.clock import ManualClock
from tests.rectification.office import make_task, state_of
from tests.rectification.plan_office import PlanOffice, make_plan_office
from tests.rectification.scenarios import stored_file
from tracker.kernel.db import Database, born
from tracker.people.models import Delegation
from tracker.rectification.models import (
    DocumentOpening,
    DocumentSignature,
    Evidence,
    PlanRemark,
    SignOff,
    TaskOpening,
    TaskUnit,
)
from tracker.rectification.rules.words import DocumentEventKind, SignatureWay, TaskState

S, E = TaskState, DocumentEventKind


@pytest.fixture
def office(app: Flask, database: Database, people: Cast, clock: ManualClock) -> PlanOffice:
    return make_plan_office(app, database, people, clock)


def lend(office: PlanOffice, lender: str, deputy: str) -> None:
    """Lend powers for today."""
    users, now = office.people.users, office.clock.now()
    with office.database.writing() as session:
        session.add(
            Delegation(
                from_user_id=users[lender],
                to_user_id=users[deputy],
                from_on=MONDAY,
                to_on=MONDAY,
                reason="出差",
                **born(actor=TESTER, now=now),
            )
        )
        session.commit()


def withdrawn(office: PlanOffice) -> bool:
    """Let the liaison withdraw the plan, and tell whether that worked."""
    liaison = office.enter("liaison_a")
    office.press(liaison, "withdraw")
    liaison.get(office.page)
    is_withdrawn = office.events()[-1] is E.WITHDRAWN
    assert ("已经打开查看" in liaison.text) is not is_withdrawn
    return is_withdrawn


def submitted(office: PlanOffice) -> int:
    (task_id,) = office.issue("901")
    office.submit(office.enter("liaison_a"), task_id)
    return task_id


@pytest.mark.parametrize("where", ["plan", "task"])
def test_a_plan_the_head_has_opened_is_not_withdrawn(office: PlanOffice, where: str) -> None:
    task_id = submitted(office)
    page = office.page if where == "plan" else f"/tasks/{task_id}"
    office.enter("head_a").get(page)
    assert not withdrawn(office)
    office.press(office.enter("head_a"), "return-by-head", reason="措施太笼统")
    office.press(office.enter("liaison_a"), "submit")
    assert withdrawn(office), "what was submitted anew nobody has opened yet"


@pytest.mark.parametrize(
    "who", ["liaison_a", "deputy_a", "clerk", "lead", "supervisor", "leader", "head_b"]
)
def test_a_look_of_whoever_may_not_sign_leaves_a_plan_withdrawable(
    office: PlanOffice, who: str
) -> None:
    submitted(office)
    office.enter(who).get(office.page)
    assert withdrawn(office)


def test_a_deputys_look_counts_while_the_loan_lasts(office: PlanOffice) -> None:
    submitted(office)
    lend(office, "head_a", "deputy_a")
    office.enter("deputy_a").get(office.page)
    assert not withdrawn(office)


def test_a_deputy_who_submitted_the_plan_has_not_opened_it_for_the_head(
    office: PlanOffice,
) -> None:
    (task_id,) = office.issue("901")
    lend(office, "head_a", "deputy_a")
    deputy = office.enter("deputy_a")
    office.submit(deputy, task_id)
    deputy.get(office.page)
    assert withdrawn(office)


@pytest.mark.parametrize(("who", "can"), [("lead", False), ("clerk", False), ("head_a", True)])
def test_a_signed_plan_is_withdrawn_until_the_office_has_opened_it(
    office: PlanOffice, who: str, can: bool
) -> None:
    submitted(office)
    office.press(office.enter("head_a"), "sign")
    office.enter(who).get(office.page)
    assert withdrawn(office) is can


def test_where_no_head_signs_the_plan_is_withdrawn_from_the_office(
    app: Flask, database: Database, people: Cast, clock: ManualClock
) -> None:
    office = make_plan_office(app, database, people, clock, needs_sign_off=False)
    task_id = submitted(office)
    assert office.states(task_id) == [S.PLAN_REVIEW]
    assert withdrawn(office)
    assert office.states(task_id) == [S.PLANNING]
    office.press(office.enter("liaison_a"), "submit")
    office.enter("head_a").get(office.page)
    office.enter("lead").get(office.page)
    assert not withdrawn(office)


def closing(office: PlanOffice, state: TaskState) -> tuple[int, int]:
    """Make a task whose closing was asked for, and its evidence."""
    task_id = make_task(office.database, office.people, office.clock, office.work, state)
    stamps = born(actor=TESTER, now=office.clock.now())
    with office.database.writing() as session:
        evidence = Evidence(
            task_id=task_id,
            file=stored_file(stamps),
            title="制度文本",
            document_on=MONDAY,
            is_confirmed_not_secret=True,
            **stamps,
        )
        session.add_all([evidence, TaskUnit(task_id=task_id, unit_id=office.people.units["b"])])
        session.commit()
        return task_id, evidence.id


def is_taken_back(office: PlanOffice, task_id: int) -> bool:
    liaison = office.enter("liaison_a")
    liaison.post(f"/tasks/{task_id}/withdraw", via=f"/tasks/{task_id}")
    return state_of(office.database, task_id) is S.IN_PROGRESS


@pytest.mark.parametrize(
    ("state", "who", "page"),
    [
        (S.UNIT_CHECK, "head_a", "/tasks/{task}/sign"),
        (S.UNIT_CHECK, "head_a", "/tasks/{task}/return-by-head"),
        (S.UNIT_CHECK, "deputy_a", "/tasks/{task}"),
        (S.UNIT_CHECK, "deputy_a", "/tasks/{task}/sign"),
        (S.UNIT_CHECK, "head_a", "/evidence/{evidence}/preview"),
        (S.OFFICE_REVIEW, "lead", "/tasks/{task}/close"),
        (S.OFFICE_REVIEW, "lead", "/tasks/{task}/return"),
        (S.OFFICE_REVIEW, "clerk", "/tasks/{task}/recommend"),
        (S.OFFICE_REVIEW, "lead", "/evidence/{evidence}/preview"),
    ],
)
def test_a_closing_request_is_opened_wherever_its_case_is_shown(
    office: PlanOffice, state: TaskState, who: str, page: str
) -> None:
    task_id, evidence_id = closing(office, state)
    lend(office, "head_a", "deputy_a")
    office.enter(who).get(page.format(task=task_id, evidence=evidence_id))
    assert not is_taken_back(office, task_id)


@pytest.mark.parametrize(
    ("state", "who"),
    [
        (S.UNIT_CHECK, "head_b"),
        (S.UNIT_CHECK, "deputy_a"),
        (S.UNIT_CHECK, "lead"),
        (S.OFFICE_REVIEW, "supervisor"),
        (S.OFFICE_REVIEW, "leader"),
        (S.OFFICE_REVIEW, "head_a"),
    ],
)
def test_a_look_of_whoever_decides_nothing_leaves_a_request_withdrawable(
    office: PlanOffice, state: TaskState, who: str
) -> None:
    task_id, evidence_id = closing(office, state)
    reader = office.enter(who)
    assert reader.get(f"/tasks/{task_id}").status_code == 200
    reader.get(f"/evidence/{evidence_id}/preview")
    assert is_taken_back(office, task_id)


def test_a_passed_plans_page_opens_no_closing_request(office: PlanOffice) -> None:
    (first,) = office.issue("901")
    office.pass_through(first)
    task_id, _evidence = closing(office, S.OFFICE_REVIEW)
    office.enter("lead").get(office.page)
    assert is_taken_back(office, task_id)


def test_openings_signatures_and_remarks_cannot_be_rewritten(
    office: PlanOffice, clock: ManualClock
) -> None:
    task_id = submitted(office)
    head, lead = office.enter("head_a"), office.enter("lead")
    head.get(office.page)
    office.press(head, "sign")
    office.press(lead, "return", reason="笼统", **{f"remark-{task_id}": "写明标志"})
    asked, _evidence = closing(office, S.OFFICE_REVIEW)
    lead.get(f"/tasks/{asked}")
    with office.database.writing() as session:
        session.add(
            SignOff(
                task_id=asked,
                way=SignatureWay.ONLINE,
                signed_at=clock.now(),
                signed_by="甲",
                pledge="负责",
            )
        )
        session.commit()
    for model in (DocumentOpening, DocumentSignature, PlanRemark, SignOff, TaskOpening):
        with office.database.reading() as session:
            row_id = session.scalars(select(model.id)).first()
        assert row_id is not None, model
        for statement in (update(model).values(id=row_id + 100), delete(model)):
            with (
                office.database.writing() as session,
                pytest.raises(DatabaseError, match="append-only"),
            ):
                session.execute(statement)
