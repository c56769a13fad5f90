"""One database per application, one session per request: reading for GET, writing for POST."""

from datetime import date, datetime
from typing import cast

from blinker import signal
from flask import Flask, current_app, g, request
from flask_login import current_user
from sqlalchemy import event
from sqlalchemy.orm import Session

from tracker.kernel.clock import Clock, local_date
from tracker.kernel.config import Config
from tracker.kernel.db import CHANGED_BY, Database
from tracker.kernel.permissions import Actor

READING = frozenset({"GET", "HEAD", "OPTIONS"})
writing_began = signal("writing-began")  # a request's writing session, before its first statement


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
        _open(reading=request.method in READING)
    return cast("Session", g.session)


def begin_writing() -> None:
    """Open this request's session for writing: for the one page that changes something when it is
    come back to by a link from another site."""
    let_go()
    _open(reading=False)


def _open(*, reading: bool) -> None:
    g.session = database().read_session() if reading else database().write_session()
    g.session.info[CHANGED_BY] = who
    if not reading:
        event.listen(g.session, "after_commit", _note_saved)
        writing_began.send(current_app._get_current_object(), session=g.session)  # type: ignore[attr-defined]


def _note_saved(_session: Session) -> None:
    g.has_saved = True


def has_saved() -> bool:
    """Return whether this request has committed a change."""
    return bool(g.get("has_saved"))


def who() -> tuple[Actor, datetime]:
    """Return whoever this request is of, signed in or not, and its instant."""
    if current_user and current_user.is_authenticated:
        return current_user.actor, now()
    return Actor(name="匿名", address=request.remote_addr), now()


def let_go() -> None:
    """Roll back and close this request's session; the next `db()` opens a fresh one."""
    session: Session | None = g.pop("session", None)
    if session is not None:
        session.close()


def _close(_error: BaseException | None) -> None:
    let_go()
