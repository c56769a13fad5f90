"""Every route × method × role, against the table of `expected_routes.py`, on a filled database.

Whoever is not named is refused, never let in, never broken; and a refusal changes nothing. Every
page opens for somebody, and every button does something for somebody: on rows that are not there
anybody would be refused, and the table proved nothing.
"""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from sqlalchemy import select

from tests.databases import PostgresqlTemplate, SqliteTemplate
from tests.expected_routes import EXPECTED, FIELDS
from tests.furnished_house import NOBODY, ROLES, Furnished, House, furnished
from tests.visitor import Visitor
from tracker.organizations.models import Region
from tracker.organizations.rules import OfficeMode
from tracker.people.models import User

ANYBODY = "public"
ON_POSTGRESQL = ("liaison", "sys")
METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
# What a refusal may leave behind: that it happened, and who is signed in.
TRACES = frozenset({"audit_entries", "audit_heads", "user_sessions", "sign_in_failures"})
# Reading leaves these besides: who opened what was submitted, what went out to come back.
RECEIPTS = frozenset({"task_openings", "document_openings", "ledger_copies"})
# Not pressed by those who may: it signs out, or it reaches for a robot over the network.
NOT_PRESSED = frozenset({"people.sign_out", "notifications.try_channel"})
# Anybody may have an empty form; it is no record of anything.
EMPTY_FORMS = frozenset({"ledger.template"})


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def filled(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Furnished]:
    template: SqliteTemplate | PostgresqlTemplate = request.getfixturevalue(
        f"{request.param}_template"
    )
    with furnished(template, tmp_path_factory.mktemp("routes")) as made:
        yield made


@pytest.fixture(scope="module")
def house(filled: Furnished) -> Iterator[House]:
    with filled.house() as made:
        yield made


def methods_of(endpoint: str) -> frozenset[str]:
    return frozenset(EXPECTED[endpoint][0].split())


def named(endpoint: str) -> frozenset[str]:
    return frozenset(EXPECTED[endpoint][1].split())


@dataclass(frozen=True)
class Answer:
    """What one role was answered at one route it is named for."""

    endpoint: str
    role: str
    status: int
    has_row: bool
    is_file: bool = False
    is_noted: bool = False

    @property
    def text(self) -> str:
        return f"{self.endpoint} {self.role} → {self.status}"


@dataclass(frozen=True)
class Walk:
    """All that was answered, and by which roles' walks a row changed."""

    answers: list[Answer]
    changed: list[str]

    def refused_to_all(self, method: str, good: frozenset[int]) -> list[str]:
        """Return the routes where nobody who is named got a good answer."""
        by_route: dict[str, list[Answer]] = defaultdict(list)
        for answer in self.answers:
            by_route[answer.endpoint].append(answer)
        asked = {name for name in EXPECTED if method in methods_of(name)}
        asked = {name for name in asked - NOT_PRESSED if ANYBODY not in named(name)}
        return [
            "; ".join(answer.text for answer in by_route[name]) or name
            for name in sorted(asked)
            if not any(answer.status in good for answer in by_route[name])
        ]


@pytest.fixture(scope="module")
def looked(filled: Furnished) -> Walk:
    """Every role opens every page it is named for, all in one house."""
    answers, changed = [], []
    kept = TRACES | RECEIPTS
    with filled.house() as house:
        before = house.digest(but=kept)
        for role in ROLES:
            visitor = house.visitor(role)
            answers += [
                _look(house, visitor, rule, role)
                for rule in house.rules()
                if role in named(rule.endpoint) and "GET" in methods_of(rule.endpoint)
            ]
            after = house.digest(but=kept)
            if after != before:
                changed.append(role)
            before = after
    return Walk(answers, changed)


def _look(house: House, visitor: Visitor, rule: Any, role: str) -> Answer:
    noted = house.entries()
    answer = visitor.get(house.path(rule, role))
    is_noted = house.entries() > noted
    is_file = "attachment" in answer.headers.get("Content-Disposition", "")
    if answer.status_code == 302:
        answer = visitor.get(answer.headers["Location"])
    return Answer(rule.endpoint, role, answer.status_code, bool(rule.arguments), is_file, is_noted)


@pytest.fixture(scope="module")
def pressed(filled: Furnished) -> Walk:
    """Every role sends every form it is named for, empty, each in a house of its own."""
    answers = []
    for role in ROLES:
        with filled.house() as house:
            visitor = house.visitor(role)
            for rule in house.rules():
                asked = role in named(rule.endpoint) and "POST" in methods_of(rule.endpoint)
                if asked and rule.endpoint not in NOT_PRESSED:
                    fields = FIELDS.get(rule.endpoint)
                    answer = visitor.post_raw(house.path(rule, role), fields)
                    status = answer.status_code
                    answers.append(Answer(rule.endpoint, role, status, bool(rule.arguments)))
    return Walk(answers, [])


def wrongly_answered(house: House, role: str) -> list[str]:
    """Ask for everything the role is not named for; return what was not refused."""
    visitor, faults = house.visitor(role), []
    for rule in house.rules():
        if {role, ANYBODY} & named(rule.endpoint):
            continue
        for method in (*sorted(methods_of(rule.endpoint)), "HEAD"):
            if method == "HEAD" and "GET" not in methods_of(rule.endpoint):
                continue
            answer = visitor._send(method, house.path(rule, role))
            if not is_refusal(answer, role, method):
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


def test_the_three_administrators_enter_no_business() -> None:
    """Accounts and settings, grants, the trail, what they asked for themselves; of clues who may open
    them, never one of them."""
    entered = {
        name for name in EXPECTED if {"sys", "security", "audit"} & named(name) and "." in name
    }
    rooms = {
        "administration",
        "audit",
        "diagnosis",
        "drafts",
        "home",
        "job_runs",
        "notifications",
        "people",
    }
    assert {name for name in entered if name.split(".")[0] not in rooms} == {
        "handover.clue_policies",
        "handover.clue_policy",
        "handover.revoke_grant",
        "handover.switch_clues",
    }


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


def test_a_method_that_is_not_there_is_405_for_everybody(house: House) -> None:
    """HEAD stands for GET; nothing answers to PUT, PATCH or DELETE."""
    before = house.digest(but=TRACES)
    faults = []
    for role in (NOBODY, "clerk", "sys"):
        visitor = house.visitor(role)
        for rule in house.rules():
            for method in set(METHODS) - methods_of(rule.endpoint):
                status = visitor._send(method, house.path(rule)).status_code
                if status != 405:
                    faults.append(f"{method} {rule.rule} {role} → {status}")
    assert faults == []
    assert house.digest(but=TRACES) == before


def test_every_refusal_is_in_the_trail(house: House) -> None:
    visitor = house.visitor("liaison")
    before, asked = house.entries(result="refused"), 0
    for rule in house.rules():
        if not {"liaison", ANYBODY} & named(rule.endpoint) and "GET" in methods_of(rule.endpoint):
            assert visitor.get(house.path(rule)).status_code in (403, 404)
            asked += 1
    assert house.entries(result="refused") == before + asked > before


def test_in_simple_mode_one_administrator_does_the_work_of_three(filled: Furnished) -> None:
    with filled.house() as house:
        with house.database.writing() as session:
            admin = session.scalars(select(User).where(User.username == house.users["sys"])).one()
            session.get_one(Region, admin.region_id).mode = OfficeMode.SIMPLE
            session.commit()
        visitor = house.visitor("sys")
        for path in ("/audit", "/access-diagnosis"):
            assert visitor.get(path).status_code == 200
        assert visitor.get("/tasks").status_code == 403
