"""线索详情: for whoever was granted it by name, sealed, and every look written down."""

import re
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from tests.factories.cast import Cast
from tests.fakes.clock import ManualClock
from tests.handover.clue_ground import TODAY, Ground, grant, make_ground, record_clues
from tests.rectification.office import enter
from tests.source_files import imports_of, name_of, product_files
from tests.visitor import Visitor
from tracker.audit.models import AuditEntry
from tracker.drafts.models import Draft
from tracker.handover.models import Clue, ClueDetail, ClueGrant
from tracker.kernel.db import Base, Database

SECRET_TEXT, SECRET_PERSON = "某科长收受礼金一事", "赵某某"


def write_detail(visitor: Visitor, clue_id: int) -> int:
    path = f"/clues/{clue_id}/detail"
    fields = {"text": SECRET_TEXT, "persons": SECRET_PERSON, "version": "0"}
    return visitor.post(path, fields).status_code


@pytest.fixture
def ground(database: Database, people: Cast, clock: ManualClock) -> Ground:
    return make_ground(database, people, clock)


def test_detail_exists_only_for_whoever_was_granted_it_by_name(
    app: Flask, people: Cast, ground: Ground, database: Database, clock: ManualClock
) -> None:
    grant(database, people, clock, "clerk")
    clerk = enter(app, "clerk")
    record_clues(clerk, ground.out())
    with database.reading() as session:
        clue_id = session.scalars(select(Clue.id)).one()
    assert write_detail(clerk, clue_id) == 302
    clerk.get(f"/clues/{clue_id}/detail")
    assert SECRET_TEXT in clerk.text
    lead = enter(app, "lead")
    missing = lead.get("/clues/999999/detail").get_data(as_text=True)
    for path in (f"/clues/{clue_id}/detail", "/clues/unanswered"):
        answer = lead.get(path)
        assert answer.status_code == 404
        assert answer.get_data(as_text=True) == missing
    for page in ("/clues", f"/clues/{clue_id}"):
        text = lead.get(page).get_data(as_text=True)
        assert "内容（限授权人员）" not in text
        assert "线索待回复" not in text
    for name in ("admin", "security", "auditor", "supervisor"):
        assert enter(app, name).get(f"/clues/{clue_id}/detail").status_code == 403


def test_a_grant_holds_between_its_days_until_it_is_taken_back(
    app: Flask, people: Cast, ground: Ground, database: Database, clock: ManualClock
) -> None:
    clerk = enter(app, "clerk")
    record_clues(clerk, ground.out())
    with database.reading() as session:
        path = f"/clues/{session.scalars(select(Clue.id)).one()}/detail"
    grant(
        database,
        people,
        clock,
        "lead",
        to_on=TODAY - timedelta(days=1),
        from_on=TODAY - timedelta(days=9),
    )
    grant(
        database,
        people,
        clock,
        "lead",
        from_on=TODAY + timedelta(days=1),
        to_on=TODAY + timedelta(days=9),
    )
    lead = enter(app, "lead")
    assert lead.get(path).status_code == 404
    security = enter(app, "security")
    page = f"/clue-policy/{people.regions['city']}"
    fields = {
        "user_id": str(people.users["lead"]),
        "from_on": "2026-11-16",
        "to_on": "2026-11-20",
        "reason": "分管线索",
    }
    assert security.post(page, fields | {"to_on": "2026-11-15"}).status_code == 422
    for name in ("liaison_a", "east_clerk", "supervisor"):
        strange = fields | {"user_id": str(people.users[name])}
        assert security.post(page, strange).status_code == 422
    assert security.post(page, fields).status_code == 302
    assert lead.get(path).status_code == 200
    with database.reading() as session:
        grant_id = session.scalars(select(ClueGrant.id).order_by(ClueGrant.id.desc())).first()
    assert security.post(f"/clue-grants/{grant_id}/revoke", via=page).status_code == 302
    assert lead.get(path).status_code == 404
    grant(database, people, clock, "lead")
    assert lead.get(path).status_code == 200
    fields = {"key": "clue_detail_on", "on": "0"}
    assert security.post(f"{page}/switch", fields, via=page).status_code == 302
    assert lead.get(path).status_code == 404
    with database.reading() as session:
        actions = session.scalars(select(AuditEntry.action)).all()
        assert {"clue_grant_made", "clue_grant_revoked", "clue_detail_on_switched"} <= set(actions)


