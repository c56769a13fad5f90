"""The one command of the demonstration."""

from typing import cast

import click
from flask import current_app
from flask.cli import AppGroup

from tracker.demo.load import load
from tracker.files.storage import FileStorage
from tracker.kernel.crypto import Sealer
from tracker.kernel.errors import DomainError
from tracker.web.database import config, database, now

demo_group = AppGroup("demo", help="演示数据。")


@demo_group.command("load")
def load_command() -> None:
    """载入演示数据；数据库里已有数据时拒绝。"""
    sealer = cast("Sealer", current_app.extensions["tracker_sealer"])
    try:
        with database().writing() as session:
            load(session, sealer, now=now(), storage=FileStorage(config().evidence_dir))
            session.commit()
    except DomainError as error:
        raise click.ClickException(str(error)) from None
    click.echo("已载入演示数据：云州市及三个县区，姓名、单位和问题均为虚构。")
    click.echo(
        "演示账号没有可用密码。请设 TRACKER_DEMO_ROLE_PICKER=1 并在本机打开登录页，点选角色进入。"
    )
