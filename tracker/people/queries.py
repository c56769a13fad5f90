"""Look up people and their sign-ins."""

import hashlib
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session, joinedload

from tracker.kernel.errors import NotVisibleError
from tracker.kernel.permissions import Actor, Role
from tracker.organizations.scope import administers
from tracker.people.models import SignInFailure, User, UserSession
from tracker.people.rules import LOCK

USER_PARTS = (
    joinedload(User.person),
    joinedload(User.region),
    joinedload(User.unit),
    joinedload(User.supervisor_org),
)


def user_named(session: Session, username: str) -> User | None:
    """Return the user with this sign-in name."""
    return session.scalar(select(User).where(User.username == username).options(*USER_PARTS))


def all_users(session: Session) -> list[User]:
    """Return every user, by region and name."""
    query = select(User).options(*USER_PARTS).order_by(User.region_id, User.username)
    return list(session.scalars(query))


def users_kept_by(session: Session, *, actor: Actor) -> list[User]:
    """Return the users whose accounts an administrator keeps, by region and name."""
    query = select(User).where(administers(actor, region=User.region_id)).options(*USER_PARTS)
    return list(session.scalars(query.order_by(User.region_id, User.username)))


def user_kept_by(session: Session, user_id: int, *, actor: Actor) -> User:
    """Return a user whose account an administrator keeps. NotVisibleError when it is another's."""
    query = select(User).where(User.id == user_id, administers(actor, region=User.region_id))
    found = session.scalar(query.options(*USER_PARTS))
    if found is None:
        raise NotVisibleError
    return found


def count_users(session: Session) -> int:
    """Return how many sign-ins exist."""
    return session.scalar(select(func.count()).select_from(User)) or 0


def token_digest(token: str) -> str:
    """Return what is stored of a session's token."""
    return hashlib.sha256(token.encode()).hexdigest()


def session_of(session: Session, token: str) -> UserSession | None:
    """Return the session row of a browser's token, its user loaded."""
    parts = joinedload(UserSession.user)
    return session.scalar(
        select(UserSession)
        .where(UserSession.token_sha256 == token_digest(token))
        .options(
            parts.joinedload(User.person),
            parts.joinedload(User.region),
            parts.joinedload(User.unit),
            parts.joinedload(User.supervisor_org),
        )
    )


def recent_failures(
    session: Session, username: str, address: str, *, now: datetime
) -> tuple[int, int]:
    """Return failed sign-ins of the name and of the address within the lock period."""
    since = now - LOCK
    count = select(func.count()).select_from(SignInFailure).where(SignInFailure.at > since)
    return (
        session.scalar(count.where(SignInFailure.username == username)) or 0,
        session.scalar(count.where(SignInFailure.address == address)) or 0,
    )


def active_roles(session: Session, region_id: int) -> frozenset[Role]:
    """Return the roles that somebody with an active sign-in holds in a region."""
    query = select(User.role).where(User.region_id == region_id, User.is_active).distinct()
    return frozenset(session.scalars(query))