def test_detail_lies_sealed_and_nowhere_else_and_every_look_is_in_the_trail(
    app: Flask, people: Cast, ground: Ground, database: Database, clock: ManualClock
) -> None:
    grant(database, people, clock, "clerk")
    grant(database, people, clock, "leader")
    clerk = enter(app, "clerk")
    record_clues(clerk, ground.out())
    with database.reading() as session:
        clue_id = session.scalars(select(Clue.id)).one()
    assert write_detail(clerk, clue_id) == 302
    path = f"/clues/{clue_id}/detail"
    leader = enter(app, "leader")
    leader.get(path)
    assert SECRET_PERSON in leader.text
    assert "<textarea" not in leader.text
    token = re.findall(r'name="csrf_token" value="([^"]+)"', leader.text)[0]
    fields = {"text": "改", "persons": "", "version": "1", "csrf_token": token}
    assert leader.post_raw(path, fields, headers={"Origin": "http://localhost"}).status_code == 404
    with database.reading() as session:
        looks = select(AuditEntry).where(AuditEntry.action == "clue_detail_opened")
        seen = [(row.user_id, row.object_id) for row in session.scalars(looks)]
        assert seen.count((people.users["leader"], clue_id)) == 1
        assert session.scalars(select(ClueDetail)).one().sealed.startswith("gAAAA")
        everything = [
            str(tuple(row))
            for table in Base.metadata.sorted_tables
            for row in session.execute(select(table))
        ]
    assert len(everything) > 50
    assert [row for row in everything if SECRET_TEXT in row or SECRET_PERSON in row] == []
    for page in ("/", "/clues", f"/clues/{clue_id}", "/figures/clues_transferred/rows"):
        text = clerk.get(page).get_data(as_text=True)
        assert SECRET_TEXT not in text
        assert SECRET_PERSON not in text


def test_no_draft_is_kept_of_a_detail(
    app: Flask, people: Cast, ground: Ground, database: Database, clock: ManualClock
) -> None:
    grant(database, people, clock, "clerk")
    clerk = enter(app, "clerk")
    record_clues(clerk, ground.out())
    with database.reading() as session:
        path = f"/clues/{session.scalars(select(Clue.id)).one()}/detail"
    clerk.get(path)
    assert "<textarea" in clerk.text
    assert "data-autosave" not in clerk.text
    for key in (path, f"{path}?again=1"):
        answer = clerk.post("/drafts", {"text": SECRET_TEXT}, via=path, query_string={"form": key})
        assert answer.status_code == 422
    with database.reading() as session:
        assert session.scalars(select(Draft)).all() == []


def test_of_two_who_write_a_detail_the_second_sees_both_texts(
    app: Flask, people: Cast, ground: Ground, database: Database, clock: ManualClock
) -> None:
    grant(database, people, clock, "clerk")
    clerk = enter(app, "clerk")
    record_clues(clerk, ground.out())
    with database.reading() as session:
        clue_id = session.scalars(select(Clue.id)).one()
    assert write_detail(clerk, clue_id) == 302
    fields = {"text": "另一种说法", "persons": "", "version": "0"}
    assert clerk.post(f"/clues/{clue_id}/detail", fields).status_code == 409
    assert SECRET_TEXT in clerk.text
    assert "另一种说法" in clerk.text


def test_answers_due_and_overdue_are_told_to_the_granted_alone(
    app: Flask, people: Cast, ground: Ground, database: Database, clock: ManualClock
) -> None:
    clerk = enter(app, "clerk")
    record_clues(clerk, ground.out(code="LATE", moved_on="2026-08-15"))
    record_clues(clerk, ground.out(code="TODAY", moved_on="2026-08-16"))
    record_clues(clerk, ground.out(code="DONE", moved_on="2026-08-01"))
    record_clues(clerk, ground.out(code="SOON", moved_on="2026-09-16"))
    record_clues(clerk, ground.out(code="LATER", moved_on="2026-09-17"))
    with database.reading() as session:
        done = session.scalars(select(Clue.id).where(Clue.code == "DONE")).one()
    fields = {"replied_on": "2026-11-02", "disposal": "verify", "version": "1"}
    assert clerk.post(f"/clues/{done}/reply", fields).status_code == 302
    assert clerk.get("/clues/unanswered").status_code == 404
    assert "线索待回复" not in clerk.get("/").get_data(as_text=True)
    grant(database, people, clock, "clerk")
    clerk.get("/clues/unanswered")
    assert "LATE" in clerk.text
    assert "逾期" in clerk.text
    assert "TODAY" in clerk.text
    assert "SOON" in clerk.text
    assert "DONE" not in clerk.text
    assert "LATER" not in clerk.text  # more than thirty days ahead
    desk = clerk.get("/").get_data(as_text=True)
    assert 'aria-label="线索待回复 3条"' in desk
    assert "其中超期 1 条" in desk
    for name in ("lead", "leader", "liaison_a"):
        assert "线索待回复" not in enter(app, name).get("/").get_data(as_text=True)


def test_a_reminder_of_an_answer_goes_into_no_message() -> None:
    """Nothing that writes messages, reports or mails knows of clues."""
    rooms = re.compile(r"tracker/(notifications|reminders|reports)/|jobs/")
    knowing = [
        name_of(path)
        for path in product_files()
        if rooms.match(name_of(path)) and "handover" in " ".join(imports_of(path))
    ]
    assert knowing == []
