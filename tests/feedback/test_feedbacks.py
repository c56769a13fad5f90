"""The pages of feedback and issues."""

from datetime import date

import pytest
from sqlalchemy import select

from tests.factories.cast import TESTER, Cast
from tests.factories.work import Work, make_work
from tests.fakes.clock import ManualClock
from tests.visitor import Visitor
from tracker.audit.models import AuditEntry
from tracker.feedback.models import FeedbackRecipient, Issue
from tracker.kernel.db import Database, born
from tracker.rectification.models import Task, UnitDocument
from tracker.rectification.rules.words import DocumentKind
from tracker.rounds.models import DeadlineProfile

ISSUE = {
    "issue_no": "001",
    "nature": "individual",
    "text": "公务接待审批不严。",
    "importance": "normal",
    "sensitivity": "internal",
    "tags": "民生、一把手",
}


@pytest.fixture
def work(database: Database, people: Cast, clock: ManualClock) -> Work:
    with database.writing() as session:
        work = make_work(session, people, now=clock.now())
        session.commit()
    return work


def test_an_office_records_feedback_with_date_receipt_and_issues(
    visitor: Visitor, people: Cast, work: Work, database: Database
) -> None:
    visitor.sign_in("clerk")
    path = f"/feedbacks/new?inspection={work.inspection_ids['a']}"
    visitor.get(path)
    assert "关于巡察市甲局的反馈意见" in visitor.text
    fields = {"code": "F-9", "title": "反馈意见", "source": "city_inspection"}
    answer = visitor.post(path, fields | {"profile_id": str(work.profile_id)})
    page = answer.headers["Location"]
    assert visitor.get(page).status_code == 200
    assert "还没有反馈日期" in visitor.text
    date_form = {"fed_back_on": "2026-09-01", "version": "1"}
    assert visitor.post(f"{page}/date", date_form).status_code == 302
    with database.reading() as session:
        recipient_id = session.scalars(select(FeedbackRecipient.id)).first()
    receipt = f"/feedback-recipients/{recipient_id}"
    assert visitor.post(receipt, {"acknowledged_on": "2026-09-02"}).status_code == 302
    unit = {"unit_ids": [str(people.units["a"])]}
    assert visitor.post(f"{page}/issues/new", ISSUE | unit).status_code == 302
    visitor.get(page)
    for words in ("公务接待审批不严", "2026-09-02", "民生", "下发整改任务"):
        assert words in visitor.text
    visitor.get(f"/inspections/{work.inspection_ids['a']}")
    assert "专题民主生活会" in visitor.text


def test_another_profile_moves_the_plans_date_that_was_computed(
    visitor: Visitor, people: Cast, work: Work, database: Database, clock: ManualClock
) -> None:
    stamps = born(actor=TESTER, now=clock.now())
    feedback_id = work.feedback_ids["a"]
    with database.writing() as session:
        later = DeadlineProfile(region_id=work.region_id, name="两个月", plan_months=2, **stamps)
        session.add(later)
        for unit, due in (("a", date(2026, 10, 1)), ("b", date(2026, 10, 20))):
            session.add(
                UnitDocument(
                    feedback_id=feedback_id,
                    unit_id=people.units[unit],
                    kind=DocumentKind.PLAN,
                    due_on=due,
                    **stamps,
                )
            )
        session.commit()
        profile_id = str(later.id)
    visitor.sign_in("clerk")
    fields = {"code": "F-a", "title": "反馈意见", "source": "city_inspection"}
    page = f"/feedbacks/{feedback_id}/edit"
    assert visitor.post(page, fields | {"profile_id": profile_id}).status_code == 302
    with database.reading() as session:
        query = select(UnitDocument.due_on).order_by(UnitDocument.id)
        assert session.scalars(query).all() == [date(2026, 11, 1), date(2026, 10, 20)]
        moved = select(AuditEntry.id).where(AuditEntry.action == "plan_due_moved")
        assert len(session.scalars(moved).all()) == 1


