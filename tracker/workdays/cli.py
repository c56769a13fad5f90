"""Commands about the calendar of working days."""

import json
from datetime import datetime, timedelta

import click
from flask.cli import AppGroup

from tracker.web.database import database
from tracker.workdays.queries import load_calendar

WEEKDAYS = "一二三四五六日"
DAY = click.DateTime(formats=["%Y-%m-%d"])

calendar_group = AppGroup("calendar", help="工作日。")


@calendar_group.command("workdays")
@click.argument("first", metavar="FROM", type=DAY)
@click.argument("last", metavar="TO", type=DAY)
@click.option("--json", "as_json", is_flag=True, help="输出 JSON。")
def workdays(first: datetime, last: datetime, *, as_json: bool) -> None:
    """列出 FROM 至 TO（含首尾两天）的工作日。"""
    start, end = first.date(), last.date()
    if end < start:
        raise click.ClickException("起始日期晚于结束日期，请把较早的日期写在前面。")
    with database().reading() as session:
        calendar = load_calendar(session)
    span = (start + timedelta(days=i) for i in range((end - start).days + 1))
    days = [(day, calendar.is_estimated(day)) for day in span if calendar.is_workday(day)]
    if as_json:
        rows = [{"on": day.isoformat(), "estimated": guess} for day, guess in days]
        body = {"from": start.isoformat(), "to": end.isoformat(), "count": len(rows)}
        click.echo(json.dumps(body | {"workdays": rows}, ensure_ascii=False))
        return
    for day, guess in days:
        click.echo(f"{day.isoformat()} 周{WEEKDAYS[day.weekday()]}{'（推算）' * guess}")
    click.echo(f"共 {len(days)} 个工作日。")
