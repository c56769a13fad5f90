"""整改抽查复核: draw, prove, check, reopen; the office's own."""

import io
from datetime import date
from typing import Any

import docx
import pytest
from flask import Flask
from sqlalchemy import delete, select, update
from sqlalchemy.exc import DatabaseError

from tests.factories.cast import TESTER, Cast
from tests.factories.work import Work, make_work
from tests.fakes.clock import ManualClock
from tests.letters.work import closed_task
from tests.visitor import Visitor
from tracker.kernel.db import Database, born
from tracker.kernel.errors import DomainError, NotVisibleError
from tracker.kernel.permissions import Role
from tracker.letters.models import SpotCheck, SpotCheckItem
from tracker.letters.queries.spot_checks import spot_check_counts
from tracker.letters.rules.spot_checks import CheckOutcome
from tracker.letters.service import spot_checks as service
from tracker.people.models import User
from tracker.people.service import actor_of
from tracker.rectification.models import DueChange, Task, TaskTransition
from tracker.rectification.rules.words import TaskState
from tracker.statistics.queries.query import FigureQuery
from tracker.statistics.rules import Side
from tracker.statistics.service import measure, rows_behind

TODAY = date(2026, 11, 16)
DRAW = {
    "round_id": "0",
    "closed_from": "2026-10-01",
    "closed_to": "2026-11-16",
    "size_kind": "number",
    "size_value": "4",
    "seed": "2026-8",
}
PASSED = {"outcome": "passed", "findings": "与报送一致", "checked_on": "2026-11-16"}
FAILED = {"outcome": "failed", "findings": "制度未执行", "checked_on": "2026-11-16"}


@pytest.fixture
def work(database: Database, people: Cast, clock: ManualClock) -> Work:
    """Six closed tasks of a, two of b, one important; one closed by the clerk, one historic."""
    with database.writing() as session:
        work = make_work(session, people, now=clock.now())
        for number in range(6):
            closed_task(session, people, work, important=number == 5, now=clock.now())
        closed_task(session, people, work, unit="b", now=clock.now())
        closed_task(session, people, work, unit="b", now=clock.now())
        old = closed_task(session, people, work, now=clock.now())
        old.is_historic = True
        work.task(session, people, now=clock.now())
        session.commit()
    return work


def text_of(content: bytes) -> str:
    document: Any = docx.Document(io.BytesIO(content))
    return "\n".join(
        node.text or "" for node in document.element.body.iter() if node.tag.endswith("}t")
    )


def enter(app: Flask, name: str) -> Visitor:
    visitor = Visitor(app)
    visitor.sign_in(name)
    return visitor


@pytest.fixture
def check_id(app: Flask, work: Work) -> int:
    answer = enter(app, "clerk").post("/spot-checks/new", DRAW)
    assert answer.status_code == 302
    return int(answer.headers["Location"].rpartition("/")[2])


def items(database: Database) -> list[SpotCheckItem]:
    with database.reading() as session:
        return list(session.scalars(select(SpotCheckItem).order_by(SpotCheckItem.id)))


def test_a_draw_takes_closed_tasks_of_every_unit_and_importance(
    app: Flask, database: Database, people: Cast, check_id: int
) -> None:
    with database.reading() as session:
        check = session.get_one(SpotCheck, check_id)
        tasks = [item.task for item in check.items]
        strata = {(task.lead_unit_id, task.issue.importance.value) for task in tasks}
        assert {task.state for task in tasks} == {TaskState.CLOSED}
        assert not any(task.is_historic for task in tasks)
        assert (check.frame_size, len(tasks)) == (8, 4)
        a, b = people.units["a"], people.units["b"]
        assert strata == {(a, "normal"), (a, "important"), (b, "normal")}
        assert {item.closed_by for item in check.items} == {people.actor("lead").label}
    clerk = enter(app, "clerk")
    clerk.get("/spot-checks")
    assert "2026年第1次整改抽查复核" in clerk.text
    assert "抽查0项，不通过0项" in clerk.text


