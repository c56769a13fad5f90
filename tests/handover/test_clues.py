"""Clues: off by default, numbers only, their detail for people granted by name."""

from datetime import date

import pytest
from flask import Flask
from sqlalchemy import delete, select, update
from sqlalchemy.exc import DatabaseError
from sqlalchemy.orm import Session

from tests.factories.cast import TESTER, Cast
from tests.fakes.clock import ManualClock
from tests.handover.clue_ground import TODAY, Ground, make_ground, record_clues
from tests.rectification.office import enter
from tracker.audit.models import AuditEntry
from tracker.handover.models import Clue, ClueCorrection, ClueCount
from tracker.handover.queries.clues import CLUES_ON, clue_sums
from tracker.handover.rules import ClueKind, ClueMeasure
from tracker.kernel.db import Database
from tracker.kernel.formats import Number
from tracker.kernel.settings import put_setting, region_scope
from tracker.statistics.queries.query import FigureQuery
from tracker.statistics.service import measure

SECRET_TEXT, SECRET_PERSON = "某科长收受礼金一事", "赵某某"


@pytest.fixture
def ground(database: Database, people: Cast, clock: ManualClock) -> Ground:
    return make_ground(database, people, clock)


def test_the_module_is_off_until_the_security_administrator_switches_it_on(
    app: Flask, people: Cast, database: Database
) -> None:
    clerk = enter(app, "clerk")
    assert "/clues" not in clerk.get("/").get_data(as_text=True)
    missing = clerk.get("/clues/999999999").get_data(as_text=True)
    for path in ("/clues", "/clues/new", "/clues/counts/new", "/clues/unanswered"):
        answer = clerk.get(path)
        assert answer.status_code == 404
        assert answer.get_data(as_text=True) == missing
    for name in ("clerk", "lead", "admin", "auditor"):
        assert enter(app, name).get("/clue-policy").status_code == 403
    security = enter(app, "security")
    page = f"/clue-policy/{people.regions['city']}"
    fields = {"key": "clues_on", "on": "1"}
    assert security.post(f"{page}/switch", fields, via=page).status_code == 302
    assert clerk.get("/clues").status_code == 200
    assert 'href="/clues"' in clerk.get("/").get_data(as_text=True)
    assert enter(app, "east_clerk").get("/clues").status_code == 404
    assert security.get("/clues").status_code == 403
    assert security.post(f"{page}/switch", fields | {"on": "0"}, via=page).status_code == 302
    assert clerk.get("/clues").status_code == 404
    bad = {"key": "demo_loaded_at", "on": "1"}
    assert security.post(f"{page}/switch", bad, via=page).status_code == 404
    with database.reading() as session:
        trail = session.scalars(select(AuditEntry.action)).all()
        assert trail.count("clues_on_switched") == 2


def figure(session: Session, people: Cast, code: str, as_of: date) -> Number | None:
    query = FigureQuery(actor=TESTER, region_id=people.regions["city"], as_of=as_of)
    return measure(session, query, code).reading.numerator


