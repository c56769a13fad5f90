"""A corrected ledger comes back: what it changes, what it may not, and what was changed here meanwhile."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from openpyxl.utils import get_column_letter
from sqlalchemy import func, select

from tests.factories.cast import Cast
from tests.fakes.clock import ManualClock
from tests.ledger.desk import FIRST_ROW, Desk, column, open_desk, row_of, write
from tracker.kernel.db import Database
from tracker.kernel.errors import DomainError
from tracker.ledger.deciding import decide_all, decide_cells
from tracker.ledger.landing import apply_import, renew_preview
from tracker.ledger.models import LedgerCopy
from tracker.ledger.row_keys import KEY_TITLE
from tracker.ledger.rules import ChangeChoice, RowFate
from tracker.ledger.three_way import CellChange
from tracker.ledger.updating import StaleChangesError
from tracker.rectification.models import Task, TaskDuty
from tracker.rectification.rules.words import DutyRole, TaskState

C = CellChange


@pytest.fixture
def desk(database: Database, people: Cast, clock: ManualClock, tmp_path: Path) -> Iterator[Desk]:
    yield from open_desk(database, people, clock, tmp_path)


def test_an_export_carries_a_key_in_a_hidden_last_column_and_is_kept(desk: Desk) -> None:
    sheet = desk.send_out()
    last = sheet.max_column
    assert sheet.cell(FIRST_ROW - 1, last).value == KEY_TITLE
    assert sheet.column_dimensions[get_column_letter(last)].hidden
    keys = [sheet.cell(row, last).value for row in range(FIRST_ROW, sheet.max_row + 1)]
    assert len(set(keys)) == len(keys) == 7
    assert all(keys)
    assert desk.session.scalar(select(func.count(LedgerCopy.id))) == 1


def test_an_export_that_nobody_touched_changes_nothing(desk: Desk) -> None:
    desk.send_out()
    batch = desk.bring_back()
    assert desk.changes(batch) == {}
    assert {row.fate for row in batch.rows} == {RowFate.KNOWN, RowFate.IGNORED}
    told = [row for row in batch.rows if row.fate is RowFate.KNOWN]
    assert all('"extra":{}' in row.cells and '"key":' in row.cells for row in told)
    assert all(KEY_TITLE not in row.cells and KEY_TITLE not in batch.layouts for row in batch.rows)


def test_a_corrected_sheet_updates_every_kind_of_cell(desk: Desk) -> None:
    sheet = desk.send_out()
    said = {
        "反馈问题": "理论学习走过场", "具体表现": "记录不全", "原因分析": "重视不够", "一级类别": "政治建设", "二级类别": "学习",
        "整改目标": "学深悟透", "整改措施": "重订学习计划", "责任领导": "赵丁", "牵头部门": "宣传科", "配合部门": "财务科、人事科",
        "责任人": "王丙、钱戊", "备注": "已核",
    }  # fmt: skip
    for title, value in said.items():
        write(sheet, "3-01", title, value)
    batch = desk.bring_back()
    kept = desk.changes(batch)
    assert len(kept) == len(said)
    assert {row.choice for row in kept.values()} == {ChangeChoice.TAKE}
    assert {row.change for row in kept.values()} == {C.THEIRS}


def test_taking_over_changes_the_task_and_twice_changes_nothing_more(desk: Desk) -> None:
    sheet = desk.send_out()
    said = {"反馈问题": "理论学习走过场", "整改目标": "学深悟透", "整改措施": "重订学习计划", "责任领导": "赵丁", "责任人": "王丙、钱戊",
            "牵头部门": "宣传科", "配合部门": "财务科；人事科", "备注": "已核"}  # fmt: skip
    for title, value in said.items():
        write(sheet, "3-01", title, value)
    batch = desk.bring_back()
    desk.apply(batch)
    task = desk.task("3-01")
    assert (task.issue.text, task.goal, task.measures[0].text, task.measures[1].text) == (
        "理论学习走过场", "学深悟透", "重订学习计划", "开展专题研讨",
    )  # fmt: skip
    assert (task.lead_dept, task.support_depts, task.remark) == ("宣传科", "财务科；人事科", "已核")
    assert holders(task, DutyRole.LEAD_LEADER) == {"赵丁"}
    assert holders(task, DutyRole.OWNER) == {"王丙", "钱戊"}
    gone = [duty for duty in task.duties if duty.to_on is not None]
    assert {duty.person.name for duty in gone} == {"张甲", "李乙"}
    assert '"updated":8' in batch.summary
    again = desk.bring_back()
    assert [row for row in desk.changes(again).values() if row.reason is None] == []
    version, duties = task.version, desk.session.scalar(select(func.count(TaskDuty.id)))
    desk.apply(again)
    assert (task.version, desk.session.scalar(select(func.count(TaskDuty.id)))) == (version, duties)
    assert desk.session.scalar(select(func.count(Task.id))) == 6


def holders(task: Task, role: DutyRole) -> set[str]:
    return {d.person.name for d in task.duties if d.role is role and d.to_on is None}


def test_what_was_changed_here_stays_and_a_conflict_must_be_chosen(desk: Desk) -> None:
    sheet = desk.send_out()
    write(sheet, "3-01", "整改目标", "表中目标")
    write(sheet, "3-01", "牵头部门", "两边一样")
    task = desk.task("3-01")
    task.goal, task.remark, task.lead_dept = "系统目标", "系统备注", "两边一样"
    desk.session.flush()
    batch = desk.bring_back()
    kept = desk.changes(batch)
    assert {f: (r.change, r.choice) for f, r in kept.items()} == {
        "goal": (C.CONFLICT, None),
        "remark": (C.OURS, ChangeChoice.KEEP),
    }
    goal = kept["goal"]
    assert (goal.sent, goal.returned, goal.present) == ("补齐短板", "表中目标", "系统目标")
    with pytest.raises(DomainError, match="1 处两边都改了"):
        desk.apply(batch)


@pytest.mark.parametrize("choice", list(ChangeChoice))
def test_a_chosen_conflict_is_taken_over_or_left(desk: Desk, choice: ChangeChoice) -> None:
    sheet = desk.send_out()
    write(sheet, "3-01", "整改目标", "表中目标")
    desk.task("3-01").goal = "系统目标"
    desk.session.flush()
    batch = desk.bring_back()
    decide_cells(desk.session, batch, {desk.changes(batch)["goal"].id: choice}, **desk.who)
    desk.apply(batch)
    wanted = {ChangeChoice.TAKE: "表中目标", ChangeChoice.KEEP: "系统目标"}[choice]
    assert desk.task("3-01").goal == wanted


def test_all_from_the_sheet_does_not_undo_what_was_entered_here(desk: Desk) -> None:
    sheet = desk.send_out()
    write(sheet, "3-01", "整改目标", "表中目标")
    write(sheet, "3-01", "牵头部门", "表中部门")
    task = desk.task("3-01")
    task.goal, task.remark = "系统目标", "系统备注"
    desk.session.flush()
    batch = desk.bring_back()
    decide_all(desk.session, batch, ChangeChoice.TAKE, **desk.who)
    decide_all(desk.session, batch, ChangeChoice.KEEP, "lead_dept", **desk.who)
    desk.session.expire_all()
    desk.apply(batch)
    task = desk.task("3-01")
    assert (task.goal, task.lead_dept, task.remark) == ("表中目标", "办公室", "系统备注")


def test_a_change_after_the_preview_refuses_the_whole_and_becomes_a_conflict(desk: Desk) -> None:
    sheet = desk.send_out()
    write(sheet, "3-01", "整改目标", "表中目标")
    write(sheet, "3-02", "备注", "与此无关")
    batch = desk.bring_back()
    desk.session.commit()
    desk.task("3-01").goal = "刚改的目标"
    desk.session.commit()
    with pytest.raises(StaleChangesError, match="整改目标"):
        apply_import(desk.session, batch, **desk.who)
    desk.session.rollback()
    renew_preview(desk.session, batch, **desk.who)
    goal = desk.changes(batch)["goal"]
    assert (goal.change, goal.choice, goal.present) == (C.CONFLICT, None, "刚改的目标")
    assert desk.task("3-01").goal == "刚改的目标"
    desk.session.commit()


FORBIDDEN = [
    ("联系电话", "13911111111、13922222222", "人员资料"), ("整改时限", "2027-01-31", "延期"), ("整改类型", "长期", "整改方案"),
    ("整改进展", "又有进展", "填报进展"), ("完成情况", "基本完成", "填报进展"), ("完成时间", date(2026, 11, 1), "填报进展"),
    ("佐证材料", "一份文件", "佐证材料"), ("建章立制", 5, "填报进展"), ("追责问责", 2, "填报进展"), ("挽回损失", 3.5, "填报进展"),
    ("是否销号", "是", "办理销号"), ("销号时间", date(2026, 11, 1), "办理销号"), ("未完成原因及下步打算", "还差一点", "填报进展"),
    ("问题编号", "9-99", "反馈问题"), ("问题性质", "共性", "反馈问题"), ("被巡察单位", "市乙局", "撤销"), ("巡察组", "第一组", "轮次"),
    ("巡察轮次", "别的轮次", "轮次"), ("反馈问题", None, "清空"), ("整改措施", None, "清空"), ("责任人", "名" * 61, "60"),
    ("牵头部门", "部" * 201, "200"),
]  # fmt: skip


@pytest.mark.parametrize(("title", "value", "words"), FORBIDDEN, ids=[f[0] for f in FORBIDDEN])
def test_what_goes_another_way_is_told_and_left(
    desk: Desk, title: str, value: Any, words: str
) -> None:
    sheet = desk.send_out()
    write(sheet, "3-01", title, value)
    before = desk.task("3-01").version
    batch = desk.bring_back()
    found = [row for row in desk.changes(batch).values() if row.reason]
    assert [words in (row.reason or "") for row in found] == [True]
    assert desk.changes(batch).keys() == {found[0].field}
    desk.apply(batch)
    assert desk.task("3-01").version == before


@pytest.mark.parametrize("state", [s for s in TaskState if s is not TaskState.VOID])
def test_a_state_that_forbids_an_edit_says_so(desk: Desk, state: TaskState) -> None:
    sheet = desk.send_out()
    write(sheet, "3-01", "整改目标", "新目标")
    desk.task("3-01").state = state
    desk.session.flush()
    reason = desk.changes(desk.bring_back())["goal"].reason
    free = {TaskState.DRAFT, TaskState.ISSUED, TaskState.PLANNING, TaskState.IN_PROGRESS, TaskState.LONG_TERM}  # fmt: skip
    assert (reason is None) is (state in free)


def test_a_date_to_be_confirmed_may_be_confirmed_by_the_sheet(desk: Desk) -> None:
    sheet = desk.send_out()
    write(sheet, "1", "整改时限", "2026-12-31")
    batch = desk.bring_back()
    assert desk.changes(batch)["due"].reason is None
    desk.apply(batch)
    task = desk.task("1")
    assert (task.due_on, task.original_due, task.is_due_doubtful) == (
        date(2026, 12, 31), date(2026, 12, 31), False,
    )  # fmt: skip
    assert desk.changes(desk.bring_back()) == {}


def test_a_date_of_a_task_that_is_closed_is_told_and_left(desk: Desk) -> None:
    sheet = desk.send_out()
    write(sheet, "1", "整改时限", "2026-12-31")
    desk.task("1").state = TaskState.CLOSED
    desk.session.flush()
    batch = desk.bring_back()
    assert "不能更正" in (desk.changes(batch)["due"].reason or "")
    desk.apply(batch)
    assert desk.task("1").due_on is None


def test_a_new_column_of_the_sheet_is_kept_beside_the_task(desk: Desk) -> None:
    sheet = desk.send_out()
    place = sheet.max_column + 1
    sheet.cell(FIRST_ROW - 1, place).value = "包片干部"
    sheet.cell(row_of(sheet, "3-01"), place).value = "孙己"
    batch = desk.bring_back()
    desk.apply(batch)
    assert '"包片干部":"孙己"' in (desk.task("3-01").extra or "")
    assert desk.changes(desk.bring_back()) == {}


def test_an_issue_of_several_units_changed_in_two_ways_is_refused(desk: Desk) -> None:
    sheet = desk.send_out()
    place, numbers = column(sheet, "反馈问题"), column(sheet, "问题编号")
    rows = [r for r in range(FIRST_ROW, sheet.max_row + 1) if sheet.cell(r, numbers).value == "G1"]
    assert len(rows) == 2
    for row in rows:
        sheet.cell(row, place).value = f"会风问题{row}"
    batch = desk.bring_back()
    with pytest.raises(DomainError, match="几个单位"):
        desk.apply(batch)
