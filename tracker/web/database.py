"""One database per application, one session per request: reading for GET, writing for POST."""

from datetime import date, datetime
from typing import cast

from flask import Flask, current_app, g, request
from flask_login import current_user
from sqlalchemy.orm import Session

from tracker.kernel.clock import Clock, local_date
from tracker.kernel.config import Config
from tracker.kernel.db import CHANGED_BY, Database
from tracker.kernel.permissions import Actor

READING = frozenset({"GET", "HEAD", "OPTIONS"})


def init_app(app: Flask, database: Database, clock: Clock, config: Config) -> None:
    """Attach database, clock and configuration to an application."""
    app.extensions["tracker_database"] = database
    app.extensions["tracker_clock"] = clock
    app.extensions["tracker_config"] = config
    app.teardown_appcontext(_close)


def database() -> Database:
    """Return the application's database."""
    return cast("Database", current_app.extensions["tracker_database"])


def config() -> Config:
    """Return the application's configuration."""
    return cast("Config", current_app.extensions["tracker_config"])


def now() -> datetime:
    """Return the instant of this request: the same however often it is asked."""
    if "now" not in g:
        g.now = cast("Clock", current_app.extensions["tracker_clock"]).now()
    return cast("datetime", g.now)


def today() -> date:
    """Return the Beijing day of this request."""
    return local_date(now())


def db() -> Session:
    """Return this request's session. On SQLite a writing one takes the lock at its first query,
    so uploads are stored and passwords hashed before it is asked for."""
    if "session" not in g:
        reading = request.method in READING
        g.session = database().read_session() if reading else database().write_session()
        g.session.info[CHANGED_BY] = _who
    return cast("Session", g.session)


def _who() -> tuple[Actor, datetime]:
    """Return whoever this request is of, for rows that change without anybody saying so."""
    if current_user and current_user.is_authenticated:
        return current_user.actor, now()
    return Actor(name="匿名", address=request.remote_addr), now()


def _close(_error: BaseException | None) -> None:
    session: Session | None = g.pop("session", None)
    if session is not None:
        session.close()
