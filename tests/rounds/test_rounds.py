"""The pages of rounds, from an empty database to an inspection."""

from sqlalchemy import select

from tests.factories.cast import Cast
from tests.factories.work import make_work
from tests.fakes.clock import ManualClock
from tests.visitor import Visitor
from tracker.kernel.db import Database
from tracker.rounds.models import DeadlineProfile, Inspection, Round, Term

ROUND = {
    "seq": "1",
    "code": "R7-1",
    "name": "第一轮巡察",
    "kind": "regular",
    "modes": ["upgraded", "joint"],
    "theme": "",
    "status": "planned",
    "needs_acknowledgement": "y",
    "needs_plan_review": "y",
    "max_extensions": "2",
}


def test_an_office_records_a_term_a_round_and_two_units(
    visitor: Visitor, people: Cast, database: Database
) -> None:
    visitor.sign_in("clerk")
    visitor.get("/rounds")
    assert "还没有登记巡察轮次" in visitor.text
    term = {"number": "7", "starts_on": "2026-01-01"}
    assert visitor.post("/terms/new", term).status_code == 302
    with database.reading() as session:
        term_id = session.scalars(select(Term.id)).one()
        profile_id = session.scalars(select(DeadlineProfile.id)).first()
    chosen = {"term_id": str(term_id), "profile_id": str(profile_id)}
    answer = visitor.post("/rounds/new", ROUND | chosen)
    page = answer.headers["Location"]
    visitor.get(page)
    assert "提级、联动" in visitor.text
    assert "不需要" in visitor.text
    for unit in "ab":
        unit_id = people.units[unit]
        fields = {"unit_id": str(unit_id), "kind": "regular", "team": "第一巡察组"}
        fields |= {"counts_for_coverage": "y", "onsite_start": "2026-03-01"}
        path = f"{page}/inspections/new"
        assert visitor.post(path, fields, via=path).status_code == 302
    visitor.get(page)
    assert "市甲局" in visitor.text
    assert "市乙局" in visitor.text
    with database.reading() as session:
        tour = session.scalars(select(Round)).one()
        assert not tour.needs_sign_off
        assert len(session.scalars(select(Inspection)).all()) == 2


def test_a_refused_round_keeps_what_was_typed(visitor: Visitor, people: Cast) -> None:
    visitor.sign_in("clerk")
    term = {"number": "7", "starts_on": "2026-05-02", "ends_on": "2026-05-01"}
    assert visitor.post("/terms/new", term).status_code == 422
    assert "结束日期早于开始日期" in visitor.text
    assert 'value="2026-05-02"' in visitor.text


def test_a_round_saved_by_two_people_asks_the_second_to_look_again(
    visitor: Visitor, people: Cast, database: Database, clock: ManualClock
) -> None:
    with database.writing() as session:
        work = make_work(session, people, now=clock.now())
        session.commit()
    visitor.sign_in("clerk")
    fields = ROUND | {"term_id": str(work.term_id), "profile_id": str(work.profile_id)}
    path = f"/rounds/{work.round_id}/edit"
    assert visitor.post(path, fields | {"version": "1"}).status_code == 302
    answer = visitor.post(path, fields | {"version": "1", "name": "我的改动"})
    assert answer.status_code == 409
    assert "已被别人修改" in visitor.text
    assert 'value="我的改动"' in visitor.text
    assert visitor.post(path, fields | {"version": "2"}).status_code == 302


def test_pages_of_another_region_are_not_found(
    visitor: Visitor, people: Cast, database: Database, clock: ManualClock
) -> None:
    with database.writing() as session:
        work = make_work(session, people, now=clock.now())
        session.commit()
    inspection_id = work.inspection_ids["a"]
    pages = (
        f"/rounds/{work.round_id}",
        f"/rounds/{work.round_id}/edit",
        f"/rounds/{work.round_id}/inspections/new",
        f"/inspections/{inspection_id}",
        f"/inspections/{inspection_id}/edit",
        f"/terms/{work.term_id}/edit",
        f"/deadline-profiles/{work.profile_id}/edit",
    )
    visitor.sign_in("clerk")
    assert [visitor.get(page).status_code for page in pages] == [200] * len(pages)
    visitor.post("/sign-out", via="/")
    visitor.sign_in("east_clerk")
    missing = visitor.get("/rounds/999999999").get_data(as_text=True)
    for page in pages:
        answer = visitor.get(page)
        assert answer.status_code == 404
        assert answer.get_data(as_text=True) == missing
    assert "第三轮巡察" not in visitor.get("/rounds").get_data(as_text=True)


def test_only_the_clerk_writes_rounds(visitor: Visitor, people: Cast) -> None:
    for name, status in (("lead", 403), ("liaison_a", 403), ("admin", 403)):
        visitor.sign_in(name)
        assert visitor.get("/rounds/new").status_code == status
        visitor.post("/sign-out", via="/")
