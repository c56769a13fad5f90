"""The pages of reports: the list, one report, its files, its issuing, and who sees what."""

from datetime import timedelta
from io import BytesIO
from pathlib import Path
from zipfile import ZipFile

import pytest
from flask import Flask
from sqlalchemy import select

from tests.factories.cast import TESTER
from tests.reports.histories import MONDAY, Histories, T, moment
from tests.visitor import Visitor
from tracker.audit.models import AuditEntry
from tracker.files.storage import FileStorage
from tracker.kernel.config import Config
from tracker.kernel.db import Database
from tracker.notifications.models import Notification
from tracker.notifications.rules import Audience
from tracker.reports.models import ReportRun
from tracker.reports.service import make_weekly
from tracker.rounds.models import Round
from tracker.workdays.rules import WorkCalendar

DAY = timedelta(days=1)


@pytest.fixture
def report_id(made: Histories, config: Config) -> int:
    """Edition 1 with an overdue task of unit a (001) and one of unit b (002)."""
    made.task(T - 5 * DAY, unit="a")
    made.report(made.task(T - 50 * DAY, unit="b"), T - DAY, "乙局的原因")
    run = make_weekly(
        made.session,
        made.work.region_id,
        made.session.get_one(Round, made.work.round_id),
        now=moment(MONDAY, 8),
        calendar=WorkCalendar(),
        storage=FileStorage(config.evidence_dir),
        actor=TESTER,
    )
    assert run is not None
    made.session.commit()
    return run.id


def enter(app: Flask, username: str) -> Visitor:
    visitor = Visitor(app)
    visitor.sign_in(username)
    return visitor


def issue(app: Flask, report_id: int) -> None:
    lead = enter(app, "lead")
    response = lead.post(f"/reports/{report_id}/issue", via=f"/reports/{report_id}")
    assert response.status_code == 302


def actions(database: Database) -> list[str]:
    with database.reading() as session:
        return list(session.scalars(select(AuditEntry.action).order_by(AuditEntry.seq)))


def test_the_office_sees_list_page_and_files(
    app: Flask, report_id: int, database: Database
) -> None:
    clerk = enter(app, "clerk")
    clerk.get("/reports")
    assert "第三轮巡察整改工作周报（第1期）" in clerk.text
    assert "内部稿" in clerk.text
    clerk.get(f"/reports/{report_id}")
    for words in ("数据截至 2026-11-15", "市甲局", "市乙局", "乙局的原因", "逾期任务2项"):
        assert words in clerk.text
    assert "签发</button>" not in clerk.text
    for extension, inside in (("docx", "word/document.xml"), ("xlsx", "xl/workbook.xml")):
        response = clerk.get(f"/reports/{report_id}/{extension}")
        assert response.status_code == 200
        assert "attachment" in response.headers["Content-Disposition"]
        assert inside in ZipFile(BytesIO(response.data)).namelist()
    assert actions(database).count("report_downloaded") == 2


def test_the_page_shows_what_was_kept_not_what_is_true_today(
    app: Flask, report_id: int, made: Histories
) -> None:
    with app.extensions["tracker_database"].writing() as session:
        run = session.get_one(ReportRun, report_id)
        run.figures = run.figures.replace("乙局的原因", "当时的原因")
        session.commit()
    clerk = enter(app, "clerk")
    clerk.get(f"/reports/{report_id}")
    assert "当时的原因" in clerk.text


def test_the_lead_issues_it_from_the_page(
    app: Flask, report_id: int, database: Database, made: Histories
) -> None:
    issue(app, report_id)
    lead = enter(app, "lead")
    lead.get(f"/reports/{report_id}")
    assert "已签发" in lead.text
    assert "签发</button>" not in lead.text
    with database.reading() as session:
        audiences = session.scalars(select(Notification.audience).order_by(Notification.id))
        assert list(audiences) == [Audience.OFFICE, Audience.LIAISONS]
    assert "report_issued" in actions(database)


def test_issuing_twice_says_so(app: Flask, report_id: int) -> None:
    issue(app, report_id)
    lead = enter(app, "lead")
    lead.post(f"/reports/{report_id}/issue", via="/reports")
    lead.get("/reports")
    assert "已经签发" in lead.text


