"""The register of the actor's office: what was sent, and how often the same thing was."""

from dataclasses import dataclass
from datetime import date

from sqlalchemy import ColumnElement, Select, func, or_, select
from sqlalchemy.orm import Session, joinedload

from tracker.dispatches.models import Dispatch
from tracker.kernel.errors import NotVisibleError
from tracker.kernel.permissions import Actor
from tracker.organizations.scope import conducts

LIST_SIZE = 200


@dataclass(frozen=True, kw_only=True)
class DispatchFilter:
    """What the register is narrowed to: words, and a year of sending."""

    text: str = ""
    year: int | None = None


@dataclass(frozen=True, kw_only=True)
class Frequency:
    """How often one thing was sent, and when for the last time."""

    subject: str
    times: int
    addressees: int
    last_on: date


def list_dispatches(
    session: Session, wanted: DispatchFilter, *, actor: Actor
) -> tuple[list[Dispatch], int]:
    """Return what was sent, the newest first, at most LIST_SIZE, and how many there are."""
    query = _chosen(select(Dispatch), wanted, actor).options(joinedload(Dispatch.file))
    newest = query.order_by(Dispatch.sent_on.desc(), Dispatch.id.desc()).limit(LIST_SIZE)
    total = session.scalar(_chosen(select(func.count()).select_from(Dispatch), wanted, actor))
    return list(session.scalars(newest)), total or 0


def frequencies(session: Session, wanted: DispatchFilter, *, actor: Actor) -> list[Frequency]:
    """Return what was sent more than once, the most often first; void ones do not count."""
    times = func.count()
    query = _chosen(
        select(
            Dispatch.subject,
            times,
            func.count(Dispatch.addressee.distinct()),
            func.max(Dispatch.sent_on),
        ),
        wanted,
        actor,
    )
    rows = session.execute(
        query.where(Dispatch.voided_on.is_(None))
        .group_by(Dispatch.subject)
        .having(times > 1)
        .order_by(times.desc(), Dispatch.subject)
    )
    return [
        Frequency(subject=subject, times=number, addressees=addressees, last_on=last_on)
        for subject, number, addressees, last_on in rows
    ]


def sent_before(session: Session, subject: str, *, actor: Actor) -> list[Dispatch]:
    """Return every sending of one thing, the newest first; void ones do not count."""
    query = select(Dispatch).where(
        Dispatch.subject == subject,
        Dispatch.voided_on.is_(None),
        conducts(actor, region=Dispatch.region_id),
    )
    return list(session.scalars(query.order_by(Dispatch.sent_on.desc(), Dispatch.id.desc())))


def get_dispatch(session: Session, dispatch_id: int, *, actor: Actor) -> Dispatch:
    """Return one entry of the actor's office."""
    found = session.scalar(
        select(Dispatch)
        .where(Dispatch.id == dispatch_id, conducts(actor, region=Dispatch.region_id))
        .options(joinedload(Dispatch.file))
    )
    if found is None:
        raise NotVisibleError
    return found


def get_filed_dispatch(session: Session, dispatch_id: int, *, actor: Actor) -> Dispatch:
    """Return one entry that has a file."""
    found = get_dispatch(session, dispatch_id, actor=actor)
    if found.file is None:
        raise NotVisibleError
    return found


def known_words(session: Session, *, actor: Actor) -> tuple[list[str], list[str]]:
    """Return subjects and addressees used before, to be picked again word for word."""
    mine = conducts(actor, region=Dispatch.region_id)
    found = []
    for column in (Dispatch.subject, Dispatch.addressee):
        query = select(column).where(mine).group_by(column)
        found.append(list(session.scalars(query.order_by(func.max(Dispatch.id).desc()).limit(50))))
    return found[0], found[1]


def _chosen(query: Select[*tuple[object, ...]], wanted: DispatchFilter, actor: Actor) -> Select:  # type: ignore[type-arg]
    conditions: list[ColumnElement[bool]] = [conducts(actor, region=Dispatch.region_id)]
    if wanted.text:
        conditions.append(
            or_(
                *(
                    column.contains(wanted.text, autoescape=True)
                    for column in (Dispatch.subject, Dispatch.addressee, Dispatch.doc_no)
                )
            )
        )
    if wanted.year is not None:
        first, last = date(wanted.year, 1, 1), date(wanted.year, 12, 31)
        conditions.append(Dispatch.sent_on.between(first, last))
    return query.where(*conditions)
