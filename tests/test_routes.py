"""Every route × method × role, against the table of `expected_routes.py`, on a filled database.

Whoever is not named is refused, never let in, never broken; and a refusal changes nothing. The
whole runs on SQLite, on PostgreSQL one role of each kind.
"""

import hashlib
import json
import re
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select, update
from sqlalchemy.exc import DBAPIError
from werkzeug.routing import Rule

from jobs import weekly_report
from jobs.context import job_context
from tests.conftest import make_config
from tests.databases import PostgresqlTemplate, SqliteTemplate
from tests.expected_routes import EXPECTED, QUERIES, TABLE_OF, WORDS
from tests.factories.cast import cheap_hash
from tests.fakes.clock import ManualClock
from tests.furnishing import furnish
from tests.rows_of_tables import row_of
from tests.test_conventions import source_with_helpers
from tests.visitor import Visitor
from tracker import create_app
from tracker.audit.objects import object_type
from tracker.demo.load import load
from tracker.kernel.clock import at_local
from tracker.kernel.crypto import Sealer
from tracker.kernel.db import Database
from tracker.kernel.permissions import Role
from tracker.models import metadata
from tracker.organizations.models import Region
from tracker.organizations.rules import OfficeMode
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
ANYBODY, NOBODY = "public", "nobody"
ON_POSTGRESQL = ("liaison", "sys")
METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
# What a refusal may leave behind: that it happened, and who is signed in.
TRACES = frozenset({"audit_entries", "audit_heads", "user_sessions", "sign_in_failures"})
# Reading leaves these besides: who opened what was submitted.
RECEIPTS = frozenset({"task_openings"})
# Open to more roles than may act: the rule knows by the task's state whose turn it is, and says so.
REFUSED_BY_RULE = frozenset({"rectification.bulk_tasks", "rectification.correct_due"})
# The first look at a closed task's form puts it down for good.
FIRST_PRINTS = frozenset({"closure_certificates"})
# Not pressed by those who may: it signs out, or it reaches for a robot over the network.
NOT_PRESSED = frozenset({"people.sign_out", "notifications.try_channel"})