def test_historic_tasks_are_drawn_from_when_asked(app: Flask, work: Work) -> None:
    clerk = enter(app, "clerk")
    answer = clerk.post("/spot-checks/new", {**DRAW, "with_historic": "y"})
    clerk.get(answer.headers["Location"])
    assert "9 项" in clerk.text


def test_a_share_without_a_seed_gets_one_and_a_second_draw_the_next_number(
    app: Flask, database: Database, check_id: int
) -> None:
    clerk = enter(app, "clerk")
    assert (
        clerk.post(
            "/spot-checks/new", {**DRAW, "seed": "", "size_kind": "share", "size_value": "50"}
        ).status_code
        == 302
    )
    with database.reading() as session:
        first, second = session.scalars(select(SpotCheck).order_by(SpotCheck.id))
        assert (first.seq, second.seq, len(second.seed), len(second.items)) == (1, 2, 16, 4)


def test_an_empty_or_impossible_draw_says_what_to_change(app: Flask, work: Work) -> None:
    clerk = enter(app, "clerk")
    for changes, words in (
        ({"closed_from": "2026-11-10"}, "没有已销号的任务可抽"),
        ({"closed_from": "2026-11-17"}, "起始日晚于截止日"),
        ({"size_kind": "share", "size_value": "101"}, "按比例的，填 1 至 100"),
        ({"seed": "<b>"}, "种子用 1 至 64 个数字"),
    ):
        assert clerk.post("/spot-checks/new", {**DRAW, **changes}).status_code == 422
        assert words in clerk.text


def test_anybody_in_the_office_can_draw_again_and_gets_the_same(app: Flask, check_id: int) -> None:
    lead = enter(app, "lead")
    lead.get(f"/spot-checks/{check_id}/redraw")
    assert "结果与当时完全一致" in lead.text
    frame = lead.get(f"/spot-checks/{check_id}/frame")
    assert frame.get_data(as_text=True).splitlines()[0] == "7-3-001-01\tCITY/A01\tnormal"


def test_a_sample_that_was_tampered_with_is_seen(
    app: Flask, database: Database, check_id: int
) -> None:
    drawn = {item.task_id for item in items(database)}
    with database.writing() as session:
        other = session.scalars(
            select(Task.id).where(Task.state == TaskState.CLOSED, Task.id.not_in(drawn))
        ).first()
        session.execute(
            update(SpotCheckItem)
            .where(SpotCheckItem.id == min(item.id for item in items(database)))
            .values(task_id=other)
        )
        session.commit()
    lead = enter(app, "lead")
    lead.get(f"/spot-checks/{check_id}/redraw")
    assert "结果与当时完全一致" not in lead.text
    assert "登记的任务可能被改动过" in lead.text


def test_a_list_that_was_tampered_with_is_seen(database: Database, check_id: int) -> None:
    assert service.redraw(_with_items(database, check_id)).is_same
    forged = _with_items(database, check_id)
    forged.frame = forged.frame.replace("7-3-001-01", "7-3-901-01")
    assert not service.redraw(forged).is_frame_same


def _with_items(database: Database, check_id: int) -> SpotCheck:
    with database.reading() as session:
        check = session.get_one(SpotCheck, check_id)
        assert [item.task.task_no for item in check.items]
        session.expunge_all()
    return check


def test_the_database_refuses_to_change_a_draw_or_to_drop_a_drawn_task(
    database: Database, check_id: int
) -> None:
    for statement in (
        update(SpotCheck).values(seed="other"),
        delete(SpotCheck),
        delete(SpotCheckItem),
    ):
        with database.writing() as session, pytest.raises(DatabaseError, match="append-only"):
            session.execute(statement)


