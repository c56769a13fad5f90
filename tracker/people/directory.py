"""Find, take in and keep the persons that ledgers and plans name."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from tracker.audit.service import record
from tracker.kernel.db import born, touch
from tracker.kernel.errors import DomainError, NotVisibleError
from tracker.kernel.permissions import Actor
from tracker.organizations.scope import conducts, ensure_conducts
from tracker.people.models import Person, Post, PostHolding, User
from tracker.people.wecom import gate

LIST_SIZE = 500


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
    known = _matching(list(session.scalars(query.order_by(Person.id))), mobile)
    if known is not None:
        return known
    person = Person(region_id=region_id, name=name, mobile=mobile, **born(actor=actor, now=now))
    session.add(person)
    session.flush()  # the next row may name the same person
    return person


def _matching(found: list[Person], mobile: str | None) -> Person | None:
    for person in found:
        if mobile is None or person.mobile in (None, mobile):
            person.mobile = person.mobile or mobile
            return person
    return None


class PersonBook:
    """`person_named` for many names at once: the region's persons are read once."""

    def __init__(self, session: Session, region_id: int) -> None:
        self._session = session
        self._region_id = region_id
        self._by_name: dict[str, list[Person]] = {}
        query = select(Person).where(Person.region_id == region_id)
        for person in session.scalars(query.order_by(Person.id)):
            self._by_name.setdefault(person.name, []).append(person)

    def named(self, name: str, *, actor: Actor, now: datetime, mobile: str | None = None) -> Person:
        """Return the person of this name (and mobile, where given), taken in if unknown."""
        found = self._by_name.setdefault(name, [])
        known = _matching(found, mobile)
        if known is not None:
            return known
        stamps = born(actor=actor, now=now)
        person = Person(region_id=self._region_id, name=name, mobile=mobile, **stamps)
        self._session.add(person)
        found.append(person)
        return person


def list_persons(session: Session, *, actor: Actor, text: str = "") -> list[Person]:
    """Return the persons the actor's office keeps, at most LIST_SIZE + 1, their posts loaded."""
    query = select(Person).where(conducts(actor, region=Person.region_id))
    if text:
        query = query.where(Person.name.contains(text, autoescape=True))
    query = query.options(
        selectinload(Person.holdings).joinedload(PostHolding.post).joinedload(Post.unit)
    )
    return list(session.scalars(query.order_by(Person.name, Person.id).limit(LIST_SIZE + 1)))


def get_person(session: Session, person_id: int, *, actor: Actor) -> Person:
    """Return a person the actor's office keeps. NotVisibleError when it is another's."""
    found = session.scalar(
        select(Person).where(Person.id == person_id, conducts(actor, region=Person.region_id))
    )
    if found is None:
        raise NotVisibleError
    return found


def add_person(
    session: Session,
    region_id: int,
    name: str,
    *,
    mobile: str | None,
    wecom_userid: str | None,
    email: str | None = None,
    actor: Actor,
    now: datetime,
) -> Person:
    """Take in a person. DomainError when name and mobile are known already."""
    ensure_conducts(actor, region_id)
    _check_unknown(session, region_id, name, mobile, person_id=None)
    person = Person(
        region_id=region_id,
        name=name,
        mobile=mobile,
        wecom_userid=wecom_userid,
        email=email,
        **born(actor=actor, now=now),
    )
    session.add(person)
    session.flush()  # the audit entry names the id
    _audit(session, "person_created", person, actor=actor, now=now)
    return person


def edit_person(
    session: Session,
    person: Person,
    name: str,
    *,
    mobile: str | None,
    wecom_userid: str | None,
    email: str | None = None,
    actor: Actor,
    now: datetime,
) -> Person:
    """Change a person of the actor's office. DomainError when name and mobile are another's."""
    ensure_conducts(actor, person.region_id)
    _check_unknown(session, person.region_id, name, mobile, person_id=person.id)
    if wecom_userid != person.wecom_userid:
        _ensure_lets_nobody_in(session, person)
    person.name, person.mobile = name, mobile
    person.wecom_userid, person.email = wecom_userid, email
    touch(person, actor=actor, now=now)
    _audit(session, "person_edited", person, actor=actor, now=now)
    return person


def _ensure_lets_nobody_in(session: Session, person: Person) -> None:
    """While people sign in through enterprise WeChat, a userid is a key to the person's account."""
    query = select(User.id).where(User.person_id == person.id).limit(1)
    if gate(session) is not None and session.scalar(query) is not None:
        raise DomainError(
            "企业微信登录已开启，有登录账号的人员，其企业微信账号请系统管理员在“人员账号”中修改。"
        )


def _check_unknown(
    session: Session, region_id: int, name: str, mobile: str | None, *, person_id: int | None
) -> None:
    query = select(Person.id).where(
        Person.region_id == region_id, Person.name == name, Person.mobile == mobile
    )
    if any(found != person_id for found in session.scalars(query)):
        raise DomainError(f"已有姓名、手机号相同的“{name}”，请不要重复登记；重名的请填手机号区分。")


def _audit(session: Session, action: str, person: Person, *, actor: Actor, now: datetime) -> None:
    record(
        session,
        action,
        actor=actor,
        now=now,
        object_type="person",
        object_id=person.id,
    )
