"""How templates show instants, days and codes."""

from datetime import date, datetime
from decimal import Decimal

from flask import Flask

from tracker.kernel.clock import local
from tracker.kernel.formats import without_sign_in_name


def init_app(app: Flask) -> None:
    """Register the filters."""
    app.jinja_env.filters["day"] = day
    app.jinja_env.filters["moment"] = moment
    app.jinja_env.filters["size"] = size
    app.jinja_env.filters["signer"] = without_sign_in_name
    app.jinja_env.filters["amount"] = amount
    app.jinja_env.trim_blocks = True
    app.jinja_env.lstrip_blocks = True


def day(value: date | None) -> str:
    """Return 2026-11-21, or a dash."""
    return "—" if value is None else value.isoformat()


def moment(value: datetime | None) -> str:
    """Return 2026-11-21 09:07 in Beijing time, or a dash."""
    return "—" if value is None else local(value).strftime("%Y-%m-%d %H:%M")


def amount(value: Decimal) -> str:
    """Return 50 or 12.5: no trailing zeros, no exponent."""
    return f"{value.normalize():f}"


def size(octets: int) -> str:
    """Return a file's size in KB or MB."""
    if octets < 1024 * 1024:
        return f"{max(1, round(octets / 1024))} KB"
    return f"{octets / 1024 / 1024:.1f} MB"
