"""The export: what it says, that it comes back unchanged, that nobody exports more than they see."""

import io
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook
from sqlalchemy.orm import Session

from tests.bench.statements import counted
from tests.factories.cast import Cast
from tests.factories.work import make_work
from tests.fakes.clock import ManualClock
from tests.ledger.importing import FED_BACK, bring_in, mixed_ledger, preview, template_ledger
from tests.ledgers.factory import HEADER
from tests.visitor import Visitor
from tracker.kernel.db import Database, born
from tracker.kernel.permissions import Actor
from tracker.ledger.columns import DEADLINES
from tracker.ledger.exporting import export_ledger
from tracker.ledger.queries import count_rows
from tracker.ledger.rules import RowFate
from tracker.rectification.models import Measure
from tracker.rectification.service.extending import correct_due
from tracker.rounds.models import Round


def exported(session: Session, round_id: int, *, actor: Actor, clock: ManualClock) -> bytes:
    tour = session.get_one(Round, round_id)
    return export_ledger(session, tour, actor=actor, now=clock.now())


def lines(content: bytes) -> list[dict[str, Any]]:
    sheet = load_workbook(io.BytesIO(content)).worksheets[0]
    titles = [str(cell.value) for cell in sheet[2]]
    return [
        dict(zip(titles, row, strict=True)) for row in sheet.iter_rows(min_row=3, values_only=True)
    ]


def test_an_exported_ledger_comes_back_with_nothing_changed(
    database: Database, people: Cast, clock: ManualClock, tmp_path: Path
) -> None:
    clerk = people.actor("clerk")
    with database.writing() as session:
        work = make_work(session, people, now=clock.now(), units=("a",), fed_back_on=FED_BACK)
        bring_in(session, mixed_ledger(), work.round_id, tmp_path, actor=clerk, now=clock.now())
        content = exported(session, work.round_id, actor=clerk, clock=clock)
        batch = preview(session, content, work.round_id, tmp_path, actor=clerk, now=clock.now())
        counts = count_rows(session, batch)
        assert counts[RowFate.KNOWN] == 7
        assert all(DEADLINES not in row.cells for row in batch.rows)
        assert counts[RowFate.REFUSED] == counts[RowFate.NEW] == counts[RowFate.DOUBTFUL] == 0


def test_an_export_says_what_the_file_said(
    database: Database, people: Cast, clock: ManualClock, tmp_path: Path
) -> None:
    clerk = people.actor("clerk")
    with database.writing() as session:
        work = make_work(session, people, now=clock.now(), units=("a",), fed_back_on=FED_BACK)
        extra = template_ledger(
            {
                "被巡察单位": "市乙局",
                "反馈问题": "'=1+1",
                "整改措施": "'@某人",
                "整改时限": "2026年12月底前",
                "备注": "'＋备注",
            }
        )
        bring_in(session, mixed_ledger(), work.round_id, tmp_path, actor=clerk, now=clock.now())
        bring_in(session, extra, work.round_id, tmp_path, actor=clerk, now=clock.now())
        content = exported(session, work.round_id, actor=clerk, clock=clock)
        sheet = load_workbook(io.BytesIO(content)).worksheets[0]
        assert tuple(cell.value for cell in sheet[2]) == (*HEADER, DEADLINES)
        found = lines(content)
        running = next(line for line in found if line["反馈问题"] == "理论学习不深入")
        wanted = {
            "被巡察单位": "市甲局", "问题编号": "3-01", "问题性质(共性/个性)": "个性", "整改措施": "制定学习计划", "责任领导": "张甲",
            "责任人": "李乙、王丙", "联系电话": "13900000001、13900000002", "整改时限": "2026年12月底前", "整改进展": "已制定计划",
            "完成情况": "取得阶段性成效", "建章立制": 1, "是否销号": "否", "销号时间": None,
        }  # fmt: skip
        assert {title: running[title] for title in wanted} == wanted
        closed = next(line for line in found if line["反馈问题"] == "公务接待不规范")
        assert (closed["是否销号"], closed["销号时间"].date(), closed["完成时间"].date(), closed["挽回损失(万元)"]) == (
            "是", date(2026, 10, 20), date(2026, 10, 10), 1.5,
        )  # fmt: skip
        harmless = next(
            line
            for line in found
            if line["被巡察单位"] == "市乙局" and "1+1" in (line["反馈问题"] or "")
        )
        assert (harmless["反馈问题"], harmless["整改措施"], harmless["备注"]) == (
            "'=1+1",
            "'@某人",
            "'＋备注",
        )
        assert any(str(merged).startswith("I") for merged in sheet.merged_cells.ranges)


def test_an_export_tells_how_each_due_date_came_about(
    database: Database, people: Cast, clock: ManualClock
) -> None:
    clerk, lead = people.actor("clerk"), people.actor("lead")
    with database.writing() as session:
        work = make_work(session, people, now=clock.now(), units=("a",), fed_back_on=FED_BACK)
        task = work.task(session, people, due_on=date(2026, 11, 9), now=clock.now())
        stamps = born(actor=clerk, now=clock.now())
        task.measures.append(Measure(seq=2, text="组织培训", **stamps))
        correct_due(session, task, date(2026, 11, 13), "抄录有误", actor=lead, now=clock.now())
        first, second = lines(exported(session, work.round_id, actor=clerk, clock=clock))
        assert first[DEADLINES] == (
            "原定时限 2026-11-09；2026-11-16 更正时限：2026-11-09 → 2026-11-13"
            "（理由：抄录有误，巡察办主任lead办理）；现时限 2026-11-13；"
            "截至 2026-11-16 逾期 3 天（按原定时限 2026-11-09 计 7 天）。"
        )
        assert second[DEADLINES] is None  # merged over the measures of the task


def test_an_export_of_more_tasks_sends_no_more_statements(
    database: Database, people: Cast, clock: ManualClock
) -> None:
    sent = []
    with database.writing() as session:
        work = make_work(session, people, now=clock.now(), units=("a",), fed_back_on=FED_BACK)
        for more in (2, 20):
            for _ in range(more):
                work.task(session, people, now=clock.now())
            session.expire_all()
            with counted() as statements:
                exported(session, work.round_id, actor=people.actor("clerk"), clock=clock)
            sent.append(len(statements))
    assert sent[0] == sent[1]


@pytest.mark.parametrize("name", ["liaison_b", "head_b"])
def test_a_unit_exports_own_tasks_only(
    database: Database,
    people: Cast,
    clock: ManualClock,
    tmp_path: Path,
    visitor: Visitor,
    name: str,
) -> None:
    clerk = people.actor("clerk")
    with database.writing() as session:
        work = make_work(session, people, now=clock.now(), units=("a",), fed_back_on=FED_BACK)
        bring_in(session, mixed_ledger(), work.round_id, tmp_path, actor=clerk, now=clock.now())
    visitor.sign_in(name)
    assert visitor.get("/ledger/export").status_code == 200
    response = visitor.get(f"/ledger/export?round={work.round_id}")
    assert {line["被巡察单位"] for line in lines(response.data)} == {"市乙局"}
    assert "attachment" in response.headers["Content-Disposition"]
    other = Visitor(visitor.app)
    other.sign_in("east_clerk")
    assert other.get(f"/ledger/export?round={work.round_id}").status_code == 404
    admin = Visitor(visitor.app)
    admin.sign_in("admin")
    assert admin.get("/ledger/export").status_code == 403
