"""Ways to single persons, as the office's lead keeps them: one of each kind in a region."""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from tracker.audit.service import record
from tracker.kernel.crypto import Sealer
from tracker.kernel.db import born, touch
from tracker.kernel.errors import ConfigError, DomainError, NotVisibleError
from tracker.kernel.permissions import Actor
from tracker.notifications.accounts import Account, AppAccount, read_app, read_mail, sealable
from tracker.notifications.models import Channel
from tracker.notifications.receipts import dissolve_open_digests
from tracker.notifications.rules import WAYS, ChannelKind, ChannelState, Reason
from tracker.organizations.scope import ensure_conducts


def ways_of(session: Session, region_id: int) -> list[Channel]:
    """Return a region's ways to persons, in the order they are tried."""
    query = select(Channel).where(Channel.region_id == region_id, Channel.kind.in_(WAYS))
    found = session.scalars(query.order_by(Channel.id))
    return sorted(found, key=lambda way: (WAYS.index(way.kind), way.id))


def get_way(session: Session, way_id: int, *, actor: Actor) -> Channel:
    """Return a way of the actor's own region. NotVisibleError for any other."""
    way = session.get(Channel, way_id)
    if way is None or way.kind not in WAYS:
        raise NotVisibleError
    ensure_conducts(actor, way.region_id)
    return way


def add_way(
    session: Session,
    region_id: int,
    name: str,
    account: Account | None,
    *,
    kind: ChannelKind,
    sealer: Sealer,
    actor: Actor,
    now: datetime,
) -> Channel:
    """Add an application, a mail server, or the inbox (no account). Raises DomainError."""
    ensure_conducts(actor, region_id)
    if any(way.kind is kind for way in ways_of(session, region_id)):
        raise DomainError(f"本地区已有“{kind.label}”，每种方式只设一个。请修改已有的。")
    taken = select(Channel.id).where(Channel.region_id == region_id, Channel.name == name)
    if session.scalar(taken) is not None:
        raise DomainError(f"本地区已有名为“{name}”的群或发送方式，请换一个名称。")
    way = Channel(
        region_id=region_id,
        kind=kind,
        name=name,
        sealed_url="",
        key_mark=f"inbox {region_id}",
        key_tail="",
        state=ChannelState.ACTIVE,
        **born(actor=actor, now=now),
    )
    _keep(way, account, sealer)
    session.add(way)
    session.flush()  # the trail names its id
    _record(session, "channel_added", way, actor=actor, now=now)
    return way


def alter_way(
    session: Session,
    way: Channel,
    name: str,
    account: Account | None,
    *,
    sealer: Sealer,
    actor: Actor,
    now: datetime,
) -> Channel:
    """Change a way, and put it into use again."""
    taken = select(Channel.id).where(
        Channel.region_id == way.region_id, Channel.name == name, Channel.id != way.id
    )
    if session.scalar(taken) is not None:
        raise DomainError(f"本地区已有名为“{name}”的群或发送方式，请换一个名称。")
    way.name = name
    _keep(way, account, sealer)
    way.state, way.state_reason = ChannelState.ACTIVE, None
    touch(way, actor=actor, now=now)
    _record(session, "channel_rotated", way, actor=actor, now=now)
    return way


def disable_way(session: Session, way: Channel, *, actor: Actor, now: datetime) -> None:
    """Take a way out of use: what it has not sent goes by the next one."""
    way.state, way.state_reason = ChannelState.DISABLED, Reason.DISABLED.label
    touch(way, actor=actor, now=now)
    dissolve_open_digests(session, way.id)
    _record(session, "channel_disabled", way, actor=actor, now=now)


def account_of(way: Channel, sealer: Sealer) -> Account | None:
    """Return what was sealed of a way; None where there is nothing, or nobody can open it now."""
    try:
        text = sealer.open(way.sealed_url) if way.sealed_url else ""
    except ConfigError:
        return None
    if not text:
        return None
    return read_app(text) if way.kind is ChannelKind.APP else read_mail(text)


def applications_of(session: Session, region_ids: Collection[int]) -> list[Channel]:
    """Return the applications of enterprise WeChat of regions."""
    query = select(Channel).where(
        Channel.region_id.in_(region_ids), Channel.kind == ChannelKind.APP
    )
    return list(session.scalars(query.order_by(Channel.id)))


def application(session: Session, way_id: int, sealer: Sealer) -> AppAccount | None:
    """Return the account of an application; None where it is out of use or cannot be opened."""
    way = session.get(Channel, way_id)
    if way is None or way.kind is not ChannelKind.APP or way.state is ChannelState.DISABLED:
        return None
    account = account_of(way, sealer)
    return account if isinstance(account, AppAccount) else None


def _keep(way: Channel, account: Account | None, sealer: Sealer) -> None:
    if account is not None:
        way.sealed_url = sealer.seal(sealable(account))
        way.key_mark = sealer.marks(account.mark)[0]
        way.key_tail = account.tail


def _record(session: Session, action: str, way: Channel, *, actor: Actor, now: datetime) -> None:
    detail = {"name": way.name, "kind": way.kind.value, "key": f"****{way.key_tail}"}
    record(
        session,
        action,
        actor=actor,
        now=now,
        object_type="channel",
        object_id=way.id,
        detail=detail,
    )
