"""Random histories of units, lists and inspections, told to the product and to a plain oracle."""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from hypothesis import Phase, example, given, settings
from hypothesis import strategies as st
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.factories.cast import TESTER, Cast
from tests.statistics.coverage_oracle import Ground, Promise, Visit
from tracker.kernel.clock import at_local
from tracker.kernel.db import Database, born
from tracker.kernel.errors import DomainError
from tracker.organizations import changing
from tracker.organizations.changing import Decision
from tracker.organizations.models import Region, Unit
from tracker.organizations.rules import UnitCategory
from tracker.rounds.coverage_queries import holds_on
from tracker.rounds.models import CoverageTarget, DeadlineProfile, Inspection, Round, Term
from tracker.rounds.rules import Decided, RoundKind, RoundStatus
from tracker.rounds.service import decide_target, list_pasted, move_between_regions
from tracker.statistics.queries.coverage import by_place, by_region
from tracker.statistics.queries.query import FigureQuery
from tracker.statistics.rules import Side
from tracker.statistics.service import measure, rows_behind

REGIONS = ("city", "east", "west")
HOMES = {"c1": "city", "c2": "city", "c3": "city", "e1": "east", "e2": "east", "w1": "west"}
KINDS = (UnitCategory.DEPARTMENT, UnitCategory.TOWN, UnitCategory.SCHOOL)
BEGUN = date(2026, 1, 1)
PHASES = (Phase.explicit, Phase.generate)  # each world is a database: shrinking would take an hour
EXAMPLES = int(os.environ.get("COVERAGE_HISTORIES", "8"))  # more of them: a campaign by hand

unit = st.sampled_from(sorted(HOMES))
region = st.sampled_from(REGIONS)
event = st.one_of(
    st.tuples(st.just("visit"), unit, region, st.booleans(), st.integers(0, 9)),
    st.tuples(st.just("merge"), unit, unit),
    st.tuples(st.just("abolish"), unit),
    st.tuples(st.just("move"), unit, region),
    st.tuples(st.just("rename"), unit),
    st.tuples(st.just("list"), unit, region),
    st.tuples(st.just("decide"), unit, region, st.booleans(), region),
    st.tuples(st.just("list"), unit, region),
    st.tuples(st.just("visit"), unit, region, st.just(True), st.just(0)),
)
histories = st.lists(st.tuples(st.integers(0, 6), event), min_size=6, max_size=16)

# What the draw may miss: looked at twice, merged twice over, moved there and back, decided again.
BUSY = [
    (0, ("list", "c1", "city")),
    (1, ("visit", "c1", "city", True, 0)),
    (1, ("visit", "c1", "city", True, 3)),
    (1, ("visit", "e1", "city", True, 0)),
    (1, ("rename", "c2")),
    (1, ("merge", "c1", "c2")),
    (1, ("visit", "c2", "city", True, 0)),
    (1, ("merge", "c2", "c3")),
    (1, ("decide", "w1", "west", False, "west")),
    (1, ("move", "e1", "west")),
    (0, ("move", "e1", "east")),
    (1, ("decide", "w1", "west", True, "west")),
    (1, ("move", "e2", "west")),
    (1, ("merge", "e2", "w1")),
    (1, ("abolish", "c3")),
]


