"""Persons hold posts with dates; a user is the optional sign-in of a person."""

from datetime import date, datetime

from sqlalchemy import Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from tracker.kernel.db import Base, Id, Row, enum_type, foreign_key
from tracker.kernel.permissions import Role
from tracker.organizations.models import Region, SupervisorOrg, Unit
from tracker.people.rules import PostKind


class Person(Row, Base):
    """Somebody who can be responsible; most have no sign-in."""

    __tablename__ = "persons"
    __table_args__ = (Index("ix_persons_region_name", "region_id", "name"),)  # the person picker

    region_id: Mapped[int] = foreign_key("regions.id", index=False)
    name: Mapped[str] = mapped_column(String(60))
    mobile: Mapped[str | None] = mapped_column(String(20))
    wecom_userid: Mapped[str | None] = mapped_column(String(64))
    email: Mapped[str | None] = mapped_column(String(254))

    region: Mapped[Region] = relationship()
    holdings: Mapped[list["PostHolding"]] = relationship(back_populates="person")


class Post(Row, Base):
    """A post of a unit: 党组书记, 局长, 联络员…"""

    __tablename__ = "posts"
    __table_args__ = (UniqueConstraint("unit_id", "title"),)

    unit_id: Mapped[int] = foreign_key("units.id")
    title: Mapped[str] = mapped_column(String(60))
    kind: Mapped[PostKind] = mapped_column(enum_type(PostKind, "kind"), default=PostKind.OTHER)

    unit: Mapped[Unit] = relationship()
    holdings: Mapped[list["PostHolding"]] = relationship(
        back_populates="post", order_by="PostHolding.from_on"
    )


class PostHolding(Row, Base):
    """Who held a post from when to when; both days included, open end = still in office."""

    __tablename__ = "post_holdings"

    person_id: Mapped[int] = foreign_key("persons.id")
    post_id: Mapped[int] = foreign_key("posts.id")
    from_on: Mapped[date]
    to_on: Mapped[date | None]

    person: Mapped[Person] = relationship(back_populates="holdings")
    post: Mapped[Post] = relationship(back_populates="holdings")


class User(Row, Base):
    """A sign-in with exactly one role, tied to one region, unit or supervising organisation."""

    __tablename__ = "users"
    __table_args__ = (UniqueConstraint("username"),)

    person_id: Mapped[int] = foreign_key("persons.id")
    username: Mapped[str] = mapped_column(String(60))
    password_hash: Mapped[str] = mapped_column(String(200))
    role: Mapped[Role] = mapped_column(enum_type(Role, "role"))
    region_id: Mapped[int] = foreign_key("regions.id")
    unit_id: Mapped[int | None] = foreign_key("units.id", nullable=True)
    supervisor_org_id: Mapped[int | None] = foreign_key("supervisor_orgs.id", nullable=True)
    is_active: Mapped[bool] = mapped_column(default=True)
    must_change_password: Mapped[bool] = mapped_column(default=True)
    password_changed_at: Mapped[datetime | None]
    locked_until: Mapped[datetime | None]

    person: Mapped[Person] = relationship()
    region: Mapped[Region] = relationship()
    unit: Mapped[Unit | None] = relationship()
    supervisor_org: Mapped[SupervisorOrg | None] = relationship()


class UserSession(Base):
    """One sign-in on one browser; ended rows are refused at once, on every machine."""

    __tablename__ = "user_sessions"
    __table_args__ = (UniqueConstraint("token_sha256"),)

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    user_id: Mapped[int] = foreign_key("users.id")
    token_sha256: Mapped[str] = mapped_column(String(64))
    started_at: Mapped[datetime]
    last_seen_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    end_reason: Mapped[str | None] = mapped_column(String(40))
    address: Mapped[str] = mapped_column(String(60))

    user: Mapped[User] = relationship()


class SignInFailure(Base):
    """One refused sign-in; counted per name and per address, by all processes alike."""

    __tablename__ = "sign_in_failures"
    __table_args__ = (
        Index("ix_sign_in_failures_username_at", "username", "at"),  # lock of a name
        Index("ix_sign_in_failures_address_at", "address", "at"),  # lock of an address
    )

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    username: Mapped[str] = mapped_column(String(60))
    address: Mapped[str] = mapped_column(String(60))
    at: Mapped[datetime]


class Delegation(Row, Base):
    """授权代理: one person's powers lent to another between two days, both included."""

    __tablename__ = "delegations"

    from_user_id: Mapped[int] = foreign_key("users.id")
    to_user_id: Mapped[int] = foreign_key("users.id")
    from_on: Mapped[date]
    to_on: Mapped[date]
    reason: Mapped[str] = mapped_column(String(400))
    revoked_at: Mapped[datetime | None]

    from_user: Mapped[User] = relationship(foreign_keys=from_user_id)
    to_user: Mapped[User] = relationship(foreign_keys=to_user_id)


class WecomReturn(Base):
    """One way back from enterprise WeChat: its state and its code are good once, on all machines.

    Kept for a day; both are known by their digests alone.
    """

    __tablename__ = "wecom_returns"
    __table_args__ = (UniqueConstraint("state_sha256"), UniqueConstraint("code_sha256"))

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    state_sha256: Mapped[str] = mapped_column(String(64))
    code_sha256: Mapped[str] = mapped_column(String(64))
    at: Mapped[datetime]
