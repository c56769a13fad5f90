"""What is handed in is kept as it was; the signature names its digest; two of them are compared."""

import hashlib
import json

import pytest
from flask import Flask
from sqlalchemy import delete, select, update
from sqlalchemy.exc import DatabaseError

from tests.factories.cast import Cast
from tests.fakes.clock import ManualClock
from tests.rectification.plan_office import PlanOffice, make_plan_office
from tracker.kernel.db import Database
from tracker.rectification.models import DocumentSignature, PlanSubmission, Task
from tracker.rectification.rules.plan_text import (
    Change,
    PlanText,
    canonical,
    changes,
    read_canonical,
)
from tracker.rectification.rules.words import DocumentEventKind, TaskState

E, S = DocumentEventKind, TaskState


@pytest.fixture
def office(app: Flask, database: Database, people: Cast, clock: ManualClock) -> PlanOffice:
    return make_plan_office(app, database, people, clock)


def kept(office: PlanOffice) -> list[PlanSubmission]:
    with office.database.reading() as session:
        return list(session.scalars(select(PlanSubmission).order_by(PlanSubmission.number)))


def signed_digests(office: PlanOffice) -> list[str | None]:
    with office.database.reading() as session:
        query = select(DocumentSignature.sha256).order_by(DocumentSignature.id)
        return list(session.scalars(query))


def returned_and_changed(office: PlanOffice) -> int:
    """Submit, sign, return, change goal and measures, submit and sign again."""
    (task_id,) = office.issue("001")
    liaison, head = office.enter("liaison_a"), office.enter("head_a")
    office.submit(liaison, task_id)
    office.press(head, "sign")
    office.press(office.enter("lead"), "return", reason="笼统")
    office.write(liaison, task_id, goal="另一个目标", measures="只剩一条")
    office.press(liaison, "submit")
    office.press(head, "sign")
    return task_id


def test_each_submission_is_kept_whole_with_its_digest_and_the_signature_names_it(
    office: PlanOffice,
) -> None:
    returned_and_changed(office)
    first, second = kept(office)
    assert [first.number, second.number] == [1, 2]
    for each in (first, second):
        assert hashlib.sha256(each.content.encode()).hexdigest() == each.sha256
    assert signed_digests(office) == [first.sha256, second.sha256]
    (item,) = json.loads(first.content)["items"].values()
    assert (item["goal"], item["measures"]) == (
        "审批留痕全覆盖",
        "1. 修订财务审批办法\n2. 开展自查自纠",
    )
    assert (item["lead_leader"], item["owners"], item["due_on"]) == (
        "方一鸣",
        "柳青、陆远",
        "2026-12-20",
    )


def test_the_plans_page_lists_the_submissions_and_shows_what_changed_side_by_side(
    office: PlanOffice,
) -> None:
    returned_and_changed(office)
    first, second = kept(office)
    reader = office.enter("clerk")
    reader.get(office.page)
    for each in (first, second):
        assert f"第{each.number}次提交" in reader.text
        assert each.sha256[:16] in reader.text
    assert f"签署内容：第2次提交，摘要 {second.sha256[:16]}" in reader.text
    reader.get(f"/plan-submissions/{second.id}")
    for words in (
        "与第1次提交对照",
        "审批留痕全覆盖",
        "另一个目标",
        "1. 只剩一条",
        "与保存的内容一致",
    ):
        assert words in reader.text
    reader.get(f"/plan-submissions/{first.id}")
    assert "没有可对照的上一次提交" in reader.text
    reader.get(f"/plan-submissions/{first.id}?against={second.id}")
    assert "与第2次提交对照" in reader.text
    page = f"/plan-submissions/{first.id}"
    assert office.enter("liaison_b").get(page).status_code == 404
    assert office.enter("east_clerk").get(page).status_code == 404
    assert reader.get(f"{page}?against=999").status_code == 404


def test_a_supplement_is_not_compared_with_the_plan_before_it(office: PlanOffice) -> None:
    office.pass_through(*office.issue("001"))
    office.pass_through(*office.issue("002"))
    _first, second = kept(office)
    assert len(read_canonical(second.content).items) == 1
    reader = office.enter("lead")
    reader.get(f"/plan-submissions/{second.id}")
    assert "没有可对照的上一次提交" in reader.text


def test_nobody_signs_a_plan_that_reads_otherwise_than_it_was_submitted(
    office: PlanOffice,
) -> None:
    (task_id,) = office.issue("001")
    office.submit(office.enter("liaison_a"), task_id)
    with office.database.writing() as session:
        session.get_one(Task, task_id).goal = "悄悄换了"
        session.commit()
    head = office.enter("head_a")
    office.press(head, "sign")
    head.get(office.page)
    assert "与第1次提交时不同" in head.text
    assert office.events() == [E.SUBMITTED]
    assert office.states(task_id) == [S.PLANNING]


def test_kept_texts_cannot_be_rewritten(office: PlanOffice) -> None:
    (task_id,) = office.issue("001")
    office.submit(office.enter("liaison_a"), task_id)
    for statement in (update(PlanSubmission).values(content="{}"), delete(PlanSubmission)):
        with (
            office.database.writing() as session,
            pytest.raises(DatabaseError, match="append-only"),
        ):
            session.execute(statement)


def test_a_canonical_text_comes_back_and_does_not_depend_on_order() -> None:
    one = PlanText(unit="甲局", feedback="反馈", items={"1": {"goal": "甲"}, "2": {"goal": "乙"}})
    other = PlanText(unit="甲局", feedback="反馈", items={"2": {"goal": "乙"}, "1": {"goal": "甲"}})
    assert canonical(one) == canonical(other)
    assert read_canonical(canonical(one)) == one


def test_changes_name_task_and_field_and_tell_of_tasks_that_came_or_went() -> None:
    before = PlanText(unit="", feedback="", items={"1": {"goal": "甲"}, "2": {"goal": "乙"}})
    after = PlanText(unit="", feedback="", items={"1": {"goal": "丙"}, "3": {"goal": "丁"}})
    assert changes(before, after) == [
        Change("1", "整改目标", "甲", "丙"),
        Change("2", "整改目标", "乙", ""),
        Change("3", "整改目标", "", "丁"),
    ]
    assert changes(before, before) == []
