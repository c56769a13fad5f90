"""Commands about ledgers."""

import getpass
import hashlib
import json
from datetime import date, datetime
from pathlib import Path

import click
from flask.cli import AppGroup

from tracker.audit.service import record
from tracker.files.storage import FileStorage
from tracker.kernel.errors import DomainError
from tracker.kernel.permissions import Actor
from tracker.ledger import importing, landing
from tracker.ledger.exporting import export_for_update, keep_outgoing
from tracker.ledger.header_words import Meaning
from tracker.ledger.inspection import to_json
from tracker.ledger.official_lists import lists_of_round
from tracker.ledger.planning import ImportPlan, plan_import
from tracker.ledger.queries import latest_import, words_of
from tracker.ledger.reading_apart import Question, read_apart
from tracker.ledger.reading_result import LedgerReading
from tracker.ledger.rules import RowFate
from tracker.ledger.undoing import undo_import
from tracker.organizations.queries import region_by_code
from tracker.rounds.models import Round
from tracker.rounds.queries import round_by_code
from tracker.web.database import config, database, now, today

LAYOUTS = ("ledger", "lists")
DAY = click.DateTime(formats=["%Y-%m-%d"])
FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
ledger_group = AppGroup("ledger", help="整改台账。")


def command_actor() -> Actor:
    """Return the person at the terminal."""
    return Actor(name=f"cli:{getpass.getuser()}")


def _day(given: datetime | None) -> date | None:
    return given.date() if given else None


@ledger_group.command("inspect")
@click.argument("file", type=FILE)
@click.option("--feedback-on", type=DAY, help="反馈日期。")
@click.option("--concentrated-end", type=DAY, help="集中整改期最后一天。")
@click.option("--unit", help="文件没有“被巡察单位”一栏时的单位。")
@click.option("--region", "region_code", metavar="CODE", help="按这个地区巡察办确认过的表头读取。")
@click.option("--json", "as_json", is_flag=True, help="输出 JSON。")
def inspect(
    file: Path,
    feedback_on: datetime | None,
    concentrated_end: datetime | None,
    unit: str | None,
    region_code: str | None,
    *,
    as_json: bool,
) -> None:
    """逐行检查台账文件，不导入；不指明地区时不用数据库。"""
    asked = Question(
        path=file,
        name=file.name,
        fed_back_on=_day(feedback_on),
        concentrated_end=_day(concentrated_end),
        unit=unit,
        words=_words_of(region_code) if region_code else {},
    )
    reading = _read(asked)
    if as_json:
        click.echo(json.dumps(to_json(reading), ensure_ascii=False))
    else:
        _print_reading(reading)
    if reading.refused is not None:
        raise click.exceptions.Exit(1)


def _words_of(region_code: str) -> dict[str, Meaning]:
    try:
        with database().reading() as session:
            return words_of(session, region_by_code(session, region_code).id)
    except DomainError as error:
        raise click.ClickException(str(error)) from None


def _read(asked: Question) -> LedgerReading:
    try:
        return read_apart(asked)
    except DomainError as error:
        raise click.ClickException(str(error)) from None


def _print_reading(reading: LedgerReading) -> None:
    if reading.refused is not None:
        click.echo(reading.refused.detail, err=True)
        return
    for row in reading.rows:
        for note in row.notes:
            click.echo(f"{row.sheet} 第 {row.row} 行 [{row.reading.label}] {note.detail}")
    counts = reading.counts
    click.echo(
        f"共 {counts['issues']} 个问题、{counts['tasks']} 项任务、{counts['measures']} 条措施；"
        f"需核对 {counts['doubtful']} 行，未能识别 {counts['refused']} 行。"
    )


@ledger_group.command("import")
@click.argument("file", type=FILE)
@click.option(
    "--round", "reference", required=True, metavar="REF", help="轮次：地区/代码，或代码。"
)
@click.option("--feedback-on", type=DAY, help="反馈日期；默认本轮已登记的反馈日期。")
@click.option("--unit", help="文件没有“被巡察单位”一栏时的单位。")
@click.option("--dry-run", is_flag=True, help="只预览，不导入。")
def import_command(
    file: Path, reference: str, feedback_on: datetime | None, unit: str | None, *, dry_run: bool
) -> None:
    """把台账文件导入一个轮次，逐行列出没有导入和需核对的内容。"""
    try:
        with database().reading() as session:
            tour = round_by_code(session, reference, actor=command_actor())
            day = importing.feedback_day(session, tour, _day(feedback_on), today=today())
            asked = Question(
                path=file,
                name=file.name,
                fed_back_on=day,
                concentrated_end=importing.end_of_concentrated_period(session, tour, day),
                unit=unit,
                words=words_of(session, tour.region_id),
            )
        reading = read_apart(asked)
        importing.check_readable(reading)
        plan = _plan(tour.id, reading, day)
        updated = None if dry_run else _import(file, tour.id, reading, day)
    except DomainError as error:
        raise click.ClickException(str(error)) from None
    _print_plan(plan, "将新建" if dry_run else "已新建")
    if updated:
        click.echo(f"更新已有任务 {updated} 处。")


