"""Log lines: one event each, text for people, JSON for machines; never secrets, never people's data."""

import logging
import re
import sys
import traceback
from collections.abc import MutableMapping
from typing import Any

import structlog

KEY_IN_URL = re.compile(r"(key=)[^&\s'\"]+")


def configure(log_format: str) -> None:
    """Set up structlog and the standard library's logging alike."""
    logging.basicConfig(level=logging.INFO, format="%(message)s", force=True)
    logging.getLogger("apscheduler").setLevel(logging.WARNING)
    renderer: Any = (
        structlog.processors.JSONRenderer(ensure_ascii=False)
        if log_format == "json"
        else structlog.dev.ConsoleRenderer(colors=False)
    )
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            bare_traceback,
            hide_keys,
            renderer,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        cache_logger_on_first_use=True,
    )


def bare_traceback(
    _logger: Any, _method: str, event: MutableMapping[str, Any]
) -> MutableMapping[str, Any]:
    """Write where an exception came from and of what kind, never its message or local values:
    those carry addresses with keys, rows with names."""
    given = event.pop("exc_info", None)
    error = sys.exc_info()[1] if given is True else given
    if isinstance(error, BaseException):
        frames = traceback.extract_tb(error.__traceback__)
        places = [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in frames[-12:]]
        event["exception"] = " < ".join([type(error).__qualname__, *reversed(places)])
    return event


def hide_keys(
    _logger: Any, _method: str, event: MutableMapping[str, Any]
) -> MutableMapping[str, Any]:
    """Cut robot keys and line breaks out of everything that is logged."""
    for name, value in event.items():
        if isinstance(value, str):
            cleaned = KEY_IN_URL.sub(r"\1****", value)
            event[name] = cleaned.replace("\r", "").replace("\n", "⏎").replace("\x1b", "")
    return event


def get_logger(name: str) -> Any:
    """Return a logger that carries its module's name.

    It takes up the configuration at its first line; `bind` here would freeze the library's own,
    made before `configure` has run, and write past everything above.
    """
    return structlog.get_logger(module=name)
