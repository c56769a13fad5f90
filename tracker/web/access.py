"""Who may enter a route: `@requires(Permission.X)` or `@public`, decided in one place."""

import re
from collections.abc import Callable
from typing import Any, TypeVar, cast

from flask import Flask, current_app, request
from flask.typing import ResponseReturnValue
from flask_login import current_user
from werkzeug.exceptions import Forbidden, InternalServerError
from werkzeug.routing import IntegerConverter

from tracker.kernel.permissions import Actor, Permission, may

View = TypeVar("View", bound=Callable[..., Any])
PUBLIC = "public"
MARK = "tracker_access"
PASSWORD_ENDPOINTS = frozenset({"people.change_password", "people.sign_out", "static"})


class NotPermittedError(Forbidden):
    """The person's role does not grant what the route asks for."""

    def __init__(self, permission: Permission) -> None:
        super().__init__()
        self.permission = permission


def requires(permission: Permission) -> Callable[[View], View]:
    """Let only people in whose role grants the permission."""

    def mark(view: View) -> View:
        setattr(view, MARK, permission)
        return view

    return mark


def public(view: View) -> View:
    """Let anybody in: sign-in, health, static files."""
    setattr(view, MARK, PUBLIC)
    return view


def access_of(endpoint: str) -> Permission | str | None:
    """Return what a route states: a permission, "public", or None when it states nothing."""
    if endpoint == "static":
        return PUBLIC
    return cast(
        "Permission | str | None", getattr(current_app.view_functions[endpoint], MARK, None)
    )


def actor() -> Actor:
    """Return the signed-in person as an Actor."""
    return cast("Actor", current_user.actor)


def own_region() -> int:
    """Return the region the signed-in person works in."""
    region_id = actor().region_id
    if region_id is None:
        raise Forbidden
    return region_id


class RowId(IntegerConverter):
    """Ids in URLs: at most 18 digits, so that an absurd one is simply not found."""

    regex = r"\d{1,18}"


def row_id(name: str) -> int | None:
    """Return an id from the query string, or None when it is missing or absurd."""
    value = request.args.get(name, "")
    return int(value) if re.fullmatch(r"[0-9]{1,18}", value) else None


def asked(name: str) -> str:
    """Return a text from the query string, trimmed and without NUL, which PostgreSQL refuses."""
    return request.args.get(name, "").replace("\x00", "").strip()[:100]


def init_app(app: Flask) -> None:
    """Check every request before its view runs, and before CSRF."""
    app.url_map.converters["int"] = RowId
    app.before_request(_guard)
    app.jinja_env.globals["may"] = lambda name: may(actor(), Permission(name))


def _guard() -> ResponseReturnValue | None:
    if request.endpoint is None:
        return None
    access = access_of(request.endpoint)
    if access is None:
        raise InternalServerError(f"route {request.endpoint} states no access")
    if access != PUBLIC:
        return _guard_signed_in(cast("Permission", access))
    return None


def _guard_signed_in(permission: Permission) -> ResponseReturnValue | None:
    if not current_user.is_authenticated:
        return cast("ResponseReturnValue", current_app.login_manager.unauthorized())  # type: ignore[attr-defined]
    if current_user.must_change_password and request.endpoint not in PASSWORD_ENDPOINTS:
        return cast("ResponseReturnValue", current_app.login_manager.needs_refresh())  # type: ignore[attr-defined]
    if not may(actor(), permission):
        raise NotPermittedError(permission)
    return None