# What the pages of rows that the demonstration lacks read out of them.
WRITTEN: dict[str, dict[str, str]] = {
    "import_batches": {
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
        )
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

    def path(self, rule: Rule) -> str:
        """Return the rule's address with rows and words that are there."""
        blueprint = rule.endpoint.split(".")[0]

        def value(found: re.Match[str]) -> str:
            names = (f"{blueprint}.{found.group(1)}", found.group(1))
            name = next(each for each in names if each in WORDS or each in TABLE_OF)
            return WORDS[name] if name in WORDS else str(self.ids[TABLE_OF[name]])

        path = re.sub(r"<(?:\w+:)?(\w+)>", value, rule.rule)
        return path + QUERIES.get(rule.endpoint, "")

    def digest(self, *, but: frozenset[str]) -> dict[str, str]:
        """Return a digest of the rows of every table."""
        with self.database.read_engine.connect() as connection:
            return {
                table.name: _digest(connection.execute(select(table)))
                for table in metadata.sorted_tables
                if table.name not in but
            }


def _digest(rows: Any) -> str:
    text = "\n".join(sorted(repr(tuple(row)) for row in rows))
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def house(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[House]:
    template: SqliteTemplate | PostgresqlTemplate = request.getfixturevalue(
        f"{request.param}_template"
    )
    folder = tmp_path_factory.mktemp("routes")
    with template.copy(folder) as url:
        database = Database(url, pool_size=5)
        yield _furnished(database, url, folder)
        database.dispose()


def _furnished(database: Database, url: str, folder: Path) -> House:
    config = make_config(url, folder / "data")
    clock = ManualClock(at_local(date(2026, 11, 16), 9))
    app = create_app(config, clock=clock, store=database)
    app.testing = False
    # The role is what is tried, not the token; the check before every request has a switch apart.
    app.config.update(WTF_CSRF_ENABLED=False, WTF_CSRF_METHODS=frozenset())
    with database.writing() as session:
        load(session, Sealer(config.secret_keys), now=clock.now())
        users = {word: _sign_in(session, role) for word, role in ROLES.items()}
        own = furnish(session, config.evidence_dir, now=clock.now())
        session.commit()
    weekly_report.run(job_context(app), clock.now())
    with database.engine.begin() as connection:
        ids = {name: row_of(connection, metadata.tables[name]) for name in TABLE_OF.values()} | own
        for table, values in WRITTEN.items():
            here = metadata.tables[table]
            connection.execute(update(here).where(here.c.id == ids[table]).values(**values))
    return House(app, database, users, ids)


def _sign_in(session: Any, role: Role) -> str:
    user: User = session.scalars(select(User).where(User.role == role).order_by(User.id)).first()
    user.password_hash, user.must_change_password = cheap_hash(), False
    return user.username


def routes(app: Flask) -> list[Rule]:
    """Return the routes of the table; one that is missing there fails a test of its own."""
    known = [rule for rule in app.url_map.iter_rules() if rule.endpoint in EXPECTED]
    return sorted(known, key=lambda rule: (rule.rule, rule.endpoint))


def methods_of(endpoint: str) -> frozenset[str]:
    return frozenset(EXPECTED[endpoint][0].split())


def named(endpoint: str) -> frozenset[str]:
    return frozenset(EXPECTED[endpoint][1].split())


def ask(visitor: Visitor, method: str, path: str) -> int:
    if method == "GET":
        return visitor.get(path).status_code
    return visitor._send(method, path).status_code


def wrongly_answered(house: House, role: str) -> list[str]:
    """Ask for everything the role is not named for; return what was not refused."""
    visitor, faults = house.visitor(role), []
    for rule in routes(house.app):
        if {role, ANYBODY} & named(rule.endpoint):
            continue
        for method in (*sorted(methods_of(rule.endpoint)), "HEAD"):
            if method == "HEAD" and "GET" not in methods_of(rule.endpoint):
                continue
            answer = visitor._send(method, house.path(rule))
            by_rule = rule.endpoint in REFUSED_BY_RULE and answer.status_code == 422
            if not (by_rule or is_refusal(answer, role, method)):
                faults.append(f"{method} {rule.rule} {role} → {answer.status_code}")
    return faults


def is_refusal(answer: Any, role: str, method: str) -> bool:
    """403 or 404 for a role; for nobody the way to the sign-in page, or that page with a 401."""
    if role != NOBODY:
        return answer.status_code in (403, 404)
    to_sign_in = answer.status_code == 302 and answer.headers["Location"].startswith("/sign-in")
    return to_sign_in or (method == "POST" and answer.status_code == 401)


def test_the_table_is_sorted_and_speaks_of_known_roles() -> None:
    assert list(EXPECTED) == sorted(EXPECTED)
    words = {word for _, roles in EXPECTED.values() for word in roles.split()}
    assert words <= {*ROLES, ANYBODY}
    assert all(roles for _, roles in EXPECTED.values())


def test_no_route_is_missing_or_surplus(house: House) -> None:
    """A new route needs one line in tests/expected_routes.py."""
    there: dict[str, set[str]] = {}
    for rule in house.app.url_map.iter_rules():
        there.setdefault(rule.endpoint, set()).update((rule.methods or set()) & set(METHODS))
    assert {name: frozenset(found) for name, found in there.items()} == {
        name: methods_of(name) for name in EXPECTED
    }


@pytest.mark.parametrize("role", [NOBODY, *ROLES])
def test_who_is_not_named_is_refused_and_changes_nothing(house: House, role: str) -> None:
    if not house.database.is_sqlite and role not in (NOBODY, *ON_POSTGRESQL):
        pytest.skip("one of each kind is enough on PostgreSQL")
    before = house.digest(but=TRACES)
    assert wrongly_answered(house, role) == []
    assert house.digest(but=TRACES) == before
    assert len(before) > 50


@pytest.mark.parametrize("role", list(ROLES))
def test_who_is_named_opens_the_page_and_reading_changes_nothing(house: House, role: str) -> None:
    if not house.database.is_sqlite and role not in ON_POSTGRESQL:
        pytest.skip("one of each kind is enough on PostgreSQL")
    before = house.digest(but=TRACES | RECEIPTS | FIRST_PRINTS)
    visitor, faults, opened = house.visitor(role), [], 0
    for rule in routes(house.app):
        if role not in named(rule.endpoint) or "GET" not in methods_of(rule.endpoint):
            continue
        status = visitor.get(house.path(rule)).status_code
        opened += status == 200
        if status == 422 and rule.endpoint in REFUSED_BY_RULE:
            continue
        if status == 403 or status >= 500 or (not rule.arguments and status not in (200, 302)):
            faults.append(f"GET {rule.rule} {role} → {status}")
    assert faults == []
    assert opened >= 4
    assert house.digest(but=TRACES | RECEIPTS | FIRST_PRINTS) == before


def test_a_method_that_is_not_there_is_405_for_everybody(house: House) -> None:
    """HEAD stands for GET; nothing answers to PUT, PATCH or DELETE."""
    before = house.digest(but=TRACES)
    faults = []
    for role in (NOBODY, "clerk", "sys"):
        visitor = house.visitor(role)
        for rule in routes(house.app):
            for method in set(METHODS) - methods_of(rule.endpoint):
                status = ask(visitor, method, house.path(rule))
                if status != 405:
                    faults.append(f"{method} {rule.rule} {role} → {status}")
    assert faults == []
    assert house.digest(but=TRACES) == before


def test_every_refusal_is_in_the_trail(house: House) -> None:
    visitor = house.visitor("liaison")
    entries = metadata.tables["audit_entries"]

    def refusals() -> int:
        with house.database.read_engine.connect() as connection:
            query = select(entries.c.id).where(entries.c.result == "refused")
            return len(connection.execute(query).all())

    before, asked = refusals(), 0
    for rule in routes(house.app):
        if not {"liaison", ANYBODY} & named(rule.endpoint) and "GET" in methods_of(rule.endpoint):
            assert visitor.get(house.path(rule)).status_code in (403, 404)
            asked += 1
    assert refusals() == before + asked > before


def test_what_leaves_as_a_file_is_in_the_trail(house: House) -> None:
    """A download that nobody wrote down is a leak nobody can trace: every route that gives a file
    out is walked, and each file has its entry, about the row that the address names."""
    _lay_a_file_everywhere(house)
    unnoted, left = [], set()
    for role in ROLES:
        visitor = house.visitor(role)
        for rule in routes(house.app):
            if role not in named(rule.endpoint) or "GET" not in methods_of(rule.endpoint):
                continue
            before = _last_entry(house)
            path = house.path(rule) + ASKED_FOR_FILE.get(rule.endpoint, "").format(**house.ids)
            if not is_file(visitor.get(path)):
                continue
            left.add(rule.endpoint)
            if rule.endpoint not in EMPTY_FORMS and not _tells_of(house, rule, since=before.seq):
                unnoted.append(f"{rule.rule} {role}")
    assert unnoted == []
    assert left | EMPTY_FORMS == _giving_files(house.app)


def is_file(answer: Any) -> bool:
    """Whether a reply is the content of a file: sent as an attachment, or a picture of its page."""
    attached = "attachment" in answer.headers.get("Content-Disposition", "")
    return attached or answer.mimetype not in ("text/html", "application/json", "text/plain")


# Files without anybody's data.
EMPTY_FORMS = {"ledger.template", "static"}
# What turns a page where one chooses into the file.
ASKED_FOR_FILE = {"ledger.export": "?round={rounds}"}
GIVES_FILE = re.compile(r"\b(send_file|send_from_directory|attachment|attached|handed_out)\(")


def _giving_files(app: Flask) -> set[str]:
    """Return the endpoints whose view sends a file, as its source says."""
    views = app.view_functions.items()
    return {"static"} | {
        endpoint
        for endpoint, view in views
        if endpoint != "static" and GIVES_FILE.search(source_with_helpers(view))
    }


def _lay_a_file_everywhere(house: House) -> None:
    """Give every row that may have a file one; rows that are history keep what they have."""
    with house.database.engine.begin() as connection:
        file_id = connection.scalar(select(metadata.tables["stored_files"].c.id).limit(1))
        for table in metadata.sorted_tables:
            for column in table.columns:
                points_at = {key.column.table.name for key in column.foreign_keys}
                if column.primary_key or points_at != {"stored_files"}:
                    continue
                with suppress(DBAPIError), connection.begin_nested():
                    connection.execute(
                        update(table).where(column.is_(None)).values({column: file_id})
                    )


def _last_entry(house: House) -> Any:
    entries = metadata.tables["audit_entries"]
    with house.database.read_engine.connect() as connection:
        return connection.execute(select(entries).order_by(entries.c.seq.desc()).limit(1)).one()


def _tells_of(house: House, rule: Rule, *, since: int) -> bool:
    entry = _last_entry(house)
    if entry.seq == since or entry.result != "ok":
        return False
    if not re.search("_(downloaded|exported|previewed)$", entry.action):
        return False
    names = re.findall(r"<int:(\w+_id)>", rule.rule)
    room = rule.endpoint.partition(".")[0]
    return not names or entry.object_type == object_type(room, names[0])


def test_in_simple_mode_one_administrator_does_the_work_of_three(house: House) -> None:
    with house.database.writing() as session:
        admin = session.scalars(select(User).where(User.username == house.users["sys"])).one()
        session.get_one(Region, admin.region_id).mode = OfficeMode.SIMPLE
        session.commit()
    try:
        visitor = house.visitor("sys")
        for path in ("/audit", "/access-diagnosis"):
            assert visitor.get(path).status_code == 200
        assert visitor.get("/tasks").status_code == 403
    finally:
        with house.database.writing() as session:
            session.get_one(Region, admin.region_id).mode = OfficeMode.STANDARD
            session.commit()


def test_who_is_named_may_press_the_button(house: House) -> None:
    """Last, because what is pressed may act: an empty form is never met with 403 or 500."""
    faults, pressed = [], 0
    for role in ROLES if house.database.is_sqlite else ON_POSTGRESQL:
        visitor = house.visitor(role)
        for rule in routes(house.app):
            if role not in named(rule.endpoint) or "POST" not in methods_of(rule.endpoint):
                continue
            if rule.endpoint in NOT_PRESSED:
                continue
            status = visitor.post_raw(house.path(rule)).status_code
            pressed += 1
            if status in (400, 403) or status >= 500:
                faults.append(f"POST {rule.rule} {role} → {status}")
    assert faults == []
    assert pressed > 5
