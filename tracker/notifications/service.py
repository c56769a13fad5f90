"""Channels and resending: what people do about sending."""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from tracker.audit.service import record
from tracker.kernel.crypto import Sealer
from tracker.kernel.db import born, touch
from tracker.kernel.errors import DomainError
from tracker.kernel.permissions import Actor
from tracker.notifications.addresses import RobotAddress, parse_address
from tracker.notifications.models import Channel, Delivery
from tracker.notifications.receipts import dissolve_open_digests, settle
from tracker.notifications.rules import (
    RESENDABLE,
    ChannelKind,
    ChannelState,
    MessageState,
    Reason,
)
from tracker.notifications.trial import send_test as send_test
from tracker.organizations.models import Unit


def add_channel(  # noqa: PLR0913 - one field of a form each
    session: Session,
    name: str,
    url: str,
    *,
    kind: ChannelKind,
    region_id: int,
    unit_id: int | None,
    base_url: str,
    allowed_hosts: Collection[str],
    sealer: Sealer,
    actor: Actor,
    now: datetime,
) -> Channel:
    """Add a group robot by its full address or its bare key. Raises DomainError."""
    _check_place(session, name, kind, region_id, unit_id)
    address = parse_address(url, base_url=base_url, allowed_hosts=allowed_hosts)
    channel = Channel(
        name=name,
        kind=kind,
        region_id=region_id,
        unit_id=unit_id,
        **born(actor=actor, now=now),
    )
    _keep_address(session, channel, address, sealer)
    session.add(channel)
    session.flush()  # the trail names its id
    _record(session, "channel_added", channel, actor=actor, now=now)
    return channel


def rotate(
    session: Session,
    channel: Channel,
    url: str,
    *,
    base_url: str,
    allowed_hosts: Collection[str],
    sealer: Sealer,
    actor: Actor,
    now: datetime,
) -> Channel:
    """Give a channel a new address; what it has sent stays, what it kept goes out."""
    address = parse_address(url, base_url=base_url, allowed_hosts=allowed_hosts)
    _keep_address(session, channel, address, sealer)
    channel.state, channel.state_reason = ChannelState.ACTIVE, None
    touch(channel, actor=actor, now=now)
    _record(session, "channel_rotated", channel, actor=actor, now=now)
    return channel


def disable(session: Session, channel: Channel, *, actor: Actor, now: datetime) -> Channel:
    """Take a channel out of use; what it has not sent waits for another."""
    channel.state, channel.state_reason = ChannelState.DISABLED, Reason.DISABLED.label
    touch(channel, actor=actor, now=now)
    dissolve_open_digests(session, channel.id)
    _record(session, "channel_disabled", channel, actor=actor, now=now)
    return channel


def resend(session: Session, part: Delivery, *, actor: Actor, now: datetime) -> Delivery:
    """Send a failed or uncertain message once more, with the same visible number.

    What is no longer wanted by then is left out. Raises DomainError when it cannot be resent.
    """
    if part.state not in RESENDABLE:
        raise DomainError("只有“发送失败”或“送达结果不明”的消息可以重发。请刷新页面查看最新状态。")
    if part.digest.refused_at is not None:
        raise DomainError("这种方式送不到本人，系统已改用其他方式。请核对人员的账号或邮箱。")
    if part.digest.channel.state is not ChannelState.ACTIVE:
        raise DomainError("这个群机器人或发送方式已失效或停用。请先更换地址，再重发。")
    part.state, part.retry_at, part.failures = MessageState.RETRY_AT, now, 0
    settle(part.digest, now=now)
    detail = {"number": part.digest.number, "part": part.part_no}
    record(
        session,
        "delivery_resent",
        actor=actor,
        now=now,
        object_type="delivery",
        object_id=part.id,
        detail=detail,
    )
    return part


def _check_place(
    session: Session, name: str, kind: ChannelKind, region_id: int, unit_id: int | None
) -> None:
    if (kind is ChannelKind.UNIT) != (unit_id is not None):
        raise DomainError("单位群要选定单位，其他群不选单位。请核对后再提交。")
    if unit_id is not None and session.get_one(Unit, unit_id).region_id != region_id:
        raise DomainError("所选单位不属于这个地区。请核对后再提交。")
    taken = select(Channel.id).where(Channel.region_id == region_id, Channel.name == name)
    if session.scalar(taken) is not None:
        raise DomainError(f"本地区已有名为“{name}”的群，请换一个名称。")


def _keep_address(
    session: Session, channel: Channel, address: RobotAddress, sealer: Sealer
) -> None:
    """Seal the address. Channels with the same key get the same mark: one budget for all."""
    channel.sealed_url = sealer.seal(address.url)
    channel.key_tail = address.tail
    marks = sealer.marks(address.key)
    known = session.scalars(select(Channel.key_mark).where(Channel.key_mark.in_(marks))).first()
    channel.key_mark = known or marks[0]


def _record(
    session: Session, action: str, channel: Channel, *, actor: Actor, now: datetime
) -> None:
    detail = {"name": channel.name, "kind": channel.kind.value, "key": f"****{channel.key_tail}"}
    record(
        session,
        action,
        actor=actor,
        now=now,
        object_type="channel",
        object_id=channel.id,
        detail=detail,
    )