def test_the_sheet_shows_what_was_promised_and_what_to_ask_on_paper_and_in_word(
    app: Flask, check_id: int
) -> None:
    clerk = enter(app, "clerk")
    assert (
        clerk.post("/spot-check-questions", {"questions": "账实是否相符\n\n有无反弹"}).status_code
        == 302
    )
    clerk.get(f"/spot-checks/{check_id}/sheet")
    for words in ("账实是否相符", "有无反弹", "修订制度", "完善制度并执行到位", "核查人（签字）"):
        assert words in clerk.text
    content = clerk.get(f"/spot-checks/{check_id}/docx").get_data()
    assert content == clerk.get(f"/spot-checks/{check_id}/docx").get_data()
    written = text_of(content)
    for words in ("整改抽查复核表", "账实是否相符", "种子：2026-8", "核查结论"):
        assert words in written


def test_outcomes_are_noted_and_counted_for_the_office_alone(
    app: Flask, database: Database, people: Cast, check_id: int
) -> None:
    clerk = enter(app, "clerk")
    first, second, *_rest = items(database)
    page = f"/spot-check-items/{first.id}/outcome"
    assert clerk.post(page, {**FAILED, "findings": "", "version": "1"}).status_code == 422
    assert "不通过的，请写明" in clerk.text
    future = {**FAILED, "checked_on": "2026-11-17", "version": "1"}
    assert clerk.post(page, future).status_code == 422
    assert (
        clerk.post(page, {**FAILED, "proposes_reopening": "y", "version": "1"}).status_code == 302
    )
    other = f"/spot-check-items/{second.id}/outcome"
    assert clerk.post(other, {**PASSED, "version": "1"}).status_code == 302
    clerk.get(f"/spot-checks/{check_id}")
    assert "抽查2项，不通过1项" in clerk.text
    assert "建议重新整改" in clerk.text
    region = people.regions["city"]
    with database.reading() as session:
        lead = people.actor("lead")
        assert spot_check_counts(session, region, as_of=TODAY, actor=lead) == (2, 1)
        assert spot_check_counts(session, region, as_of=date(2026, 11, 15), actor=lead) == (0, 0)
        query = FigureQuery(actor=lead, region_id=region, as_of=TODAY)
        figure = measure(session, query, "spot_checks_failed")
        assert figure.text == "1/2项"
        rows = rows_behind(session, query, "spot_checks_failed", side=Side.DENOMINATOR)
        assert sorted(cells[-1] for _id, _amount, cells in rows.rows) == ["不通过", "通过"]
        others = FigureQuery(actor=people.actor("leader"), region_id=region, as_of=TODAY)
        with pytest.raises(NotVisibleError):
            measure(session, others, "spot_checks_failed")
        east = people.actor("east_lead")
        assert spot_check_counts(session, region, as_of=TODAY, actor=east) == (0, 0)
        with pytest.raises(NotVisibleError):
            spot_check_counts(session, region, as_of=TODAY, actor=people.actor("leader"))


def test_an_outcome_changes_only_with_a_reason_and_never_under_another_hand(
    app: Flask, database: Database, check_id: int
) -> None:
    clerk = enter(app, "clerk")
    page = f"/spot-check-items/{items(database)[0].id}/outcome"
    assert clerk.post(page, {**PASSED, "version": "1"}).status_code == 302
    assert clerk.post(page, {**FAILED, "version": "1"}).status_code == 409
    assert clerk.post(page, {**FAILED, "version": "2"}).status_code == 422
    assert "请写明更改理由" in clerk.text
    again = {**FAILED, "version": "2", "why_changed": "复核时发现"}
    assert clerk.post(page, again).status_code == 302
    assert items(database)[0].outcome is CheckOutcome.FAILED


