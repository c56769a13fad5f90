"""全覆盖任务: how a term's list is filled, and who of it counts from which day on."""

from datetime import date
from typing import Any

import pytest
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.factories.cast import TESTER, Cast
from tests.factories.work import Work, make_work
from tests.fakes.clock import ManualClock
from tests.visitor import Visitor
from tracker.audit.models import AuditEntry
from tracker.kernel.clock import at_local
from tracker.kernel.db import Database, born
from tracker.kernel.errors import DomainError
from tracker.organizations.changing import Decision
from tracker.organizations.models import Region, Unit
from tracker.organizations.rules import UnitCategory
from tracker.rounds.models import CoverageTarget, Inspection, Term
from tracker.rounds.rules import Decided, Named, RoundKind, read_pasted
from tracker.rounds.service import (
    decide_target,
    list_by_kind,
    list_pasted,
    move_between_regions,
)
from tracker.statistics.queries.query import FigureQuery
from tracker.statistics.service import measure

NOW = at_local(date(2026, 11, 16), 9)
WHO: dict[str, Any] = {"actor": TESTER, "now": NOW}
BEGUN = date(2021, 9, 1)


@pytest.fixture
def work(database: Database, people: Cast, clock: ManualClock) -> Work:
    with database.writing() as session:
        made = make_work(session, people, now=clock.now())
        session.commit()
    return made


def targets(session: Session, work: Work) -> dict[int, CoverageTarget]:
    query = select(CoverageTarget).where(
        CoverageTarget.term_id == work.term_id, CoverageTarget.removed_on.is_(None)
    )
    return {row.unit_id: row for row in session.scalars(query)}


def coverage(session: Session, region_id: int, on: date) -> tuple[object, object]:
    session.flush()  # figures look at the database
    query = FigureQuery(actor=TESTER, region_id=region_id, as_of=on)
    reading = measure(session, query, "coverage_rate").reading
    return reading.numerator, reading.denominator


def test_a_list_is_filled_by_kind_once(database: Database, people: Cast, work: Work) -> None:
    with database.writing() as session:
        term = session.get_one(Term, work.term_id)
        departments = [UnitCategory.DEPARTMENT]
        own = [people.regions["city"]]
        assert list_by_kind(session, term, departments, own, BEGUN, **WHO) == 2
        assert list_by_kind(session, term, departments, own, BEGUN, **WHO) == 0
        everywhere = list(people.regions.values())
        assert list_by_kind(session, term, departments, everywhere, BEGUN, **WHO) == 2
        with pytest.raises(DomainError, match="没有这些类别"):
            list_by_kind(session, term, [UnitCategory.SCHOOL], own, BEGUN, **WHO)


def test_a_pasted_list_is_taken_whole_or_not_at_all(
    database: Database, people: Cast, work: Work
) -> None:
    with database.writing() as session:
        term = session.get_one(Term, work.term_id)
        with pytest.raises(DomainError, match="第 2 行“市戊局”没有找到"):
            list_pasted(session, term, "A01\n市戊局\n市乙局", BEGUN, **WHO)
        assert targets(session, work) == {}
        assert list_pasted(session, term, "A01\n\n 市乙局 \nEAST/E01\nA01", BEGUN, **WHO) == 3


def test_who_is_counted_elsewhere_is_listed_without_counting(
    database: Database, people: Cast, work: Work
) -> None:
    with database.writing() as session:
        east = make_work(session, people, region="east", units=("e",), now=NOW)
        own = session.get_one(Term, east.term_id)
        list_pasted(session, own, "E01", BEGUN, **WHO)
        city = session.get_one(Term, work.term_id)
        list_pasted(session, city, "E01", BEGUN, **WHO)
        row = targets(session, work)[people.units["e"]]
        assert (row.is_counted, row.uncounted_reason) == (False, "已计入东岭县的全覆盖任务")
        twice = Decided(is_counted=True, counted_in_region_id=people.regions["city"])
        with pytest.raises(DomainError, match="不能重复计入"):
            decide_target(session, row, twice, date(2026, 11, 1), **WHO)


def test_a_decision_leaves_the_days_before_it_as_they_were(
    database: Database, people: Cast, work: Work
) -> None:
    city = people.regions["city"]
    with database.writing() as session:
        term = session.get_one(Term, work.term_id)
        list_pasted(session, term, "A01\nB01", BEGUN, **WHO)
        row = targets(session, work)[people.units["b"]]
        out = Decided(is_counted=False, counted_in_region_id=city, uncounted_reason="由省委巡视")
        bare = Decided(is_counted=False, counted_in_region_id=city)
        with pytest.raises(DomainError, match="请填写原因"):
            decide_target(session, row, bare, date(2026, 10, 1), **WHO)
        decide_target(session, row, out, date(2026, 10, 1), **WHO)
        assert coverage(session, city, date(2026, 9, 30)) == (2, 2)
        assert coverage(session, city, date(2026, 10, 1)) == (1, 1)
        with pytest.raises(DomainError, match="已被后来的决定取代"):
            decide_target(session, row, out, date(2026, 11, 1), **WHO)
        holding = targets(session, work)[people.units["b"]]
        back = Decided(is_counted=True, counted_in_region_id=city)
        decide_target(session, holding, back, date(2026, 10, 1), **WHO)
        assert coverage(session, city, date(2026, 10, 1)) == (2, 2)
        assert len(targets(session, work)) == 2


