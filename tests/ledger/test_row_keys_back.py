"""Keys that come back: doubled, broken, of another copy, of a task that is gone; rows that do not."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import func, select

from tests.factories.cast import Cast
from tests.factories.work import make_work
from tests.fakes.clock import ManualClock
from tests.ledger.desk import FIRST_ROW, Desk, column, key_cell, open_desk, row_of, write
from tracker.kernel.db import Database
from tracker.ledger.models import ImportBatch, ImportRow, LedgerCopy
from tracker.ledger.rules import CopyKind, RowFate
from tracker.rectification.models import Task
from tracker.rectification.rules.words import TaskState


@pytest.fixture
def desk(database: Database, people: Cast, clock: ManualClock, tmp_path: Path) -> Iterator[Desk]:
    yield from open_desk(database, people, clock, tmp_path)


def fates(batch: ImportBatch) -> dict[int, ImportRow]:
    return {row.row_no: row for row in batch.rows}


def test_the_same_key_twice_is_left_alone_and_told(desk: Desk) -> None:
    sheet = desk.send_out()
    row, other = row_of(sheet, "3-02"), row_of(sheet, "3-03")
    key_cell(sheet, other).value = key_cell(sheet, row).value
    write(sheet, "3-02", "备注", "甲")
    batch = desk.bring_back()
    assert {fates(batch)[n].fate for n in (row, other)} == {RowFate.REFUSED}
    assert all("相同" in fates(batch)[n].notes for n in (row, other))
    assert desk.changes(batch) == {}


@pytest.mark.parametrize("key", ["乱写", "aaaaaaaa-1-0-0000", "aaaaaaaa-1-0"])
def test_a_broken_key_is_told_and_its_row_goes_the_usual_way(desk: Desk, key: str) -> None:
    sheet = desk.send_out()
    row = row_of(sheet, "3-02")
    key_cell(sheet, row).value = key
    write(sheet, "3-02", "备注", "甲")
    batch = desk.bring_back()
    assert fates(batch)[row].fate is RowFate.KNOWN
    assert "不完整" in fates(batch)[row].notes
    assert desk.changes(batch) == {}
    desk.apply(batch)
    assert desk.session.scalar(select(func.count(Task.id))) == 6


@pytest.mark.parametrize("what", ["round", "region", "kind", "token"])
def test_a_key_of_another_copy_is_told_and_changes_nothing(
    desk: Desk, people: Cast, what: str
) -> None:
    sheet = desk.send_out()
    write(sheet, "3-02", "备注", "甲")
    copy = desk.session.scalars(select(LedgerCopy)).one()
    if what == "round":
        other = make_work(desk.session, people, now=desk.who["now"], region="east", units=("e",))
        copy.round_id = other.round_id
    elif what == "region":
        copy.region_id = people.regions["east"]
    elif what == "kind":
        copy.kind = CopyKind.FILL_IN
    else:
        copy.token = "zzzzzzzz"
    desk.session.flush()
    batch = desk.bring_back()
    assert desk.changes(batch) == {}
    note = fates(batch)[row_of(sheet, "3-02")].notes
    assert ("填报表" if what == "kind" else "不是本轮次") in note


def test_rows_that_do_not_come_back_are_counted_and_left_alone(desk: Desk) -> None:
    sheet = desk.send_out()
    sheet.delete_rows(row_of(sheet, "3-02"))
    batch = desk.bring_back()
    assert '"keyed_missing":1' in batch.summary
    desk.apply(batch)
    assert desk.session.scalar(select(func.count(Task.id)).where(Task.state != TaskState.VOID)) == 6


def test_a_row_without_a_key_is_a_new_one(desk: Desk) -> None:
    sheet = desk.send_out()
    row = sheet.max_row + 1
    new = {
        "被巡察单位": "市甲局",
        "反馈问题": "新的问题",
        "整改措施": "新措施",
        "整改时限": "2026-12-31",
    }
    for title, value in new.items():
        sheet.cell(row, column(sheet, title)).value = value
    batch = desk.bring_back()
    assert fates(batch)[row].fate is RowFate.NEW
    desk.apply(batch)
    assert desk.session.scalar(select(func.count(Task.id))) == 7


def test_rows_taken_apart_keep_what_the_first_says_for_all(desk: Desk) -> None:
    sheet = desk.send_out()
    for merged in list(sheet.merged_cells.ranges)[:]:
        if merged.min_row >= FIRST_ROW:
            sheet.unmerge_cells(str(merged))
    row = row_of(sheet, "3-01")
    sheet.cell(row + 1, column(sheet, "整改措施")).value = "改过的研讨"
    batch = desk.bring_back()
    assert {f: r.measure_id for f, r in desk.changes(batch).items()} == {
        "measure": desk.task("3-01").measures[1].id
    }
    sheet.delete_rows(row)  # with it goes what it said for both
    assert desk.changes(desk.bring_back()).keys() == {"measure"}


def test_an_emptied_row_empties_no_task(desk: Desk) -> None:
    sheet = desk.send_out()
    row = row_of(sheet, "3-02")
    for place in range(1, sheet.max_column):
        sheet.cell(row, place).value = None
    batch = desk.bring_back()
    assert "已清空" in fates(batch)[row].notes
    assert desk.changes(batch) == {}


def test_a_key_of_a_voided_task_is_told(desk: Desk) -> None:
    sheet = desk.send_out()
    desk.task("3-02").state = TaskState.VOID
    desk.session.flush()
    batch = desk.bring_back()
    assert fates(batch)[row_of(sheet, "3-02")].fate is RowFate.REFUSED


def test_a_new_measure_of_a_known_task_is_told_not_passed_over(desk: Desk) -> None:
    sheet = desk.send_out()
    row = sheet.max_row + 1
    new = {
        "被巡察单位": "市甲局",
        "问题编号": "3-02",
        "反馈问题": "公务接待不规范",
        "整改措施": "再加一条",
        "整改时限": "2026-12-31",
    }
    for title, value in new.items():
        sheet.cell(row, column(sheet, title)).value = value
    batch = desk.bring_back()
    assert fates(batch)[row].fate is RowFate.REFUSED
    assert "没有导入" in fates(batch)[row].notes
    desk.apply(batch)
    assert [m.text for m in desk.task("3-02").measures] == ["清退费用"]


def test_a_row_cleared_but_for_its_number_empties_no_task(desk: Desk) -> None:
    sheet = desk.send_out()
    row = row_of(sheet, "3-02")
    for place in range(6, sheet.max_column):
        sheet.cell(row, place).value = None
    assert desk.changes(desk.bring_back()) == {}


def test_the_first_of_two_rows_cleared_empties_no_task(desk: Desk) -> None:
    sheet = desk.send_out()
    for merged in list(sheet.merged_cells.ranges):
        if merged.min_row >= FIRST_ROW:
            sheet.unmerge_cells(str(merged))
    row = row_of(sheet, "3-01")
    for place in range(1, sheet.max_column):
        sheet.cell(row, place).value = None
    assert desk.changes(desk.bring_back()) == {}
