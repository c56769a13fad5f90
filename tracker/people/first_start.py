"""The first start on an empty database: one administrator, a one-time password in a 0600 file."""

import os
from datetime import datetime
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session

from tracker.kernel.db import born
from tracker.kernel.permissions import Actor, Role
from tracker.organizations.models import Region
from tracker.organizations.rules import RegionLevel
from tracker.people.models import Person, User
from tracker.people.queries import count_users
from tracker.people.service import HASHER, add_user, one_time_password

FILE_NAME = "first-password.txt"


def make_first_administrator(session: Session, data_dir: Path, *, now: datetime) -> Path | None:
    """Make the administrator when no sign-in exists; return the file with the password.

    The caller commits. The file is written first: an account nobody can enter would be worse
    than a file without an account, which the next start replaces.
    """
    if count_users(session):
        return None
    starter = Actor(name="首次启动")
    password = one_time_password()
    path = _write(
        data_dir / FILE_NAME,
        f"登录名：admin\n一次性密码：{password}\n首次登录后须修改密码，改后请删除本文件。\n",
    )
    region = session.scalar(select(Region).order_by(Region.id)) or _first_region(
        session, starter, now
    )
    stamps = born(actor=starter, now=now)
    user = User(
        person=Person(region=region, name="系统管理员", **stamps),
        username="admin",
        role=Role.SYS_ADMIN,
        region=region,
        password_hash=HASHER.hash(password),
        **stamps,
    )
    add_user(session, user, actor=starter, now=now)
    return path


def _first_region(session: Session, starter: Actor, now: datetime) -> Region:
    region = Region(
        code="MAIN",
        name="本级",
        short_name="本级",
        level=RegionLevel.COUNTY,
        **born(actor=starter, now=now),
    )
    session.add(region)
    return region


def _write(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.unlink(missing_ok=True)
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        file.write(text)
    return path
