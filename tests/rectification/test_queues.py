"""审核: what waits, the oldest first, page by page, and nobody else's."""

import re
from datetime import date, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from tests.factories.cast import TESTER, Cast
from tests.factories.work import Work, make_work
from tests.fakes.clock import ManualClock
from tests.visitor import Visitor
from tracker.kernel.db import Database, born
from tracker.rectification import review_queue
from tracker.rectification.models import (
    Extension,
    LongTermRequest,
    Task,
    TaskTransition,
    UnitDocument,
)
from tracker.rectification.review_queue import PAGE_SIZE, QueueFilter, Waiting
from tracker.rectification.rules.words import (
    DocumentKind,
    ExtensionState,
    RequestState,
    TaskState,
)
from tracker.rectification.service.reviewing import cosign_closure, recommend_closure
from tracker.rounds.models import Round

S = TaskState


@pytest.fixture
def work(database: Database, people: Cast, clock: ManualClock) -> Work:
    with database.writing() as session:
        made = make_work(session, people, now=clock.now())
        session.commit()
    return made


def asked(
    session: Session, people: Cast, work: Work, clock: ManualClock, on: date, unit: str = "a"
) -> Task:
    """A task before the office since a day."""
    task = work.task(session, people, unit=unit, now=clock.now())
    session.add(
        TaskTransition(
            task=task,
            from_state=S.IN_PROGRESS,
            to_state=S.OFFICE_REVIEW,
            verb="made",
            occurred_on=on,
            recorded_at=clock.now(),
            actor="tests",
        )
    )
    task.state, task.done_on = S.OFFICE_REVIEW, on
    session.flush()  # the queue reads the database
    return task


def fill(session: Session, people: Cast, work: Work, clock: ManualClock) -> None:
    """One of each kind, on four days; and one of each that waits for nobody."""
    stamps = born(actor=TESTER, now=clock.now())
    asked(session, people, work, clock, date(2026, 11, 10))
    for state in (ExtensionState.SIGNED, ExtensionState.ASKED, ExtensionState.GRANTED):
        task = work.task(session, people, now=clock.now())
        session.add(
            Extension(
                task_id=task.id,
                state=state,
                old_due=date(2026, 12, 1),
                new_due=date(2026, 12, 20),
                reason="会商",
                asked_on=date(2026, 11, 1),
                asked_by="tests",
                signed_on=date(2026, 11, 8) if state is ExtensionState.SIGNED else None,
                **stamps,
            )
        )
    for answer in (RequestState.ASKED, RequestState.REFUSED):
        task = work.task(session, people, now=clock.now())
        session.add(
            LongTermRequest(
                task_id=task.id,
                is_resume=False,
                state=answer,
                reason="分阶段",
                asked_on=date(2026, 11, 12),
                asked_by="tests",
                **stamps,
            )
        )
    work.task(session, people, unit="b", state=S.PLAN_REVIEW, now=clock.now())
    for unit in ("a", "b"):
        session.add(
            UnitDocument(
                feedback_id=work.feedback_ids[unit],
                unit_id=people.units[unit],
                kind=DocumentKind.PLAN,
                **stamps,
            )
        )
    _documents(session, people, work, stamps)
    session.flush()  # the queue reads the database


def _documents(session: Session, people: Cast, work: Work, stamps: dict[str, Any]) -> None:
    """One report that waits for the office; one before its head, one accepted, one being written."""
    day = date(2026, 11, 14)
    signed = {"submitted_on": date(2026, 11, 1), "signed_on": day, "needs_sign_off": True}
    before_head = {"submitted_on": day, "needs_sign_off": True}
    for unit, kind, values in (
        ("a", DocumentKind.PROGRESS_REPORT, signed),
        ("a", DocumentKind.HEAD_REPORT, before_head),
        ("a", DocumentKind.PUBLIC_NOTICE, {**signed, "passed_on": day}),
        ("b", DocumentKind.PROGRESS_REPORT, {}),
    ):
        session.add(
            UnitDocument(
                feedback_id=work.feedback_ids[unit],
                unit_id=people.units[unit],
                kind=kind,
                **values,
                **stamps,
            )
        )


def kinds(session: Session, people: Cast, who: str, wanted: QueueFilter) -> list[str]:
    rows = review_queue.office_queue(session, wanted, actor=people.actor(who))
    return [row.kind.value for row in rows]


