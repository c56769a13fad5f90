"""The pages of coverage and its planner, for each kind of reader."""

from datetime import date
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from tests.factories.cast import TESTER, Cast
from tests.factories.work import Work, make_work
from tests.fakes.clock import ManualClock
from tests.visitor import Visitor
from tracker.audit.models import AuditEntry
from tracker.kernel.db import Database, born
from tracker.kernel.errors import NotVisibleError
from tracker.organizations import changing
from tracker.organizations.changing import Decision
from tracker.organizations.models import Unit
from tracker.organizations.rules import UnitCategory
from tracker.rounds.models import CoverageTarget, Inspection, Round, Term
from tracker.rounds.rules import RoundKind, RoundStatus
from tracker.rounds.service import RoundDraft, draft_round, list_pasted
from tracker.statistics.registry.coverage import COVERAGE
from tracker.statistics.rules import FigureKind


@pytest.fixture(autouse=True)
def work(database: Database, people: Cast, clock: ManualClock) -> Work:
    """The city owes a, b and a school: two covered; east owes e, covered; west owes w, not."""
    who: dict[str, Any] = {"actor": TESTER, "now": clock.now()}
    with database.writing() as session:
        session.add(
            Unit(
                code="S01",
                name="市一中",
                short_name="一中",
                region_id=people.regions["city"],
                category=UnitCategory.SCHOOL,
                **born(**who),
            )
        )
        city = make_work(session, people, now=clock.now())
        east = make_work(session, people, region="east", units=("e",), now=clock.now())
        west = make_work(session, people, region="west", units=(), now=clock.now())
        for made, text in ((city, "A01\nB01\nS01"), (east, "E01"), (west, "W01")):
            term = session.get_one(Term, made.term_id)
            list_pasted(session, term, text, date(2021, 9, 1), **who)
        session.commit()
    return city


def test_the_city_sees_its_own_rate_each_countys_and_both_means(app: Flask) -> None:
    visitor = Visitor(app)
    visitor.sign_in("clerk")
    page = visitor.get("/coverage").get_data(as_text=True)
    assert "66.7%" in page
    assert "2/3个" in page
    for words in ("东岭县", "100%（1/1）", "0%（0/1）", "50%", "合并计算", "算术平均"):
        assert words in page
    assert page.count("四舍五入") >= 3


def test_a_kind_and_a_day_narrow_every_figure(app: Flask) -> None:
    visitor = Visitor(app)
    visitor.sign_in("lead")
    schools = visitor.get("/coverage?kind=school").get_data(as_text=True)
    assert "0/1个" in schools
    assert "这项数字不按单位类别分列" in schools
    earlier = visitor.get("/coverage?as_of=2026-08-11").get_data(as_text=True)
    assert "0/3个" in earlier
    assert "数据截至 2026-08-11" in earlier
    assert "0/0个" in visitor.get("/coverage?level=county").get_data(as_text=True)


def test_a_place_opens_its_units_and_no_other_place_is_there(app: Flask) -> None:
    visitor = Visitor(app)
    visitor.sign_in("clerk")
    rows = "/figures/coverage_rate/rows?side=denominator&place="
    assert "分母：3个" in visitor.get(f"{rows}CITY").get_data(as_text=True)
    assert "没有记录" in visitor.get(f"{rows}EAST").get_data(as_text=True)
    assert visitor.get(f"{rows}NOWHERE").status_code == 404


def test_a_figure_opens_exactly_its_rows_under_their_names_of_the_day(
    app: Flask, people: Cast, database: Database, clock: ManualClock
) -> None:
    with database.writing() as session:
        row = session.get_one(Unit, people.units["a"])
        when = Decision(effective_on=date(2026, 11, 1), document="批复")
        changing.rename_unit(session, row, "市甲委", "甲委", when, actor=TESTER, now=clock.now())
        session.commit()
    visitor = Visitor(app)
    visitor.sign_in("clerk")
    assert "市一中" in visitor.get("/figures/units_uncovered/rows").get_data(as_text=True)
    covered = visitor.get("/figures/coverage_rate/rows").get_data(as_text=True)
    assert "市甲委" in covered
    assert "市一中" not in covered
    then = visitor.get("/figures/coverage_rate/rows?as_of=2026-10-31").get_data(as_text=True)
    assert "市甲局" in then
    assert "市甲委" not in then


