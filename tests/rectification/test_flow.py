"""The whole path through the pages: issued, acknowledged, planned, signed, passed, reported, returned, closed."""

import io
from datetime import date

import pytest
from flask import Flask
from sqlalchemy import func, select

from tests.factories.cast import TESTER, Cast
from tests.factories.work import Work, make_work
from tests.fakes.clock import ManualClock
from tests.visitor import Visitor
from tracker.audit.models import AuditEntry
from tracker.audit.service import first_broken_link
from tracker.feedback.models import Feedback, Issue, IssueUnit
from tracker.kernel.db import Database, born
from tracker.rectification.models import DueChange, Evidence, Task, TaskTransition, UnitDocument
from tracker.rectification.rules.words import TaskState
from tracker.rectification.service.issuing import issue_tasks

PDF = b"%PDF-1.4\n1 0 obj<<>>endobj\ntrailer<<>>\n%%EOF\n"


@pytest.fixture
def work(database: Database, people: Cast, clock: ManualClock) -> Work:
    """Two issues of unit a fed back on 2026-09-01 and issued by the clerk."""
    with database.writing() as session:
        made = make_work(session, people, now=clock.now())
        for number in ("001", "002"):
            session.add(
                Issue(
                    feedback_id=made.feedback_ids["a"],
                    inspection_id=made.inspection_ids["a"],
                    region_id=made.region_id,
                    issue_no=number,
                    text=f"问题{number}：财务审批把关不严。",
                    units=[IssueUnit(unit_id=people.units["a"])],
                    **born(actor=TESTER, now=clock.now()),
                )
            )
        session.flush()  # issuing reads them back
        feedback = session.get_one(Feedback, made.feedback_ids["a"])
        issue_tasks(session, feedback, actor=people.actor("clerk"), now=clock.now())
        session.commit()
    return made


def enter(app: Flask, username: str) -> Visitor:
    visitor = Visitor(app)
    visitor.sign_in(username)
    return visitor


def ids(database: Database) -> list[int]:
    with database.reading() as session:
        return list(session.scalars(select(Task.id).order_by(Task.id)))


def state(database: Database, task_id: int) -> TaskState:
    with database.reading() as session:
        return session.get_one(Task, task_id).state


def write_plan(liaison: Visitor, task_id: int) -> None:
    page = f"/tasks/{task_id}/plan"
    version = (
        liaison.get(page)
        .get_data(as_text=True)
        .split('name="version"')[1]
        .split('value="')[1]
        .split('"')[0]
    )
    answer = liaison.post(
        page,
        {
            "goal": "审批留痕全覆盖",
            "measures": "1. 修订财务审批办法\n2. 开展自查自纠",
            "lead_leader": "方一鸣",
            "owners": "柳青、陆远",
            "lead_dept": "办公室",
            "support_depts": "财务科",
            "due_on": "2026-12-20",
            "version": version,
        },
    )
    assert answer.status_code == 302, liaison.text


def plan_through(app: Flask, database: Database) -> tuple[Visitor, Visitor, Visitor]:
    """Walk every task up to 整改中; return liaison, head and lead."""
    liaison, head, lead = enter(app, "liaison_a"), enter(app, "head_a"), enter(app, "lead")
    for task_id in ids(database):
        liaison.post(f"/tasks/{task_id}/acknowledge", via=f"/tasks/{task_id}")
        write_plan(liaison, task_id)
    with database.reading() as session:
        plan_id = session.scalars(select(UnitDocument.id)).one()
    liaison.post(f"/plans/{plan_id}/submit", via=f"/plans/{plan_id}")
    head.post(f"/plans/{plan_id}/sign", via=f"/plans/{plan_id}")
    lead.post(f"/plans/{plan_id}/pass", via=f"/plans/{plan_id}")
    return liaison, head, lead


def progress(
    liaison: Visitor, database: Database, task_id: int, path: str, **fields: object
) -> int:
    with database.reading() as session:
        task = session.get_one(Task, task_id)
        version, measures = task.version, [str(measure.id) for measure in task.measures]
    data = {
        "text": "已修订办法并组织自查，发现并纠正 3 笔。",
        "completion": "done",
        "version": str(version),
        "measures": measures,
        **fields,
    }
    return liaison.post(path, data).status_code


def upload(
    liaison: Visitor, task_id: int, name: str = "财务审批办法（修订稿）.pdf", content: bytes = PDF
) -> int:
    return liaison.post(
        f"/tasks/{task_id}/evidence",
        {
            "file": (io.BytesIO(content), name),
            "title": "",
            "document_on": "2026-11-10",
            "is_confirmed_not_secret": "y",
        },
    ).status_code