def test_found_moved_taken_in_and_settled_are_counted_apart_as_of_a_day(
    app: Flask, people: Cast, ground: Ground, database: Database
) -> None:
    clerk = enter(app, "clerk")
    found = {"kind": "clue", "amount": "9", "occurred_on": "2026-07-01"}
    found |= {"round_id": str(ground.work.round_id), "inspection_id": "0"}
    assert clerk.post("/clues/counts/new", found).status_code == 302
    record_clues(clerk, ground.out())
    record_clues(clerk, ground.out(code="X-2", kind="petition", amount="2"))
    record_clues(clerk, ground.taken())
    with database.reading() as session:
        ids = {clue.code: clue.id for clue in session.scalars(select(Clue))}
    for code, what, amount, on in (
        ("X-1", "settled", "3", "2026-10-01"),
        ("X-1", "cases", "2", "2026-10-02"),
        ("X-1", "persons_filed", "4", "2026-10-02"),
        ("X-1", "persons_punished", "1", "2026-11-02"),
        ("J-1", "settled", "6", "2026-10-01"),
    ):
        fields = {"measure": what, "amount": amount, "occurred_on": on}
        assert clerk.post(f"/clues/{ids[code]}/outcomes/new", fields).status_code == 302
    with database.reading() as session:
        told = {
            code: figure(session, people, code, TODAY)
            for code in (
                "clues_found",
                "clues_transferred",
                "clues_settled",
                "cases_filed",
                "persons_filed",
                "persons_punished",
                "source_clues_received",
                "source_clues_settled",
            )
        }
        assert list(told.values()) == [9, 5, 3, 2, 4, 1, 8, 6]
        assert figure(session, people, "clues_transferred", date(2026, 7, 30)) == 0
        assert figure(session, people, "clues_settled", date(2026, 9, 30)) == 0
        actor = people.actor("clerk")
        sums = clue_sums(session, actor=actor, as_of=TODAY)
        shown = {(line.measure, line.is_from_above): line.by_kind for line in sums}
        moved = shown[ClueMeasure.TRANSFERRED, False]
        assert moved == {ClueKind.CLUE: 5, ClueKind.PETITION: 2}
        assert shown[ClueMeasure.SETTLED, True][ClueKind.CLUE] == 6
        assert shown[ClueMeasure.SETTLED, False][ClueKind.CLUE] == 3


def test_an_answer_is_due_in_three_months_at_the_months_end_at_most(
    app: Flask, people: Cast, ground: Ground, database: Database
) -> None:
    clerk = enter(app, "clerk")
    record_clues(clerk, ground.out(moved_on="2026-08-31"))
    with database.reading() as session:
        clue = session.scalars(select(Clue)).one()
        assert clue.reply_due == date(2026, 11, 30)
    edited = ground.out(moved_on="2026-07-31", version="1", reason="日期录错")
    assert clerk.post(f"/clues/{clue.id}/edit", edited).status_code == 302
    with database.reading() as session:
        assert session.get_one(Clue, clue.id).reply_due == date(2026, 10, 31)
        count = session.scalars(select(ClueCount)).one()
        assert (count.amount, count.occurred_on) == (5, date(2026, 7, 31))


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"round_id": "0", "inspection_id": "0"}, "请选择巡察轮次"),
        ({"moved_on": "2026-11-17"}, "不能晚于今天"),
        ({"direction": "in"}, "请选择上级反馈"),
        ({"amount": "0"}, "请填 1 至"),
    ],
)
def test_what_figures_could_not_place_is_refused(
    app: Flask, people: Cast, ground: Ground, changes: dict[str, str], sentence: str
) -> None:
    clerk = enter(app, "clerk")
    assert clerk.post("/clues/new", ground.out(**changes)).status_code == 422
    assert sentence in clerk.text


def test_no_more_is_settled_than_moved_and_mistakes_are_corrected_in_the_open(
    app: Flask, people: Cast, ground: Ground, database: Database
) -> None:
    clerk = enter(app, "clerk")
    record_clues(clerk, ground.out())
    with database.reading() as session:
        clue_id = session.scalars(select(Clue.id)).one()
    path = f"/clues/{clue_id}/outcomes/new"
    settled = {"measure": "settled", "amount": "4", "occurred_on": "2026-10-01"}
    assert clerk.post(path, settled).status_code == 302
    assert clerk.post(path, settled | {"amount": "2"}).status_code == 422
    assert "不能超过 5 件" in clerk.text
    assert clerk.post(path, settled | {"occurred_on": "2026-07-30"}).status_code == 422
    assert clerk.post(path, settled | {"measure": "found"}).status_code == 422
    with database.reading() as session:
        query = select(ClueCount).where(ClueCount.measure == ClueMeasure.SETTLED)
        count = session.scalars(query).one()
    correct = f"/clues/counts/{count.id}/correct"
    fields = {"amount": "6", "occurred_on": "2026-10-01", "reason": "录错", "version": "1"}
    assert clerk.post(correct, fields).status_code == 422
    assert clerk.post(correct, fields | {"amount": "5"}).status_code == 302
    edited = ground.out(amount="4", version="2")
    assert clerk.post(f"/clues/{clue_id}/edit", edited).status_code == 422
    assert "请先更正办结数" in clerk.text
    void = {"reason": "重复登记", "version": "2"}
    assert clerk.post(f"/clues/{clue_id}/void", void).status_code == 302
    assert clerk.post(path, settled | {"amount": "1"}).status_code == 422
    with database.reading() as session:
        assert {row.amount for row in session.scalars(select(ClueCount))} == {0}
        actions = set(session.scalars(select(AuditEntry.action)))
        assert {"clue_count_corrected", "clue_voided"} <= actions


