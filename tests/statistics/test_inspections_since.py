"""A frozen coverage beside today's: corrected inspections are named, with who and when."""

from dataclasses import replace
from datetime import date

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.factories.cast import TESTER, Cast
from tests.factories.work import Work, make_work
from tracker.kernel.clock import at_local
from tracker.kernel.db import Database, born
from tracker.organizations.changing import Decision, merge_unit
from tracker.organizations.models import Unit
from tracker.rounds.models import CoverageTarget, Inspection, Round
from tracker.rounds.service import InspectionDraft, add_inspection, edit_inspection
from tracker.statistics.comparing import compared, differences
from tracker.statistics.queries.query import FigureQuery
from tracker.statistics.rules import Side
from tracker.statistics.snapshots import freeze

OCTOBER = date(2026, 10, 31)
FIRST = at_local(date(2026, 11, 1), 2, 25)
LATER = at_local(date(2026, 11, 12), 10)
END = date(2026, 8, 12)  # of what `make_work` makes


class World:
    """Two of a city's three units inspected, all owed, October frozen."""

    def __init__(self, session: Session, people: Cast) -> None:
        self.session, self.people = session, people
        self.work: Work = make_work(session, people, now=FIRST)
        self.units = [people.units["a"], people.units["b"], _third(session, people)]
        for unit_id in self.units:
            session.add(
                CoverageTarget(
                    term_id=self.work.term_id,
                    unit_id=unit_id,
                    counted_in_region_id=self.work.region_id,
                    is_counted=True,
                    added_on=date(2021, 9, 1),
                    **born(actor=TESTER, now=FIRST),
                )
            )
        session.flush()
        self.query = FigureQuery(actor=TESTER, region_id=self.work.region_id, as_of=OCTOBER)
        freeze(session, self.work.region_id, OCTOBER, actor=TESTER, now=FIRST)
        session.flush()

    def edit(self, name: str, **changes: object) -> None:
        row = self.session.get_one(Inspection, self.work.inspection_ids[name])
        draft = InspectionDraft(
            unit_id=row.unit_id,
            kind=row.kind,
            onsite_start=row.onsite_start,
            onsite_end=row.onsite_end,
        )
        clerk = self.people.actor("clerk")
        edit_inspection(self.session, row, replace(draft, **changes), actor=clerk, now=LATER)  # type: ignore[arg-type]
        self.session.commit()

    def told(self, code: str = "coverage_rate") -> tuple[bool, dict[int, list[str]]]:
        """Return whether a figure stands as it was frozen, and what is said of its rows."""
        pairs = {one.now.definition.code: one for one in compared(self.session, self.query)}
        _both, sides = differences(self.session, self.query, code)
        (above,) = [side for side in sides if side.side is Side.NUMERATOR]
        return pairs[code].is_same, above.reasons


def _third(session: Session, people: Cast) -> int:
    like = session.get_one(Unit, people.units["a"])
    row = Unit(
        region_id=like.region_id,
        code="Z9",
        name="丙局",
        short_name="丙局",
        category=like.category,
        **born(actor=TESTER, now=FIRST),
    )
    session.add(row)
    session.flush()
    return row.id


@pytest.fixture
def world(database: Database, people: Cast) -> object:
    with database.writing() as session:
        made = World(session, people)
        session.commit()
        yield made


def test_nothing_changed_is_nothing_said(world: World) -> None:
    assert world.told() == (True, {})


def test_a_corrected_end_names_who_when_and_what_it_was(world: World) -> None:
    world.edit("a", onsite_end=date(2026, 11, 5))
    is_same, reasons = world.told()
    assert not is_same
    said = reasons[world.units[0]][0]
    who = world.people.actor("clerk").label
    assert said.startswith(f"2026年11月12日由{who}记入：修改“")
    assert f"进驻结束日期 {END} → 2026-11-05" in said


def test_one_that_no_longer_counts_is_named(world: World) -> None:
    world.edit("a", counts_for_coverage=False)
    is_same, reasons = world.told()
    assert not is_same
    assert "计入覆盖率 是 → 否" in reasons[world.units[0]][0]


def test_another_unit_is_told_of_both(world: World) -> None:
    world.edit("b", unit_id=world.units[2], onsite_end=END)
    _is_same, reasons = world.told()  # as many as before, but others
    assert set(reasons) == {world.units[1], world.units[2]}
    for said in reasons.values():
        assert "单位" in said[0]
        assert "→ 丙局" in said[0]


def test_one_entered_later_about_an_earlier_day_is_named(world: World) -> None:
    session = world.session
    add_inspection(
        session,
        session.get_one(Round, world.work.round_id),
        InspectionDraft(
            unit_id=world.units[2],
            kind=session.scalars(select(Inspection.kind)).first(),  # type: ignore[arg-type]
            onsite_start=END,
            onsite_end=END,
        ),
        actor=world.people.actor("clerk"),
        now=LATER,
    )
    session.commit()
    is_same, reasons = world.told()
    assert not is_same
    assert f"登记巡察对象“丙局”（第三轮巡察，进驻结束日期 {END}）" in reasons[world.units[2]][0]


def test_what_happens_after_the_day_changes_nothing(world: World) -> None:
    session = world.session
    add_inspection(
        session,
        session.get_one(Round, world.work.round_id),
        InspectionDraft(
            unit_id=world.units[2],
            kind=session.scalars(select(Inspection.kind)).first(),  # type: ignore[arg-type]
            onsite_start=date(2026, 11, 2),
            onsite_end=date(2026, 11, 9),
        ),
        actor=world.people.actor("clerk"),
        now=LATER,
    )
    session.commit()
    assert world.told()[0]


def test_an_inspection_of_a_merged_unit_is_told_at_its_heir(world: World) -> None:
    session = world.session
    old, heir = session.get_one(Unit, world.units[0]), session.get_one(Unit, world.units[2])
    decision = Decision(effective_on=date(2026, 10, 15), document="机构改革方案")
    merge_unit(session, old, heir, decision, actor=TESTER, now=LATER)
    world.edit("a", onsite_end=date(2026, 10, 20))
    reasons = world.told()[1]
    assert any("进驻结束日期" in said for said in reasons[world.units[2]])


def test_rounds_say_what_became_of_their_inspections(world: World) -> None:
    for name in ("a", "b"):
        world.edit(name, onsite_end=date(2026, 11, 5))
    is_same, reasons = world.told("rounds_done")
    assert not is_same
    assert len(reasons[world.work.round_id]) == 2
