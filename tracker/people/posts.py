"""Posts of a unit and who held them when: both days included, nothing of the past rewritten."""

from datetime import date, datetime, timedelta

from sqlalchemy import or_, select
from sqlalchemy.orm import Session, joinedload, selectinload

from tracker.audit.service import record
from tracker.kernel.db import born, touch
from tracker.kernel.errors import DomainError, NotVisibleError
from tracker.kernel.permissions import Actor
from tracker.organizations.models import Unit
from tracker.organizations.scope import conducts, ensure_conducts
from tracker.people.models import Person, Post, PostHolding
from tracker.people.rules import PostKind, check_days_held

KINDS = list(PostKind)


def posts_of(session: Session, unit: Unit) -> list[Post]:
    """Return a unit's posts, heads first, with everybody who ever held them."""
    query = (
        select(Post)
        .where(Post.unit_id == unit.id)
        .options(selectinload(Post.holdings).joinedload(PostHolding.person))
    )
    return sorted(session.scalars(query), key=lambda post: (KINDS.index(post.kind), post.id))


def get_post(session: Session, post_id: int, *, actor: Actor) -> Post:
    """Return a post of a unit that the actor's office keeps."""
    found = session.scalar(
        select(Post)
        .join(Post.unit)
        .where(Post.id == post_id, conducts(actor, region=Unit.region_id))
        .options(joinedload(Post.unit))
    )
    if found is None:
        raise NotVisibleError
    return found


def get_holding(session: Session, holding_id: int, *, actor: Actor) -> PostHolding:
    """Return a holding of a post of a unit that the actor's office keeps."""
    found = session.scalar(
        select(PostHolding)
        .join(PostHolding.post)
        .join(Post.unit)
        .where(PostHolding.id == holding_id, conducts(actor, region=Unit.region_id))
        .options(joinedload(PostHolding.person), joinedload(PostHolding.post).joinedload(Post.unit))
    )
    if found is None:
        raise NotVisibleError
    return found


def known_person(
    session: Session, region_id: int, name: str, *, mobile: str | None, actor: Actor, now: datetime
) -> Person:
    """Return the region's person of a name, taken in if unknown; of several, the mobile decides.

    DomainError when the name alone does not say who is meant.
    """
    query = select(Person).where(Person.region_id == region_id, Person.name == name)
    found = list(session.scalars(query.order_by(Person.id)))
    if mobile is None and len(found) > 1:
        raise DomainError(f"有 {len(found)} 位“{name}”，请填写手机号区分。")
    same = [person for person in found if mobile is None or person.mobile in (None, mobile)]
    if same:
        same[0].mobile = same[0].mobile or mobile
        return same[0]
    person = Person(region_id=region_id, name=name, mobile=mobile, **born(actor=actor, now=now))
    session.add(person)
    session.flush()  # a holding points at its id
    return person


def person_of_account(
    session: Session,
    region_id: int,
    name: str,
    *,
    unit_id: int | None,
    mobile: str | None,
    actor: Actor,
    now: datetime,
) -> Person:
    """Return who a new sign-in belongs to: the known person of name and mobile, or of that name
    in one of the unit's posts; else a new one. A name alone never says it."""
    query = select(Person).where(Person.region_id == region_id, Person.name == name)
    if mobile is not None:
        query = query.where(Person.mobile == mobile)
    else:
        posts = select(Post.id).where(Post.unit_id == unit_id)
        query = query.where(
            Person.holdings.any(PostHolding.post_id.in_(posts) & PostHolding.to_on.is_(None))
        )
    found = session.scalars(query.order_by(Person.id)).first()
    if found is not None:
        return found
    person = Person(region_id=region_id, name=name, mobile=mobile, **born(actor=actor, now=now))
    session.add(person)
    return person


def add_post(
    session: Session, unit: Unit, title: str, kind: PostKind, *, actor: Actor, now: datetime
) -> Post:
    """Take in a post of a unit. DomainError when the unit has one of this title."""
    ensure_conducts(actor, unit.region_id)
    taken = select(Post.id).where(Post.unit_id == unit.id, Post.title == title)
    if session.scalar(taken) is not None:
        raise DomainError(f"这个单位已有“{title}”，请直接登记任职人员。")
    post = Post(unit_id=unit.id, title=title, kind=kind, **born(actor=actor, now=now))
    session.add(post)
    session.flush()  # the audit entry names the id
    _audit(session, "post_added", post, {"title": title, "kind": kind}, actor=actor, now=now)
    return post


def begin_holding(
    session: Session, post: Post, person: Person, from_on: date, *, actor: Actor, now: datetime
) -> PostHolding:
    """Let a person hold a post from a day on. DomainError when they hold it that day already."""
    ensure_conducts(actor, post.unit.region_id)
    held = select(PostHolding.id).where(
        PostHolding.post_id == post.id,
        PostHolding.person_id == person.id,
        or_(PostHolding.to_on.is_(None), PostHolding.to_on >= from_on),
    )
    if session.scalar(held) is not None:
        raise DomainError(f"“{person.name}”在这一天已担任“{post.title}”，不用重复登记。")
    holding = PostHolding(post=post, person=person, from_on=from_on, **born(actor=actor, now=now))
    session.add(holding)
    detail = {"person": person.id, "from": from_on.isoformat()}
    _audit(session, "post_taken", post, detail, actor=actor, now=now)
    return holding


def end_holding(
    session: Session, holding: PostHolding, to_on: date, *, actor: Actor, now: datetime
) -> None:
    """Let somebody leave a post; the day is the last one in office. It is told once."""
    ensure_conducts(actor, holding.post.unit.region_id)
    if holding.to_on is not None:
        raise DomainError(f"卸任日期已登记为 {holding.to_on.isoformat()}，不再改动。")
    check_days_held(holding.from_on, to_on)
    holding.to_on = to_on
    touch(holding, actor=actor, now=now)
    detail = {"person": holding.person_id, "to": to_on.isoformat()}
    _audit(session, "post_left", holding.post, detail, actor=actor, now=now)


def pass_holding(
    session: Session,
    holding: PostHolding,
    person: Person,
    effective_on: date,
    *,
    actor: Actor,
    now: datetime,
) -> PostHolding:
    """Let a post pass from one to the other: the day before is the one's last, the day the
    other's first."""
    end_holding(session, holding, effective_on - timedelta(days=1), actor=actor, now=now)
    return begin_holding(session, holding.post, person, effective_on, actor=actor, now=now)


def _audit(
    session: Session,
    action: str,
    post: Post,
    detail: dict[str, object],
    *,
    actor: Actor,
    now: datetime,
) -> None:
    record(
        session,
        action,
        actor=actor,
        now=now,
        object_type="post",
        object_id=post.id,
        detail={"unit": post.unit_id, **detail},
    )
