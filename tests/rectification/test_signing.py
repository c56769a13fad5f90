"""Three ways to sign, as the round allows: online, by scan, by an authorised deputy."""

from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from tests.conftest import MONDAY
from tests.factories.cast import Cast
from tests.factories.work import Work, make_work
from tests.fakes.clock import ManualClock
from tests.rectification.office import PDF, enter, last_step, make_task, scan, state_of
from tracker.files.models import StoredFile
from tracker.kernel.db import Database
from tracker.rectification.models import SignOff, TaskTransition
from tracker.rectification.rules.words import SignatureWay, TaskState
from tracker.rounds.models import Round

S = TaskState


@pytest.fixture
def work(database: Database, people: Cast, clock: ManualClock) -> Work:
    with database.writing() as session:
        made = make_work(session, people, now=clock.now())
        session.commit()
    return made


def lend(app: Flask, lender: str, deputy_id: int, to_on: str = "2026-11-20") -> None:
    answer = enter(app, lender).post(
        "/delegations/new",
        {
            "deputy_id": str(deputy_id),
            "from_on": "2026-11-16",
            "to_on": to_on,
            "reason": "外出学习",
        },
    )
    assert answer.status_code == 302


def test_the_liaison_brings_the_signed_scan_and_it_is_kept(
    app: Flask, database: Database, people: Cast, clock: ManualClock, work: Work
) -> None:
    task_id = make_task(database, people, clock, work, S.UNIT_CHECK)
    liaison = enter(app, "liaison_a")
    liaison.get(f"/tasks/{task_id}")
    assert "上传签字扫描件" in liaison.text
    page = f"/tasks/{task_id}/sign-by-scan"
    assert liaison.post(page, {"is_confirmed_signed": "y"}).status_code == 422
    assert "请选择文件" in liaison.text
    assert liaison.post(page, scan()).status_code == 302
    assert state_of(database, task_id) is S.OFFICE_REVIEW
    with database.reading() as session:
        signed = session.scalars(select(SignOff)).one()
        kept = session.get_one(StoredFile, signed.file_id)
        assert (signed.way, kept.size_bytes) == (SignatureWay.SCAN, len(PDF))
    page = f"/sign-offs/{signed.id}/file"
    assert liaison.get(page).get_data() == PDF
    assert enter(app, "liaison_b").get(page).status_code == 404


def test_a_round_without_scans_refuses_one_and_offers_none(
    app: Flask, database: Database, people: Cast, clock: ManualClock, work: Work
) -> None:
    task_id = make_task(database, people, clock, work, S.UNIT_CHECK)
    with database.writing() as session:
        session.get_one(Round, work.round_id).allows_scan_sign = False
        session.commit()
    liaison = enter(app, "liaison_a")
    liaison.get(f"/tasks/{task_id}")
    assert "上传签字扫描件" not in liaison.text
    assert liaison.post(f"/tasks/{task_id}/sign-by-scan", scan()).status_code == 422
    assert "由主要负责人在线签署" in liaison.text
    assert state_of(database, task_id) is S.UNIT_CHECK


def test_a_deputy_signs_while_the_loan_lasts_and_history_names_both(
    app: Flask, database: Database, people: Cast, clock: ManualClock, work: Work
) -> None:
    task_id = make_task(database, people, clock, work, S.UNIT_CHECK)
    deputy = enter(app, "deputy_a")
    assert deputy.get(f"/tasks/{task_id}/sign").status_code == 403
    lend(app, "head_a", people.users["deputy_a"])
    assert deputy.post(f"/tasks/{task_id}/sign").status_code == 302
    step = last_step(database, task_id)
    assert "deputy_a" in step.actor
    assert step.lent_by == "党组织主要负责人head_a"
    with database.reading() as session:
        assert session.scalars(select(SignOff.way)).one() is SignatureWay.AUTHORISED


def test_a_loan_ends_by_itself_and_when_it_is_taken_back(
    app: Flask, database: Database, people: Cast, clock: ManualClock, work: Work
) -> None:
    task_id = make_task(database, people, clock, work, S.UNIT_CHECK)
    lend(app, "head_a", people.users["deputy_a"], to_on="2026-11-16")
    deputy = enter(app, "deputy_a")
    assert deputy.get(f"/tasks/{task_id}/sign").status_code == 200
    clock.advance(timedelta(days=1))
    deputy = enter(app, "deputy_a")
    assert deputy.get(f"/tasks/{task_id}/sign").status_code == 403
    answer = enter(app, "head_a").post(
        "/delegations/new",
        {
            "deputy_id": str(people.users["deputy_a"]),
            "from_on": "2026-11-17",
            "to_on": "2026-11-30",
            "reason": "外出",
        },
    )
    assert answer.status_code == 302
    assert deputy.get(f"/tasks/{task_id}/sign").status_code == 200
    enter(app, "head_a").post("/delegations/2/revoke", via="/delegations")
    assert deputy.get(f"/tasks/{task_id}/sign").status_code == 403


def test_a_deputy_never_signs_what_they_submitted_themselves(
    app: Flask, database: Database, people: Cast, clock: ManualClock, work: Work
) -> None:
    task_id = make_task(database, people, clock, work, S.UNIT_CHECK)
    with database.writing() as session:
        session.add(
            TaskTransition(
                task_id=task_id,
                from_state=S.IN_PROGRESS,
                to_state=S.UNIT_CHECK,
                verb="request_closure",
                occurred_on=MONDAY,
                recorded_at=clock.now(),
                actor="deputy_a",
                actor_user_id=people.users["deputy_a"],
            )
        )
        session.commit()
    lend(app, "head_a", people.users["deputy_a"])
    deputy = enter(app, "deputy_a")
    assert deputy.post(f"/tasks/{task_id}/sign").status_code == 422
    assert "您本人提交的" in deputy.text
    assert state_of(database, task_id) is S.UNIT_CHECK


def test_only_a_colleague_of_ones_own_can_be_authorised(
    app: Flask, database: Database, people: Cast, work: Work
) -> None:
    head = enter(app, "head_a")
    for stranger in ("liaison_b", "clerk", "head_b"):
        fields = {
            "deputy_id": str(people.users[stranger]),
            "from_on": "2026-11-16",
            "to_on": "2026-11-20",
            "reason": "外出",
        }
        assert head.post("/delegations/new", fields).status_code == 422
    assert enter(app, "clerk").get("/delegations/new").status_code == 403
    assert enter(app, "liaison_a").get("/delegations/new").status_code == 403
    head.get("/delegations")
    assert "还没有授权" in head.text


def test_authorisations_are_shown_to_the_own_office_and_unit_and_nobody_else(
    app: Flask, people: Cast, work: Work
) -> None:
    lend(app, "lead", people.users["acting_lead"])
    for name in ("lead", "clerk", "acting_lead"):
        visitor = enter(app, name)
        assert visitor.get("/delegations").status_code == 200
        assert "acting_lead" in visitor.text
    liaison = enter(app, "liaison_a")
    assert liaison.get("/delegations").status_code == 200
    assert "acting_lead" not in liaison.text
    for name in ("supervisor", "leader", "admin"):
        visitor = enter(app, name)
        assert visitor.get("/delegations").status_code == 403
        visitor.get("/")
        assert "/delegations" not in visitor.text


def test_an_authorised_clerk_cannot_lend_on_what_was_lent(
    app: Flask, database: Database, people: Cast, work: Work
) -> None:
    lend(app, "lead", people.users["acting_lead"])
    acting = enter(app, "acting_lead")
    assert acting.get("/delegations/new").status_code == 403
    assert acting.get("/accounts").status_code == 403
