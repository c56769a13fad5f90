"""The official lists: what each sheet says, for whom, and that they are exactly the screen's rows."""

import io
import re
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from openpyxl import load_workbook
from sqlalchemy import select

from tests.bench.statements import counted
from tests.factories.cast import Cast
from tests.factories.work import make_work
from tests.fakes.clock import ManualClock
from tests.ledger.office_of_lists import make_lists, sheets_of
from tests.visitor import Visitor
from tracker.audit.models import AuditEntry
from tracker.kernel.db import Database
from tracker.kernel.permissions import Actor
from tracker.ledger.official_lists import lists_of_round
from tracker.rectification.models import Task
from tracker.rectification.rules.words import TaskState
from tracker.rounds.models import Round

NAMES = ["问题清单", "任务清单", "责任清单", "成效清单", "档案清单"]
FED = ("市委巡察", "2026-09-01")
COMMON = "'=理论学习不深入\n台账不全"
RULES = "某项制度执行不严。"


@pytest.fixture
def round_id(database: Database, people: Cast, clock: ManualClock) -> int:
    with database.writing() as session:
        made = make_lists(session, people, now=clock.now()).round_id
        session.commit()
    return made


def lists_for(database: Database, round_id: int, actor: Actor, clock: ManualClock) -> bytes:
    with database.reading() as session:
        tour = session.get_one(Round, round_id)
        return lists_of_round(session, tour, actor=actor, now=clock.now())


def test_every_sheet_says_what_is_known(
    database: Database, people: Cast, clock: ManualClock, round_id: int
) -> None:
    found = sheets_of(lists_for(database, round_id, people.actor("clerk"), clock))
    assert list(found) == NAMES
    assert found["问题清单"] == [
        (1, "市甲局、市乙局", "001", "党的领导—理论学习", "共性", COMMON, "全年只学两次", *FED, "未销号", 3, 1),
        (2, "市甲局", "005", None, "个性", f"问题5：{RULES}", None, *FED, "没有在办任务", 0, 0),
        (3, "市乙局", "004", None, "个性", f"问题4：{RULES}", None, *FED, "已销号", 1, 1),
        (4, "市乙局", "006", None, "个性", f"问题6：{RULES}", None, *FED, "未销号", 1, 0),
        (5, "市乙局", "900", None, "个性", "还没有分解", None, *FED, "没有在办任务", 0, 0),
    ]  # fmt: skip
    goal, measure = "完善制度并执行到位", "修订制度"
    none4, none7 = (None,) * 4, (None,) * 7
    assert found["任务清单"] == [
        (1, "市甲局", "001", COMMON, "7-3-001-01", goal, measure, None, "限期整改", "2026-11-06", "2026-11-09", "逾期", 7),
        (*none4, None, None, "组织培训", "2026-11-01", *none7[:5]),
        (*none4, "7-3-001-02", None, measure, None, "限期整改", "2026-11-20", "2026-11-20", "临期", None),
        (2, "市乙局", "001", COMMON, "7-3-001-03", goal, measure, None, "限期整改", "2026-12-01", "2026-12-01", "已销号", None),
        (3, "市乙局", "004", f"问题4：{RULES}", "7-3-004-01", goal, measure, None, "立行立改", "2026-12-01", "2026-12-01", "已销号", None),
        (4, "市乙局", "006", f"问题6：{RULES}", "7-3-006-01", goal, measure, None, "限期整改", None, "尽快完成（待确认）", "整改中", None),
    ]  # fmt: skip
    assert found["责任清单"] == [
        (1, "市甲局", "7-3-001-01", COMMON, "张甲", "办公室", "财务科、审计科", "李乙、王丙", "13900000001、未登记", None, "逾期"),
        (2, "市甲局", "7-3-001-02", COMMON, *none7[:6], "临期"),
        (3, "市乙局", "7-3-001-03", COMMON, *none7[:6], "已销号"),
        (4, "市乙局", "7-3-004-01", f"问题4：{RULES}", *none7[:6], "已销号"),
        (5, "市乙局", "7-3-006-01", f"问题6：{RULES}", *none7[:5], "市甲局", "整改中"),
    ]  # fmt: skip
    assert found["成效清单"] == [
        (1, "市甲局", "7-3-001-01", COMMON, "已开展培训", "取得阶段性成效", None, 2, 1, 3, 1.5, "未销号", None),
        (2, "市甲局", "7-3-001-02", COMMON, *none7, "未销号", None),
        (3, "市乙局", "7-3-001-03", COMMON, None, "已完成", "2026-10-10", *none4, "已销号（长期坚持）", "2026-10-20"),
        (4, "市乙局", "7-3-004-01", f"问题4：{RULES}", *none7, "已销号（历史导入）", "2026-10-21"),
        (5, "市乙局", "7-3-006-01", f"问题6：{RULES}", *none7, "未销号", None),
    ]  # fmt: skip
    assert found["档案清单"] == [
        (1, "市甲局", "7-3-001-01", "学习制度（修订）", "2026-11-02", "学习制度（修订）.pdf", 1008, f"{8:064x}"),
        (2, "市甲局", "7-3-001-01", "培训照片", "2026-11-02", "培训照片.pdf", 1004, f"{4:064x}"),
    ]  # fmt: skip


