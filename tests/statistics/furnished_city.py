"""The demonstration with rows behind every figure of its city, and with things that nothing fits."""

from datetime import date, timedelta
from typing import Any

from sqlalchemy import and_, select
from sqlalchemy.orm import Session

from tests.conftest import MONDAY
from tests.factories.cast import TESTER
from tracker.dispatches.models import Dispatch
from tracker.handover.models import Advice, ClueCount
from tracker.handover.rules import ClueKind, ClueMeasure
from tracker.kernel.clock import at_local
from tracker.kernel.db import born
from tracker.letters.models import (
    Accountability,
    Interview,
    Letter,
    SupervisionVisit,
    VisitUnit,
)
from tracker.letters.rules.letters import LetterState
from tracker.letters.rules.words import Held
from tracker.organizations.models import Region, Unit
from tracker.organizations.rules import RegionLevel, UnitCategory
from tracker.people.models import Person
from tracker.rectification.models import Task
from tracker.rectification.rules.words import TaskState
from tracker.rounds.models import Inspection, Round, Term
from tracker.rounds.rules import RoundKind, RoundStatus
from tracker.statistics.queries.query import rounds_of

NOW = at_local(MONDAY, 9, 30)
OLD_TERM = 99
"""An earlier term without a round, of days without a record."""
A_THEME, NO_THEME = "营商环境", "无人过问"


def add_what_figures_need(session: Session) -> None:
    """Add to the demonstration: a theme, letters and talks, an empty term, round and unit."""
    city, stamps = city_of(session), born(actor=TESTER, now=NOW)
    for tour in session.scalars(rounds_of(city.id)):
        tour.theme = A_THEME
    newest = session.scalars(rounds_of(city.id)).first()
    assert newest is not None
    old = Term(
        region_id=city.id,
        number=OLD_TERM,
        starts_on=date(1999, 1, 1),
        ends_on=date(1999, 12, 31),
        **stamps,
    )
    unit = Unit(
        code="EMPTY",
        name="新设局",
        short_name="新设局",
        region=city,
        sort_no=999,
        category=UnitCategory.DEPARTMENT,
        valid_from=MONDAY,
        **stamps,
    )
    tour = Round(
        region_id=city.id,
        term_id=newest.term_id,
        code="EMPTY",
        seq=98,
        name="空轮",
        kind=RoundKind.MOBILE,
        theme=NO_THEME,
        status=RoundStatus.PLANNED,
        profile_id=newest.profile_id,
        **stamps,
    )
    session.add_all([old, unit, tour])
    session.flush()  # ids are asked for
    _add_oversight(session, newest)


def _add_oversight(session: Session, tour: Round) -> None:
    """Add letters, talks and the like to two units of a round: in the year, and in the one before."""
    leader = session.scalars(select(Person).order_by(Person.id)).first()
    tasks = session.scalars(
        select(Task)
        .join(
            Inspection,
            and_(Inspection.round_id == Task.round_id, Inspection.unit_id == Task.lead_unit_id),
        )
        .where(Task.region_id == tour.region_id)
        .order_by(Task.state != TaskState.CLOSED, Task.id)
        .limit(4)
    ).all()
    assert leader is not None
    for number, task in enumerate(tasks):
        on = MONDAY - timedelta(days=10 + number * 150)
        _add_records(session, task, leader, number=number, on=on)
    session.flush()  # figures look at the database


def _add_records(session: Session, task: Task, person: Person, *, number: int, on: date) -> None:
    stamps = born(actor=TESTER, now=NOW)
    own: dict[str, Any] = {"region_id": task.region_id, "unit_id": task.lead_unit_id, **stamps}
    letter = Letter(
        kind_code="supervision",
        kind_label="督办函",
        organ_code="巡办",
        organ_name="巡察办",
        year=on.year,
        number=900 + number,
        title="督办函",
        body="请整改。",
        state=LetterState.SENT,
        needs_reply=False,
        signed_on=on,
        sent_on=on,
        tasks=[task],
        **own,
    )
    talk = Interview(
        person_id=person.id,
        post_title="局长",
        is_head=True,
        held_on=on,
        interviewer="主任",
        reason="整改不力",
        **own,
    )
    visit = SupervisionVisit(
        region_id=task.region_id,
        visited_on=on,
        leader_id=person.id,
        text="查看现场",
        units=[VisitUnit(unit_id=task.lead_unit_id)],
        **stamps,
    )
    advice = Advice(
        round_id=task.round_id,
        addressee="有关部门",
        text="完善制度",
        issued_on=on,
        adopted_on=on,
        **own,
    )
    sending = Dispatch(
        region_id=task.region_id, subject="报表", addressee="省委巡视办", sent_on=on, **stamps
    )
    session.add_all([letter, talk, visit, advice, sending, *_held(own, person, on)])
    inspection_id = session.scalars(
        select(Inspection.id).where(
            Inspection.round_id == task.round_id, Inspection.unit_id == task.lead_unit_id
        )
    ).one()
    session.add_all(
        ClueCount(
            region_id=task.region_id,
            inspection_id=inspection_id,
            measure=measured,
            kind=ClueKind.CLUE,
            occurred_on=on,
            amount=2,
            **stamps,
        )
        for measured in (ClueMeasure.SETTLED, ClueMeasure.PERSONS_FILED)
    )


def _held(own: dict[str, Any], person: Person, on: date) -> list[Accountability]:
    facts = {
        "form_code": "talk",
        "form_label": "诫勉",
        "decided_on": on,
        "basis": "整改不力",
        **own,
    }
    return [
        Accountability(held=Held.ORGAN, organ_name="党组", **facts),
        Accountability(held=Held.PERSON, person_id=person.id, post_title="局长", **facts),
    ]


def city_of(session: Session) -> Region:
    return session.scalars(select(Region).where(Region.level == RegionLevel.CITY)).one()
