"""授权代理: the lead lends approvals, a unit's head lends signatures, between two days."""

from datetime import date, datetime, timedelta

from sqlalchemy import Select, or_, select
from sqlalchemy.orm import Session, aliased, joinedload

from tracker.audit.service import record
from tracker.kernel.clock import local_date
from tracker.kernel.db import born, touch
from tracker.kernel.errors import DomainError, NotVisibleError
from tracker.kernel.permissions import LENDABLE, Actor, Loan, Permission, Role, granted_to
from tracker.people.models import Delegation, User

LONGEST_DAYS = 180
# Who may act for whom: the lead's clerk, the head's liaison; each of the same office or unit.
DEPUTY_ROLE = {Role.OFFICE_LEAD: Role.OFFICE_CLERK, Role.UNIT_HEAD: Role.UNIT_LIAISON}
PARTS = (
    joinedload(Delegation.from_user).joinedload(User.person),
    joinedload(Delegation.to_user).joinedload(User.person),
)


def may_act_for(lender: User, deputy: User) -> bool:
    """Return whether somebody can be authorised at all: an active colleague of the right role."""
    return (
        DEPUTY_ROLE.get(lender.role) is deputy.role
        and lender.is_active
        and deputy.is_active
        and lender.person_id != deputy.person_id
        and lender.region_id == deputy.region_id
        and lender.unit_id == deputy.unit_id
    )


def loans_of(session: Session, user: User, *, today: date) -> tuple[Loan, ...]:
    """Return the powers that a user has been lent for today.

    Looked up at each request, so that an end, a revocation, or a change of either post counts at once.
    """
    if user.role not in DEPUTY_ROLE.values():
        return ()
    query = (
        select(Delegation)
        .where(
            Delegation.to_user_id == user.id,
            Delegation.revoked_at.is_(None),
            Delegation.from_on <= today,
            Delegation.to_on >= today,
        )
        .options(*PARTS)
        .order_by(Delegation.id)
    )
    return tuple(
        Loan(
            delegation_id=row.id,
            lender=row.from_user.person.name,
            lender_person_id=row.from_user.person_id,
            role=row.from_user.role,
        )
        for row in session.scalars(query)
        if may_act_for(row.from_user, user)
    )


def possible_deputies(session: Session, lender: User) -> list[User]:
    """Return whom a user may authorise, by name."""
    query = (
        select(User)
        .where(User.role == DEPUTY_ROLE.get(lender.role), User.region_id == lender.region_id)
        .options(joinedload(User.person))
        .order_by(User.username)
    )
    return [user for user in session.scalars(query) if may_act_for(lender, user)]


def lend(
    session: Session,
    deputy: User,
    from_on: date,
    to_on: date,
    reason: str,
    *,
    actor: Actor,
    now: datetime,
) -> Delegation:
    """授权 a colleague between two days, both included. What is lent stands in LENDABLE."""
    lender = session.get(User, actor.user_id) if actor.user_id else None
    if lender is None or lender.role not in LENDABLE or not _may_lend(actor):
        raise DomainError("只有巡察办主任和党组织主要负责人可以授权代理。")
    if not may_act_for(lender, deputy):
        raise DomainError("请从名单中选择本办或本单位的代理人。")
    if to_on < from_on or from_on < local_date(now):
        raise DomainError("授权从今天或以后开始，结束日期不能早于开始日期。")
    if to_on - from_on > timedelta(days=LONGEST_DAYS):
        raise DomainError(f"一次授权最长 {LONGEST_DAYS} 天，到期可以再次授权。")
    if not reason.strip():
        raise DomainError("请写明授权事由。")
    delegation = Delegation(
        from_user_id=lender.id,
        to_user_id=deputy.id,
        from_on=from_on,
        to_on=to_on,
        reason=reason.strip(),
        **born(actor=actor, now=now),
    )
    session.add(delegation)
    session.flush()  # the trail names the authorisation by its id
    _audit(session, "delegation_made", delegation, actor=actor, now=now)
    return delegation


def _may_lend(actor: Actor) -> bool:
    return Permission.DELEGATE in granted_to(actor)


def revoke(session: Session, delegation: Delegation, *, actor: Actor, now: datetime) -> None:
    """收回授权 at once."""
    if delegation.from_user_id != actor.user_id:
        raise NotVisibleError
    if delegation.revoked_at is not None:
        raise DomainError("这项授权已经收回。")
    delegation.revoked_at = now
    touch(delegation, actor=actor, now=now)
    _audit(session, "delegation_revoked", delegation, actor=actor, now=now)


def delegations_of(session: Session, *, actor: Actor) -> list[Delegation]:
    """Return what the actor has lent, and what the actor's own office or unit has, newest first."""
    return list(session.scalars(_seen_by(actor).order_by(Delegation.id.desc()).limit(200)))


def get_delegation(session: Session, delegation_id: int, *, actor: Actor) -> Delegation:
    """Return an authorisation the actor may see."""
    found = session.scalar(_seen_by(actor).where(Delegation.id == delegation_id))
    if found is None:
        raise NotVisibleError
    return found


def _seen_by(actor: Actor) -> Select[Delegation]:
    lender = aliased(User)
    same_unit = lender.unit_id == actor.unit_id if actor.unit_id else lender.unit_id.is_(None)
    return (
        select(Delegation)
        .join(lender, lender.id == Delegation.from_user_id)
        .where(
            lender.region_id == actor.region_id,
            or_(lender.id == actor.user_id, same_unit),
        )
        .options(*PARTS)
    )


def _audit(
    session: Session, action: str, delegation: Delegation, *, actor: Actor, now: datetime
) -> None:
    record(
        session,
        action,
        actor=actor,
        now=now,
        object_type="delegation",
        object_id=delegation.id,
        detail={"to_user": delegation.to_user_id, "to_on": delegation.to_on},
    )
