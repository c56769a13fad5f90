"""A round with everything that the official lists tell apart, and a way to read them."""

import io
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from openpyxl import load_workbook
from sqlalchemy.orm import Session

from tests.factories.cast import TESTER, Cast
from tests.factories.work import Work, make_work
from tracker.feedback.models import Issue, IssueUnit
from tracker.feedback.rules import IssueNature
from tracker.files.models import StoredFile
from tracker.kernel.db import born
from tracker.people.models import Person
from tracker.rectification.models import (
    Evidence,
    Measure,
    ProgressReport,
    Task,
    TaskDuty,
    TaskUnit,
)
from tracker.rectification.rules.words import (
    CompletionClass,
    DutyRole,
    TaskKind,
    TaskState,
)

HEAD_ROWS = 3  # title, note, header
Rows = list[tuple[Any, ...]]


def make_lists(session: Session, cast: Cast, *, now: datetime) -> Work:
    """Make the round of 16 November 2026. Of unit a: a common issue with an overdue task of two
    measures and one due soon, and a voided one. Of unit b: its own task of the common issue and
    another issue, both closed; a doubtful date, with unit a to help; an issue without a task."""
    work = make_work(session, cast, now=now)
    stamps = born(actor=TESTER, now=now)
    late = work.task(
        session, cast, due_on=date(2026, 11, 9), now=now, original_due=date(2026, 11, 6)
    )
    common = late.issue
    common.nature, common.cat_l1, common.cat_l2 = IssueNature.COMMON, "党的领导", "理论学习"
    common.text, common.detail = "=理论学习不深入\n台账不全", "全年只学两次"
    common.units.append(IssueUnit(unit_id=cast.units["b"]))
    late.measures.append(Measure(seq=2, text="组织培训", due_on=date(2026, 11, 1), **stamps))
    _fill_in(session, late, stamps)
    again: dict[str, Any] = {"issue": common, "now": now}
    work.task(session, cast, due_on=date(2026, 11, 20), task_no="7-3-001-02", goal=None, **again)
    work.task(
        session, cast, unit="b", state=TaskState.CLOSED, task_no="7-3-001-03",
        done_on=date(2026, 10, 10), closed_on=date(2026, 10, 20), is_sustained=True,
        completion=CompletionClass.DONE, **again,
    )  # fmt: skip
    work.task(
        session, cast, unit="b", state=TaskState.CLOSED, now=now, closed_on=date(2026, 10, 21),
        is_historic=True, kind=TaskKind.IMMEDIATE,
    )  # fmt: skip
    work.task(session, cast, state=TaskState.VOID, now=now)
    doubtful = work.task(
        session, cast, unit="b", due_on=None, now=now, due_text_raw="尽快完成", is_due_doubtful=True
    )
    doubtful.co_units.append(TaskUnit(unit_id=cast.units["a"]))
    bare = Issue(
        feedback_id=work.feedback_ids["b"],
        region_id=work.region_id,
        issue_no="900",
        text="还没有分解",
        units=[IssueUnit(unit_id=cast.units["b"])],
        **stamps,
    )
    session.add(bare)
    session.flush()  # the caller reads it all
    return work


def _fill_in(session: Session, task: Task, stamps: dict[str, Any]) -> None:
    task.lead_dept, task.support_depts = "办公室", "财务科、审计科"
    task.completion = CompletionClass.PARTLY
    people = (
        (DutyRole.LEAD_LEADER, "张甲", "13900000009", None),
        (DutyRole.OWNER, "李乙", "13900000001", None),
        (DutyRole.OWNER, "赵丁", "13900000004", date(2026, 10, 1)),
        (DutyRole.OWNER, "王丙", None, None),
    )
    for role, name, mobile, to_on in people:
        person = Person(region_id=task.region_id, name=name, mobile=mobile, **stamps)
        since = date(2026, 9, 1)
        duty = TaskDuty(task_id=task.id, role=role, person=person, from_on=since, **stamps)
        duty.to_on = to_on
        session.add(duty)
    for text, made in (("已制定计划", 1), ("已开展\x07培训", 2)):
        session.add(
            ProgressReport(
                task=task, reported_on=date(2026, 11, 2), text=text, rules_made=made, orgs_held=1,
                persons_held=3, recovered_wan=Decimal("1.5"), completion=CompletionClass.PARTLY, **stamps,
            )
        )  # fmt: skip
        session.flush()  # the later one gets the higher id
    older = _evidence(session, task, "学习制度", stamps)
    newer = _evidence(session, task, "学习制度（修订）", stamps)
    newer.replaces_id = older.id
    _evidence(session, task, "误传", stamps).withdrawn_at = stamps["created_at"]
    _evidence(session, task, "培训照片", stamps)


def _evidence(session: Session, task: Task, title: str, stamps: dict[str, Any]) -> Evidence:
    digest = f"{len(title):064x}"
    file = StoredFile(
        storage_name=f"{title}.pdf", original_name=f"{title}.pdf", extension="pdf",
        media_type="application/pdf", size_bytes=1000 + len(title), sha256=digest,
        stored_at=stamps["created_at"], stored_by="tests",
    )  # fmt: skip
    piece = Evidence(
        task=task, file=file, title=title, document_on=date(2026, 11, 2),
        is_confirmed_not_secret=True, **stamps,
    )  # fmt: skip
    session.add(piece)
    session.flush()  # a revision names its id
    return piece


def sheets_of(content: bytes) -> dict[str, Rows]:
    """Return the rows below each sheet's header; days as text."""
    book = load_workbook(io.BytesIO(content))
    return {
        sheet.title: [
            tuple(_plain(value) for value in row)
            for row in sheet.iter_rows(min_row=HEAD_ROWS + 1, values_only=True)
        ]
        for sheet in book.worksheets
    }


def _plain(value: Any) -> Any:
    return value.date().isoformat() if isinstance(value, datetime) else value
