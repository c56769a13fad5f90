"""The page of 更新已有任务: from the export in the browser to the confirmation."""

import io
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from openpyxl import load_workbook
from sqlalchemy import func, select

from tests.factories.cast import Cast
from tests.factories.work import make_work
from tests.fakes.clock import ManualClock
from tests.ledger.desk import row_of, write
from tests.ledger.importing import FED_BACK, bring_in, mixed_ledger
from tests.ledger.test_imports import upload
from tests.ledgers.books import Book, book
from tests.ledgers.ods_file import to_ods
from tests.ledgers.text_file import to_text
from tests.ledgers.xls_file import to_xls
from tests.visitor import Visitor
from tracker.audit.models import AuditEntry
from tracker.kernel.db import Database
from tracker.ledger.models import ImportChange
from tracker.rectification.models import Task


@pytest.fixture
def round_id(database: Database, people: Cast, clock: ManualClock, tmp_path: Path) -> int:
    with database.writing() as session:
        work = make_work(session, people, now=clock.now(), units=("a",), fed_back_on=FED_BACK)
        clerk = people.actor("clerk")
        bring_in(session, mixed_ledger(), work.round_id, tmp_path, actor=clerk, now=clock.now())
        return work.round_id


def corrected(visitor: Visitor, round_id: int, **cells: str) -> bytes:
    """Download the ledger and change cells of issue 3-01."""
    sheet_book = load_workbook(io.BytesIO(visitor.get(f"/ledger/export?round={round_id}").data))
    for title, value in cells.items():
        write(sheet_book.worksheets[0], "3-01", title, value)
    target = io.BytesIO()
    sheet_book.save(target)
    return target.getvalue()


def goal_set(database: Database, text: str | None = None) -> str | None:
    with database.writing() as session:
        task = session.scalars(select(Task).where(Task.issue.has(issue_no="3-01"))).one()
        if text is not None:
            task.goal = text
            session.commit()
        return task.goal


def only_change(database: Database) -> int:
    with database.reading() as session:
        return session.scalars(select(ImportChange.id).where(ImportChange.field == "goal")).one()


def test_a_conflict_is_chosen_on_the_page_and_then_taken_over(
    database: Database, visitor: Visitor, round_id: int
) -> None:
    visitor.sign_in("clerk")
    content = corrected(visitor, round_id, 整改目标="表中目标", 备注="新备注")
    goal_set(database, "系统目标")
    page = upload(visitor, round_id, content)
    visitor.get(page)
    assert "更新已有任务" in visitor.text
    assert "须先选择" in visitor.text
    changes = f"{page}/changes"
    response = visitor.post(f"{page}/apply", via=page)
    assert response.headers["Location"].endswith(changes)
    visitor.get(changes)
    assert all(text in visitor.text for text in ("补齐短板", "表中目标", "系统目标", "两边都改了"))
    visitor.post(changes, {f"choice-{only_change(database)}": "take", "choice-x": "1"}, via=changes)
    visitor.get(f"{changes}?show=conflict")
    assert re.search(r'value="take" checked', visitor.text)
    visitor.post(f"{page}/apply", via=page)
    visitor.get(page)
    assert "已更新 2 处" in visitor.text
    assert goal_set(database) == "表中目标"
    with database.reading() as session:
        query = select(AuditEntry).where(AuditEntry.action == "task_corrected")
        entries = list(session.scalars(query))
    assert len(entries) == 1
    visitor.get(f"{changes}?show=conflict")
    assert "保存本页选择" not in visitor.text


def test_a_change_after_the_preview_comes_back_as_a_conflict(
    database: Database, visitor: Visitor, round_id: int
) -> None:
    visitor.sign_in("clerk")
    page = upload(visitor, round_id, corrected(visitor, round_id, 整改目标="表中目标"))
    goal_set(database, "刚改的目标")
    visitor.post(f"{page}/apply", via=page)
    visitor.get(f"{page}/changes")
    assert "预览之后系统中又有变化" in visitor.text
    assert "刚改的目标" in visitor.text
    assert goal_set(database) == "刚改的目标"
    visitor.post(f"{page}/changes/all", {"choice": "take"}, via=f"{page}/changes")
    visitor.post(f"{page}/apply", via=page)
    assert goal_set(database) == "表中目标"


def test_one_column_is_chosen_at_once_and_nonsense_is_no_choice(
    database: Database, visitor: Visitor, round_id: int
) -> None:
    visitor.sign_in("clerk")
    page = upload(visitor, round_id, corrected(visitor, round_id, 整改目标="目标二", 备注="备注二"))
    changes = f"{page}/changes"
    visitor.post(f"{changes}/all", {"choice": "keep", "field": "goal"}, via=changes)
    visitor.post(f"{changes}/all", {"choice": "whatever"}, via=changes)
    with database.reading() as session:
        found = {row.field: row.choice for row in session.scalars(select(ImportChange))}
    assert {field: choice.value for field, choice in found.items() if choice} == {
        "goal": "keep",
        "remark": "take",
    }


def test_another_office_neither_sees_nor_chooses(
    database: Database, visitor: Visitor, round_id: int
) -> None:
    visitor.sign_in("clerk")
    page = upload(visitor, round_id, corrected(visitor, round_id, 整改目标="目标二"))
    for name, status in (("east_clerk", 404), ("lead", 403), ("liaison_a", 403)):
        other = Visitor(visitor.app)
        other.sign_in(name)
        assert other.get(f"{page}/changes").status_code == status
    east = Visitor(visitor.app)
    east.sign_in("east_clerk")
    for address in (f"{page}/changes", f"{page}/changes/all"):
        assert east.post(address, {"choice": "keep"}, via="/imports").status_code == 404
    with database.reading() as session:
        assert session.scalar(select(func.count()).where(ImportChange.choice == "take")) == 1


@pytest.mark.parametrize("name", ["台账.csv", "台账.ods", "台账.xls"])
def test_a_key_copied_into_another_sheet_works_in_every_format(
    database: Database, visitor: Visitor, round_id: int, name: str
) -> None:
    visitor.sign_in("clerk")
    sheet = load_workbook(io.BytesIO(corrected(visitor, round_id))).worksheets[0]
    key = str(sheet.cell(row_of(sheet, "3-02"), sheet.max_column).value)
    rows = book(
        ("行标识（请勿改动）", "反馈问题", "整改措施", "备注"), (key, "公务接待不规范", "清退费用", "抄来的备注"),
    )  # fmt: skip
    make: dict[str, Callable[[Book], bytes]] = {"csv": to_text, "ods": to_ods, "xls": to_xls}
    page = upload(visitor, round_id, make[name[3:]](rows), name)
    visitor.get(f"{page}/changes")
    assert "抄来的备注" in visitor.text
    assert "已销号" in visitor.text  # a closed task is no longer corrected
