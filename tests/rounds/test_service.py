"""Terms, rounds, inspections, milestones: what is taken in and what is refused."""

from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.factories.cast import Cast
from tests.fakes.clock import ManualClock
from tracker.audit.models import AuditEntry
from tracker.kernel.db import Database
from tracker.kernel.errors import DomainError, NotVisibleError
from tracker.organizations.models import Unit
from tracker.organizations.rules import UnitCategory
from tracker.rounds import queries
from tracker.rounds.deadlines import DEFAULT_PROFILES
from tracker.rounds.models import DeadlineProfile, Round
from tracker.rounds.rules import MilestoneKind, RoundKind, RoundMode, Switches
from tracker.rounds.service import (
    InspectionDraft,
    RoundDraft,
    add_inspection,
    add_term,
    edit_inspection,
    edit_milestone,
    edit_round,
    ensure_default_profiles,
    ensure_milestones,
    plan_round,
)

FED_BACK = date(2026, 9, 15)


class Desk:
    """The city's clerk at work in one session."""

    def __init__(self, session: Session, people: Cast, clock: ManualClock) -> None:
        self.session = session
        self.people = people
        self.region_id = people.regions["city"]
        self.who: dict[str, Any] = {"actor": people.actor("clerk"), "now": clock.now()}

    def round(self, **changes: Any) -> Round:
        values: dict[str, Any] = {
            "term_id": self.term_id,
            "code": "R7-1",
            "seq": 1,
            "name": "第一轮巡察",
            "kind": RoundKind.REGULAR,
            "profile_id": self.profile_id,
            **changes,
        }
        draft = RoundDraft(**values)
        return plan_round(self.session, self.region_id, draft, **self.who)

    def draft(self, unit: str = "a", **changes: Any) -> InspectionDraft:
        values: dict[str, Any] = {
            "unit_id": self.people.units[unit],
            "kind": RoundKind.REGULAR,
            **changes,
        }
        return InspectionDraft(**values)

    def with_term(self) -> "Desk":
        term = add_term(self.session, self.region_id, 7, date(2026, 1, 1), **self.who)
        self.term_id = term.id
        self.profile_id = self.session.scalars(
            select(DeadlineProfile.id).order_by(DeadlineProfile.id)
        ).first()
        return self


@pytest.fixture
def desk(database: Database, people: Cast, clock: ManualClock) -> Iterator[Desk]:
    with database.writing() as session:
        yield Desk(session, people, clock).with_term()


def test_a_first_term_brings_the_default_profiles_once(desk: Desk) -> None:
    names = [draft.name for draft in DEFAULT_PROFILES]
    again = ensure_default_profiles(desk.session, desk.region_id, **desk.who)
    assert [profile.name for profile in again] == names
    assert (
        desk.session.scalars(select(DeadlineProfile.name).order_by(DeadlineProfile.id)).all()
        == names
    )


def test_a_round_has_a_code_a_number_and_a_theme_of_its_own(desk: Desk) -> None:
    tour = desk.round(modes=(RoundMode.UPGRADED, RoundMode.CROSS))
    assert {choice.mode for choice in tour.modes} == {RoundMode.UPGRADED, RoundMode.CROSS}
    with pytest.raises(DomainError, match="轮次代码“R7-1”已被使用"):
        desk.round(seq=2)
    with pytest.raises(DomainError, match="本届第 1 轮已经登记"):
        desk.round(code="R7-2")
    with pytest.raises(DomainError, match="专项巡察请填写主题"):
        desk.round(code="R7-2", seq=2, kind=RoundKind.SPECIAL)


def test_an_edited_round_keeps_its_modes_and_takes_new_switches(desk: Desk) -> None:
    tour = desk.round(modes=(RoundMode.UPGRADED,))
    kept = tour.modes[0].id
    draft = RoundDraft(
        term_id=desk.term_id,
        code="R7-1",
        seq=1,
        name="第一轮",
        kind=RoundKind.REGULAR,
        profile_id=desk.profile_id or 0,
        modes=(RoundMode.UPGRADED, RoundMode.JOINT),
        switches=Switches(sign_off=False),
    )
    edit_round(desk.session, tour, draft, **desk.who)
    desk.session.commit()
    assert tour.switches == Switches(sign_off=False)
    assert {choice.mode for choice in tour.modes} == {RoundMode.UPGRADED, RoundMode.JOINT}
    assert kept in {choice.id for choice in tour.modes}
    actions = desk.session.scalars(select(AuditEntry.action)).all()
    assert "round_planned" in actions
    assert "round_edited" in actions


def test_another_offices_term_or_round_is_like_none(desk: Desk, clock: ManualClock) -> None:
    tour = desk.round()
    east = desk.people.actor("east_clerk")
    draft = RoundDraft(
        term_id=desk.term_id,
        code="E1",
        seq=1,
        name="第一轮",
        kind=RoundKind.REGULAR,
        profile_id=desk.profile_id or 0,
    )
    with pytest.raises(NotVisibleError):
        plan_round(desk.session, desk.people.regions["east"], draft, actor=east, now=clock.now())
    with pytest.raises(NotVisibleError):
        queries.get_round(desk.session, tour.id, actor=east)
    with pytest.raises(NotVisibleError):
        add_inspection(desk.session, tour, desk.draft(), actor=east, now=clock.now())
    assert queries.list_rounds(desk.session, actor=east) == []


