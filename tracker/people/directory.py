"""Find or take in the persons that ledgers and plans name."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from tracker.kernel.db import born
from tracker.kernel.permissions import Actor
from tracker.people.models import Person


def person_named(
    session: Session,
    region_id: int,
    name: str,
    *,
    actor: Actor,
    now: datetime,
    mobile: str | None = None,
) -> Person:
    """Return the region's person of this name (and mobile, where given), taken in if unknown."""
    query = select(Person).where(Person.region_id == region_id, Person.name == name)
    found = list(session.scalars(query.order_by(Person.id)))
    matching = [person for person in found if mobile is None or person.mobile in (None, mobile)]
    if matching:
        matching[0].mobile = matching[0].mobile or mobile
        return matching[0]
    person = Person(region_id=region_id, name=name, mobile=mobile, **born(actor=actor, now=now))
    session.add(person)
    session.flush()  # the next row may name the same person
    return person
