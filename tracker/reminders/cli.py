"""Commands about reminders."""

import json
from datetime import datetime
from typing import Any

import click
from flask.cli import AppGroup
from sqlalchemy import select

from tracker.kernel.errors import DomainError
from tracker.notifications.claims import regions_that_push
from tracker.organizations.models import Region
from tracker.organizations.queries import region_by_code
from tracker.reminders.overview import Preview, messages_of, preview, reaching
from tracker.web.database import database, today
from tracker.workdays.queries import load_calendar

reminders_group = AppGroup("reminders", help="提醒。")
DAY = click.DateTime(formats=["%Y-%m-%d"])


@reminders_group.command("preview")
@click.option("--on", "given", metavar="DATE", type=DAY, help="哪一天；默认今天或下一个工作日。")
@click.option("--region", "region_code", metavar="CODE", help="只看一个地区。")
@click.option("--json", "as_json", is_flag=True, help="输出 JSON。")
def preview_command(given: datetime | None, region_code: str | None, *, as_json: bool) -> None:
    """列出某一天将发送的提醒，不发送、不改动任何数据。"""
    with database().reading() as session:
        calendar = load_calendar(session)
        on = given.date() if given else calendar.next_workday(today())
        try:
            chosen = [region_by_code(session, region_code)] if region_code else []
        except DomainError as error:
            raise click.ClickException(str(error)) from None
        regions = {it.id: it.code for it in chosen or session.scalars(select(Region))}
        selection = reaching(session, list(regions), on=on)
        lines = preview(session, selection, list(regions), on=on, calendar=calendar)
        pushing = regions_that_push(session)
    if as_json:
        rows = [_row(line, regions, pushing) for line in lines]
        workday = calendar.is_workday(on)
        body = {
            "on": on.isoformat(),
            "is_workday": workday,
            "count": len(rows),
            "messages": messages_of(lines, on=on),
            "rows": rows,
        }
        click.echo(json.dumps(body, ensure_ascii=False))
        return
    for line in lines:
        off = "" if line.due.candidate.region_id in pushing else "（推送未开启）"
        trial = "（试运行）" if line.is_trial else ""
        click.echo(f"{line.group or '无群'}\t{line.line}\t{line.due.step.rule.label}{trial}{off}")
    day = "" if calendar.is_workday(on) else "不是工作日，"
    click.echo(f"{on.isoformat()} {day}共 {len(lines)} 条。")


def _row(line: Preview, regions: dict[int, str], pushing: list[int]) -> dict[str, Any]:
    it, step = line.due.candidate, line.due.step
    return {
        "region": regions[it.region_id],
        "is_pushing": it.region_id in pushing,
        "group": line.group,
        "unit": line.unit,
        "object": it.object_type,
        "name": it.name,
        "due_on": step.anchor_on.isoformat(),
        "rule": step.rule.code,
        "occurrence": step.occurrence,
        "audience": step.rule.audience.value,
        "is_trial": line.is_trial,
        "is_waiting": line.is_waiting,
        "line": line.line,
    }