def test_a_unit_stands_once_in_a_round_with_dates_in_order(desk: Desk) -> None:
    tour = desk.round()
    add_inspection(desk.session, tour, desk.draft(), **desk.who)
    with pytest.raises(DomainError, match="“市甲局”已在本轮中"):
        add_inspection(desk.session, tour, desk.draft(), **desk.who)
    backwards = desk.draft("b", onsite_start=date(2026, 5, 2), onsite_end=date(2026, 5, 1))
    with pytest.raises(DomainError, match="进驻结束日期早于开始日期"):
        add_inspection(desk.session, tour, backwards, **desk.who)


def test_teams_and_batches_are_taken_in_once(desk: Desk) -> None:
    tour = desk.round()
    for unit in "ab":
        draft = desk.draft(unit, team="第一巡察组", batch_seq=1)
        add_inspection(desk.session, tour, draft, **desk.who)
    assert [team.name for team in queries.teams_of(desk.session, tour.id)] == ["第一巡察组"]
    assert [batch.name for batch in queries.batches_of(desk.session, tour.id)] == ["第1批"]


def test_a_city_may_take_in_a_countys_town_but_not_its_departments(desk: Desk) -> None:
    tour = desk.round()
    with pytest.raises(NotVisibleError):
        add_inspection(desk.session, tour, desk.draft("e"), **desk.who)
    town = desk.session.get_one(Unit, desk.people.units["e"])
    town.category = UnitCategory.TOWN
    row = add_inspection(desk.session, tour, desk.draft("e"), **desk.who)
    east = desk.people.actor("east_clerk")
    assert queries.get_inspection(desk.session, row.id, actor=east) is row
    with pytest.raises(NotVisibleError):
        queries.get_inspection(desk.session, row.id, actor=east, to_change=True)


def test_milestones_follow_the_feedback_date_but_not_over_what_was_typed(desk: Desk) -> None:
    tour = desk.round()
    row = add_inspection(desk.session, tour, desk.draft(), **desk.who)
    profile = tour.profile
    ensure_milestones(desk.session, row, FED_BACK, profile=profile, **desk.who)
    made = ensure_milestones(
        desk.session,
        row,
        FED_BACK,
        profile=profile,
        **desk.who,
    )
    by_kind = {milestone.kind: milestone for milestone in made}
    assert by_kind[MilestoneKind.PLAN].due_on == date(2026, 10, 15)
    assert by_kind[MilestoneKind.FEEDBACK_HEAD].done_on == FED_BACK
    meeting = by_kind[MilestoneKind.DEMOCRATIC_MEETING]
    typed = date(2026, 10, 30)
    edit_milestone(
        desk.session,
        meeting,
        due_on=typed,
        done_on=None,
        exempt_reason=None,
        **desk.who,
    )
    ensure_milestones(
        desk.session,
        row,
        date(2026, 9, 20),
        profile=profile,
        before=FED_BACK,
        **desk.who,
    )
    assert by_kind[MilestoneKind.PLAN].due_on == date(2026, 10, 20)
    assert meeting.due_on == typed
    desk.session.expire(row)
    assert len(row.milestones) == len(made)


def test_the_unit_of_an_inspection_stays_once_it_was_fed_back(desk: Desk) -> None:
    tour = desk.round()
    row = add_inspection(desk.session, tour, desk.draft(), **desk.who)
    edit_inspection(desk.session, row, desk.draft("b"), **desk.who)
    ensure_milestones(desk.session, row, FED_BACK, profile=tour.profile, **desk.who)
    desk.session.expire(row)
    with pytest.raises(DomainError, match="该单位已反馈，不能换成别的单位"):
        edit_inspection(desk.session, row, desk.draft(), **desk.who)


@pytest.mark.parametrize(
    ("modes", "office", "unit", "may"),
    [
        ((), "city", "e", False),
        ((RoundMode.JOINT,), "city", "e", False),
        ((RoundMode.UPGRADED,), "city", "e", True),
        ((RoundMode.CROSS,), "east", "w", True),
        ((RoundMode.CROSS,), "east", "a", False),
        ((RoundMode.UPGRADED, RoundMode.CROSS), "east", "w", True),
        ((RoundMode.UPGRADED,), "east", "w", False),
    ],
)
def test_a_round_reaches_beyond_its_region_only_in_its_modes(
    database: Database,
    people: Cast,
    clock: ManualClock,
    modes: tuple[RoundMode, ...],
    office: str,
    unit: str,
    may: bool,
) -> None:
    with database.writing() as session:
        desk = Desk(session, people, clock)
        desk.region_id = people.regions[office]
        desk.who["actor"] = people.actor("clerk" if office == "city" else "east_clerk")
        tour = desk.with_term().round(modes=modes)
        if not may:
            with pytest.raises(NotVisibleError):
                add_inspection(session, tour, desk.draft(unit), **desk.who)
            return
        made = add_inspection(session, tour, desk.draft(unit), **desk.who)
        assert made.conducting_region_id == people.regions[office]
        assert session.get_one(Unit, made.unit_id).region_id != made.conducting_region_id
