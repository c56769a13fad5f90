"""Session recovery: what was typed before the session ended is kept through signing in again.

The fields travel encrypted inside the sign-in page, never stored: whoever sits down at the
computer next cannot read them. After signing in they are shown again as a form that the person
sends; nothing is sent without that click.
"""

import json
from dataclasses import dataclass
from typing import cast
from urllib.parse import urlsplit

from flask import current_app, request

from tracker.kernel.crypto import Sealer
from tracker.kernel.errors import ConfigError

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
    return _sealer().seal(json.dumps([request.full_path.rstrip("?"), fields, names, user_id]))


def open_form(sealed: str | None) -> KeptForm | None:
    """Return what was kept, or None when there is nothing, or it was tampered with."""
    if not sealed:
        return None
    try:
        opened = _sealer().open(sealed, max_age_seconds=MAX_AGE_SECONDS)
    except ConfigError:
        return None
    path, fields, names, user_id = json.loads(opened)
    return KeptForm(path, tuple((n, v) for n, v in fields), tuple(names), user_id)


def _sealer() -> Sealer:
    return cast("Sealer", current_app.extensions["tracker_sealer"])


def _same_origin() -> bool:
    origin = request.headers.get("Origin") or request.headers.get("Referer") or ""
    return urlsplit(origin).netloc == request.host