@dataclass
class World:
    """One history: the product's database and the oracle, told the same on the same days."""

    session: Session
    people: Cast
    today: date = BEGUN
    ids: dict[str, int] = field(default_factory=dict)
    terms: dict[str, Term] = field(default_factory=dict)
    evenings: dict[date, dict[str, Any]] = field(default_factory=dict)
    rounds: int = 0

    def __post_init__(self) -> None:
        self.ground = Ground(dict(HOMES))
        stamps = born(actor=TESTER, now=at_local(BEGUN, 9))
        for place, name in enumerate(HOMES):
            row = Unit(
                code=name,
                name=name,
                short_name=name,
                region_id=self.people.regions[HOMES[name]],
                category=KINDS[place % len(KINDS)],
                **stamps,
            )
            self.session.add(row)
            self.session.flush()  # its id is wanted
            self.ids[name] = row.id
        for name in REGIONS:
            region_id = self.people.regions[name]
            term = Term(region_id=region_id, number=9, starts_on=BEGUN, **stamps)
            profile = DeadlineProfile(region_id=region_id, name="试", **stamps)
            self.session.add_all([term, profile])
            self.session.flush()  # rounds need their ids
            self.terms[name] = term
        self.names = {row: name for name, row in self.ids.items()}

    @property
    def who(self) -> dict[str, Any]:
        return {"actor": TESTER, "now": at_local(self.today, 9)}

    @property
    def decision(self) -> Decision:
        return Decision(effective_on=self.today, document="批复")

    def row(self, name: str) -> Unit:
        return self.session.get_one(Unit, self.ids[name])

    def tell(self, name: str, *told: Any) -> None:
        """Tell both; what the product refuses has not happened."""
        try:
            with self.session.begin_nested():
                then: Callable[[], None] = getattr(self, f"_{name}")(*told)
                self.session.flush()  # a refusal by the database would show here
        except DomainError:
            return
        then()

    def _visit(self, name: str, by: str, counts: bool, after: int) -> Callable[[], None]:
        self.rounds += 1
        ended = self.today + timedelta(days=after)
        kind = RoundKind.REGULAR if self.rounds % 2 else RoundKind.REVISIT
        tour = self._tour(by, kind)
        self.session.add(
            Inspection(
                round_id=tour.id,
                unit_id=self.ids[name],
                conducting_region_id=tour.region_id,
                kind=kind,
                counts_for_coverage=counts,
                onsite_start=BEGUN,
                onsite_end=ended,
                **born(**self.who),
            )
        )
        return lambda: self.ground.visits.append(Visit(name, by, counts, ended))

    def _tour(self, by: str, kind: RoundKind) -> Round:
        region_id = self.people.regions[by]
        of_region = select(DeadlineProfile.id).where(DeadlineProfile.region_id == region_id)
        tour = Round(
            region_id=region_id,
            term_id=self.terms[by].id,
            code=f"9-{self.rounds}",
            seq=self.rounds,
            name=f"第{self.rounds}轮",
            kind=kind,
            status=RoundStatus.RECTIFYING,
            profile_id=self.session.scalars(of_region).first(),
            **born(**self.who),
        )
        self.session.add(tour)
        self.session.flush()  # the inspection needs its id
        return tour

    def _merge(self, name: str, into: str) -> Callable[[], None]:
        changing.merge_unit(self.session, self.row(name), self.row(into), self.decision, **self.who)
        return lambda: self.ground.merge(name, into)

    def _abolish(self, name: str) -> Callable[[], None]:
        changing.abolish_unit(self.session, self.row(name), self.decision, **self.who)
        return lambda: self.ground.abolish(name)

    def _move(self, name: str, to: str) -> Callable[[], None]:
        place = self.session.get_one(Region, self.people.regions[to])
        move_between_regions(self.session, self.row(name), place, name, self.decision, **self.who)
        return lambda: self.ground.move(name, to)

    def _rename(self, name: str) -> Callable[[], None]:
        new = f"{self.ground.names[name]}’"
        changing.rename_unit(self.session, self.row(name), new, new, self.decision, **self.who)
        return lambda: self.ground.names.update({name: new})

    def _list(self, name: str, of: str) -> Callable[[], None]:
        key = (of, name)
        new = list_pasted(self.session, self.terms[of], self.row(name).code, self.today, **self.who)
        elsewhere = any(
            unit == name and term != of and promise.counted
            for (term, unit), promise in self.ground.owed.items()
        )
        if not new:
            return lambda: None
        return lambda: self.ground.owed.update({key: Promise(not elsewhere, of)})

    def _decide(self, name: str, of: str, counted: bool, where: str) -> Callable[[], None]:
        query = select(CoverageTarget).where(
            CoverageTarget.term_id == self.terms[of].id,
            CoverageTarget.unit_id == self.ids[name],
            holds_on(CoverageTarget, self.today),
        )
        target = self.session.scalars(query).one_or_none()
        if target is None:
            return lambda: None
        decided = Decided(
            is_counted=counted,
            counted_in_region_id=self.people.regions[where],
            uncounted_reason=None if counted else "另有安排",
        )
        decide_target(self.session, target, decided, self.today, **self.who)
        return lambda: self.ground.owed.update({(of, name): Promise(counted, where)})

    def write_down(self) -> None:
        self.evenings[self.today] = {
            "answers": {name: self.ground.answer(name, self.today) for name in REGIONS},
            "names": dict(self.ground.names),
        }

    def query(self, region: str, on: date) -> FigureQuery:
        return FigureQuery(actor=TESTER, region_id=self.people.regions[region], as_of=on)

    def shown(self, region: str, on: date) -> dict[str, Any]:
        """Return what the product says, by names of the oracle."""
        query = self.query(region, on)
        sides = (
            ("coverage_rate", Side.NUMERATOR),
            ("coverage_rate", Side.DENOMINATOR),
            ("units_uncovered", Side.NUMERATOR),
        )
        rows = [rows_behind(self.session, query, code, side=side).rows for code, side in sides]
        covered, owed, left = [{self.names[row[0]] for row in side} for side in rows]
        assert [len(side) for side in rows] == [len(covered), len(owed), len(left)]
        return {
            "sets": (covered, owed),
            "left": left,
            "names": {self.names[row[0]]: row[2][0] for row in rows[1]},
            "reading": measure(self.session, query, "coverage_rate").reading,
        }


