"""The first start on an empty database."""

import stat
from pathlib import Path

from flask import Flask
from sqlalchemy import func, select

from tests.conftest import make_config
from tests.databases import free_port
from tests.fakes.clock import ManualClock
from tests.visitor import Visitor
from tracker import create_app
from tracker.kernel.db import Database
from tracker.people.first_start import FILE_NAME, make_first_administrator
from tracker.people.models import User


def start(database: Database, folder: Path, clock: ManualClock) -> Path | None:
    with database.writing() as session:
        path = make_first_administrator(session, folder, now=clock.now())
        session.commit()
    return path


def test_one_administrator_with_a_one_time_password_that_only_the_owner_can_read(
    app: Flask, database: Database, clock: ManualClock, tmp_path: Path
) -> None:
    path = start(database, tmp_path, clock)
    assert path == tmp_path / FILE_NAME
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    password = path.read_text(encoding="utf-8").split("一次性密码：")[1].split("\n")[0]
    visitor = Visitor(app)
    visitor.sign_in("admin", password)
    assert visitor.get("/accounts").headers["Location"].endswith("/account/password")


def test_a_second_start_makes_nobody(
    database: Database, clock: ManualClock, tmp_path: Path
) -> None:
    start(database, tmp_path, clock)
    assert start(database, tmp_path, clock) is None
    with database.reading() as session:
        assert session.scalar(select(func.count(User.id))) == 1


def test_a_taken_port_gets_a_sentence_and_touches_nothing(tmp_path: Path, capsys: object) -> None:
    import socket

    from jobs.one_process import serve

    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        config = make_config(f"sqlite:///{tmp_path}/x.db", tmp_path / "data", port=port)
        assert serve(create_app(config)) == 1
    assert not (tmp_path / "x.db").exists()
    assert free_port() != port