def test_the_office_sees_every_kind_the_oldest_first(
    database: Database, people: Cast, work: Work, clock: ManualClock
) -> None:
    with database.writing() as session:
        fill(session, people, work, clock)
        every = QueueFilter()
        expected = ["plan", "extension", "closure", "long_term", "document"]
        assert kinds(session, people, "clerk", every) == expected
        assert kinds(session, people, "lead", every) == expected
        assert kinds(session, people, "east_lead", every) == []
        assert kinds(session, people, "liaison_a", every) == []
        assert kinds(session, people, "lead", QueueFilter(kind=Waiting.CLOSURE)) == ["closure"]
        assert kinds(session, people, "lead", QueueFilter(unit_id=people.units["b"])) == ["plan"]
        assert kinds(session, people, "lead", QueueFilter(round_id=work.round_id + 99)) == []
        report = review_queue.office_queue(
            session, QueueFilter(kind=Waiting.DOCUMENT), actor=people.actor("lead")
        )
        assert [row.since for row in report] == [date(2026, 11, 14)]
        counts = review_queue.office_counts(session, every, actor=people.actor("lead"))
        assert counts == dict.fromkeys(Waiting, 1)


def test_a_returned_request_waits_from_its_newest_submission(
    database: Database, people: Cast, work: Work, clock: ManualClock
) -> None:
    with database.writing() as session:
        task = asked(session, people, work, clock, date(2026, 11, 2))
        recommend_closure(session, task, "", actor=people.actor("clerk"), now=clock.now())
        row = review_queue.office_queue(session, QueueFilter(), actor=people.actor("lead"))[0]
        assert (row.since, row.mark) == (date(2026, 11, 2), "recommended")
        session.add(
            TaskTransition(
                task=task,
                from_state=S.IN_PROGRESS,
                to_state=S.OFFICE_REVIEW,
                verb="made",
                occurred_on=date(2026, 11, 9),
                recorded_at=clock.now(),
                actor="tests",
            )
        )
        session.flush()  # the queue reads the database
        row = review_queue.office_queue(session, QueueFilter(), actor=people.actor("lead"))[0]
        assert (row.since, row.mark) == (date(2026, 11, 9), None)


def test_supervisors_see_their_units_requests_and_what_waits_for_them(
    database: Database, people: Cast, work: Work, clock: ManualClock
) -> None:
    supervisor = people.actor("supervisor")
    with database.writing() as session:
        session.get_one(Round, work.round_id).needs_cosign = True
        first = asked(session, people, work, clock, date(2026, 11, 3))
        second = asked(session, people, work, clock, date(2026, 11, 2))
        asked(session, people, work, clock, date(2026, 11, 1), unit="b")
        cosign_closure(session, second, agrees=True, opinion="", actor=supervisor, now=clock.now())
        session.flush()  # the queue reads the database

        def numbers(*, only_mine: bool = False) -> list[str]:
            wanted = QueueFilter(only_mine=only_mine)
            rows = review_queue.cosign_queue(session, wanted, actor=supervisor)
            return [row.number for row in rows]

        assert numbers() == [second.task_no, first.task_no]
        assert numbers(only_mine=True) == [first.task_no]


def enter(app: Flask, username: str) -> Visitor:
    visitor = Visitor(app)
    visitor.sign_in(username)
    return visitor


def test_pages_follow_each_other_without_a_gap_or_a_repeat(
    app: Flask, database: Database, people: Cast, work: Work, clock: ManualClock
) -> None:
    with database.writing() as session:
        days = [date(2026, 10, 1) + timedelta(days=n // 9) for n in range(PAGE_SIZE + 7)]
        for day in days:
            asked(session, people, work, clock, day)
        session.commit()
    lead = enter(app, "lead")
    assert lead.get("/reviews").status_code == 200
    first = re.findall(r'href="/tasks/(\d+)"', lead.text)
    assert "46 天" in lead.text
    following = re.search(r'rel="next" href="([^"]+)"', lead.text)
    assert following is not None
    lead.get(following.group(1).replace("&amp;", "&"))
    second = re.findall(r'href="/tasks/(\d+)"', lead.text)
    assert (len(first), len(second)) == (PAGE_SIZE, 7)
    assert len({*first, *second}) == PAGE_SIZE + 7
    assert lead.get("/reviews?after=x").status_code == 404
    assert lead.get("/reviews?kind=nonsense&unit=-1").status_code == 200


def test_a_line_of_the_queue_leads_to_the_document(
    app: Flask, database: Database, people: Cast, work: Work, clock: ManualClock
) -> None:
    with database.writing() as session:
        fill(session, people, work, clock)
        session.commit()
    lead = enter(app, "lead")
    lead.get("/reviews?kind=document")
    (link,) = re.findall(r'href="(/documents/\d+)"', lead.text)
    assert lead.get(link).status_code == 200


def test_each_queue_opens_for_those_it_is_for(
    app: Flask, database: Database, people: Cast, work: Work, clock: ManualClock
) -> None:
    with database.writing() as session:
        fill(session, people, work, clock)
        session.commit()
    answers = {
        (name, path): enter(app, name).get(path).status_code
        for name in ("clerk", "lead", "supervisor", "liaison_a", "leader")
        for path in ("/reviews", "/reviews/cosign")
    }
    assert {key for key, status in answers.items() if status == 200} == {
        ("clerk", "/reviews"),
        ("lead", "/reviews"),
        ("supervisor", "/reviews/cosign"),
    }
    assert {status for status in answers.values() if status != 200} == {403}
