"""The whole product in one process: migrate, first administrator, scheduler, pages."""

import socket
import sys
from typing import cast

import waitress
from flask import Flask

from jobs.context import job_context
from jobs.schedule import start
from tracker.administration.calendar import refresh_calendar
from tracker.kernel.clock import Clock
from tracker.kernel.config import Config
from tracker.kernel.db import Database
from tracker.kernel.errors import ConfigError
from tracker.kernel.logs import get_logger
from tracker.kernel.migrate import upgrade
from tracker.kernel.permissions import Actor
from tracker.people.first_start import make_first_administrator

log = get_logger(__name__)
STARTER = Actor(name="首次启动")


def serve(app: Flask) -> int:
    """Run until stopped; return the exit code. Bad circumstances get one Chinese sentence."""
    config = cast("Config", app.extensions["tracker_config"])
    if port_is_taken(config.host, config.port):
        return _say(
            f"端口 {config.port} 已被占用。请关闭占用它的程序，或用 TRACKER_PORT 换一个端口。"
        )
    try:
        prepare(app)
    except ConfigError as error:
        return _say(str(error))
    running = start(job_context(app))
    log.info("serving", url=f"http://{config.host}:{config.port}")
    try:
        waitress.serve(app, host=config.host, port=config.port, threads=8, ident=None)
    finally:
        running.stop()
    return 0


def prepare(app: Flask) -> None:
    """Bring the schema up to date and make the first administrator where there is nobody."""
    database = cast("Database", app.extensions["tracker_database"])
    config = cast("Config", app.extensions["tracker_config"])
    clock = cast("Clock", app.extensions["tracker_clock"])
    config.data_dir.mkdir(parents=True, exist_ok=True)
    upgrade(database)
    with database.writing() as session:
        refresh_calendar(session, now=clock.now(), actor=STARTER)
        path = make_first_administrator(session, config.data_dir, now=clock.now())
        session.commit()
    if path is not None:
        log.info("first administrator made", password_file=str(path))


def port_is_taken(host: str, port: int) -> bool:
    """Return whether somebody listens on the port already."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return True
    return False


def _say(sentence: str) -> int:
    sys.stderr.write(sentence + "\n")
    return 1
