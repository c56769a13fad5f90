"""Commands about accounts."""

import getpass

import click
from flask.cli import AppGroup

from tracker.kernel.db import born
from tracker.kernel.errors import DomainError
from tracker.kernel.permissions import Actor, Role
from tracker.organizations.queries import region_by_code, unit_by_code
from tracker.people import service
from tracker.people.models import Person, User
from tracker.people.queries import user_named
from tracker.web.database import database, now

user_group = AppGroup("user", help="账号。")


def command_actor() -> Actor:
    """Return the person at the terminal."""
    return Actor(name=f"cli:{getpass.getuser()}")


@user_group.command("create")
@click.argument("name")
@click.option(
    "--role", "role_code", required=True, type=click.Choice([role.value for role in Role])
)
@click.option("--region", "region_code")
@click.option("--unit", "unit_code")
def create(name: str, role_code: str, region_code: str | None, unit_code: str | None) -> None:
    """新建账号，打印一次性密码。"""
    password = service.one_time_password()
    hashed = service.HASHER.hash(password)
    actor = command_actor()
    try:
        with database().writing() as session:
            unit = unit_by_code(session, unit_code) if unit_code else None
            region = unit.region if unit else region_by_code(session, region_code)
            stamps = born(actor=actor, now=now())
            user = User(
                person=Person(region=region, name=name, **stamps),
                username=name,
                role=Role(role_code),
                region=region,
                unit=unit,
                password_hash=hashed,
                **stamps,
            )
            service.add_user(session, user, actor=actor, now=now())
            session.commit()
    except DomainError as error:
        raise click.ClickException(str(error)) from None
    click.echo(f"已新建账号 {name}，一次性密码：{password}")


@user_group.command("reset")
@click.argument("name")
def reset(name: str) -> None:
    """重置密码，打印一次性密码；该账号的所有登录立即失效。"""
    password = service.one_time_password()
    hashed = service.HASHER.hash(password)
    with database().writing() as session:
        user = user_named(session, name)
        if user is None:
            raise click.ClickException(f"没有登录名为“{name}”的账号，请核对。")
        service.change_password(session, user, hashed, actor=command_actor(), now=now())
        user.must_change_password = True
        session.commit()
    click.echo(f"已重置账号 {name}，一次性密码：{password}")
