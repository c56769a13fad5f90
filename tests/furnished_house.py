"""The application over the filled demonstration, for the walk through every route."""

import hashlib
import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from flask import Flask
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session
from werkzeug.routing import Rule

from jobs import monthly_snapshot, weekly_report
from jobs.context import job_context
from tests.conftest import make_config
from tests.databases import PostgresqlTemplate, SqliteTemplate
from tests.expected_routes import EXPECTED, QUERIES, QUERIES_OF, ROWS, TABLE_OF, WORDS
from tests.factories.cast import cheap_hash
from tests.fakes.clock import ManualClock
from tests.furnishing import furnish
from tests.rows_of_tables import row_of
from tests.visitor import Visitor
from tracker import create_app
from tracker.demo.load import load
from tracker.kernel.clock import at_local
from tracker.kernel.db import Database
from tracker.kernel.permissions import Role
from tracker.models import metadata
from tracker.people.models import User

ROLES = {
    "clerk": Role.OFFICE_CLERK,
    "lead": Role.OFFICE_LEAD,
    "liaison": Role.UNIT_LIAISON,
    "head": Role.UNIT_HEAD,
    "supervisor": Role.SUPERVISOR,
    "leader": Role.LEADER,
    "sys": Role.SYS_ADMIN,
    "security": Role.SECURITY_ADMIN,
    "audit": Role.AUDIT_ADMIN,
}
NOBODY = "nobody"
# What the pages of rows that the demonstration lacks read out of them.
WRITTEN: dict[str, dict[str, str]] = {
    "header_words": {"meaning": "due"},
    "import_batches": {
        "layouts": json.dumps(
            [["台账", 1, True, [["A 列", "问题", "问题", "issue", "shipped", ["甲"]]]]]
        ),
        "state": "preview",
        "summary": json.dumps(
            {
                "counts": dict.fromkeys(
                    (
                        "issues",
                        "tasks",
                        "measures",
                        "closed",
                        "undated",
                        "known_tasks",
                        "refused_rows",
                    ),
                    0,
                ),
                "sheets": [],
                "new_units": [],
            }
        ),
    },
}


@dataclass
class House:
    """The application over the demonstration, one sign-in of every role, an id of every kind."""

    app: Flask
    database: Database
    users: dict[str, str]
    ids: dict[str, int]

    def visitor(self, role: str) -> Visitor:
        visitor = Visitor(self.app)
        if role != NOBODY:
            visitor.sign_in(self.users[role])
        return visitor

    def path(self, rule: Rule, role: str = NOBODY) -> str:
        """Return the rule's address with rows and words that are there."""
        endpoint = rule.endpoint
        blueprint = endpoint.split(".")[0]

        def value(found: re.Match[str]) -> str:
            if row := ROWS.get(endpoint, {}).get(found.group(1)):
                return str(self.ids[row])
            names = (f"{blueprint}.{found.group(1)}", found.group(1))
            name = next(each for each in names if each in WORDS or each in TABLE_OF)
            return WORDS[name] if name in WORDS else str(self.ids[TABLE_OF[name]])

        path = re.sub(r"<(?:\w+:)?(\w+)>", value, rule.rule)
        return path + QUERIES_OF.get((endpoint, role), QUERIES.get(endpoint, ""))

    def rules(self) -> list[Rule]:
        """Return the routes of the table; one that is missing there fails a test of its own."""
        known = [rule for rule in self.app.url_map.iter_rules() if rule.endpoint in EXPECTED]
        return sorted(known, key=lambda rule: (rule.rule, rule.endpoint))

    def digest(self, *, but: frozenset[str]) -> dict[str, str]:
        """Return a digest of the rows of every table."""
        with self.database.read_engine.connect() as connection:
            return {
                table.name: _digest(connection.execute(select(table)))
                for table in metadata.sorted_tables
                if table.name not in but
            }

    def entries(self, **values: str) -> int:
        """Return how many entries the audit trail has, of all or of some."""
        trail = metadata.tables["audit_entries"]
        query = select(func.count()).select_from(trail).filter_by(**values)
        with self.database.read_engine.connect() as connection:
            return connection.scalar(query) or 0


def _digest(rows: Any) -> str:
    text = "\n".join(sorted(repr(tuple(row)) for row in rows))
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


@dataclass(frozen=True)
class Furnished:
    """A filled database to copy, its files, and where everything stands."""

    template: SqliteTemplate | PostgresqlTemplate
    folder: Path
    users: dict[str, str]
    ids: dict[str, int]

    @contextmanager
    def house(self) -> Iterator[House]:
        """Open a house over a copy of its own; the files are shared, none of them changes."""
        with self.template.copy(self.folder) as url:
            database = Database(url, pool_size=5)
            yield House(_app(database, url, self.folder), database, self.users, self.ids)
            database.dispose()


@contextmanager
def furnished(template: SqliteTemplate | PostgresqlTemplate, folder: Path) -> Iterator[Furnished]:
    """Fill a database once, for houses to copy."""
    with template.copy(folder) as url:
        database = Database(url, pool_size=5)
        users, ids = _fill(_app(database, url, folder), database)
        database.dispose()  # or there is no copying it
        yield Furnished(template.taking(url), folder, users, ids)


def _app(database: Database, url: str, folder: Path) -> Flask:
    clock = ManualClock(at_local(date(2026, 11, 16), 9))
    app = create_app(make_config(url, folder / "data"), clock=clock, store=database)
    app.testing = False
    # The role is what is tried, not the token; the check before every request has a switch apart.
    app.config.update(WTF_CSRF_ENABLED=False, WTF_CSRF_METHODS=frozenset())
    return app


def _fill(app: Flask, database: Database) -> tuple[dict[str, str], dict[str, int]]:
    jobs = job_context(app)
    now = jobs.clock.now()
    with database.writing() as session:
        load(session, jobs.sealer, now=now)
        users = {word: _sign_in(session, role) for word, role in ROLES.items()}
        own = furnish(session, jobs.config.evidence_dir, now=now)
        session.commit()
    weekly_report.run(jobs, now)
    monthly_snapshot.run(jobs, now)
    with database.engine.begin() as connection:
        ids = {name: row_of(connection, metadata.tables[name]) for name in TABLE_OF.values()} | own
        for table, values in WRITTEN.items():
            here = metadata.tables[table]
            connection.execute(update(here).where(here.c.id == ids[table]).values(**values))
    return users, ids


def _sign_in(session: Session, role: Role) -> str:
    user = session.scalars(select(User).where(User.role == role).order_by(User.id)).first()
    assert user is not None
    user.password_hash, user.must_change_password = cheap_hash(), False
    return user.username
