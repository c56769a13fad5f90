"""Load interviews (约谈) and decisions of accountability (问责)."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Select, false, func, select
from sqlalchemy.orm import Session, joinedload, selectinload

from tracker.feedback.models import Issue
from tracker.kernel.errors import NotVisibleError
from tracker.kernel.permissions import Actor, Permission, may
from tracker.letters.models import Accountability, Interview
from tracker.letters.rules.words import Held
from tracker.organizations.models import Unit
from tracker.organizations.scope import conducts, sees
from tracker.people.models import Person

PAGE_SIZE = 50
Rows = Select[*tuple[Any, ...]]


@dataclass(frozen=True, kw_only=True)
class RecordFilter:
    """What a list of records is narrowed to. `after` is the last id of the page before."""

    unit_id: int | None = None
    year: int | None = None
    heads_only: bool = False
    held: Held | None = None
    text: str = ""
    after: int | None = None


def visible_interviews(actor: Actor) -> ColumnElement[bool]:
    """Return the condition under which the actor reads an interview; no unit reads any."""
    if not may(actor, Permission.INTERVIEW_READ):
        return false()
    return sees(actor, region=Interview.region_id, unit=Interview.unit_id)


def visible_accountabilities(actor: Actor) -> ColumnElement[bool]:
    """Return the condition under which the actor reads a decision; no unit reads any."""
    if not may(actor, Permission.ACCOUNTABILITY_READ):
        return false()
    return sees(actor, region=Accountability.region_id, unit=Accountability.unit_id)


def get_interview(
    session: Session, interview_id: int, *, actor: Actor, to_change: bool = False
) -> Interview:
    """Return an interview the actor may read, or (`to_change`) whose office it is."""
    query = (
        select(Interview)
        .where(Interview.id == interview_id, visible_interviews(actor))
        .options(
            joinedload(Interview.unit),
            joinedload(Interview.person),
            joinedload(Interview.file),
            joinedload(Interview.assessment),
            joinedload(Interview.letter),
            selectinload(Interview.tasks),
            selectinload(Interview.issues).joinedload(Issue.feedback),
        )
    )
    if to_change:
        query = query.where(conducts(actor, region=Interview.region_id))
    found = session.scalar(query)
    if found is None:
        raise NotVisibleError
    return found


def get_accountability(
    session: Session, accountability_id: int, *, actor: Actor, to_change: bool = False
) -> Accountability:
    """Return a decision the actor may read, or (`to_change`) whose office it is."""
    query = (
        select(Accountability)
        .where(Accountability.id == accountability_id, visible_accountabilities(actor))
        .options(
            joinedload(Accountability.unit),
            joinedload(Accountability.person),
            selectinload(Accountability.tasks),
        )
    )
    if to_change:
        query = query.where(conducts(actor, region=Accountability.region_id))
    found = session.scalar(query)
    if found is None:
        raise NotVisibleError
    return found


def list_interviews(session: Session, wanted: RecordFilter, *, actor: Actor) -> list[Interview]:
    """Return one page, the newest record first, and one row more when there is a next page."""
    query = _page(_interviews(select(Interview), wanted, actor), Interview.id, wanted)
    return list(
        session.scalars(query.options(joinedload(Interview.unit), joinedload(Interview.person)))
    )


def count_interviews(session: Session, wanted: RecordFilter, *, actor: Actor) -> tuple[int, int]:
    """Return how many interviews a filter finds, and with how many different persons."""
    counts: Rows = select(func.count(Interview.id), func.count(func.distinct(Interview.person_id)))
    query = _interviews(counts, wanted, actor).where(Interview.voided_on.is_(None))
    times, persons = session.execute(query).one()
    return times, persons


def _interviews(query: Rows, wanted: RecordFilter, actor: Actor) -> Rows:
    query = query.where(visible_interviews(actor))
    if wanted.heads_only:
        query = query.where(Interview.is_head)
    if wanted.text:
        named = select(Person.id).where(Person.name.contains(wanted.text, autoescape=True))
        query = query.where(
            Interview.person_id.in_(named) | Interview.reason.contains(wanted.text, autoescape=True)
        )
    return _narrowed(query, wanted, Interview.unit_id, Interview.held_on)


def list_accountabilities(
    session: Session, wanted: RecordFilter, *, actor: Actor
) -> list[Accountability]:
    """Return one page, the newest record first, and one row more when there is a next page."""
    query = _page(
        _accountabilities(select(Accountability), wanted, actor), Accountability.id, wanted
    )
    parts = (joinedload(Accountability.unit), joinedload(Accountability.person))
    return list(session.scalars(query.options(*parts)))


def count_accountabilities(
    session: Session, wanted: RecordFilter, *, actor: Actor
) -> dict[Held, int]:
    """Return how many decisions a filter finds, about organisations and about persons apart."""
    counts: Rows = select(Accountability.held, func.count(Accountability.id))
    query = _accountabilities(counts, wanted, actor).where(Accountability.voided_on.is_(None))
    found = {row[0]: row[1] for row in session.execute(query.group_by(Accountability.held))}
    return {held: found.get(held, 0) for held in Held}


def _accountabilities(query: Rows, wanted: RecordFilter, actor: Actor) -> Rows:
    query = query.where(visible_accountabilities(actor))
    if wanted.held is not None:
        query = query.where(Accountability.held == wanted.held)
    if wanted.text:
        named = select(Person.id).where(Person.name.contains(wanted.text, autoescape=True))
        query = query.where(
            Accountability.person_id.in_(named)
            | Accountability.organ_name.contains(wanted.text, autoescape=True)
            | Accountability.basis.contains(wanted.text, autoescape=True)
        )
    return _narrowed(query, wanted, Accountability.unit_id, Accountability.decided_on)


def _narrowed(query: Rows, wanted: RecordFilter, unit: Any, day: Any) -> Rows:
    if wanted.unit_id is not None:
        query = query.where(unit == wanted.unit_id)
    if wanted.year is not None:
        query = query.where(day.between(date(wanted.year, 1, 1), date(wanted.year, 12, 31)))
    return query


def _page(query: Rows, key: Any, wanted: RecordFilter) -> Rows:
    if wanted.after is not None:
        query = query.where(key < wanted.after)
    return query.order_by(key.desc()).limit(PAGE_SIZE + 1)


def interviews_of_letter(session: Session, letter_id: int, *, actor: Actor) -> list[Interview]:
    """Return the interviews that a letter led to and the actor may read."""
    query = select(Interview).where(Interview.letter_id == letter_id, visible_interviews(actor))
    query = query.options(joinedload(Interview.person))
    return list(session.scalars(query.order_by(Interview.held_on, Interview.id)))


def interviews_of_task(session: Session, task_id: int, *, actor: Actor) -> list[Interview]:
    """Return the interviews about a task that the actor may read."""
    if not may(actor, Permission.INTERVIEW_READ):
        return []
    query = select(Interview).where(Interview.tasks.any(id=task_id), visible_interviews(actor))
    query = query.where(Interview.voided_on.is_(None)).options(joinedload(Interview.person))
    return list(session.scalars(query.order_by(Interview.held_on.desc(), Interview.id.desc())))


def accountabilities_of_task(
    session: Session, task_id: int, *, actor: Actor
) -> list[Accountability]:
    """Return the decisions about a task that the actor may read."""
    if not may(actor, Permission.ACCOUNTABILITY_READ):
        return []
    query = select(Accountability).where(
        Accountability.tasks.any(id=task_id),
        visible_accountabilities(actor),
        Accountability.voided_on.is_(None),
    )
    query = query.options(joinedload(Accountability.person))
    return list(session.scalars(query.order_by(Accountability.decided_on.desc())))


def units_of_interviews(session: Session, *, actor: Actor) -> list[tuple[int, str]]:
    """Return the units whose interviews the actor may read, in printed order."""
    return _units(session, select(Interview.unit_id).where(visible_interviews(actor)))


def units_of_accountabilities(session: Session, *, actor: Actor) -> list[tuple[int, str]]:
    """Return the units about which the actor may read decisions, in printed order."""
    return _units(session, select(Accountability.unit_id).where(visible_accountabilities(actor)))


def _units(session: Session, ids: Select[Any]) -> list[tuple[int, str]]:
    units = session.scalars(select(Unit).where(Unit.id.in_(ids)).order_by(Unit.sort_no, Unit.id))
    return [(unit.id, unit.short_name) for unit in units]
