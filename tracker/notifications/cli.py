"""Commands about group robots."""

from typing import cast

import click
from flask import current_app
from flask.cli import AppGroup

from tracker.kernel.clock import Clock
from tracker.kernel.crypto import Sealer
from tracker.kernel.errors import DomainError
from tracker.notifications import service
from tracker.notifications.channels.wecom import WecomRobot
from tracker.notifications.queries import channel_named
from tracker.notifications.rules import GROUPS, ChannelKind
from tracker.organizations.queries import region_by_code, unit_by_code
from tracker.people.cli import command_actor
from tracker.web.database import config, database, now

channel_group = AppGroup("channel", help="群机器人。")


@channel_group.command("add")
@click.argument("name")
@click.argument("url")
@click.option(
    "--kind",
    type=click.Choice([kind.value for kind in GROUPS]),
    default=ChannelKind.SHARED.value,
)
@click.option("--unit", "unit_code")
@click.option("--region", "region_code")
def add(name: str, url: str, kind: str, unit_code: str | None, region_code: str | None) -> None:
    """添加群机器人；URL 是完整地址，或只是其中的 key。"""
    try:
        with database().writing() as session:
            unit = unit_by_code(session, unit_code) if unit_code else None
            region = unit.region if unit else region_by_code(session, region_code)
            channel = service.add_channel(
                session,
                name,
                url,
                kind=ChannelKind(kind),
                region_id=region.id,
                unit_id=unit.id if unit else None,
                base_url=config().wecom_base_url,
                allowed_hosts=config().wecom_allowed_hosts,
                sealer=_sealer(),
                actor=command_actor(),
                now=now(),
            )
            session.commit()
    except DomainError as error:
        raise click.ClickException(str(error)) from None
    click.echo(f"已添加{channel.kind.label}“{name}”，key ****{channel.key_tail}。")


@channel_group.command("test")
@click.argument("name")
def test(name: str) -> None:
    """向一个群发送一条测试消息。"""
    try:
        with database().reading() as session:
            channel_id = channel_named(session, name).id
        trial = service.send_test(
            database(),
            channel_id,
            sender=WecomRobot.from_config(config()),
            sealer=_sealer(),
            clock=cast("Clock", current_app.extensions["tracker_clock"]),
            actor=command_actor(),
        )
    except DomainError as error:
        raise click.ClickException(str(error)) from None
    if not trial.is_sent:
        raise click.ClickException(trial.sentence)
    click.echo(trial.sentence)


def _sealer() -> Sealer:
    return cast("Sealer", current_app.extensions["tracker_sealer"])
