"""`ledger inspect | import | export`."""

import io
import json
from pathlib import Path

import pytest
from flask import Flask
from openpyxl import load_workbook
from sqlalchemy import func, select

from tests.factories.cast import Cast
from tests.factories.work import make_work
from tests.fakes.clock import ManualClock
from tests.ledger.desk import write
from tests.ledger.importing import FED_BACK, mixed_ledger
from tests.ledgers.factory import everyday_ledger, ledger
from tracker.kernel.db import Database
from tracker.ledger.columns import Field
from tracker.ledger.learning import learn_words
from tracker.ledger.models import LedgerCopy
from tracker.rectification.models import Task


@pytest.fixture
def ledger_file(tmp_path: Path) -> Path:
    path = tmp_path / "台账.xlsx"
    path.write_bytes(mixed_ledger())
    return path


@pytest.fixture
def rounds(database: Database, people: Cast, clock: ManualClock) -> None:
    """One round R7-3 in the city, one of the same code in the east."""
    with database.writing() as session:
        make_work(session, people, now=clock.now(), units=("a",), fed_back_on=FED_BACK)
        make_work(session, people, now=clock.now(), region="east", units=("e",))
        session.commit()


def count_tasks(database: Database) -> int:
    with database.reading() as session:
        return session.scalar(select(func.count(Task.id))) or 0


