"""Commands about reports."""

import json
from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path

import click
from flask.cli import AppGroup
from sqlalchemy.orm import Session

from tracker.audit.service import record
from tracker.kernel.errors import DomainError
from tracker.people.cli import command_actor
from tracker.reports import texts
from tracker.reports.queries import round_by_reference, rounds_to_report
from tracker.reports.rules import next_edition, sunday_before
from tracker.reports.service import editions_of
from tracker.reports.weekly import WeeklyReport, loaded
from tracker.reports.weekly_assembly import assemble
from tracker.reports.weekly_docx import weekly_docx
from tracker.reports.weekly_xlsx import weekly_xlsx
from tracker.rounds.models import Round
from tracker.web.database import database, now, today
from tracker.workdays.queries import load_calendar
from tracker.workdays.rules import ONE_DAY

report_group = AppGroup("report", help="报告。")


@report_group.command("weekly")
@click.option("--round", "reference", metavar="REF", help="轮次代码；不写则为所有整改中的轮次。")
@click.option(
    "--as-of", "day", metavar="DATE", type=click.DateTime(["%Y-%m-%d"]), help="默认上个周日。"
)
@click.option(
    "--out", type=click.Path(file_okay=False, path_type=Path), required=True, help="存放的文件夹。"
)
@click.option("--json", "as_json", is_flag=True, help="输出 JSON。")
def weekly(reference: str | None, day: datetime | None, out: Path, *, as_json: bool) -> None:
    """把整改工作周报写成 Word 和 Excel 文件。已存档的一期照存档数据，其余现算、不存档。"""
    as_of = day.date() if day else sunday_before(today())
    try:
        with database().reading() as session:
            found = list(_reports(session, reference, as_of))
    except DomainError as error:
        raise click.ClickException(str(error)) from None
    if not found:
        raise click.ClickException(f"截至{as_of}没有可报告的轮次。请核对轮次和日期。")
    rows = [_written(report, out, is_kept=is_kept) for report, is_kept in found]
    with database().writing() as session:
        detail = {"as_of": as_of, "editions": len(rows)}
        record(session, "report_written", actor=command_actor(), now=now(), detail=detail)
        session.commit()
    if as_json:
        click.echo(json.dumps(rows, ensure_ascii=False, indent=2))
        return
    for row in rows:
        click.echo(row["docx"])
        click.echo(row["xlsx"])
        if not row["kept"]:
            click.echo("（以上未存档）")


def _reports(
    session: Session, reference: str | None, as_of: date
) -> Iterator[tuple[WeeklyReport, bool]]:
    if reference is None:
        wanted = [
            (region, session.get_one(Round, id_)) for region, id_ in rounds_to_report(session)
        ]
    else:
        round_ = round_by_reference(session, reference)
        wanted = [(round_.region_id, round_)]
    for region_id, round_ in wanted:
        editions = editions_of(session, region_id, round_.id)
        kept = [loaded(run.figures) for run in editions if run.as_of == as_of]
        if kept:
            yield kept[0], True
            continue
        report = assemble(
            session,
            round_,
            region_id=region_id,
            edition=next_edition(run.edition for run in editions if run.as_of < as_of),
            issue_on=load_calendar(session).next_workday(as_of + ONE_DAY),
            as_of=as_of,
        )
        if report is not None:
            yield report, False


def _written(report: WeeklyReport, out: Path, *, is_kept: bool) -> dict[str, object]:
    out.mkdir(parents=True, exist_ok=True)
    stem = f"{report.region_name}{texts.title(report)}{report.as_of}"
    files = {"docx": weekly_docx(report), "xlsx": weekly_xlsx(report)}
    row: dict[str, object] = {
        "title": texts.title(report),
        "region": report.region_name,
        "round": report.round_name,
        "edition": report.edition,
        "as_of": report.as_of.isoformat(),
        "kept": is_kept,
    }
    for extension, data in files.items():
        path = out / f"{stem}.{extension}"
        path.write_bytes(data)
        row[extension] = str(path)
    return row
