"""Autosave: a script keeps the form while somebody types; the form's page offers it again."""

from dataclasses import dataclass

from flask import Blueprint, Flask, abort, jsonify, request
from flask.typing import ResponseReturnValue
from flask_login import current_user
from sqlalchemy import event
from sqlalchemy.orm import Session

from tracker.drafts import service
from tracker.drafts.rules import MAX_KEY
from tracker.kernel.clock import local
from tracker.kernel.errors import DomainError
from tracker.kernel.permissions import Permission
from tracker.web.access import actor, requires
from tracker.web.database import db, now, writing_began
from tracker.web.paths import local_path
from tracker.web.recovery import LEFT_OUT
from tracker.web.submissions import is_saved

bp = Blueprint("drafts", __name__)


@dataclass(frozen=True)
class WaitingDraft:
    """A draft as the form's page offers it: when it was saved, and its fields as JSON."""

    saved_at: str
    fields: str


@bp.post("/drafts")
@requires(Permission.OWN_ACCOUNT)
def save_draft() -> ResponseReturnValue:
    """Keep what is typed in a form (?form=its address); ?of= names the rendered form.

    One that arrives after the form itself was saved is dropped.
    """
    fields = [
        (name.replace("\x00", ""), value.replace("\x00", ""))  # PostgreSQL keeps no NUL
        for name, values in request.form.lists()
        for value in values
        if name not in LEFT_OUT
    ]
    if is_saved(db(), _user_id(), request.args.get("of", "")):
        return jsonify(saved_at=None)
    try:
        kept = service.keep_draft(db(), _user_id(), _form_key(), fields, now=now())
    except DomainError as error:
        return jsonify(detail=str(error)), 422
    db().commit()
    return jsonify(saved_at=f"{local(now()):%H:%M}" if kept else None)


@bp.post("/drafts/discard")
@requires(Permission.OWN_ACCOUNT)
def discard_draft() -> ResponseReturnValue:
    """放弃 a draft."""
    service.forget_draft(db(), _user_id(), _form_key())
    db().commit()
    return "", 204


def _form_key() -> str:
    key = request.args.get("form", "")
    if len(key) > MAX_KEY or local_path(key) != key or key == "/":
        abort(400)
    return key


def _user_id() -> int:
    user_id = actor().user_id
    if user_id is None:
        abort(403)
    return user_id


@bp.app_template_global("draft_key")
def draft_key(action: str = "") -> str | None:
    """Return what names a form's draft: where it is sent to. None when nobody is signed in."""
    if not current_user.is_authenticated:
        return None
    key = action.partition("#")[0] or request.script_root + request.full_path.rstrip("?")
    return key if len(key) <= MAX_KEY else None


@bp.app_template_global("waiting_draft")
def waiting_draft(form_key: str) -> WaitingDraft | None:
    """Return the draft to offer on a form's page; a page with a refused form has its text."""
    if request.method != "GET":
        return None
    found = service.draft_of(db(), _user_id(), form_key)
    if found is None:
        return None
    return WaitingDraft(f"{local(found.saved_at):%Y-%m-%d %H:%M}", found.fields)


@writing_began.connect
def _forget_what_is_saved(_app: Flask, *, session: Session) -> None:
    """The draft goes in the transaction that saves its form, or stays."""
    if request.blueprint == bp.name or not current_user.is_authenticated:
        return
    form_key, user_id = draft_key(), _user_id()
    if form_key is not None:

        def forget(session: Session) -> None:
            service.forget_draft(session, user_id, form_key)

        event.listen(session, "before_commit", forget)
