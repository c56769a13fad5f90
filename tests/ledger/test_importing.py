"""Bringing ledgers in: what they make, what is listed, that twice is once, and all or nothing."""

import json
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from tests.factories.cast import Cast
from tests.factories.work import Work, make_work
from tests.fakes.clock import ManualClock
from tests.ledger.importing import FED_BACK, bring_in, mixed_ledger, preview, template_ledger
from tracker.feedback.models import Feedback, Issue
from tracker.feedback.rules import IssueNature
from tracker.kernel.db import Database
from tracker.kernel.errors import DomainError, NotVisibleError
from tracker.ledger.importing import cancel_import
from tracker.ledger.landing import apply_import
from tracker.ledger.models import ImportBatch, ImportRow
from tracker.ledger.rules import BatchState, RowFate
from tracker.notifications.models import Notification
from tracker.organizations.models import Unit
from tracker.rectification.models import (
    DueChange,
    Measure,
    ProgressReport,
    Task,
    TaskDuty,
    TaskTransition,
)
from tracker.rectification.rules.words import CompletionClass, DutyRole, TaskKind, TaskState
from tracker.rounds.models import Inspection, Milestone


@pytest.fixture
def work(database: Database, people: Cast, clock: ManualClock) -> Work:
    """A round that has only unit a in it so far."""
    with database.writing() as session:
        made = make_work(session, people, now=clock.now(), units=("a",), fed_back_on=FED_BACK)
        session.commit()
    return made


def fates(session: Session, batch: ImportBatch) -> list[tuple[int, str]]:
    query = select(ImportRow.row_no, ImportRow.fate).where(ImportRow.batch_id == batch.id)
    return [(number, fate.value) for number, fate in session.execute(query.order_by(ImportRow.id))]


def task_of(session: Session, text: str, unit_id: int | None = None) -> Task:
    query = select(Task).join(Task.issue).where(Issue.text == text)
    if unit_id is not None:
        query = query.where(Task.lead_unit_id == unit_id)
    return session.scalars(query).one()


def test_a_ledger_lands_whole_with_every_row_listed(
    database: Database, people: Cast, work: Work, clock: ManualClock, tmp_path: Path
) -> None:
    clerk = people.actor("clerk")
    with database.writing() as session:
        content = mixed_ledger()
        batch = preview(session, content, work.round_id, tmp_path, actor=clerk, now=clock.now())
        session.commit()
        assert fates(session, batch) == [
            (1, "ignored"), (2, "new"), (3, "new"), (4, "new"), (5, "doubtful"), (6, "doubtful"),
            (7, "refused"), (8, "refused"), (9, "new"),
        ]  # fmt: skip
        assert session.scalar(select(func.count(Issue.id))) == 0  # a preview makes nothing
        apply_import(session, batch, actor=clerk, now=clock.now())
        session.commit()
        assert (batch.state, batch.issues_made, batch.tasks_made) == (BatchState.APPLIED, 5, 6)
        _check_running(session)
        _check_closed(session)
        _check_doubtful(session)
        _check_common(session, people)
        assert session.scalar(select(func.count(Notification.id))) == 0


def _check_running(session: Session) -> None:
    task = task_of(session, "理论学习不深入")
    assert (task.state, task.task_no, task.kind) == (
        TaskState.IN_PROGRESS,
        "7-3-3-01-01",
        TaskKind.DATED,
    )
    assert (task.due_on, task.original_due, task.due_text_raw) == (
        date(2026, 12, 31),
        date(2026, 12, 31),
        "2026年12月底前",
    )
    assert [measure.text for measure in task.measures] == ["制定学习计划", "开展专题研讨"]
    duties = {(duty.role, duty.person.name, duty.person.mobile) for duty in task.duties}
    assert duties == {
        (DutyRole.LEAD_LEADER, "张甲", None),
        (DutyRole.OWNER, "李乙", "13900000001"),
        (DutyRole.OWNER, "王丙", "13900000002"),
    }
    report = session.scalars(select(ProgressReport).where(ProgressReport.task_id == task.id)).one()
    assert (report.text, report.completion, report.rules_made, report.on_behalf_of) == (
        "已制定计划",
        CompletionClass.PARTLY,
        1,
        "市甲局",
    )
    assert (task.issue.cat_l1, task.goal, task.lead_dept) == ("党的领导", "补齐短板", "办公室")
    assert task.feedback.inspection is not None
    assert task.feedback.inspection.unit.code == "A01"


