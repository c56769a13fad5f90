"""Commands of an operator: the schema."""

import click
from flask.cli import AppGroup

from tracker.administration.calendar import refresh_calendar
from tracker.kernel.errors import ConfigError
from tracker.kernel.migrate import pending, upgrade
from tracker.people.cli import command_actor
from tracker.web.database import database, now

db_group = AppGroup("db", help="数据库结构。")


@db_group.command("upgrade")
def upgrade_command() -> None:
    """升级到本程序的结构。"""
    try:
        upgrade(database())
        with database().writing() as session:
            refresh_calendar(session, now=now(), actor=command_actor())
            session.commit()
    except ConfigError as error:
        raise click.ClickException(str(error)) from None
    click.echo("数据库结构已是最新。")


@db_group.command("check")
def check_command() -> None:
    """检查结构是否最新，不改动任何数据。"""
    try:
        waiting = pending(database())
    except ConfigError as error:
        raise click.ClickException(str(error)) from None
    if waiting:
        raise click.ClickException(f"需要升级（{'、'.join(waiting)}），请运行 db upgrade。")
    click.echo("数据库结构已是最新。")