def test_the_sheets_are_ready_for_paper(
    database: Database, people: Cast, clock: ManualClock, round_id: int
) -> None:
    book = load_workbook(io.BytesIO(lists_for(database, round_id, people.actor("clerk"), clock)))
    told = {
        sheet.title: (
            sheet["A1"].value,
            sheet.page_setup.orientation,
            sheet.page_setup.paperSize,
            sheet.print_title_rows,
            sheet.print_area.split("!")[1].replace("$", ""),
            sheet.freeze_panes,
            sheet.auto_filter.ref,
        )
        for sheet in book.worksheets
    }
    assert told == {
        "问题清单": ("第三轮巡察问题清单", "landscape", 9, "$3:$3", "A1:L8", "D4", "A3:L8"),
        "任务清单": ("第三轮巡察任务清单", "landscape", 9, "$3:$3", "A1:M9", "D4", None),
        "责任清单": ("第三轮巡察责任清单", "landscape", 9, "$3:$3", "A1:K8", "D4", "A3:K8"),
        "成效清单": ("第三轮巡察成效清单", "landscape", 9, "$3:$3", "A1:M8", "D4", "A3:M8"),
        "档案清单": ("第三轮巡察档案清单", "landscape", 9, "$3:$3", "A1:H5", "D4", "A3:H5"),
    }
    tasks = book["任务清单"]
    assert tasks["A2"].value == "数据截至 2026-11-16，共 5 项任务。临期指 7 天内到期。"
    footer: Any = tasks.oddFooter
    assert footer.center.text == "第 &P 页，共 &N 页"
    assert {str(merged) for merged in tasks.merged_cells.ranges} == {
        "A1:M1", "A2:M2", "A4:A6", "B4:B6", "C4:C6", "D4:D6",
        "E4:E5", "F4:F5", "I4:I5", "J4:J5", "K4:K5", "L4:L5", "M4:M5",
    }  # fmt: skip
    coloured = {
        (str(rules.sqref), rule.text)
        for rules in tasks.conditional_formatting
        for rule in rules.rules
    }
    assert coloured == {("L4:L9", "逾期"), ("L4:L9", "临期"), ("L4:L9", "已销号")}


def test_a_unit_learns_nothing_of_other_units_tasks(
    database: Database, people: Cast, clock: ManualClock, round_id: int
) -> None:
    found = sheets_of(lists_for(database, round_id, people.actor("liaison_b"), clock))
    issues = [(row[1], row[2], *row[9:]) for row in found["问题清单"]]
    assert issues == [
        ("市乙局", "001", "已销号", 1, 1),
        ("市乙局", "004", "已销号", 1, 1),
        ("市乙局", "006", "未销号", 1, 0),
        ("市乙局", "900", "没有在办任务", 0, 0),
    ]
    assert {row[1] for name in NAMES[1:4] for row in found[name]} == {"市乙局"}
    assert found["档案清单"] == []
    helping = sheets_of(lists_for(database, round_id, people.actor("head_a"), clock))
    assert [row[2] for row in helping["责任清单"]] == ["7-3-001-01", "7-3-001-02", "7-3-006-01"]
    assert [(row[1], row[2]) for row in helping["问题清单"]] == [
        ("市甲局", "001"), ("市甲局", "005"), ("市乙局", "006"),
    ]  # fmt: skip


def test_who_sees_no_task_of_the_round_gets_nothing(round_id: int, visitor: Visitor) -> None:
    address = f"/ledger/export?round={round_id}&layout=lists"
    for name, status in (("clerk", 200), ("liaison_b", 200), ("east_clerk", 404), ("admin", 403)):
        reader = Visitor(visitor.app)
        reader.sign_in(name)
        assert reader.get(address).status_code == status
    assert Visitor(visitor.app).get(address).status_code == 302
    visitor.sign_in("clerk")
    for unknown in ("999999", "x", ""):
        address = f"/ledger/export?round={unknown}&layout=lists"
        assert visitor.get(address).status_code == 404
        assert visitor.get(f"{address}&only=open").status_code == 404


