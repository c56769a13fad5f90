"""What each test would compile or enter anew, done once a process.

Every test has an application and a database of its own; the addresses of the routes, the templates
and the fixed cast are the same in all of them.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from jinja2 import FileSystemBytecodeCache
from sqlalchemy import Engine, create_engine
from werkzeug.routing import Rule

from tests.databases import PostgresqlTemplate, SqliteTemplate
from tests.factories.cast import Cast, make_cast
from tracker.kernel.db import Database

STATEMENTS = 5000
Builder = Callable[..., tuple[str, str]]


def remember_addresses(patch: pytest.MonkeyPatch) -> None:
    """Compile what builds the address of a route once, not once an application.

    Werkzeug's function of a rule reads the rule it is bound to, so it serves each equal rule.
    """
    compile_builder = Rule._compile_builder
    known: dict[tuple[object, ...], Builder] = {}

    def compiled(rule: Rule, append_unknown: bool = True) -> Builder:
        defaults = repr(sorted((rule.defaults or {}).items()))
        key = (rule.rule, tuple(rule._trace), append_unknown, defaults)
        if key not in known:
            known[key] = compile_builder(rule, append_unknown)
        return known[key]

    patch.setattr(Rule, "_compile_builder", compiled)


def remember_templates(patch: pytest.MonkeyPatch, folder: Path) -> None:
    """Compile a template once, not once an application."""
    options: dict[str, Any] = {
        **Flask.jinja_options,
        "bytecode_cache": FileSystemBytecodeCache(str(folder)),
    }
    patch.setattr(Flask, "jinja_options", options)


def remember_statements(patch: pytest.MonkeyPatch) -> None:
    """Compile a statement once for each kind of database, not once an engine.

    The cache of compiled statements goes by the dialect, so engines share both as soon as one of
    the kind has been connected, which is when its dialect knows the server.
    """
    known: dict[str, Engine] = {}

    def created(url: str, **options: Any) -> Engine:
        engine = create_engine(url, query_cache_size=STATEMENTS, **options)
        first = known.setdefault(engine.dialect.driver, engine)
        if first.dialect.server_version_info is None:
            known[engine.dialect.driver] = engine
        else:
            engine.dialect, engine._compiled_cache = first.dialect, first._compiled_cache
        return engine

    patch.setattr("tracker.kernel.db.create_engine", created)


@dataclass(frozen=True)
class CastTemplate:
    """A database that tests copy, in which the fixed cast stands already."""

    template: SqliteTemplate | PostgresqlTemplate
    cast: Cast


@contextmanager
def cast_template(
    empty: SqliteTemplate | PostgresqlTemplate, folder: Path, *, now: datetime
) -> Iterator[CastTemplate]:
    """Enter the cast in a copy of an empty database; the copy goes at the end."""
    with empty.copy(folder) as url:
        database = Database(url)
        with database.writing() as session:
            cast = make_cast(session, now=now)
            session.commit()
        database.dispose()
        yield CastTemplate(empty.taking(url), cast)
