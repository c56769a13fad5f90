"""Who gets in where: nobody unnamed, and each role only where the table says."""

import re

import pytest
from flask import Flask

from tests.factories.cast import Cast
from tests.factories.work import make_work
from tests.fakes.clock import ManualClock
from tests.visitor import Visitor
from tracker.kernel.db import Database
from tracker.web.access import PUBLIC, access_of

PUBLIC_ENDPOINTS = {
    "static",
    "health.healthz",
    "health.read_metrics",
    "health.readyz",
    "people.sign_in",
    "people.sign_in_as",
    "people.wecom_return",
    "people.wecom_start",
}


@pytest.fixture
def round_id(database: Database, people: Cast, clock: ManualClock) -> int:
    with database.writing() as session:
        work = make_work(session, people, now=clock.now())
        work.task(session, people, now=clock.now())
        session.commit()
    return work.round_id


def test_only_signing_in_and_health_are_public(app: Flask) -> None:
    with app.app_context():
        public = {
            rule.endpoint for rule in app.url_map.iter_rules() if access_of(rule.endpoint) == PUBLIC
        }
    assert public == PUBLIC_ENDPOINTS


def test_nobody_unnamed_gets_a_page(app: Flask, visitor: Visitor, round_id: int) -> None:
    paths = {
        (re.sub(r"<[^>]+>", "1", rule.rule), method)
        for rule in app.url_map.iter_rules()
        if rule.endpoint not in PUBLIC_ENDPOINTS
        for method in (rule.methods or set()) & {"GET", "POST"}
    }
    assert len(paths) > 50
    answers = {
        (path, method): (visitor.get(path) if method == "GET" else visitor.post_raw(path))
        for path, method in paths
    }
    let_in = [key for key, answer in answers.items() if answer.status_code // 100 == 2]
    assert let_in == []
    told = [key for key, answer in answers.items() if "市甲局" in answer.get_data(as_text=True)]
    assert told == []


OFFICE = {"clerk", "lead", "leader"}
TABLE = {
    "/": {
        *OFFICE,
        "liaison_a",
        "head_a",
        "supervisor",
        "admin",
        "security",
        "auditor",
    },
    "/rounds": OFFICE,
    "/rounds/new": {"clerk"},
    "/deadline-profiles": OFFICE,
    "/feedbacks": OFFICE,
    "/feedbacks/new": {"clerk"},
    "/issues/1": {*OFFICE, "liaison_a", "head_a", "supervisor"},
    "/issues/1/edit": {"clerk"},
    "/tasks": {*OFFICE, "liaison_a", "head_a", "supervisor"},
    "/letters": {*OFFICE, "liaison_a", "head_a", "supervisor"},
    "/letters/new": {"clerk"},
    "/letter-kinds": {"clerk"},
    "/interviews": OFFICE,
    "/interviews/new": {"clerk", "lead"},
    "/accountability": OFFICE,
    "/accountability/new": {"clerk", "lead"},
    "/county-submissions": OFFICE,
    "/county-submissions/calls/new": {"clerk", "lead"},
    "/dispatches": OFFICE,
    "/dispatches/new": {"clerk", "lead"},
    "/advice": OFFICE,
    "/advice/new": {"clerk", "lead"},
    "/clue-policy": {"security"},
    "/post-changes": {"clerk", "lead"},
    "/received-posts": {"liaison_a", "head_a"},
    "/tasks/1/deadline": {*OFFICE, "liaison_a", "head_a", "supervisor"},
    "/court": {"clerk", "lead"},
    "/spot-checks": {"clerk", "lead"},
    "/spot-checks/new": {"clerk", "lead"},
    "/spot-check-questions": {"clerk", "lead"},
    "/visits": {*OFFICE, "supervisor"},
    "/visits/new": {"clerk", "lead"},
    "/assessments": OFFICE,
    "/assessment-sheets": {"clerk", "lead"},
    "/assessment-grades": {"clerk", "lead"},
    "/units": {"clerk"},
    "/units/1/posts": {"clerk"},
    "/persons": {"clerk"},
    "/regions": {"admin"},
    "/accounts": {"admin"},
}


@pytest.mark.parametrize("name", sorted(TABLE["/"]))
def test_each_role_enters_where_the_table_says(
    visitor: Visitor, people: Cast, round_id: int, name: str
) -> None:
    visitor.sign_in(name)
    entered = {path for path in TABLE if visitor.get(path).status_code == 200}
    assert entered == {path for path, names in TABLE.items() if name in names}
