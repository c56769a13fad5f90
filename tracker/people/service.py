"""Sign in and out, change passwords, make accounts."""

import secrets
from datetime import datetime
from functools import lru_cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from tracker.audit.service import record
from tracker.kernel.db import touch
from tracker.kernel.errors import DomainError
from tracker.kernel.permissions import Actor, Loan, Role
from tracker.organizations.rules import OfficeMode
from tracker.people.models import SignInFailure, User, UserSession
from tracker.people.queries import token_digest, user_named
from tracker.people.rules import password_faults

HASHER = PasswordHasher()
ADMINISTRATORS = frozenset({Role.SYS_ADMIN, Role.SECURITY_ADMIN, Role.AUDIT_ADMIN})
REFUSED = "登录名或密码不正确，或账号暂时不能使用。请核对后重试；连续失败会锁定 30 分钟。"


@lru_cache(maxsize=1)
def _nobodys_hash() -> str:
    return HASHER.hash(secrets.token_hex(16))


def password_matches(user: User | None, password: str) -> bool:
    """Check a password; takes as long for a name that does not exist."""
    stored = user.password_hash if user else _nobodys_hash()
    try:
        return HASHER.verify(stored, password[:1024]) and user is not None
    except (VerificationError, InvalidHashError):
        return False


def ensure_password(user: User, password: str) -> None:
    """Refuse whoever does not know the password that is to be changed."""
    if not password_matches(user, password):
        raise DomainError("现在的密码不正确，请重新输入。")


def note_failure(session: Session, username: str, address: str, *, now: datetime) -> None:
    """Count a refused sign-in and audit it; the name is cut to what the column holds."""
    session.add(SignInFailure(username=username[:60], address=address[:60], at=now))
    record(
        session,
        "sign_in_refused",
        actor=Actor(name="匿名", address=address),
        now=now,
        result="refused",
        detail={"username": username[:60]},
    )


def start_session(
    session: Session, user: User, address: str, *, now: datetime, by: str | None = None
) -> str:
    """Open a session for a user and return its token, which only the browser keeps.

    `by`: how, where it was not by password.
    """
    token = secrets.token_urlsafe(32)
    session.add(
        UserSession(
            user_id=user.id,
            token_sha256=token_digest(token),
            started_at=now,
            last_seen_at=now,
            address=address[:60],
        )
    )
    session.execute(delete(SignInFailure).where(SignInFailure.username == user.username))
    record(
        session,
        "sign_in",
        actor=actor_of(user, address),
        now=now,
        object_type="user",
        object_id=user.id,
        detail={"method": by} if by else None,
    )
    return token


def sign_out(session: Session, row: UserSession | None, *, actor: Actor, now: datetime) -> None:
    """End one session, as its person asked."""
    if row is not None:
        row.ended_at, row.end_reason = now, "signed_out"
    record(session, "sign_out", actor=actor, now=now, object_type="user", object_id=actor.user_id)


def end_sessions(session: Session, user_id: int, reason: str, *, now: datetime) -> None:
    """End every open session of a user at once."""
    session.execute(
        update(UserSession)
        .where(UserSession.user_id == user_id, UserSession.ended_at.is_(None))
        .values(ended_at=now, end_reason=reason)
    )


def change_password(
    session: Session, user: User, password_hash: str, *, actor: Actor, now: datetime
) -> None:
    """Set a new password (hashed by the caller before the transaction) and end all sessions."""
    user.password_hash = password_hash
    user.must_change_password = False
    user.password_changed_at = now
    touch(user, actor=actor, now=now)
    end_sessions(session, user.id, "password_changed", now=now)
    record(session, "password_changed", actor=actor, now=now, object_type="user", object_id=user.id)


def hash_password(password: str, username: str) -> str:
    """Return the hash of a password that the rules accept; DomainError names every fault."""
    faults = password_faults(password, username)
    if faults:
        raise DomainError("".join(faults))
    return HASHER.hash(password)


def add_user(session: Session, user: User, *, actor: Actor, now: datetime) -> None:
    """Take in a new sign-in. DomainError when the name is taken or the role lacks its unit."""
    with session.no_autoflush:
        if user_named(session, user.username) is not None:
            raise DomainError(f"登录名“{user.username}”已被使用，请换一个。")
    if user.role in (Role.UNIT_LIAISON, Role.UNIT_HEAD) and user.unit is None:
        raise DomainError(f"角色“{user.role.label}”必须指定单位。")
    if user.role is Role.SUPERVISOR and user.supervisor_org is None:
        raise DomainError(f"角色“{user.role.label}”必须指定所在的监督部门。")
    session.add(user)
    record(
        session,
        "user_created",
        actor=actor,
        now=now,
        object_type="user",
        detail={"username": user.username, "role": user.role.value},
    )


def set_active(
    session: Session, user: User, is_active: bool, *, actor: Actor, now: datetime
) -> None:
    """Switch a sign-in off, which ends its sessions at once, or on again."""
    if user.id == actor.user_id:
        raise DomainError("不能停用自己的账号，请由另一位管理员办理。")
    if user.is_active is is_active:
        raise DomainError("这个账号的状态刚被改过，请刷新页面。")
    if not is_active:
        _ensure_not_the_last(session, user)
    user.is_active = is_active
    touch(user, actor=actor, now=now)
    if not is_active:
        end_sessions(session, user.id, "deactivated", now=now)
    record(
        session,
        "user_activated" if is_active else "user_deactivated",
        actor=actor,
        now=now,
        object_type="user",
        object_id=user.id,
        detail={"username": user.username},
    )


def set_wecom_userid(
    session: Session, user: User, userid: str | None, *, actor: Actor, now: datetime
) -> None:
    """Say which member of enterprise WeChat a sign-in's person is; with 企业微信登录 on that is
    who may sign in as them."""
    user.person.wecom_userid = userid
    touch(user.person, actor=actor, now=now)
    record(
        session,
        "wecom_userid_set",
        actor=actor,
        now=now,
        object_type="person",
        object_id=user.person_id,
    )


def _ensure_not_the_last(session: Session, user: User) -> None:
    """Of each kind of administrator one stays, or nobody could grant, or read the trail."""
    if user.role not in ADMINISTRATORS:
        return
    others = select(User.id).where(User.role == user.role, User.is_active, User.id != user.id)
    if session.scalar(others.limit(1)) is None:
        raise DomainError(f"这是最后一位{user.role.label}，请先新建接替的账号，再停用。")


def actor_of(user: User, address: str | None = None, *, lent: tuple[Loan, ...] = ()) -> Actor:
    """Return the Actor a user is. `lent` are the powers others have lent for today."""
    return Actor(
        name=f"{user.person.name}（{user.username}）",
        role=user.role,
        user_id=user.id,
        person_id=user.person_id,
        region_id=user.region_id,
        unit_id=user.unit_id,
        supervisor_org_id=user.supervisor_org_id,
        simple_mode=user.region.mode is OfficeMode.SIMPLE,
        lent=lent,
        address=address,
    )


def one_time_password() -> str:
    """Return a random password that meets the rules; to be changed at first sign-in."""
    return secrets.token_urlsafe(12) + "aA7-"
