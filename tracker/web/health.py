"""Alive and ready: what a load balancer and an operator ask."""

from flask import Blueprint, jsonify
from flask.typing import ResponseReturnValue
from sqlalchemy import text

from tracker.kernel.errors import ConfigError
from tracker.kernel.migrate import pending
from tracker.web.access import public
from tracker.web.database import config, database

bp = Blueprint("health", __name__)


@bp.get("/healthz")
@public
def healthz() -> ResponseReturnValue:
    """Say that the process answers."""
    return jsonify(status="ok")


@bp.get("/readyz")
@public
def readyz() -> ResponseReturnValue:
    """Say whether database, schema and storage can be used; 503 when one cannot."""
    checks = {"database": _database(), "migrations": _migrations(), "storage": _storage()}
    return jsonify(checks), 200 if all(checks.values()) else 503


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
