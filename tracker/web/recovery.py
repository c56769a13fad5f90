"""Session recovery: what was typed before the session ended is kept through signing in again.

The fields travel sealed inside the sign-in page, never stored. After signing in they are shown
again as a form that the person sends; nothing is sent without that click.
"""

import json
from dataclasses import dataclass
from urllib.parse import urlsplit

from flask import current_app, request
from itsdangerous import BadData, URLSafeTimedSerializer

MAX_AGE_SECONDS = 24 * 3600
LEFT_OUT = frozenset({"csrf_token", "password", "new_password", "again", "kept", "robot_url"})


@dataclass(frozen=True)
class KeptForm:
    """A form that was sent without a session."""

    path: str
    fields: tuple[tuple[str, str], ...]
    file_fields: tuple[str, ...]
    user_id: int | None


def keep_form(user_id: int | None) -> str | None:
    """Seal the current POST, or return None when it came from another site."""
    if request.method != "POST" or not _same_origin():
        return None
    fields = [
        (name, value)
        for name, values in request.form.lists()
        for value in values
        if name not in LEFT_OUT
    ]
    names = [name for name in request.files if request.files[name].filename]
    return _sealer().dumps([request.full_path.rstrip("?"), fields, names, user_id])


def open_form(sealed: str | None) -> KeptForm | None:
    """Return what was kept, or None when there is nothing, or it was tampered with."""
    if not sealed:
        return None
    try:
        path, fields, names, user_id = _sealer().loads(sealed, max_age=MAX_AGE_SECONDS)
    except (BadData, json.JSONDecodeError):
        return None
    return KeptForm(path, tuple((n, v) for n, v in fields), tuple(names), user_id)


def _sealer() -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(str(current_app.secret_key), salt="kept-form")


def _same_origin() -> bool:
    origin = request.headers.get("Origin") or request.headers.get("Referer") or ""
    return urlsplit(origin).netloc == request.host
