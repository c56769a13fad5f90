"""Commands about reminders."""

import json
from datetime import datetime
from typing import Any

import click
from flask.cli import AppGroup
from sqlalchemy import select

from tracker.kernel.errors import DomainError
from tracker.kernel.links import Links
from tracker.notifications.claims import regions_that_push
from tracker.notifications.rules import WAYS
from tracker.organizations.models import Region
from tracker.organizations.queries import region_by_code
from tracker.reminders.overview import reaching
from tracker.reminders.preview import Messages, Preview, messages_of, preview
from tracker.reports import voice as reports
from tracker.watchdog import voice as watchdog
from tracker.web.database import config, database, today
from tracker.workdays.queries import load_calendar

reminders_group = AppGroup("reminders", help="提醒。")
OTHER_VOICES = (*reports.VOICES, *watchdog.VOICES)
"""What other features queue shares the digests of reminders."""
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
        lines = preview(
            session, selection, list(regions), on=on, calendar=calendar, others=OTHER_VOICES
        )
        messages = messages_of(session, lines, on=on, links=Links(config().mobile_url))
        pushing = regions_that_push(session)
    if as_json:
        rows = [_row(line, regions, pushing) for line in lines]
        workday = calendar.is_workday(on)
        body = {
            "on": on.isoformat(),
            "is_workday": workday,
            "count": len(rows),
            "messages": messages.groups,
            "messages_to_persons": {kind.value: messages.ways.get(kind, 0) for kind in WAYS},
            "rows": rows,
        }
        click.echo(json.dumps(body, ensure_ascii=False))
        return
    for line in lines:
        off = "" if line.notification.region_id in pushing else "（推送未开启）"
        trial = "（试运行）" if line.is_trial else ""
        nowhere = "送不到本人" if line.is_to_person else "无群"
        click.echo(f"{line.group or nowhere}\t{line.line}\t{line.rule}{trial}{off}")
    day = "" if calendar.is_workday(on) else "不是工作日，"
    click.echo(f"{on.isoformat()} {day}共 {len(lines)} 条。{_summary(messages)}")


def _summary(messages: Messages) -> str:
    """Return in how many messages they are read."""
    to_persons = [
        f"{kind.label} {messages.ways[kind]} 条" for kind in WAYS if kind in messages.ways
    ]
    to_groups = f"群消息 {messages.in_groups} 条（{len(messages.groups)} 个群）"
    return "、".join([to_groups, *to_persons]) + "。"


def _row(line: Preview, regions: dict[int, str], pushing: list[int]) -> dict[str, Any]:
    it = line.notification
    return {
        "region": regions[it.region_id],
        "is_pushing": it.region_id in pushing,
        "group": line.group,
        "kind": line.kind.value if line.kind else None,
        "unit": line.unit,
        "object": it.object_type,
        "name": line.name,
        "due_on": it.anchor_on.isoformat(),
        "rule": it.rule,
        "occurrence": it.occurrence,
        "audience": it.audience.value,
        "way": it.way.value,
        "is_trial": line.is_trial,
        "is_waiting": line.is_waiting,
        "line": line.line,
    }
