"""What each test would compile or enter anew, done once a process.

Every test has an application and a database of its own; the addresses of the routes, the templates
and the fixed cast are the same in all of them.
"""

import copy
from collections.abc import Callable
from contextlib import ExitStack
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from jinja2 import FileSystemBytecodeCache
from werkzeug.routing import Rule

from tests.databases import PostgresqlTemplate, SqliteTemplate
from tests.factories.cast import Cast, make_cast
from tracker.kernel.db import Database

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


class CastTemplates:
    """Databases in which the fixed cast stands already, made of the empty ones when first asked."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._kept = ExitStack()
        self._made: dict[type, tuple[Any, Cast]] = {}

    def of(
        self, empty: SqliteTemplate | PostgresqlTemplate, *, now: datetime
    ) -> SqliteTemplate | PostgresqlTemplate:
        """Return the template with the cast, of the kind of the empty one."""
        if type(empty) not in self._made:
            url = self._kept.enter_context(empty.copy(self._folder))
            database = Database(url)
            with database.writing() as session:
                cast = make_cast(session, now=now)
                session.commit()
            database.dispose()
            self._made[type(empty)] = (empty.taking(url), cast)
        template: SqliteTemplate | PostgresqlTemplate = self._made[type(empty)][0]
        return template

    def cast_in(self, database: Database) -> Cast:
        """Return the cast that stands in a database, the caller's own copy."""
        kind = SqliteTemplate if database.is_sqlite else PostgresqlTemplate
        return copy.deepcopy(self._made[kind][1])

    def close(self) -> None:
        """Drop the databases."""
        self._kept.close()