def test_a_task_goes_from_issuing_to_closing_with_one_return(
    app: Flask, database: Database, work: Work
) -> None:
    liaison, head, lead = plan_through(app, database)
    task_id, sibling = ids(database)
    assert state(database, task_id) is TaskState.IN_PROGRESS
    assert upload(liaison, task_id) == 302
    assert (
        progress(liaison, database, task_id, f"/tasks/{task_id}/closure", done_on="2026-11-12")
        == 302
    )
    assert state(database, task_id) is TaskState.UNIT_CHECK
    head.post(f"/tasks/{task_id}/sign")
    assert state(database, task_id) is TaskState.OFFICE_REVIEW

    lead.post(
        f"/tasks/{task_id}/return", {"reason": "自查结果没有清单", "supplement": "附自查问题清单"}
    )
    assert state(database, task_id) is TaskState.IN_PROGRESS
    liaison.get(f"/tasks/{task_id}")
    assert "附自查问题清单" in liaison.text

    assert (
        progress(liaison, database, task_id, f"/tasks/{task_id}/closure", done_on="2026-11-14")
        == 302
    )
    head.post(f"/tasks/{task_id}/sign")
    lead.post(f"/tasks/{task_id}/close", {"opinion": "同意"})
    with database.reading() as session:
        task = session.get_one(Task, task_id)
        steps = session.scalars(
            select(TaskTransition.to_state)
            .where(TaskTransition.task_id == task_id)
            .order_by(TaskTransition.id)
        ).all()
        assert (task.state, task.done_on, task.closed_on) == (
            TaskState.CLOSED,
            date(2026, 11, 14),
            date(2026, 11, 16),
        )
        assert (task.original_due, task.due_on) == (date(2026, 12, 20), date(2026, 12, 20))
        assert [step.value for step in steps] == [
            "draft",
            "issued",
            "planning",
            "plan_review",
            "in_progress",
            "unit_check",
            "office_review",
            "in_progress",
            "unit_check",
            "office_review",
            "closed",
        ]
        assert session.get_one(Task, sibling).state is TaskState.IN_PROGRESS
        assert session.scalar(select(func.count(DueChange.id))) == 2
        assert first_broken_link(session) is None
        assert (session.scalar(select(func.count(AuditEntry.id))) or 0) > 15


def test_a_unit_sees_neither_drafts_nor_other_units_tasks(
    app: Flask, database: Database, work: Work
) -> None:
    task_id = ids(database)[0]
    own, other, county, missing = (
        enter(app, name) for name in ("liaison_a", "liaison_b", "east_clerk", "liaison_b")
    )
    assert own.get(f"/tasks/{task_id}").status_code == 200
    answers = [
        other.get(f"/tasks/{task_id}"),
        county.get(f"/tasks/{task_id}"),
        missing.get("/tasks/999999"),
    ]
    assert [answer.status_code for answer in answers] == [404, 404, 404]
    assert answers[0].get_data() == answers[2].get_data()
    other.get("/tasks")
    assert "没有符合条件的任务" in other.text


def test_the_lead_cannot_close_what_the_head_has_not_signed(
    app: Flask, database: Database, work: Work
) -> None:
    liaison, _head, lead = plan_through(app, database)
    task_id = ids(database)[0]
    assert lead.post(f"/tasks/{task_id}/close", {"opinion": ""}).status_code == 422
    assert "不能“销号”" in lead.text
    assert enter(app, "clerk").get(f"/tasks/{task_id}/close").status_code == 403
    assert liaison.get(f"/tasks/{task_id}/close").status_code == 403


def test_a_plan_that_lacks_something_is_not_submitted_and_says_what(
    app: Flask, database: Database, work: Work
) -> None:
    liaison = enter(app, "liaison_a")
    for task_id in ids(database):
        liaison.post(f"/tasks/{task_id}/acknowledge", via=f"/tasks/{task_id}")
    with database.reading() as session:
        plan_id = session.scalars(select(UnitDocument.id)).one()
    liaison.post(f"/plans/{plan_id}/submit", via=f"/plans/{plan_id}")
    liaison.get(f"/plans/{plan_id}")
    assert "方案还不完整" in liaison.text
    assert "整改目标、整改措施、责任领导、牵头部门、整改时限" in liaison.text