def _check_closed(session: Session) -> None:
    task = task_of(session, "公务接待不规范")
    assert (task.state, task.closed_on, task.done_on, task.is_historic) == (
        TaskState.CLOSED,
        date(2026, 10, 20),
        date(2026, 10, 10),
        True,
    )
    steps = session.scalars(
        select(TaskTransition).where(TaskTransition.task_id == task.id).order_by(TaskTransition.id)
    )
    assert [(s.to_state, s.verb, s.occurred_on) for s in steps] == [
        (TaskState.DRAFT, "record", FED_BACK),
        (TaskState.CLOSED, "import_closed", date(2026, 10, 20)),
    ]
    report = session.scalars(select(ProgressReport).where(ProgressReport.task_id == task.id)).one()
    assert (report.recovered_wan, report.reported_on) == (Decimal("1.5"), date(2026, 10, 10))
    undated = task_of(session, "台账缺失")
    assert (undated.state, undated.closed_on) == (TaskState.CLOSED, FED_BACK)
    last = session.scalars(
        select(TaskTransition)
        .where(TaskTransition.task_id == undated.id)
        .order_by(TaskTransition.id.desc())
    ).first()
    assert last is not None
    assert "暂按反馈日期" in (last.reason or "")


def _check_doubtful(session: Session) -> None:
    task = task_of(session, "制度空转")
    assert (task.due_on, task.original_due, task.is_due_doubtful) == (None, None, True)
    assert task.due_text_raw == "尽快完成"
    inspection = task.issue.inspection
    assert inspection is not None  # unit b was not in the round before
    assert inspection.unit.code == "B01"
    assert session.scalars(
        select(Milestone).where(Milestone.inspection_id == inspection.id)
    ).first()
    assert task.feedback.fed_back_on == FED_BACK


def _check_common(session: Session, people: Cast) -> None:
    tasks = [task_of(session, "会风不实", people.units[unit]) for unit in ("a", "b")]
    assert tasks[0].issue_id == tasks[1].issue_id
    assert [task.task_no for task in tasks] == ["7-3-G1-01", "7-3-G1-02"]
    assert (tasks[0].issue.nature, tasks[0].is_long_term, tasks[0].kind) == (
        IssueNature.COMMON,
        True,
        TaskKind.LONG_TERM,
    )
    assert {link.unit_id for link in tasks[0].issue.units} == {people.units["a"], people.units["b"]}


def test_the_same_ledger_twice_changes_nothing(
    database: Database, people: Cast, work: Work, clock: ManualClock, tmp_path: Path
) -> None:
    clerk = people.actor("clerk")
    tables = (
        Inspection,
        Feedback,
        Issue,
        Task,
        Measure,
        TaskDuty,
        TaskTransition,
        DueChange,
        ProgressReport,
    )
    with database.writing() as session:
        bring_in(session, mixed_ledger(), work.round_id, tmp_path, actor=clerk, now=clock.now())
        before = [session.scalar(select(func.count()).select_from(table)) for table in tables]
        again = bring_in(
            session, mixed_ledger(), work.round_id, tmp_path, actor=clerk, now=clock.now()
        )
        assert (again.issues_made, again.tasks_made) == (0, 0)
        after = [session.scalar(select(func.count()).select_from(table)) for table in tables]
        assert before == after
        assert {fate for _, fate in fates(session, again)} == {"ignored", "known", "refused"}


def test_a_refused_row_says_where_and_why(
    database: Database, people: Cast, work: Work, clock: ManualClock, tmp_path: Path
) -> None:
    with database.writing() as session:
        batch = preview(
            session,
            mixed_ledger(),
            work.round_id,
            tmp_path,
            actor=people.actor("clerk"),
            now=clock.now(),
        )
        query = select(ImportRow).where(
            ImportRow.batch_id == batch.id, ImportRow.fate == RowFate.REFUSED
        )
        rows = list(session.scalars(query.order_by(ImportRow.id)))
        said = [(row.sheet, row.row_no, json.loads(row.notes)[0]) for row in rows]
        assert [(sheet, number, note[0], note[3]) for sheet, number, note in said] == [
            ("整改台账", 7, "unit_unknown", "被巡察单位"),
            ("整改台账", 8, "issue_missing", "反馈问题"),
        ]
        assert "市无此局" in said[0][2][1]