def test_inspecting_prints_the_document(app: Flask, tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    path.write_bytes(everyday_ledger())
    args = ["ledger", "inspect", str(path), "--feedback-on", "2024-11-20", "--json"]
    result = app.test_cli_runner().invoke(args=args)
    document = json.loads(result.stdout)
    assert (result.exit_code, document["refused"], document["counts"]["issues"]) == (0, None, 2)
    assert document["rows"][4]["due_on"] == "2025-06-30"
    columns = [(c["header"], c["read_as"]) for c in document["tables"][0]["columns"]]
    assert columns[:3] == [("序号", "serial"), ("被巡察单位", "unit"), ("问题编号", "issue_no")]


def test_inspecting_a_refused_file_exits_with_one(app: Flask, tmp_path: Path) -> None:
    path = tmp_path / "a.xlsm"
    path.write_bytes(b"PK")
    result = app.test_cli_runner().invoke(args=["ledger", "inspect", str(path), "--json"])
    assert result.exit_code == 1
    assert json.loads(result.stdout)["refused"]["code"] == "macro"


@pytest.mark.usefixtures("rounds")
def test_a_dry_run_lists_and_an_import_makes(
    app: Flask, database: Database, ledger_file: Path
) -> None:
    run = app.test_cli_runner()
    args = ["ledger", "import", str(ledger_file), "--round", "CITY/R7-3"]
    dry = run.invoke(args=[*args, "--dry-run"])
    assert dry.exit_code == 0, dry.output
    assert "将新建 5 个问题、6 项任务" in dry.output
    assert "整改台账 第 7 行 [不能导入]" in dry.output
    assert count_tasks(database) == 0
    done = run.invoke(args=args)
    assert "已新建 5 个问题、6 项任务" in done.output
    assert count_tasks(database) == 6
    again = run.invoke(args=args)
    assert "已新建 0 个问题、0 项任务" in again.output
    assert "已有 6 项没有改动" in again.output
    assert count_tasks(database) == 6


@pytest.mark.usefixtures("rounds")
def test_an_ambiguous_or_unknown_round_names_the_candidates(app: Flask, ledger_file: Path) -> None:
    run = app.test_cli_runner()
    ambiguous = run.invoke(args=["ledger", "import", str(ledger_file), "--round", "R7-3"])
    assert (ambiguous.exit_code, "CITY/R7-3、EAST/R7-3" in ambiguous.output) == (1, True)
    unknown = run.invoke(args=["ledger", "export", "--round", "R9", "--out", "x.xlsx"])
    assert (unknown.exit_code, "CITY/R7-3" in unknown.output) == (1, True)


@pytest.mark.usefixtures("rounds")
def test_an_export_is_written_to_a_file(app: Flask, ledger_file: Path, tmp_path: Path) -> None:
    run = app.test_cli_runner()
    run.invoke(args=["ledger", "import", str(ledger_file), "--round", "CITY/R7-3"])
    out = tmp_path / "out.xlsx"
    result = run.invoke(args=["ledger", "export", "--round", "CITY/R7-3", "--out", str(out)])
    assert result.exit_code == 0, result.output
    sheet = load_workbook(io.BytesIO(out.read_bytes())).worksheets[0]
    assert sheet.max_row == 2 + 7


@pytest.mark.usefixtures("rounds")
def test_a_ledger_is_read_by_an_offices_words_where_its_region_is_named(
    app: Flask, database: Database, people: Cast, clock: ManualClock, tmp_path: Path
) -> None:
    path = tmp_path / "a.xlsx"
    row = ["市甲局", "理论学习不深入", "制定计划", "2026年12月底前"]
    path.write_bytes(ledger([row], header=["被巡察单位", "查摆情形", "整改措施", "整改时限"]))
    with database.writing() as session:
        actor, now = people.actor("clerk"), clock.now()
        words = {"查摆情形": Field.ISSUE}
        learn_words(session, people.regions["city"], words, actor=actor, now=now)
        session.commit()
    run = app.test_cli_runner()
    inspect = ["ledger", "inspect", str(path)]
    assert run.invoke(args=inspect).exit_code == 1
    assert run.invoke(args=[*inspect, "--region", "EAST"]).exit_code == 1
    named = run.invoke(args=[*inspect, "--region", "CITY"])
    assert (named.exit_code, "共 1 个问题" in named.output) == (0, True)
    unknown = run.invoke(args=[*inspect, "--region", "NONE"])
    assert (unknown.exit_code, "没有代码为“NONE”的地区" in unknown.output) == (1, True)
    done = run.invoke(args=["ledger", "import", str(path), "--round", "CITY/R7-3"])
    assert "已新建 1 个问题、1 项任务" in done.output


@pytest.mark.usefixtures("rounds")
def test_an_import_is_taken_back_by_its_file(
    app: Flask, database: Database, ledger_file: Path
) -> None:
    run = app.test_cli_runner()
    undo = ["ledger", "undo", str(ledger_file), "--round", "CITY/R7-3", "--reason", "导错了轮次"]
    nothing = run.invoke(args=undo)
    assert nothing.exit_code == 1
    assert "没有导入过" in nothing.output
    run.invoke(args=["ledger", "import", str(ledger_file), "--round", "CITY/R7-3"])
    assert count_tasks(database) == 6
    done = run.invoke(args=undo)
    assert done.exit_code == 0, done.output
    assert "已撤销导入：" in done.output
    assert "任务 6" in done.output
    assert count_tasks(database) == 0
    assert run.invoke(args=undo).exit_code == 1
    assert run.invoke(args=undo[:-2]).exit_code == 2


def test_a_corrected_export_updates(
    app: Flask, database: Database, rounds: None, ledger_file: Path, tmp_path: Path
) -> None:
    runner, out = app.test_cli_runner(), tmp_path / "导出.xlsx"
    runner.invoke(args=["ledger", "import", str(ledger_file), "--round", "CITY/R7-3"])
    result = runner.invoke(args=["ledger", "export", "--round", "CITY/R7-3", "--out", str(out)])
    assert result.exit_code == 0, result.output
    book = load_workbook(out)
    write(book.worksheets[0], "3-01", "整改目标", "表中目标")
    book.save(out)
    args = ["ledger", "import", str(out), "--round", "CITY/R7-3"]
    dry = runner.invoke(args=[*args, "--dry-run"])
    assert (dry.exit_code, "更新已有任务" in dry.output) == (0, False)
    result = runner.invoke(args=args)
    assert (result.exit_code, "更新已有任务 1 处" in result.output) == (0, True), result.output
    assert "更新已有任务" not in runner.invoke(args=args).output
    with database.reading() as session:
        assert "表中目标" in set(session.scalars(select(Task.goal)))
        assert session.scalar(select(func.count(LedgerCopy.id))) == 1