def test_a_changed_amount_kind_day_or_answer_says_why_and_what_it_was(
    app: Flask, people: Cast, ground: Ground, database: Database
) -> None:
    clerk = enter(app, "clerk")
    record_clues(clerk, ground.out())
    with database.reading() as session:
        clue_id = session.scalars(select(Clue.id)).one()
    page = f"/clues/{clue_id}"
    for changes in ({"amount": "4"}, {"kind": "petition"}, {"moved_on": "2026-07-30"}):
        assert clerk.post(f"{page}/edit", ground.out(version="1", **changes)).status_code == 422
        assert "请写明更正理由" in clerk.text

    def version() -> dict[str, str]:
        with database.reading() as session:
            return {"version": str(session.get_one(Clue, clue_id).version)}

    renamed = ground.out(counterpart="市纪委")
    assert clerk.post(f"{page}/edit", renamed | version()).status_code == 302
    fewer = renamed | {"amount": "4", "reason": "重复计了一件"}
    assert clerk.post(f"{page}/edit", fewer | version()).status_code == 302
    answer = {"replied_on": "2026-11-10", "disposal": "verify"}
    assert clerk.post(f"{page}/reply", answer | version()).status_code == 302
    other = answer | {"replied_on": "2026-11-12"} | version()
    assert clerk.post(f"{page}/reply", other).status_code == 422
    assert clerk.post(f"{page}/reply", other | {"reason": "看错日期"}).status_code == 302
    clerk.get(page)
    for words in ("件数 5→4", "重复计了一件", "回复日期 2026-11-10→2026-11-12", "看错日期"):
        assert words in clerk.text
    with database.writing() as session:
        assert len(session.scalars(select(ClueCorrection)).all()) == 2
        for statement in (update(ClueCorrection).values(reason="改"), delete(ClueCorrection)):
            with pytest.raises(DatabaseError, match="append-only"), session.begin_nested():
                session.execute(statement)


def test_another_office_finds_no_clue_and_the_leader_only_reads(
    app: Flask, people: Cast, ground: Ground, database: Database, clock: ManualClock
) -> None:
    clerk = enter(app, "clerk")
    record_clues(clerk, ground.out())
    with database.writing() as session:
        clue_id = session.scalars(select(Clue.id)).one()
        count_id = session.scalars(select(ClueCount.id)).one()
        scope = region_scope(people.regions["east"])
        put_setting(session, CLUES_ON, "1", by="tests", now=clock.now(), scope=scope)
        session.commit()
    east = enter(app, "east_clerk")
    pages = [
        f"/clues/{clue_id}{tail}" for tail in ("", "/edit", "/reply", "/outcomes/new", "/void")
    ]
    for page in (*pages, f"/clues/counts/{count_id}/correct"):
        assert east.get(page).status_code == 404
    assert "X-1" not in east.get("/clues").get_data(as_text=True)
    foreign = ground.out(code="E-1")
    assert east.post("/clues/new", foreign).status_code == 422
    leader = enter(app, "leader")
    assert leader.get(f"/clues/{clue_id}").status_code == 200
    assert leader.get(f"/clues/{clue_id}/edit").status_code == 403
    for name in ("liaison_a", "head_a", "supervisor", "admin"):
        assert enter(app, name).get("/clues").status_code == 403