def test_an_import_is_all_or_nothing(
    database: Database, people: Cast, work: Work, clock: ManualClock, tmp_path: Path
) -> None:
    clerk = people.actor("clerk")
    with database.writing() as session:
        batch = preview(
            session, mixed_ledger(), work.round_id, tmp_path, actor=clerk, now=clock.now()
        )
        session.get_one(Unit, people.units["b"]).valid_to = date(2026, 11, 1)
        session.commit()
        with pytest.raises(DomainError, match="第 6 行已不能导入"):
            apply_import(session, batch, actor=clerk, now=clock.now())
        session.rollback()
        assert session.scalar(select(func.count(Issue.id))) == 0
        assert session.get_one(ImportBatch, batch.id).state is BatchState.PREVIEW


def test_an_import_is_confirmed_or_abandoned_once_and_by_its_own_office(
    database: Database, people: Cast, work: Work, clock: ManualClock, tmp_path: Path
) -> None:
    clerk, now = people.actor("clerk"), clock.now()
    with database.writing() as session:
        batch = preview(session, mixed_ledger(), work.round_id, tmp_path, actor=clerk, now=now)
        with pytest.raises(NotVisibleError):
            apply_import(session, batch, actor=people.actor("east_clerk"), now=now)
        cancel_import(session, batch, actor=clerk, now=now)
        session.commit()
        with pytest.raises(DomainError, match="已放弃"):
            apply_import(session, batch, actor=clerk, now=now)


def test_a_corrected_text_and_a_shifted_number_are_recognised_not_doubled(
    database: Database, people: Cast, work: Work, clock: ManualClock, tmp_path: Path
) -> None:
    clerk, now = people.actor("clerk"), clock.now()
    row = {"被巡察单位": "市甲局", "整改措施": "措施", "整改时限": "2026年12月底前"}
    first = template_ledger(
        {**row, "问题编号": "1", "反馈问题": "问题甲"},
        {**row, "问题编号": "2", "反馈问题": "问题乙"},
    )
    second = template_ledger(
        {**row, "问题编号": "1", "反馈问题": "问题新"},
        {**row, "问题编号": "2", "反馈问题": "问题甲"},
        {**row, "问题编号": "3", "反馈问题": "问题乙"},
    )
    with database.writing() as session:
        bring_in(session, first, work.round_id, tmp_path, actor=clerk, now=now)
        batch = bring_in(session, second, work.round_id, tmp_path, actor=clerk, now=now)
        assert batch.issues_made == 1
        assert fates(session, batch)[1:] == [(2, "new"), (3, "known"), (4, "known")]
        assert task_of(session, "问题新").issue.issue_no == "1-2"
        fixed = template_ledger({**row, "问题编号": "2", "反馈问题": "问题乙（已核改）"})
        third = bring_in(session, fixed, work.round_id, tmp_path, actor=clerk, now=now)
        assert (third.issues_made, third.tasks_made) == (0, 0)


def test_columns_nobody_knows_and_words_not_understood_are_kept(
    database: Database, people: Cast, work: Work, clock: ManualClock, tmp_path: Path
) -> None:
    content = template_ledger(
        {"被巡察单位": "市甲局", "反馈问题": "问题", "整改措施": "措施", "整改时限": "2026年12月底前", "完成情况": "见附件说明",
         "佐证材料": "会议纪要", "联系电话": "0571-1234567", "责任人": "李乙、王丙"},
    )  # fmt: skip
    with database.writing() as session:
        bring_in(
            session, content, work.round_id, tmp_path, actor=people.actor("clerk"), now=clock.now()
        )
        extra = json.loads(task_of(session, "问题").extra or "{}")
        assert extra == {
            "佐证材料": "会议纪要",
            "联系电话": "0571-1234567",
            "完成情况": "见附件说明",
        }
