"""Figures of letters, interviews and accountability, as of a day and in the reader's scope."""

from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from tests.factories.cast import Cast
from tests.factories.letters import make_letter
from tests.factories.work import Work, make_work
from tests.fakes.clock import ManualClock
from tests.visitor import Visitor
from tracker.kernel.db import Database
from tracker.kernel.errors import NotVisibleError
from tracker.kernel.permissions import Actor
from tracker.letters.models import Letter
from tracker.letters.rules.letters import LetterState
from tracker.letters.rules.words import Held
from tracker.letters.service.recording import (
    AccountabilityFacts,
    InterviewFacts,
    register_accountability,
    register_interview,
    void_record,
)
from tracker.letters.service.signing import void_letter
from tracker.rectification.rules.words import TaskState
from tracker.statistics.queries.query import FigureQuery
from tracker.statistics.rules import Side
from tracker.statistics.service import measure, measure_all, rows_behind

S = LetterState
MONDAY = date(2026, 11, 16)
FRIDAY = date(2026, 11, 20)


def figures(session: Session, people: Cast, name: str, as_of: date = MONDAY) -> dict[str, str]:
    query = asked(people, name, as_of)
    return {figure.definition.code: figure.text for figure in measure_all(session, query)}


def asked(people: Cast, name: str, as_of: date = MONDAY) -> FigureQuery:
    actor = Actor(name="command") if name == "command" else people.actor(name)
    return FigureQuery(
        actor=actor, region_id=actor.region_id or people.regions["city"], as_of=as_of
    )


@pytest.fixture
def work(database: Database, people: Cast, clock: ManualClock) -> Work:
    with database.writing() as session:
        made = make_work(session, people, now=clock.now())
        session.commit()
    return made


@pytest.fixture
def letters(
    database: Database, people: Cast, clock: ManualClock, work: Work, tmp_path: Path
) -> None:
    """Unit a: two sent 督办函 about the same closed issue and one about an open issue, a draft,
    a signed one, a void one; unit b: one sent 提醒函 about nothing; county e writes one of its own.
    """
    now = clock.now()
    with database.writing() as session:
        closed = work.task(session, people, state=TaskState.CLOSED, now=now)
        opened = work.task(session, people, now=now)
        sent: dict[str, Any] = {"state": S.SENT, "now": now}
        make_letter(session, people, tmp_path, task_ids=(closed.id,), **sent)
        make_letter(session, people, tmp_path, issue_ids=(closed.issue_id,), **sent)
        make_letter(session, people, tmp_path, task_ids=(opened.id,), **sent)
        make_letter(session, people, tmp_path, now=now)
        make_letter(session, people, tmp_path, state=S.SIGNED, now=now)
        make_letter(session, people, tmp_path, state=S.VOID, now=now)
        make_letter(session, people, tmp_path, unit="b", kind="reminder", **sent)
        make_work(session, people, region="east", units=("e",), now=now)
        make_letter(session, people, tmp_path, office="east_", unit="e", **sent)
        session.commit()


@pytest.mark.usefixtures("letters")
def test_letters_count_once_signed_units_and_issues_once_each(
    database: Database, people: Cast
) -> None:
    with database.reading() as session:
        found = figures(session, people, "clerk")
        parts = measure(session, asked(people, "clerk"), "letters_issued").reading.parts
        rows = rows_behind(session, asked(people, "clerk"), "letters_issued", side=Side.NUMERATOR)
    assert found["letters_issued"] == "5份"
    assert [(part.label, part.numerator) for part in parts] == [("督办函", 4), ("提醒函", 1)]
    assert found["units_written_to"] == "2个"
    assert found["issues_urged"] == "1/2条"
    assert len(rows.rows) == 5


@pytest.mark.usefixtures("letters")
def test_a_supervisor_counts_what_was_sent_to_its_units_and_a_county_its_own(
    database: Database, people: Cast
) -> None:
    with database.reading() as session:
        supervisor = figures(session, people, "supervisor")
        county = figures(session, people, "east_clerk")
    assert (supervisor["letters_issued"], supervisor["units_written_to"]) == ("3份", "1个")
    assert (county["letters_issued"], county["units_written_to"]) == ("1份", "1个")