def test_an_inspection_from_above_covers_where_the_unit_is_counted(
    database: Database, people: Cast, work: Work
) -> None:
    """提级: the city inspects a county's unit, which counts in the county's coverage alone."""
    with database.writing() as session:
        session.add(
            Inspection(
                round_id=work.round_id,
                unit_id=people.units["e"],
                conducting_region_id=people.regions["city"],
                kind=RoundKind.REGULAR,
                onsite_start=date(2026, 7, 1),
                onsite_end=date(2026, 8, 12),
                **born(**WHO),
            )
        )
        east = make_work(session, people, region="east", units=(), now=NOW)
        list_pasted(session, session.get_one(Term, east.term_id), "E01", BEGUN, **WHO)
        ended = date(2026, 8, 12)
        assert coverage(session, people.regions["east"], date(2026, 8, 11)) == (0, 1)
        assert coverage(session, people.regions["east"], ended) == (1, 1)
        assert coverage(session, people.regions["city"], ended) == (0, 0)


def test_a_moved_unit_is_owed_there_and_stays_covered(
    database: Database, people: Cast, work: Work
) -> None:
    with database.writing() as session:
        east = make_work(session, people, region="east", units=("e",), now=NOW)
        make_work(session, people, region="west", units=("w",), now=NOW)
        list_pasted(session, session.get_one(Term, east.term_id), "E01", BEGUN, **WHO)
        moved = session.get_one(Unit, people.units["e"])
        west = session.get_one(Region, people.regions["west"])
        when = Decision(effective_on=date(2026, 10, 1), document="批复")
        move_between_regions(session, moved, west, "W09", when, **WHO)
        assert coverage(session, people.regions["east"], date(2026, 9, 30)) == (1, 1)
        assert coverage(session, people.regions["west"], date(2026, 9, 30)) == (0, 0)
        assert coverage(session, people.regions["east"], date(2026, 10, 1)) == (0, 0)
        assert coverage(session, people.regions["west"], date(2026, 10, 1)) == (1, 1)


words = st.text(st.sampled_from("甲乙丙丁AB1 "), min_size=1, max_size=4)


@given(
    names=st.lists(words.filter(str.strip), unique_by=lambda word: "".join(word.split())),
    lines=st.lists(words),
)
def test_every_pasted_line_is_read_or_named(names: list[str], lines: list[str]) -> None:
    units = [Named(number, (name,)) for number, name in enumerate(names)]
    read = read_pasted("\n".join(lines), units)
    known = {"".join(name.split()): number for number, name in enumerate(names)}
    written = ["".join(line.split()) for line in lines]
    assert set(read.unit_ids) == {known[line] for line in written if line in known}
    assert len(read.problems) == sum(1 for line in written if line and line not in known)


def test_the_office_fills_and_edits_the_list_on_its_pages(
    visitor: Visitor, people: Cast, work: Work, database: Database
) -> None:
    visitor.sign_in("clerk")
    page = f"/terms/{work.term_id}/coverage-targets"
    assert "还没有全覆盖任务" in visitor.get(page).get_data(as_text=True)
    city = str(people.regions["city"])
    fields = {"pasted": "无此单位", "regions": city, "added_on": "2021-09-01"}
    assert visitor.post(f"{page}/fill", fields).status_code == 422
    assert "没有找到" in visitor.text
    fields = {"categories": "department", "regions": city, "added_on": "2021-09-01"}
    assert visitor.post(f"{page}/fill", fields).status_code == 302
    with database.reading() as session:
        target_id = targets(session, work)[people.units["a"]].id
    decided = {
        "uncounted_reason": "由省委巡视",
        "counted_in_region_id": city,
        "effective_on": "2026-10-01",
        "planned_round_id": str(work.round_id),
    }
    path = f"/coverage-targets/{target_id}/edit"
    assert visitor.post(path, decided | {"uncounted_reason": ""}).status_code == 422
    assert visitor.post(path, decided).status_code == 302
    shown = visitor.get(f"{page}?counted=0").get_data(as_text=True)
    assert "由省委巡视" in shown
    assert "第三轮巡察" in shown
    assert "市乙局" not in shown
    with database.reading() as session:
        actions = set(session.scalars(select(AuditEntry.action)))
        assert {"coverage_listed", "coverage_decided"} <= actions


def test_another_offices_list_is_not_there(app: Flask, people: Cast, work: Work) -> None:
    visitor = Visitor(app)
    visitor.sign_in("east_clerk")
    assert visitor.get(f"/terms/{work.term_id}/coverage-targets").status_code == 404
