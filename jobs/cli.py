"""Commands about jobs: what is scheduled, and run one now."""

import getpass
import json
from datetime import datetime
from typing import Any

import click
from flask import current_app
from flask.cli import AppGroup

from jobs.context import job_context
from jobs.running import run_slot, slot_by_hand
from jobs.schedule import SCHEDULE, ScheduledJob, scheduled
from tracker.job_runs.models import JobRun
from tracker.job_runs.queries import last_runs, leader
from tracker.kernel.clock import BEIJING, local

jobs_group = AppGroup("jobs", help="自动任务。")


@jobs_group.command("list")
@click.option("--json", "as_json", is_flag=True, help="输出 JSON。")
def list_jobs(*, as_json: bool) -> None:
    """列出自动任务、上次运行和下次运行（北京时间）。"""
    context = job_context(current_app)
    with context.database.reading() as session:
        runs, leading = last_runs(session), leader(session)
    now = context.clock.now()
    rows = [_row(job, runs.get(job.name), now) for job in SCHEDULE]
    if as_json:
        alive = leading.holder if leading is not None and leading.is_alive else None
        click.echo(json.dumps({"leader": alive, "jobs": rows}, ensure_ascii=False))
        return
    for row in rows:
        last = row["last"]
        told = "还没有运行过" if last is None else f"{last['state_label']}，{last['started_at']}"
        click.echo(f"{row['name']}\t上次：{told}\t下次：{row['next_at']}")


def _row(job: ScheduledJob, last: JobRun | None, now: datetime) -> dict[str, Any]:
    return {
        "name": job.name,
        "cron": job.cron,
        "next_at": _shown(job.next_at(now)),
        "last": None
        if last is None
        else {
            "slot": last.slot,
            "state": last.state.value,
            "state_label": last.state.label,
            "started_at": _shown(last.started_at),
            "finished_at": _shown(last.finished_at),
            "done": last.done,
            "error": last.error,
        },
    }


def _shown(instant: datetime | None) -> str | None:
    return None if instant is None else local(instant).isoformat(timespec="seconds")


@jobs_group.command("run")
@click.argument("name")
@click.option("--now", "moment", metavar="ISO", help="当作这一时刻运行；不带时区按北京时间。")
@click.option("--json", "as_json", is_flag=True, help="输出 JSON。")
def run_job(name: str, moment: str | None, *, as_json: bool) -> None:
    """立即运行任务 NAME 一次。"""
    job = scheduled(name)
    if job is None:
        known = "、".join(each.name for each in SCHEDULE)
        raise click.UsageError(f"没有名为“{name}”的任务，可选：{known}。")
    context = job_context(current_app)
    now = context.clock.now() if moment is None else _instant(moment)
    by = f"cli:{getpass.getuser()}"
    outcome = run_slot(job.name, job.run, slot_by_hand(now), context, now=now, by=by)
    if outcome is None or outcome.done is None:
        number, error = (outcome.run_id, outcome.error) if outcome else (0, "")
        raise click.ClickException(
            f"任务 {name} 运行失败（{error}），详见日志，运行编号 {number}。"
        )
    if as_json:
        click.echo(json.dumps({"job": name, "done": outcome.done}))
    else:
        click.echo(f"{name}：处理 {outcome.done} 项。")


def _instant(moment: str) -> datetime:
    try:
        given = datetime.fromisoformat(moment)
    except ValueError:
        raise click.UsageError("--now 应写成 2026-11-16T09:07 或带时区的时刻。") from None
    return given if given.tzinfo else given.replace(tzinfo=BEIJING)