def test_the_city_reads_a_countys_coverage_without_its_rows(app: Flask) -> None:
    visitor = Visitor(app)
    visitor.sign_in("clerk")
    page = visitor.get("/coverage?region=EAST").get_data(as_text=True)
    assert "1/1个" in page
    assert "只显示数字" in page
    assert "/rows" not in page
    assert visitor.get("/figures/units_uncovered/rows?region=EAST").status_code == 404


@pytest.mark.parametrize("path", ["/coverage?region=CITY", "/coverage?term=1", "/coverage?term=x"])
def test_a_county_finds_nothing_of_the_city(app: Flask, path: str) -> None:
    visitor = Visitor(app)
    visitor.sign_in("east_clerk")
    assert visitor.get(path).status_code == 404


def test_a_supervisor_sees_no_countys_number_counted_here(app: Flask) -> None:
    visitor = Visitor(app)
    visitor.sign_in("supervisor")
    page = visitor.get("/coverage").get_data(as_text=True)
    assert "1/1个" in page
    assert "只供巡察办和领导小组查看" in page
    assert "100%（1/1）" not in page


def test_every_rate_of_coverage_says_what_stands_above_and_below() -> None:
    for metric in COVERAGE:
        definition = metric.definition
        assert definition.numerator
        assert definition.rounding
        if definition.kind is not FigureKind.COUNT:
            assert definition.denominator


def test_the_planner_names_who_waits_and_what_each_round_must_hold(app: Flask) -> None:
    visitor = Visitor(app)
    visitor.sign_in("leader")
    page = visitor.get("/coverage/planner?rounds=2").get_data(as_text=True)
    assert "市一中" in page
    assert "没有记录" in page
    assert "以后第 2 轮" in page
    assert "本届没有填写结束日期" in page
    assert "拟定轮次" not in page


FIELDS = {"seq": "4", "code": "7-4", "name": "第四轮巡察", "kind": "regular"}


def test_a_round_is_drafted_from_a_selection(
    app: Flask, people: Cast, database: Database, work: Work
) -> None:
    with database.reading() as session:
        school = session.scalars(select(Unit.id).where(Unit.code == "S01")).one()
    fields = FIELDS | {"profile_id": str(work.profile_id)}
    visitor = Visitor(app)
    visitor.sign_in("clerk")
    assert visitor.post("/coverage/draft-round", fields).status_code == 422
    assert "至少选择一个单位" in visitor.text
    stranger = fields | {"units": str(people.units["w"])}
    assert visitor.post("/coverage/draft-round", stranger).status_code == 422
    chosen = fields | {"units": str(school)}
    assert visitor.post("/coverage/draft-round", chosen).status_code == 302
    with database.reading() as session:
        tour = session.scalars(select(Round).where(Round.code == "7-4")).one()
        made = session.scalars(select(Inspection).where(Inspection.round_id == tour.id)).one()
        assert tour.status is RoundStatus.PLANNED
        assert (made.unit_id, made.onsite_end) == (school, None)
        planned = select(CoverageTarget.unit_id).where(CoverageTarget.planned_round_id == tour.id)
        assert session.scalars(planned).all() == [school]
        entries = select(func.count()).where(AuditEntry.action == "round_drafted")
        assert session.scalar(entries) == 1
    assert "2/3个" in visitor.get("/coverage").get_data(as_text=True)
    assert "第四轮巡察" in visitor.get("/coverage/planner").get_data(as_text=True)


def test_a_draft_takes_no_unit_that_the_office_may_not_name(
    people: Cast, database: Database, work: Work, clock: ManualClock
) -> None:
    draft = RoundDraft(
        term_id=work.term_id,
        code="7-9",
        seq=9,
        name="第九轮巡察",
        kind=RoundKind.REGULAR,
        profile_id=work.profile_id,
    )
    chosen = [people.units["a"], people.units["w"]]
    who: dict[str, Any] = {"actor": people.actor("clerk"), "now": clock.now()}
    with database.writing() as session:
        with pytest.raises(NotVisibleError):
            draft_round(session, work.region_id, draft, chosen, **who)
        assert draft_round(session, work.region_id, draft, chosen[:1], **who).seq == 9