def test_who_closed_a_task_does_not_check_it_even_from_a_later_post(
    app: Flask, database: Database, people: Cast, clock: ManualClock, check_id: int
) -> None:
    """The lead closed all; now the same person holds a second sign-in, as a clerk."""
    item = items(database)[0]
    lead = enter(app, "lead")
    lead.get(f"/spot-check-items/{item.id}/outcome")
    assert "不能由您核查" in lead.text
    assert (
        lead.post(f"/spot-check-items/{item.id}/outcome", {**PASSED, "version": "1"}).status_code
        == 422
    )
    with database.writing() as session:
        old = session.get_one(User, people.users["lead"])
        later = User(
            person_id=old.person_id,
            username="lead_as_clerk",
            role=Role.OFFICE_CLERK,
            region_id=old.region_id,
            password_hash=old.password_hash,
            **born(actor=TESTER, now=clock.now()),
        )
        session.add(later)
        session.flush()  # the actor needs the id
        found = session.get_one(SpotCheckItem, item.id)
        draft = service.OutcomeDraft(outcome=CheckOutcome.PASSED, findings="", checked_on=TODAY)
        with pytest.raises(DomainError, match="不能由您核查"):
            service.note_outcome(session, found, draft, actor=actor_of(later), now=clock.now())
    assert items(database)[0].outcome is None


def test_a_failed_task_is_reopened_by_the_lead_with_a_date_and_the_check_in_the_reason(
    app: Flask, database: Database, check_id: int
) -> None:
    clerk, lead = enter(app, "clerk"), enter(app, "lead")
    item = items(database)[0]
    page = f"/spot-check-items/{item.id}/reopen"
    assert lead.post(page, {"new_due": "2026-12-30", "version": "1"}).status_code == 422
    assert "只有抽查不通过的任务" in lead.text
    clerk.post(f"/spot-check-items/{item.id}/outcome", {**FAILED, "version": "1"})
    assert clerk.get(page).status_code == 403
    assert lead.post(page, {"new_due": "2026-11-01", "version": "2"}).status_code == 422
    assert (
        lead.post(
            page, {"new_due": "2026-12-30", "words": "限期一个月", "version": "2"}
        ).status_code
        == 302
    )
    with database.reading() as session:
        task = session.get_one(Task, item.task_id)
        step = session.scalars(
            select(TaskTransition)
            .where(TaskTransition.task_id == task.id)
            .order_by(TaskTransition.id.desc())
        ).first()
        change = session.scalars(select(DueChange).where(DueChange.task_id == task.id)).one()
        assert (task.state, task.due_on) == (TaskState.IN_PROGRESS, date(2026, 12, 30))
        assert step is not None
        assert step.reason == "2026年第1次整改抽查复核不通过：制度未执行（限期一个月）"
        assert change.new_due == date(2026, 12, 30)
    kept = items(database)[0]
    assert (kept.reopened_on, kept.closed_on) == (TODAY, date(2026, 11, 2))
    again = {"new_due": "2026-12-30", "version": str(kept.version)}
    assert lead.post(page, again).status_code == 422
    lead.get(f"/spot-checks/{check_id}")
    assert "2026-11-16 重新整改" in lead.text


@pytest.mark.parametrize(
    ("name", "status"),
    [
        ("leader", 403),
        ("supervisor", 403),
        ("liaison_a", 403),
        ("head_a", 403),
        ("admin", 403),
        ("auditor", 403),
        ("east_clerk", 404),
        ("lead", 200),
    ],
)
def test_spot_checks_are_the_offices_own(
    app: Flask, database: Database, check_id: int, name: str, status: int
) -> None:
    visitor, item = enter(app, name), items(database)[0]
    for path in (
        f"/spot-checks/{check_id}",
        f"/spot-checks/{check_id}/redraw",
        f"/spot-checks/{check_id}/frame",
        f"/spot-checks/{check_id}/sheet",
        f"/spot-checks/{check_id}/docx",
        f"/spot-check-items/{item.id}/outcome",
    ):
        assert visitor.get(path).status_code == status, path
    if status == 404:
        assert visitor.get(f"/spot-checks/{check_id}").get_data() == (
            visitor.get("/spot-checks/999999").get_data()
        )
        visitor.get("/spot-checks")
        assert "还没有抽查" in visitor.text
