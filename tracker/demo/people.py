"""Persons with invented names, the sign-ins of every role, the staff of units."""

import secrets
from collections.abc import Iterable

from sqlalchemy import select

from tracker.demo.book import Book, Staff
from tracker.demo.organizations import CITY, COUNTY
from tracker.kernel.permissions import Role
from tracker.organizations.models import SupervisorOrg, Unit
from tracker.people.models import Person, Post, PostHolding, User
from tracker.people.rules import PostKind
from tracker.people.service import HASHER

OFFICES = (
    ("city-clerk", Role.OFFICE_CLERK, CITY),
    ("city-lead", Role.OFFICE_LEAD, CITY),
    ("city-leader", Role.LEADER, CITY),
    ("supervisor", Role.SUPERVISOR, CITY),
    ("county-clerk", Role.OFFICE_CLERK, COUNTY),
    ("county-lead", Role.OFFICE_LEAD, COUNTY),
    ("county-leader", Role.LEADER, COUNTY),
    ("admin", Role.SYS_ADMIN, CITY),
    ("security", Role.SECURITY_ADMIN, CITY),
    ("auditor", Role.AUDIT_ADMIN, CITY),
)


def unusable_hash() -> str:
    """Return the hash of a password that nobody knows: the only way in is the role picker."""
    return HASHER.hash(secrets.token_urlsafe(48))


def add_offices(book: Book, password_hash: str) -> None:
    """Add one sign-in of every role that belongs to no unit."""
    organ = book.session.scalars(select(SupervisorOrg)).one()
    for username, role, region in OFFICES:
        book.users[username] = User(
            person=book.person(book.regions[region]),
            username=username,
            role=role,
            region=book.regions[region],
            supervisor_org=organ if role is Role.SUPERVISOR else None,
            password_hash=password_hash,
            must_change_password=False,
            **book.stamps(),
        )
    book.add(list(book.users.values()))


def add_staff(book: Book, units: Iterable[Unit], signing_in: set[str], password_hash: str) -> None:
    """Give each unit a head, a deputy, an owner and a liaison; some sign in themselves."""
    for unit in units:
        has_sign_in = unit.code in signing_in
        head, deputy, owner, liaison = (book.person(unit.region) for _post in range(4))
        staff = Staff(
            head=head, deputy=deputy, owner=owner, liaison=liaison, has_sign_in=has_sign_in
        )
        book.add([staff.head, staff.deputy, staff.owner, staff.liaison])
        book.staff[unit.id] = staff
        _hold(book, unit, "党组织书记", PostKind.HEAD, staff.head)
        _hold(book, unit, "分管负责人", PostKind.DEPUTY, staff.deputy)
        _hold(book, unit, "联络员", PostKind.LIAISON, staff.liaison)
        if has_sign_in:
            _sign_in(book, unit, Role.UNIT_LIAISON, staff.liaison, password_hash)
            _sign_in(book, unit, Role.UNIT_HEAD, staff.head, password_hash)
    book.session.flush()  # channels and tasks need ids


def _hold(book: Book, unit: Unit, title: str, kind: PostKind, person: Person) -> None:
    post = Post(unit_id=unit.id, title=title, kind=kind, **book.stamps())
    since = book.terms[CITY].starts_on
    book.session.add(PostHolding(person=person, post=post, from_on=since, **book.stamps()))


def _sign_in(book: Book, unit: Unit, role: Role, person: Person, password_hash: str) -> None:
    word = "liaison" if role is Role.UNIT_LIAISON else "head"
    user = User(
        person=person,
        username=f"{word}-{unit.region.code}-{unit.code}".lower(),
        role=role,
        region=unit.region,
        unit=unit,
        password_hash=password_hash,
        must_change_password=False,
        **book.stamps(),
    )
    book.users[user.username] = user
    book.session.add(user)
