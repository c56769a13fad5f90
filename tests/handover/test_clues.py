"""Clues: off by default, numbers only, their detail for people granted by name."""

import re
from datetime import date, timedelta

import pytest
from flask import Flask
from sqlalchemy import delete, select, update
from sqlalchemy.exc import DatabaseError
from sqlalchemy.orm import Session

from tests.factories.cast import TESTER, Cast
from tests.factories.work import Work, make_work
from tests.fakes.clock import ManualClock
from tests.source_files import imports_of, name_of, product_files
from tests.visitor import Visitor
from tracker.audit.models import AuditEntry
from tracker.drafts.models import Draft
from tracker.feedback.models import Feedback
from tracker.feedback.rules import FeedbackSource
from tracker.handover.models import Clue, ClueCorrection, ClueCount, ClueDetail, ClueGrant
from tracker.handover.queries.clues import CLUES_ON, DETAIL_ON, clue_sums
from tracker.handover.rules import ClueKind, ClueMeasure
from tracker.kernel.db import Base, Database, born
from tracker.kernel.formats import Number
from tracker.kernel.settings import put_setting, region_scope
from tracker.statistics.queries.query import FigureQuery
from tracker.statistics.service import measure

TODAY = date(2026, 11, 16)
SECRET_TEXT, SECRET_PERSON = "某科长收受礼金一事", "赵某某"


class Ground:
    """A round of the city, and a feedback from above."""

    def __init__(self, session: Session, people: Cast, clock: ManualClock) -> None:
        self.work: Work = make_work(session, people, now=clock.now())
        above = Feedback(
            region_id=self.work.region_id,
            code="S",
            title="省委巡视反馈",
            source=FeedbackSource.PROVINCE_INSPECTION,
            fed_back_on=date(2026, 1, 5),
            profile_id=self.work.profile_id,
            **born(actor=TESTER, now=clock.now()),
        )
        session.add(above)
        session.flush()  # forms name its id
        self.above_id = above.id

    def out(self, **changes: str) -> dict[str, str]:
        return {
            "code": "X-1",
            "direction": "out",
            "kind": "clue",
            "amount": "5",
            "counterpart": "市纪委监委",
            "moved_on": "2026-07-31",
            "round_id": str(self.work.round_id),
            "inspection_id": str(self.work.inspection_ids["a"]),
            "feedback_id": "0",
        } | changes

    def taken(self, **changes: str) -> dict[str, str]:
        places = {"round_id": "0", "inspection_id": "0", "feedback_id": str(self.above_id)}
        return self.out(code="J-1", direction="in", amount="8", **places) | changes


@pytest.fixture
def ground(database: Database, people: Cast, clock: ManualClock) -> Ground:
    """The module is switched on for the city, its detail too."""
    with database.writing() as session:
        made = Ground(session, people, clock)
        for key in (CLUES_ON, DETAIL_ON):
            scope = region_scope(people.regions["city"])
            put_setting(session, key, "1", by="tests", now=clock.now(), scope=scope)
        session.commit()
    return made


def grant(database: Database, people: Cast, clock: ManualClock, name: str, **days: date) -> None:
    with database.writing() as session:
        session.add(
            ClueGrant(
                user_id=people.users[name],
                region_id=people.regions["city"],
                from_on=days.get("from_on", TODAY),
                to_on=days.get("to_on", TODAY),
                reason="专案需要",
                granted_by="security",
                **born(actor=TESTER, now=clock.now()),
            )
        )
        session.commit()


def made(visitor: Visitor, fields: dict[str, str]) -> None:
    answer = visitor.post("/clues/new", fields)
    assert answer.status_code == 302, visitor.text


def signed_in(app: Flask, name: str) -> Visitor:
    visitor = Visitor(app)
    visitor.sign_in(name)
    return visitor


def test_the_module_is_off_until_the_security_administrator_switches_it_on(
    app: Flask, people: Cast, database: Database
) -> None:
    clerk = signed_in(app, "clerk")
    assert "/clues" not in clerk.get("/").get_data(as_text=True)
    missing = clerk.get("/clues/999999999").get_data(as_text=True)
    for path in ("/clues", "/clues/new", "/clues/counts/new", "/clues/unanswered"):
        answer = clerk.get(path)
        assert answer.status_code == 404
        assert answer.get_data(as_text=True) == missing
    for name in ("clerk", "lead", "admin", "auditor"):
        assert signed_in(app, name).get("/clue-policy").status_code == 403
    security = signed_in(app, "security")
    page = f"/clue-policy/{people.regions['city']}"
    fields = {"key": "clues_on", "on": "1"}
    assert security.post(f"{page}/switch", fields, via=page).status_code == 302
    assert clerk.get("/clues").status_code == 200
    assert 'href="/clues"' in clerk.get("/").get_data(as_text=True)
    assert signed_in(app, "east_clerk").get("/clues").status_code == 404
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
    clerk = signed_in(app, "clerk")
    found = {"kind": "clue", "amount": "9", "occurred_on": "2026-07-01"}
    found |= {"round_id": str(ground.work.round_id), "inspection_id": "0"}
    assert clerk.post("/clues/counts/new", found).status_code == 302
    made(clerk, ground.out())
    made(clerk, ground.out(code="X-2", kind="petition", amount="2"))
    made(clerk, ground.taken())
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
    clerk = signed_in(app, "clerk")
    made(clerk, ground.out(moved_on="2026-08-31"))
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
    clerk = signed_in(app, "clerk")
    assert clerk.post("/clues/new", ground.out(**changes)).status_code == 422
    assert sentence in clerk.text