def test_the_page_offers_the_lists_and_each_export_is_in_the_trail(
    database: Database, round_id: int, visitor: Visitor
) -> None:
    visitor.sign_in("clerk")
    visitor.get("/ledger/export?layout=lists")
    address = f"/ledger/export?round={round_id}&layout=lists"
    assert address in visitor.text.replace("&amp;", "&")
    response = visitor.get(address)
    assert list(sheets_of(response.data)) == NAMES
    assert "attachment" in response.headers["Content-Disposition"]
    with database.reading() as session:
        entries = session.scalars(select(AuditEntry).where(AuditEntry.action == "lists_exported"))
        assert [(entry.object_type, entry.object_id) for entry in entries] == [("round", round_id)]


@pytest.mark.parametrize("name", ["clerk", "leader", "supervisor", "liaison_a", "liaison_b"])
@pytest.mark.parametrize(
    "query",
    ["", "?only=", "?only=overdue", "?only=due-soon", "?state=closed", "?court=liaison", "?q=问题"],
)
@pytest.mark.usefixtures("round_id")
def test_the_list_on_screen_is_exported_row_for_row(
    database: Database, visitor: Visitor, name: str, query: str
) -> None:
    visitor.sign_in(name)
    visitor.get(f"/tasks{query}")
    shown = set(re.findall(r">(7-3-\d{3}-\d{2})</a>", visitor.text))
    link = re.search(r'href="(/ledger/export\?layout=lists[^"]*)"', visitor.text)
    assert link
    found = sheets_of(visitor.get(link[1].replace("&amp;", "&")).data)
    numbers = [row[2] for row in found["责任清单"]]
    assert len(numbers) == len(shown)
    assert set(numbers) == shown
    in_order = ["7-3-001-01", "7-3-001-02", "7-3-005-01", "7-3-001-03", "7-3-004-01", "7-3-006-01"]
    assert numbers == [number for number in in_order if number in shown]


@pytest.mark.usefixtures("round_id")
def test_a_filter_stands_above_the_rows_and_hides_no_open_task_of_an_issue(
    visitor: Visitor,
) -> None:
    visitor.sign_in("clerk")
    response = visitor.get("/ledger/export?layout=lists&state=closed&q=学习&only=")
    book = load_workbook(io.BytesIO(response.data))
    assert book["问题清单"]["A1"].value == "问题清单"
    assert book["问题清单"]["A2"].value == (
        "数据截至 2026-11-16，共 1 个问题。按筛选条件：已销号、“学习”。"
    )
    row = sheets_of(response.data)["问题清单"][0]
    assert (row[2], *row[9:]) == ("001", "未销号", 3, 1)


def test_an_export_of_more_tasks_sends_no_more_statements(
    database: Database, people: Cast, clock: ManualClock
) -> None:
    sent = []
    with database.writing() as session:
        work = make_work(session, people, now=clock.now())
        for more in (2, 20):
            for _ in range(more):
                work.task(session, people, now=clock.now())
            session.expire_all()
            tour = session.get_one(Round, work.round_id)
            with counted() as statements:
                lists_of_round(session, tour, actor=people.actor("clerk"), now=clock.now())
            sent.append(len(statements))
    assert sent[0] == sent[1] <= 9


def test_the_same_lists_are_written_by_the_command(
    app: Flask, database: Database, people: Cast, clock: ManualClock, round_id: int, tmp_path: Path
) -> None:
    out = tmp_path / "lists.xlsx"
    args = ["ledger", "export", "--round", "CITY/R7-3", "--layout", "lists", "--out", str(out)]
    result = app.test_cli_runner().invoke(args=args)
    assert result.exit_code == 0, result.output
    page = lists_for(database, round_id, people.actor("clerk"), clock)
    assert sheets_of(out.read_bytes()) == sheets_of(page)


def test_issues_of_other_offices_stay_out(
    database: Database, people: Cast, clock: ManualClock, round_id: int
) -> None:
    with database.writing() as session:
        east = make_work(session, people, now=clock.now(), region="east", units=("e",))
        east.task(session, people, unit="e", now=clock.now(), due_on=date(2026, 10, 1))
        session.commit()
        assert session.scalar(select(Task.id).where(Task.state == TaskState.VOID))
    city = sheets_of(lists_for(database, round_id, people.actor("clerk"), clock))
    assert len(city["责任清单"]) == 5
    nothing = sheets_of(lists_for(database, round_id, people.actor("east_clerk"), clock))
    assert nothing == {name: [] for name in NAMES}
