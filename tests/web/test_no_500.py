"""Every route, with every role, with bent addresses and bent forms: a sentence, never a 500."""

import random
import re
from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import urlencode

import pytest
from flask import Flask
from werkzeug.routing import Rule

from tests.factories.cast import Cast
from tests.factories.handing_over import add_handing_over
from tests.factories.letters import make_letter, make_records
from tests.factories.work import PATH, make_work
from tests.fakes.clock import ManualClock
from tests.letters.work import oversight
from tests.visitor import Visitor
from tracker.kernel.config import Config
from tracker.kernel.db import Database, born
from tracker.letters.rules.letters import LetterState
from tracker.rectification.models import UnitDocument
from tracker.rectification.rules.words import DocumentKind, TaskState

SEED = 20261116
TRACKER = Path(__file__).parents[2] / "tracker"
ASKED = re.compile(r"""(?:args|values)\.get\(\s*"(\w+)"|(?:row_id|asked)\("(\w+)"\)""")
LEFT_OUT = {
    "people.sign_out",
    "people.sign_in_as",
    "notifications.try_channel",
    "notifications.try_way",
    "static",
}
WRITERS = ("clerk", "lead", "liaison_a", "head_a", "admin")
READERS = (*WRITERS, "leader", "supervisor", "security", "auditor", "east_lead", "liaison_b")
BENT = (
    "\x00",
    "甲\x00乙",
    "9" * 25,
    "9" * 5000,
    "-1",
    "0",
    "1e400",
    "NaN",
    "Infinity",
    "²",
    "0001-01-01",
    "9999-12-31",
    "2026-02-30",
    "长" * 450,
    "x" * 30000,
    "'\"><script>alert(1)</script>",
    "%s{{7*7}}${7*7}",
    "\u202e\u2028\ufeff",
    "//evil.example",
    "",
)

DAYS = ("9999-12-31", "0001-01-01")
LONG = "甲\x00" + "长" * 450


def asked_names() -> list[str]:
    """Return every name of the query string that a view reads."""
    found = {
        name
        for path in TRACKER.rglob("*.py")
        for names in ASKED.findall(path.read_text(encoding="utf-8"))
        for name in names
        if name
    }
    return sorted(found)


@dataclass
class Fields(HTMLParser):
    """The fields of a page's forms, each with the value the page gives it."""

    values: dict[str, str] = field(default_factory=dict)
    select: str = ""

    def __post_init__(self) -> None:
        super().__init__()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        name = given.get("name", "")
        if tag == "select":
            self.select = name
        if tag == "option" and ("selected" in given or not self.values.get(self.select)):
            self.values[self.select] = given.get("value", "")
        if tag in ("input", "textarea") and name:
            self.values.setdefault(name, given.get("value") or plain(given.get("type", "")))

    def handle_endtag(self, tag: str) -> None:
        if tag == "select":
            self.select = ""


def worst_for(value: str, dice: random.Random) -> tuple[str, ...]:
    """Return what a field of this value takes worst, and something else."""
    other = dice.choice(BENT)
    if value[:4].isdigit() and value[4:5] == "-":
        return (*DAYS, other)
    return ("9" * 25, other) if value.isdigit() else (LONG, other)


def plain(kind: str) -> str:
    return {"date": "2026-11-20", "number": "1", "checkbox": "y"}.get(kind, "正常")


@pytest.fixture
def ids(database: Database, people: Cast, clock: ManualClock, config: Config) -> None:
    """A task in every state, a plan, letters, what was looked into, what is handed over."""
    with database.writing() as session:
        work = make_work(session, people, now=clock.now())
        for state in (*PATH, TaskState.LONG_TERM):
            work.task(session, people, state=state, now=clock.now())
        stamps = born(actor=people.actor("clerk"), now=clock.now())
        plan = UnitDocument(
            feedback_id=work.feedback_ids["a"],
            unit_id=people.units["a"],
            kind=DocumentKind.PLAN,
            **stamps,
        )
        session.add(plan)
        for step in LetterState:
            make_letter(session, people, config.evidence_dir, state=step, now=clock.now())
        make_records(session, people, now=clock.now())
        oversight(session, people, work, now=clock.now())
        add_handing_over(session, people, work, now=clock.now())
        session.commit()


@pytest.fixture
def trusting(app: Flask) -> Flask:
    """The application without CSRF tokens: forms are what is tried here."""
    app.config.update(WTF_CSRF_ENABLED=False, WTF_CSRF_METHODS=frozenset())
    return app


def addresses(rule: Rule, numbers: range) -> list[str]:
    """Return a route's address for each number, and for a bent one."""
    if not rule.arguments:
        return [rule.rule]
    values = [str(number) for number in numbers] + ["9" * 18]
    if "<int:" not in rule.rule:
        values = ["%00", "nonsense"]
    return [re.sub(r"<[^>]+>", value, rule.rule) for value in values]


def routes(app: Flask, method: str) -> list[Rule]:
    return sorted(
        (
            rule
            for rule in app.url_map.iter_rules()
            if rule.endpoint not in LEFT_OUT and method in (rule.methods or set())
        ),
        key=lambda rule: rule.rule,
    )


def broken(visitor: Visitor, method: str, path: str, data: dict[str, str] | None = None) -> str:
    """Return what went wrong with one request, or nothing."""
    answer = visitor.get(path) if method == "GET" else visitor.post_raw(path, data)
    return f"{answer.status_code} {method} {path[:200]}" if answer.status_code >= 500 else ""


def test_no_bent_address_breaks_a_page_for_any_role(
    trusting: Flask, people: Cast, ids: None
) -> None:
    dice, names, faults = random.Random(SEED), asked_names(), set()
    for name in READERS:
        visitor = Visitor(trusting)
        visitor.sign_in(name)
        for rule in routes(trusting, "GET"):
            path = dice.choice(addresses(rule, range(1, 4)))
            faults.add(broken(visitor, "GET", path))
            bent = urlencode({asked: dice.choice(BENT)[:400] for asked in names})
            faults.add(broken(visitor, "GET", f"{path}?{bent}"))
    assert faults == {""}


@pytest.mark.parametrize("name", WRITERS)
def test_no_bent_form_breaks_a_page(trusting: Flask, people: Cast, ids: None, name: str) -> None:
    visitor = Visitor(trusting)
    visitor.sign_in(name)
    dice, faults = random.Random(SEED), set()
    for rule in routes(trusting, "POST"):
        for path in addresses(rule, range(1, 10)):
            faults.add(broken(visitor, "POST", path, {}))
            if visitor.get(path).status_code != 200:
                continue
            page = Fields()
            page.feed(visitor.text)
            for bent in page.values:
                for value in worst_for(page.values[bent], dice):
                    fault = broken(visitor, "POST", path, {**page.values, bent: value})
                    faults.add(fault and f"{fault} {bent}={value[:20]!r}")
            if rule.arguments:
                break  # one row of a kind tells for all
    assert faults == {""}