def test_a_returned_plan_shows_its_remark_beside_the_task(
    app: Flask, database: Database, work: Work
) -> None:
    liaison, head = enter(app, "liaison_a"), enter(app, "head_a")
    tasks = ids(database)
    for task_id in tasks:
        liaison.post(f"/tasks/{task_id}/acknowledge", via=f"/tasks/{task_id}")
        write_plan(liaison, task_id)
    with database.reading() as session:
        plan_id = session.scalars(select(UnitDocument.id)).one()
    page = f"/plans/{plan_id}"
    liaison.post(f"{page}/submit", via=page)
    assert state(database, tasks[0]) is TaskState.PLANNING  # it waits for the head's signature
    head.post(f"{page}/sign", via=page)
    clerk = enter(app, "clerk")
    clerk.post(
        f"{page}/return", {"reason": "措施太笼统", f"remark-{tasks[1]}": "写明完成标志"}, via=page
    )
    assert state(database, tasks[1]) is TaskState.PLANNING
    liaison.get(page)
    assert "写明完成标志" in liaison.text


def test_withdrawing_works_until_the_office_has_opened_the_request(
    app: Flask, database: Database, work: Work
) -> None:
    liaison, head, lead = plan_through(app, database)
    task_id = ids(database)[0]
    upload(liaison, task_id)
    progress(liaison, database, task_id, f"/tasks/{task_id}/closure", done_on="2026-11-12")
    liaison.post(f"/tasks/{task_id}/withdraw", via=f"/tasks/{task_id}")
    assert state(database, task_id) is TaskState.IN_PROGRESS
    progress(liaison, database, task_id, f"/tasks/{task_id}/closure", done_on="2026-11-12")
    head.post(f"/tasks/{task_id}/sign")
    lead.get(f"/tasks/{task_id}")
    liaison.post(f"/tasks/{task_id}/withdraw", via=f"/tasks/{task_id}")
    assert state(database, task_id) is TaskState.OFFICE_REVIEW


def test_a_file_that_is_not_what_its_name_says_is_refused_and_nothing_is_kept(
    app: Flask, database: Database, work: Work
) -> None:
    liaison, _head, _lead = plan_through(app, database)
    task_id = ids(database)[0]
    assert upload(liaison, task_id, "证明.pdf", b"MZ\x90\x00 not a pdf") == 422
    assert "与扩展名 .pdf 不符" in liaison.text
    assert upload(liaison, task_id, "page.html", b"<script>") == 422
    with database.reading() as session:
        assert session.scalar(select(func.count(Evidence.id))) == 0


def test_evidence_comes_back_byte_for_byte_under_its_chinese_name_to_those_who_may(
    app: Flask, database: Database, work: Work
) -> None:
    liaison, _head, lead = plan_through(app, database)
    task_id = ids(database)[0]
    upload(liaison, task_id)
    with database.reading() as session:
        evidence_id = session.scalars(select(Evidence.id)).one()
    answer = lead.get(f"/evidence/{evidence_id}/file")
    assert answer.get_data() == PDF
    assert "filename*=UTF-8''%E8%B4%A2" in answer.headers["Content-Disposition"]
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert enter(app, "liaison_b").get(f"/evidence/{evidence_id}/file").status_code == 404


def test_a_stale_form_is_refused_and_keeps_what_was_typed(
    app: Flask, database: Database, work: Work
) -> None:
    liaison, _head, _lead = plan_through(app, database)
    task_id = ids(database)[0]
    assert (
        progress(liaison, database, task_id, f"/tasks/{task_id}/progress", completion="partly")
        == 302
    )
    assert (
        progress(
            liaison,
            database,
            task_id,
            f"/tasks/{task_id}/progress",
            text="我写了很久的进展",
            version="1",
        )
        == 409
    )
    assert "我写了很久的进展" in liaison.text
    assert "已被别人修改" in liaison.text


def test_a_reopened_task_gets_a_new_date_and_keeps_its_first_one(
    app: Flask, database: Database, work: Work
) -> None:
    liaison, head, lead = plan_through(app, database)
    task_id = ids(database)[0]
    upload(liaison, task_id)
    progress(liaison, database, task_id, f"/tasks/{task_id}/closure", done_on="2026-11-12")
    head.post(f"/tasks/{task_id}/sign")
    lead.post(f"/tasks/{task_id}/close", {"opinion": "同意"})
    assert (
        lead.post(
            f"/tasks/{task_id}/reopen", {"reason": "抽查发现反弹", "new_due": "2026-12-30"}
        ).status_code
        == 302
    )
    with database.reading() as session:
        task = session.get_one(Task, task_id)
        assert (task.state, task.reopen_count, task.due_on, task.original_due) == (
            TaskState.IN_PROGRESS,
            1,
            date(2026, 12, 30),
            date(2026, 12, 20),
        )