@pytest.mark.usefixtures("letters")
def test_figures_of_an_earlier_day_stay_when_a_letter_is_voided_later(
    database: Database, people: Cast, clock: ManualClock
) -> None:
    clock.advance(timedelta(days=4))
    with database.writing() as session:
        letter = session.get_one(Letter, 1)
        void_letter(session, letter, "重复", actor=people.actor("lead"), now=clock.now())
        session.commit()
    with database.reading() as session:
        assert figures(session, people, "clerk")["letters_issued"] == "5份"
        assert figures(session, people, "clerk", FRIDAY)["letters_issued"] == "4份"
        before = figures(session, people, "clerk", MONDAY - timedelta(days=1))
    assert before["letters_issued"] == "0份"


@pytest.fixture
def records(database: Database, people: Cast, clock: ManualClock, work: Work) -> None:
    """赵一 (head) twice, 李三 once, one talk void; two decisions about one organisation, one each
    about two others, 孙二 twice."""
    how: dict[str, Any] = {"actor": people.actor("clerk"), "now": clock.now()}
    city, a, b = people.regions["city"], people.units["a"], people.units["b"]
    talk = InterviewFacts(
        person_name="赵一",
        post_title="局长",
        is_head=True,
        held_on=MONDAY,
        interviewer="主任",
        reason="滞后",
    )
    with database.writing() as session:
        register_interview(session, city, a, talk, None, **how)
        earlier = replace(talk, held_on=date(2026, 11, 2))
        register_interview(session, city, a, earlier, None, **how)
        other = replace(talk, person_name="李三", is_head=False)
        register_interview(session, city, b, other, None, **how)
        wrong = replace(talk, person_name="错录")
        void_record(
            session,
            register_interview(session, city, b, wrong, None, **how),
            "录错",
            **how,
        )
        for unit, name in ((a, "甲局党组"), (a, "甲局党组"), (a, "甲局机关党委"), (b, "乙局党组")):
            facts = AccountabilityFacts(
                held=Held.ORGAN,
                name=name,
                post_title="",
                form_code="notice",
                decided_on=MONDAY,
                basis="整改不力",
            )
            register_accountability(session, city, unit, facts, **how)
        for form in ("admonish", "punish"):
            facts = replace(facts, held=Held.PERSON, name="孙二", form_code=form)
            register_accountability(session, city, a, facts, **how)
        session.commit()


@pytest.mark.usefixtures("records")
def test_persons_talked_to_and_organisations_are_distinct_persons_held_count_each_time(
    database: Database, people: Cast
) -> None:
    with database.reading() as session:
        found = figures(session, people, "leader")
        early = figures(session, people, "leader", date(2026, 11, 5))
        nobody = figures(session, people, "leader", date(2026, 11, 1))
    codes = ("persons_interviewed", "heads_interviewed", "organs_held", "persons_held")
    assert [found[code] for code in codes] == ["2人", "1人", "3个", "2人次"]
    assert [early[code] for code in codes] == ["1人", "1人", "0个", "0人次"]
    assert [nobody[code] for code in codes] == ["0人", "0人", "0个", "0人次"]


@pytest.mark.usefixtures("records")
def test_totals_typed_in_progress_reports_are_never_added(
    app: Flask, database: Database, people: Cast, work: Work, clock: ManualClock
) -> None:
    with database.writing() as session:
        task_id = work.task(session, people, now=clock.now()).id
        session.commit()
    liaison = Visitor(app)
    liaison.sign_in("liaison_a")
    report = {"text": "已问责", "completion": "partly", "orgs_held": "5", "persons_held": "9"}
    assert liaison.post(f"/tasks/{task_id}/progress", {**report, "version": "1"}).status_code == 302
    with database.reading() as session:
        found = figures(session, people, "clerk")
    assert (found["organs_held"], found["persons_held"]) == ("3个", "2人次")


@pytest.mark.usefixtures("records")
def test_who_may_not_read_the_records_does_not_read_their_numbers(
    database: Database, people: Cast
) -> None:
    with database.reading() as session:
        query = asked(people, "supervisor")
        assert "persons_interviewed" not in figures(session, people, "supervisor")
        for code in ("heads_interviewed", "organs_held"):
            with pytest.raises(NotVisibleError):
                measure(session, query, code)
            with pytest.raises(NotVisibleError):
                rows_behind(session, query, code, side=Side.NUMERATOR)
        assert figures(session, people, "command")["persons_held"] == "2人次"