def test_feedback_from_above_is_recorded_without_a_round(
    visitor: Visitor, people: Cast, work: Work
) -> None:
    visitor.sign_in("clerk")
    fields = {"code": "SW", "title": "省委巡视反馈", "source": "province_inspection"}
    fields |= {"profile_id": str(work.profile_id), "fed_back_on": "2026-08-01"}
    assert visitor.post("/feedbacks/new", fields).status_code == 302
    visitor.get("/feedbacks?source=province_inspection")
    assert "省委巡视反馈" in visitor.text
    assert "巡察反馈意见" not in visitor.text


def test_an_issue_saved_by_two_people_keeps_the_seconds_text(
    visitor: Visitor, people: Cast, work: Work, database: Database, clock: ManualClock
) -> None:
    with database.writing() as session:
        issue_id = work.task(session, people, now=clock.now()).issue_id
        session.commit()
    visitor.sign_in("clerk")
    path = f"/issues/{issue_id}/edit"
    fields = ISSUE | {"unit_ids": [str(people.units["a"])], "version": "1"}
    assert visitor.post(path, fields | {"text": "第一人的表述。"}).status_code == 302
    answer = visitor.post(path, fields | {"text": "第二人的表述。"})
    assert answer.status_code == 409
    assert "已被别人修改" in visitor.text
    assert "第一人的表述。" in visitor.text
    assert "第二人的表述。</textarea>" in visitor.text
    with database.reading() as session:
        assert session.get_one(Issue, issue_id).text == "第一人的表述。"


def test_a_unit_with_an_issued_task_cannot_be_dropped(
    visitor: Visitor, people: Cast, work: Work, database: Database, clock: ManualClock
) -> None:
    with database.writing() as session:
        issue_id = work.task(session, people, now=clock.now()).issue_id
        session.commit()
    visitor.sign_in("clerk")
    fields = ISSUE | {"unit_ids": [str(people.units["b"])], "version": "1"}
    answer = visitor.post(f"/issues/{issue_id}/edit", fields)
    assert answer.status_code == 422
    assert "市甲局的整改任务已下发" in visitor.text


def test_recorded_issues_are_issued_to_the_unit_which_reads_them(
    visitor: Visitor, people: Cast, work: Work, database: Database
) -> None:
    visitor.sign_in("clerk")
    page = f"/feedbacks/{work.feedback_ids['a']}"
    unit = {"unit_ids": [str(people.units["a"])]}
    visitor.post(f"{page}/issues/new", ISSUE | unit)
    assert visitor.post(f"{page}/issue-tasks").headers["Location"] == page
    visitor.post("/sign-out", via="/")
    with database.reading() as session:
        task = session.scalars(select(Task)).one()
    visitor.sign_in("liaison_a")
    assert visitor.get(f"/issues/{task.issue_id}").status_code == 200
    assert task.task_no in visitor.text
    assert visitor.get(page).status_code == 403


def test_pages_of_another_region_are_not_found(
    visitor: Visitor, people: Cast, work: Work, database: Database, clock: ManualClock
) -> None:
    with database.writing() as session:
        issue_id = work.task(session, people, now=clock.now()).issue_id
        session.commit()
    page = f"/feedbacks/{work.feedback_ids['a']}"
    pages = (
        page,
        f"{page}/edit",
        f"{page}/date",
        f"{page}/issues/new",
        f"/feedbacks/new?inspection={work.inspection_ids['a']}",
        f"/issues/{issue_id}",
        f"/issues/{issue_id}/edit",
    )
    visitor.sign_in("clerk")
    assert [visitor.get(each).status_code for each in pages] == [200] * len(pages)
    visitor.post("/sign-out", via="/")
    visitor.sign_in("east_clerk")
    missing = visitor.get("/feedbacks/999999999").get_data(as_text=True)
    for each in pages:
        answer = visitor.get(each)
        assert answer.status_code == 404
        assert answer.get_data(as_text=True) == missing