@contextmanager
def told(database: Database, people: Cast, history: list[Any]) -> Iterator[World]:
    """A history that never happened: everything is rolled back."""
    with database.writing() as session:
        world = World(session, people)
        for name in sorted(HOMES)[1:]:  # the first is left for a history to list, or not
            world.tell("list", name, HOMES[name])
        for days, (name, *rest) in history:
            if days:
                world.write_down()
                world.today += timedelta(days=days)
            world.tell(name, *rest)
        world.write_down()
        yield world
        session.rollback()


@settings(max_examples=EXAMPLES, phases=PHASES)
@given(history=histories)
@example(history=BUSY)
def test_each_evenings_answer_is_the_same_when_asked_later(
    database: Database, people: Cast, history: list[Any]
) -> None:
    with told(database, people, history) as world:
        for on, evening in world.evenings.items():
            for region, (covered, owed) in evening["answers"].items():
                shown = world.shown(region, on)
                assert shown["sets"] == (covered, owed), (region, on)
                assert shown["left"] == owed - covered
                assert shown["names"] == {unit: evening["names"][unit] for unit in owed}


@settings(max_examples=EXAMPLES // 2, phases=PHASES)
@given(history=histories)
@example(history=BUSY)
def test_parts_add_up_and_every_grouping_tells_the_same(
    database: Database, people: Cast, history: list[Any]
) -> None:
    with told(database, people, history) as world:
        on = world.today
        grouped = by_region(world.session, world.query("city", on), list(people.regions.values()))
        for region in REGIONS:
            reading = world.shown(region, on)["reading"]
            assert sum(part.numerator for part in reading.parts) == reading.numerator
            assert sum(part.denominator for part in reading.parts) == reading.denominator
            assert all(part.numerator <= part.denominator for part in reading.parts)
            whole = (reading.numerator, reading.denominator)
            assert grouped.get(people.regions[region], (0, 0)) == whole
            places = by_place(world.session, world.query(region, on)).values()
            assert tuple(map(sum, zip(*places, strict=True))) == whole or whole == (0, 0)


@settings(max_examples=EXAMPLES // 2, phases=PHASES)
@given(history=histories, name=unit, by=region)
def test_one_more_counted_inspection_never_lowers_coverage(
    database: Database, people: Cast, history: list[Any], name: str, by: str
) -> None:
    with told(database, people, history) as world:
        before = {region: world.shown(region, world.today) for region in REGIONS}
        world.tell("visit", name, by, True, 0)
        for region in REGIONS:
            after = world.shown(region, world.today)
            assert after["sets"][0] >= before[region]["sets"][0]
            assert after["sets"][1] == before[region]["sets"][1]


@settings(max_examples=EXAMPLES // 2, phases=PHASES)
@given(history=histories, name=unit, into=unit)
def test_a_merger_or_an_end_never_makes_more_of_what_there_is(
    database: Database, people: Cast, history: list[Any], name: str, into: str
) -> None:
    """After either there are no more units owed than before, and the days before stay."""
    with told(database, people, history) as world:
        before = {region: world.shown(region, world.today)["sets"] for region in REGIONS}
        world.today += timedelta(days=30)
        rested = {region: world.shown(region, world.today)["sets"] for region in REGIONS}
        world.tell("merge", name, into)
        world.tell("abolish", into)
        for region in REGIONS:
            after = world.shown(region, world.today)["sets"]
            assert len(after[1]) <= len(rested[region][1])
            assert world.shown(region, world.today - timedelta(days=30))["sets"] == before[region]