def test_no_more_is_settled_than_moved_and_mistakes_are_corrected_in_the_open(
    app: Flask, people: Cast, ground: Ground, database: Database
) -> None:
    clerk = signed_in(app, "clerk")
    made(clerk, ground.out())
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
    clerk = signed_in(app, "clerk")
    made(clerk, ground.out())
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
    clerk = signed_in(app, "clerk")
    made(clerk, ground.out())
    with database.writing() as session:
        clue_id = session.scalars(select(Clue.id)).one()
        count_id = session.scalars(select(ClueCount.id)).one()
        scope = region_scope(people.regions["east"])
        put_setting(session, CLUES_ON, "1", by="tests", now=clock.now(), scope=scope)
        session.commit()
    east = signed_in(app, "east_clerk")
    pages = [
        f"/clues/{clue_id}{tail}" for tail in ("", "/edit", "/reply", "/outcomes/new", "/void")
    ]
    for page in (*pages, f"/clues/counts/{count_id}/correct"):
        assert east.get(page).status_code == 404
    assert "X-1" not in east.get("/clues").get_data(as_text=True)
    foreign = ground.out(code="E-1")
    assert east.post("/clues/new", foreign).status_code == 422
    leader = signed_in(app, "leader")
    assert leader.get(f"/clues/{clue_id}").status_code == 200
    assert leader.get(f"/clues/{clue_id}/edit").status_code == 403
    for name in ("liaison_a", "head_a", "supervisor", "admin"):
        assert signed_in(app, name).get("/clues").status_code == 403


def write_detail(visitor: Visitor, clue_id: int) -> int:
    path = f"/clues/{clue_id}/detail"
    fields = {"text": SECRET_TEXT, "persons": SECRET_PERSON, "version": "0"}
    return visitor.post(path, fields).status_code


def test_detail_exists_only_for_whoever_was_granted_it_by_name(
    app: Flask, people: Cast, ground: Ground, database: Database, clock: ManualClock
) -> None:
    grant(database, people, clock, "clerk")
    clerk = signed_in(app, "clerk")
    made(clerk, ground.out())
    with database.reading() as session:
        clue_id = session.scalars(select(Clue.id)).one()
    assert write_detail(clerk, clue_id) == 302
    clerk.get(f"/clues/{clue_id}/detail")
    assert SECRET_TEXT in clerk.text
    lead = signed_in(app, "lead")
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
        assert signed_in(app, name).get(f"/clues/{clue_id}/detail").status_code == 403


def test_a_grant_holds_between_its_days_until_it_is_taken_back(
    app: Flask, people: Cast, ground: Ground, database: Database, clock: ManualClock
) -> None:
    clerk = signed_in(app, "clerk")
    made(clerk, ground.out())
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
    lead = signed_in(app, "lead")
    assert lead.get(path).status_code == 404
    security = signed_in(app, "security")
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
    clerk = signed_in(app, "clerk")
    made(clerk, ground.out())
    with database.reading() as session:
        clue_id = session.scalars(select(Clue.id)).one()
    assert write_detail(clerk, clue_id) == 302
    path = f"/clues/{clue_id}/detail"
    leader = signed_in(app, "leader")
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
    clerk = signed_in(app, "clerk")
    made(clerk, ground.out())
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
    clerk = signed_in(app, "clerk")
    made(clerk, ground.out())
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
    clerk = signed_in(app, "clerk")
    made(clerk, ground.out(code="LATE", moved_on="2026-08-15"))
    made(clerk, ground.out(code="TODAY", moved_on="2026-08-16"))
    made(clerk, ground.out(code="DONE", moved_on="2026-08-01"))
    made(clerk, ground.out(code="SOON", moved_on="2026-09-16"))
    made(clerk, ground.out(code="LATER", moved_on="2026-09-17"))
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
        assert "线索待回复" not in signed_in(app, name).get("/").get_data(as_text=True)


def test_a_reminder_of_an_answer_goes_into_no_message() -> None:
    """Nothing that writes messages, reports or mails knows of clues."""
    rooms = re.compile(r"tracker/(notifications|reminders|reports)/|jobs/")
    knowing = [
        name_of(path)
        for path in product_files()
        if rooms.match(name_of(path)) and "handover" in " ".join(imports_of(path))
    ]
    assert knowing == []
