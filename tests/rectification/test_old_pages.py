"""Who presses a button on an old page has not read what is there now, and is told so."""

import pytest
from flask import Flask

from tests.factories.cast import Cast
from tests.fakes.clock import ManualClock
from tests.rectification.office import make_task, state_of
from tests.rectification.plan_office import PlanOffice, make_plan_office
from tests.visitor import HIDDEN, Visitor
from tracker.kernel.db import Database
from tracker.rectification.models import Task
from tracker.rectification.rules.words import DocumentEventKind, TaskState

S, E = TaskState, DocumentEventKind
CHANGED = "在您打开后有变化"


@pytest.fixture
def office(app: Flask, database: Database, people: Cast, clock: ManualClock) -> PlanOffice:
    return make_plan_office(app, database, people, clock)


def version_on(who: Visitor, page: str) -> dict[str, str]:
    """Return the version that the page's forms carry now."""
    return {"version": dict(HIDDEN.findall(who.get(page).get_data(as_text=True)))["version"]}


def test_the_head_does_not_sign_a_text_that_was_never_on_the_page(office: PlanOffice) -> None:
    (task_id,) = office.issue("001")
    liaison, head = office.enter("liaison_a"), office.enter("head_a")
    office.submit(liaison, task_id)
    old = {"version": str(office.version)}  # what a page told that was made before the text changed
    office.press(liaison, "withdraw")
    assert office.write(liaison, task_id, goal="另一个目标").status_code == 302
    office.press(liaison, "submit")
    office.press(head, "sign", **old)
    head.get(office.page)
    assert CHANGED in head.text
    assert office.events() == [E.SUBMITTED, E.WITHDRAWN, E.SUBMITTED]
    office.press(head, "sign")
    assert office.events()[-1] is E.SIGNED


@pytest.mark.parametrize(
    ("step", "data"),
    [
        ("pass", {}),
        ("return", {"reason": "措施太笼统"}),
        ("withdraw", {}),
    ],
)
def test_every_button_of_a_reviewed_plan_is_refused_on_an_old_page(
    office: PlanOffice, step: str, data: dict[str, str]
) -> None:
    (task_id,) = office.issue("001")
    office.submit(office.enter("liaison_a"), task_id)
    old = {"version": str(office.version)}
    office.press(office.enter("head_a"), "sign")
    who = office.enter("liaison_a" if step == "withdraw" else "lead")
    office.press(who, step, **data, **old)
    assert office.events() == [E.SUBMITTED, E.SIGNED]
    assert office.states(task_id) == [S.PLAN_REVIEW]


@pytest.mark.parametrize("step", ["submit", "acknowledge"])
def test_a_plan_that_got_one_more_item_is_neither_submitted_nor_acknowledged_unread(
    office: PlanOffice, step: str
) -> None:
    office.issue("001")
    liaison = office.enter("liaison_a")
    old = {"version": str(office.version)}
    (second,) = office.issue("002")
    office.press(liaison, step, **old)
    liaison.get(office.page)
    assert CHANGED in liaison.text
    assert office.states(second) == [S.ISSUED]


def test_each_change_of_an_item_makes_the_open_plan_old(office: PlanOffice) -> None:
    (task_id,) = office.issue("001")
    liaison, lead = office.enter("liaison_a"), office.enter("lead")
    seen = [office.version]

    def is_newer() -> bool:
        seen.append(office.version)
        return seen[-1] > seen[-2]

    office.press(liaison, "acknowledge")
    assert is_newer()
    office.write(liaison, task_id)
    assert is_newer()
    office.press(liaison, "issues/1/add-task")
    assert is_newer()
    added = f"/tasks/{task_id + 1}/plan"
    liaison.post(f"{office.page}/tasks/{task_id + 1}/merge", via=added)
    assert is_newer()
    due = {"new_due": "2026-12-10", "reason": "录入有误"}
    assert lead.post(f"/tasks/{task_id}/due", due).status_code == 302
    assert is_newer()


def test_a_button_of_the_task_page_is_refused_on_an_old_page(
    office: PlanOffice, database: Database, people: Cast, clock: ManualClock
) -> None:
    task_id = make_task(database, people, clock, office.work, S.UNIT_CHECK)
    liaison, page = office.enter("liaison_a"), f"/tasks/{task_id}"
    old = version_on(liaison, page)
    with database.writing() as session:
        session.get_one(Task, task_id).remark = "改过"
        session.commit()
    liaison.post(f"{page}/withdraw", old, via=page)
    liaison.get(page)
    assert CHANGED in liaison.text
    assert state_of(database, task_id) is S.UNIT_CHECK
    liaison.post(f"{page}/withdraw", via=page)
    assert state_of(database, task_id) is S.IN_PROGRESS
