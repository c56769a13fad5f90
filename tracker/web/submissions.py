"""A form that is sent twice counts once.

Every rendered form carries a token. The first statement of the request's writing transaction
claims it, so the claim is committed with the change or not at all: a killed process leaves
neither. Whoever sends the same form again waits for the first one (PostgreSQL at the unique key,
SQLite at the write lock) and gets its reply. What was refused may be sent again.
"""

import hashlib
import json
import re
import secrets
import time
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import IO, Any, cast

from flask import Flask, Response, flash, g, redirect, request
from flask.typing import ResponseReturnValue
from flask_login import current_user
from sqlalchemy import Table, delete, event, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session, SessionTransaction

from tracker.kernel.logs import get_logger
from tracker.web.database import database, let_go, now, writing_began
from tracker.web.models import FormSubmission

log = get_logger(__name__)
FIELD = "submission"
TOKEN = re.compile(r"[A-Za-z0-9_-]{20,64}")
KEPT_FOR = timedelta(days=7)
KEY = ["user_id", "token", "digest"]
SAVED_ALREADY = "这次提交已经保存过，没有重复保存。"
CHUNK_BYTES = 1024 * 1024
REPLY_SECONDS = 5.0
ASK_EVERY_SECONDS = 0.05


class AlreadySavedError(Exception):
    """The same form, with the same content, has been saved before."""


@dataclass
class Submission:
    """The form that this request sends. `is_claimed`: in the transaction that runs now."""

    user_id: int
    token: str
    digest: str
    is_claimed: bool = False
    is_saved: bool = False

    @property
    def key(self) -> dict[str, Any]:
        """Return the columns that are unique together."""
        return {name: getattr(self, name) for name in KEY}


def init_app(app: Flask) -> None:
    """Give every form a token, and note each saved form's reply."""
    app.jinja_env.globals["submission_token"] = lambda: secrets.token_urlsafe(24)
    app.before_request(_answer_early)
    app.after_request(_note_reply)
    app.register_error_handler(AlreadySavedError, lambda _error: _same_reply(_sent()))


def prune(session: Session, *, now: datetime) -> int:
    """Forget forms saved long ago; return how many. The caller commits."""
    old = delete(FormSubmission).where(FormSubmission.saved_at < now - KEPT_FOR)
    return int(session.execute(old).rowcount)  # type: ignore[attr-defined]


def is_saved(session: Session, user_id: int, token: str) -> bool:
    """Return whether anything was saved from a rendered form."""
    query = select(FormSubmission.id).where(
        FormSubmission.user_id == user_id, FormSubmission.token == token
    )
    return session.scalar(query.limit(1)) is not None


def _sent() -> Submission | None:
    """Return the form this request sends, or None when it names none or nobody is signed in."""
    if "submission" not in g:
        token = request.form.get(FIELD, "")
        is_ours = TOKEN.fullmatch(token) and current_user.is_authenticated
        g.submission = Submission(current_user.user_id, token, _digest()) if is_ours else None
    return cast("Submission | None", g.submission)


def _digest() -> str:
    """Return a digest of where the form goes and what it says, its files included."""
    fields = [
        (name, values) for name, values in request.form.lists() if name not in (FIELD, "csrf_token")
    ]
    found = hashlib.sha256(json.dumps([request.full_path, fields]).encode())
    for name, upload in request.files.items(multi=True):
        found.update(json.dumps([name, upload.filename, _digest_of(upload.stream)]).encode())
    return found.hexdigest()


def _digest_of(stream: IO[bytes]) -> str:
    found = hashlib.sha256()
    while chunk := stream.read(CHUNK_BYTES):
        found.update(chunk)
    stream.seek(0)
    return found.hexdigest()


@writing_began.connect
def _claim_first(_app: Flask, *, session: Session) -> None:
    """Claim before anything else happens in the request's transaction, and again after a rollback."""
    sent = _sent()
    if sent is None:
        return

    def claim(session: Session) -> None:
        if not sent.is_claimed and not sent.is_saved:
            _claim(session, sent)

    def committed(_session: Session) -> None:
        sent.is_saved = sent.is_saved or sent.is_claimed

    def rolled_back(_session: Session, ended: SessionTransaction) -> None:
        if not ended.nested:  # a savepoint taken back leaves the claim where it is
            sent.is_claimed = False

    event.listen(session, "before_commit", claim)
    event.listen(session, "after_commit", committed)
    event.listen(session, "after_soft_rollback", rolled_back)
    claim(session)


def _claim(session: Session, sent: Submission) -> None:
    on_sqlite = session.get_bind().dialect.name == "sqlite"
    insert = sqlite.insert if on_sqlite else postgresql.insert
    table = cast("Table", FormSubmission.__table__)
    row = insert(table).values(**sent.key, saved_at=now()).on_conflict_do_nothing()
    if session.execute(row.returning(table.c.id)).first() is None:
        raise AlreadySavedError
    sent.is_claimed = True


def _answer_early() -> ResponseReturnValue | None:
    """Files sent twice are not stored twice: ask before the view stores them."""
    if request.method != "POST" or not request.files or (sent := _sent()) is None:
        return None
    return None if _reply(sent) is None else _same_reply(sent)


def _note_reply(response: Response) -> Response:
    """Keep where the first sender was sent to, for those who sent the same."""
    sent: Submission | None = g.get("submission")
    session: Session | None = g.get("session")
    if sent is None or session is None or not sent.is_saved:
        return response
    where = response.location if response.status_code // 100 == 3 else ""
    note = update(FormSubmission).filter_by(**sent.key).values(location=(where or "")[:2000])
    try:
        session.rollback()  # on SQLite a second session would wait for this one's lock
        session.execute(note)
        session.commit()
    except OperationalError as error:  # what the form asked for is saved all the same
        log.warning("reply not noted", kind=type(error.orig).__name__)
    return response


def _same_reply(sent: Submission | None) -> ResponseReturnValue:
    let_go()
    g.submission = None
    location = _awaited_reply(sent) if sent else ""
    flash(SAVED_ALREADY, "note")
    return redirect(location or "/")


def _awaited_reply(sent: Submission) -> str:
    """Return the first sender's reply; it is noted a moment after the change is committed."""
    for _ in range(round(REPLY_SECONDS / ASK_EVERY_SECONDS)):
        if (found := _reply(sent)) is not None and found.location is not None:
            return found.location
        time.sleep(ASK_EVERY_SECONDS)
    return ""


def _reply(sent: Submission) -> FormSubmission | None:
    with database().reading() as session:
        return session.scalar(select(FormSubmission).filter_by(**sent.key))