def _plan(round_id: int, reading: LedgerReading, day: date) -> ImportPlan:
    with database().reading() as session:
        tour = session.get_one(Round, round_id)
        return plan_import(session, tour, reading.rows, fed_back_on=day, today=today())


def _import(file: Path, round_id: int, reading: LedgerReading, day: date) -> int:
    """Import the file; return how many cells of known tasks it changed."""
    actor = command_actor()
    with file.open("rb") as data:
        storage = FileStorage(config().evidence_dir)
        stored = storage.store(data, file.name, actor=actor, now=now(), tables=True)
    with database().writing() as session:
        tour = session.get_one(Round, round_id)
        batch = importing.preview_import(
            session, stored, tour, reading, fed_back_on=day, actor=actor, now=now()
        )
        landing.apply_import(session, batch, actor=actor, now=now())
        session.commit()
    return int(json.loads(batch.summary)["updated"])


def _print_plan(plan: ImportPlan, word: str) -> None:
    for settled in plan.rows:
        if settled.fate in (RowFate.REFUSED, RowFate.DOUBTFUL):
            for note in settled.notes:
                row = settled.row
                click.echo(f"{row.sheet} 第 {row.row} 行 [{settled.fate.label}] {note.detail}")
    counts = plan.counts
    click.echo(
        f"{word} {counts['issues']} 个问题、{counts['tasks']} 项任务（其中已销号 {counts['closed']} 项，"
        f"时限待确认 {counts['undated']} 项）、{counts['measures']} 条措施；"
        f"已有 {counts['known_tasks']} 项没有改动；未能导入 {counts['refused_rows']} 行。"
    )


@ledger_group.command("undo")
@click.argument("file", type=FILE)
@click.option(
    "--round", "reference", required=True, metavar="REF", help="轮次：地区/代码，或代码。"
)
@click.option("--reason", required=True, metavar="TEXT", help="撤销的理由，留在导入记录里。")
def undo(file: Path, reference: str, reason: str) -> None:
    """撤销这个文件在一个轮次的最近一次导入：全部移出，或者说明为什么不能。"""
    try:
        with database().writing() as session:
            tour = round_by_code(session, reference, actor=command_actor())
            batch = latest_import(session, tour, hashlib.sha256(file.read_bytes()).hexdigest())
            gone = undo_import(session, batch, reason, actor=command_actor(), now=now())
            session.commit()
    except DomainError as error:
        raise click.ClickException(str(error)) from None
    told = "、".join(f"{word} {number}" for word, number in gone.going.items())
    click.echo(f"已撤销导入：{told or '没有新建过内容'}。")


@ledger_group.command("export")
@click.option(
    "--round", "reference", required=True, metavar="REF", help="轮次：地区/代码，或代码。"
)
@click.option("--out", required=True, type=click.Path(dir_okay=False, path_type=Path))
@click.option(
    "--layout",
    type=click.Choice(LAYOUTS),
    default="ledger",
    help="ledger：按模板，可再导入；lists：五张清单。",
)
def export(reference: str, out: Path, layout: str) -> None:
    """导出一个轮次的台账，或问题、任务、责任、成效、档案五张清单。"""
    send_out = _ledger_out if layout == "ledger" else _lists_out
    try:
        with database().reading() as session:
            tour = round_by_code(session, reference, actor=command_actor())
        content = send_out(tour.id)
        out.write_bytes(content)
    except DomainError as error:
        raise click.ClickException(str(error)) from None
    except OSError as error:
        raise click.ClickException(f"不能写入 {out}：{error.strerror}。") from None
    click.echo(f"已导出 {out}。")


def _ledger_out(round_id: int) -> bytes:
    """Return the ledger, what it says of each task kept."""
    with database().reading() as session:
        tour = session.get_one(Round, round_id)
        outgoing = export_for_update(session, tour, actor=command_actor(), now=now())
    with database().writing() as session:
        keep_outgoing(session, tour, outgoing, actor=command_actor(), now=now())
        session.commit()
    return outgoing.content


def _lists_out(round_id: int) -> bytes:
    with database().reading() as session:
        tour = session.get_one(Round, round_id)
        content = lists_of_round(session, tour, actor=command_actor(), now=now())
    with database().writing() as session:
        record(
            session,
            "lists_exported",
            actor=command_actor(),
            now=now(),
            object_type="round",
            object_id=round_id,
        )
        session.commit()
    return content
