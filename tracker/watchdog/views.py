"""Alive and ready: what a load balancer, an operator and a monitoring system ask."""

import hmac
from ipaddress import ip_address

from flask import Blueprint, Response, abort, jsonify, request
from flask.typing import ResponseReturnValue
from sqlalchemy import text

from tracker.kernel.errors import ConfigError
from tracker.kernel.migrate import pending
from tracker.watchdog.metrics import CONTENT_TYPE, metrics
from tracker.watchdog.queries import pulse
from tracker.web.access import public
from tracker.web.database import config, database, now

bp = Blueprint("health", __name__)
FORWARDED = ("Forwarded", "X-Forwarded-For", "X-Real-IP", "Via")


@bp.get("/healthz")
@public
def healthz() -> ResponseReturnValue:
    """Say that the process answers."""
    return jsonify(status="ok")


@bp.get("/readyz")
@public
def readyz() -> ResponseReturnValue:
    """Say whether database, schema and storage can be used; 503 when one cannot.

    `jobs` tells of the jobs processes. It never makes the pages unready: they do without.
    """
    checks = {"database": _database(), "migrations": _migrations(), "storage": _storage()}
    jobs = _jobs() if checks["database"] and checks["migrations"] else None
    return jsonify({**checks, "jobs": jobs}), 200 if all(checks.values()) else 503


def _database() -> bool:
    with database().reading() as session:
        return bool(session.scalar(text("SELECT 1")))


def _migrations() -> bool:
    try:
        return not pending(database())
    except ConfigError:
        return False


def _storage() -> bool:
    return config().data_dir.is_dir()


def _jobs() -> dict[str, object]:
    with database().reading() as session:
        beat = pulse(session)
    age, last = beat.leader_age_seconds, beat.last_run_at
    return {
        "ok": beat.is_well,
        "pushing": beat.is_pushing,
        "leader_age_seconds": None if age is None else round(age, 1),
        "last_run_at": None if last is None else last.isoformat(timespec="seconds"),
    }


@bp.get("/metrics")
@public
def read_metrics() -> ResponseReturnValue:
    """Give figures to the machine itself, or to whoever has the token; to others it is not there."""
    if not _may_read_metrics():
        abort(404)
    with database().reading() as session:
        return Response(metrics(session, now=now()), content_type=CONTENT_TYPE)


def _may_read_metrics() -> bool:
    """Return whether the caller has the token, or sits on this machine and speaks for itself.

    What a proxy of this machine hands on also comes from loopback, so it needs the token.
    """
    token = config().metrics_token
    given = request.headers.get("Authorization", "").removeprefix("Bearer ")
    if token is not None and hmac.compare_digest(given.encode(), token.encode()):
        return True
    return _is_loopback(request.remote_addr) and not any(
        name in request.headers for name in FORWARDED
    )


def _is_loopback(address: str | None) -> bool:
    try:
        return ip_address(address or "").is_loopback
    except ValueError:
        return False