def test_a_clerk_cannot_issue(app: Flask, report_id: int) -> None:
    clerk = enter(app, "clerk")
    assert clerk.post(f"/reports/{report_id}/issue", via="/reports").status_code == 403


@pytest.mark.parametrize("who", ["liaison_a", "head_a", "supervisor"])
def test_a_unit_sees_an_issued_report_and_its_own_rows_alone(
    app: Flask, report_id: int, who: str
) -> None:
    unit = enter(app, who)
    assert unit.get(f"/reports/{report_id}").status_code == 404
    unit.get("/reports")
    assert "第1期" not in unit.text
    issue(app, report_id)
    unit.get("/reports")
    assert "第1期" in unit.text
    assert "/docx" not in unit.text
    unit.get(f"/reports/{report_id}")
    assert "市甲局" in unit.text
    for foreign in ("市乙局", "乙局的原因", "逾期任务2项", "销号率"):
        assert foreign not in unit.text
    assert unit.get(f"/reports/{report_id}/docx").status_code == 404
    assert unit.get(f"/reports/{report_id}/xlsx").status_code == 404


@pytest.mark.parametrize("who", ["east_clerk", "east_liaison", "west_clerk"])
def test_everybody_else_gets_what_an_unknown_id_gets(app: Flask, report_id: int, who: str) -> None:
    issue(app, report_id)
    other = enter(app, who)
    other.get("/reports")
    assert "第1期" not in other.text
    for path in ("", "/docx", "/xlsx"):
        assert other.get(f"/reports/{report_id}{path}").status_code == 404
        assert other.get(f"/reports/{10**17}{path}").status_code == 404


def test_leaders_read_the_whole_report_of_their_region(app: Flask, report_id: int) -> None:
    leader = enter(app, "leader")
    leader.get(f"/reports/{report_id}")
    assert "市乙局" in leader.text
    assert "签发</button>" not in leader.text


def test_a_file_that_is_gone_is_a_sentence(app: Flask, report_id: int, config: Config) -> None:
    for path in config.evidence_dir.rglob("*.docx"):
        path.unlink()
    clerk = enter(app, "clerk")
    clerk.get(f"/reports/{report_id}/docx")
    assert "文件不在服务器上" in clerk.text


def test_the_command_writes_both_files_of_a_chosen_day(
    app: Flask, made: Histories, tmp_path: Path
) -> None:
    made.task(T - 5 * DAY)
    made.session.commit()
    out = tmp_path / "out"
    args = ["report", "weekly", "--round", "CITY/R7-3", "--as-of", "2026-11-12", "--out", str(out)]
    result = app.test_cli_runner().invoke(args=args)
    assert result.exit_code == 0, result.output
    names = sorted(path.name for path in out.iterdir())
    assert names == [
        "云州市第三轮巡察整改工作周报（第1期）2026-11-12.docx",
        "云州市第三轮巡察整改工作周报（第1期）2026-11-12.xlsx",
    ]
    assert "未存档" in result.output


def test_the_command_gives_a_kept_edition_byte_for_byte(
    app: Flask, report_id: int, config: Config, tmp_path: Path
) -> None:
    result = app.test_cli_runner().invoke(args=["report", "weekly", "--out", str(tmp_path / "o")])
    assert result.exit_code == 0, result.output
    for extension in ("docx", "xlsx"):
        (kept,) = config.evidence_dir.rglob(f"*.{extension}")
        (written,) = (tmp_path / "o").glob(f"*.{extension}")
        assert written.read_bytes() == kept.read_bytes()


@pytest.mark.parametrize(
    ("reference", "sentence"), [("R9", "没有代码为"), ("R7-3", "没有可报告的轮次")]
)
def test_the_command_refuses_with_a_sentence(
    app: Flask, made: Histories, tmp_path: Path, reference: str, sentence: str
) -> None:
    made.session.commit()
    args = ["report", "weekly", "--round", reference, "--out", str(tmp_path / "o")]
    result = app.test_cli_runner().invoke(args=args)
    assert result.exit_code == 1
    assert sentence in result.output
