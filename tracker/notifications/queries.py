"""What people see of sending: deliveries newest first, what waits and why, the groups."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar

from sqlalchemy import ColumnElement, and_, func, or_, select
from sqlalchemy.orm import Session, contains_eager, joinedload

from tracker.kernel.errors import DomainError, NotVisibleError
from tracker.kernel.labels import LabelledEnum
from tracker.kernel.permissions import Actor, Role
from tracker.notifications.claims import regions_that_push, routed_channel
from tracker.notifications.models import (
    IS_QUEUED,
    Channel,
    Delivery,
    Digest,
    Notification,
    RobotAttempt,
)
from tracker.notifications.personal import IS_PERSONAL
from tracker.notifications.rules import (
    GROUPS,
    RESENDABLE,
    WAYS,
    Audience,
    MessageState,
    Pace,
    explain_answer,
)
from tracker.organizations.models import Region
from tracker.organizations.scope import administers, conducts

PER_PAGE = 50
TO_UNITS = (Audience.UNIT, Audience.LIAISONS)
MOST_TOLD = 500
Found = TypeVar("Found")


class Waiting(LabelledEnum):
    """Why a queued message has not been sent."""

    SWITCHED_OFF = "switched_off", "推送总开关未打开"
    NO_CHANNEL = "no_channel", "没有可用的群"
    ON_ITS_WAY = "on_its_way", "等待下一次发送"


@dataclass(frozen=True, kw_only=True)
class DeliveryLine:
    """One line of the list. `body` is None for whoever may not read business data."""

    id: int
    number: str
    mark: str
    channel: str
    person: str
    state: MessageState
    composed_at: datetime
    sent_at: datetime | None
    retry_at: datetime | None
    attempts: int
    errcode: int | None
    explanation: str
    body: str | None
    is_resendable: bool


def deliveries(
    session: Session,
    actor: Actor,
    *,
    before: int | None = None,
    states: Collection[MessageState] = (),
) -> list[DeliveryLine]:
    """Return a page of deliveries the actor may see, newest first; `before` is the last id seen."""
    query = (
        select(Delivery)
        .join(Delivery.digest)
        .join(Digest.channel)
        .outerjoin(Digest.person)
        .options(
            contains_eager(Delivery.digest).contains_eager(Digest.channel),
            contains_eager(Delivery.digest).contains_eager(Digest.person),
        )
        .where(visible(actor, Channel.region_id))
        .order_by(Delivery.id.desc())
        .limit(PER_PAGE)
    )
    if before is not None:
        query = query.where(Delivery.id < before)
    if states:
        query = query.where(Delivery.state.in_(states))
    reads = actor.role is not Role.SYS_ADMIN
    return [_line(part, reads=reads) for part in session.scalars(query)]


def _line(part: Delivery, *, reads: bool) -> DeliveryLine:
    is_split = part.part_count > 1
    person = part.digest.person
    is_robot = part.digest.channel.kind not in WAYS
    words = explain_answer(part.errcode, part.answer) if is_robot else part.answer
    return DeliveryLine(
        id=part.id,
        number=part.digest.number,
        mark=f"{part.part_no}/{part.part_count}" if is_split else "",
        channel=part.digest.channel.name,
        person=person.name if person and reads else "",
        state=part.state,
        composed_at=part.digest.composed_at,
        sent_at=part.sent_at,
        retry_at=part.retry_at,
        attempts=part.attempts,
        errcode=part.errcode,
        explanation=words or "",
        body=part.body if reads else None,
        is_resendable=part.state in RESENDABLE and part.digest.refused_at is None,
    )


def told_about(
    session: Session, objects: Mapping[str, int], *, to_unit_only: bool, limit: int = MOST_TOLD
) -> list[Notification]:
    """Return what was or will be said about objects (ids by type), newest first.

    `to_unit_only` leaves out what the office says to itself.
    """
    about = [
        and_(Notification.object_type == kind, Notification.object_id == object_id)
        for kind, object_id in objects.items()
    ]
    query = select(Notification).where(or_(*about))
    if to_unit_only:
        query = query.where(Notification.audience.in_(TO_UNITS))
    return list(session.scalars(query.order_by(Notification.id.desc()).limit(limit)))


def delivery_to_resend(session: Session, actor: Actor, delivery_id: int) -> Delivery:
    """Return a delivery of the actor's own office. Raises NotVisibleError."""
    query = (
        select(Delivery)
        .join(Delivery.digest)
        .join(Digest.channel)
        .where(Delivery.id == delivery_id, conducts(actor, region=Channel.region_id))
    )
    return _found(session.scalar(query))


def waiting(session: Session, actor: Actor) -> list[tuple[Waiting, int]]:
    """Return how many messages are queued, by the reason they have not been sent."""
    pushing = Notification.region_id.in_(regions_that_push(session))
    has_channel = or_(IS_PERSONAL, routed_channel().is_not(None))
    rows = session.execute(
        select(pushing.label("pushing"), has_channel.label("has_channel"), func.count())
        .where(IS_QUEUED, visible(actor, Notification.region_id))
        .group_by("pushing", "has_channel")
    )
    counts: dict[Waiting, int] = {}
    for is_pushing, is_routed, count in rows:
        reason = _reason(is_pushing=bool(is_pushing), is_routed=bool(is_routed))
        counts[reason] = counts.get(reason, 0) + count
    return [(reason, counts[reason]) for reason in Waiting if reason in counts]


def _reason(*, is_pushing: bool, is_routed: bool) -> Waiting:
    if not is_pushing:
        return Waiting.SWITCHED_OFF
    return Waiting.ON_ITS_WAY if is_routed else Waiting.NO_CHANNEL


def channels(session: Session, actor: Actor) -> list[Channel]:
    """Return the groups an administrator keeps, by region."""
    query = (
        select(Channel)
        .join(Channel.region)
        .options(contains_eager(Channel.region), joinedload(Channel.unit))
        .where(administers(actor, region=Channel.region_id), Channel.kind.in_(GROUPS))
        .order_by(Region.sort_no, Channel.region_id, Channel.kind, Channel.id)
    )
    return list(session.scalars(query))


def used_tokens(session: Session, *, now: datetime) -> dict[str, int]:
    """Return how many attempts each robot key has used of its rolling minute."""
    query = (
        select(RobotAttempt.key_mark, func.count().label("used"))
        .where(RobotAttempt.at > now - Pace().window)
        .group_by(RobotAttempt.key_mark)
    )
    return {row.key_mark: row.used for row in session.execute(query)}


def channel_to_keep(session: Session, actor: Actor, channel_id: int) -> Channel:
    """Return a group the actor keeps. Raises NotVisibleError."""
    query = select(Channel).where(
        Channel.id == channel_id,
        Channel.kind.in_(GROUPS),
        administers(actor, region=Channel.region_id),
    )
    return _found(session.scalar(query))


def channel_named(session: Session, reference: str) -> Channel:
    """Return the group NAME, or REGION/NAME where several regions have one. DomainError."""
    query = select(Channel).where(Channel.kind.in_(GROUPS)).join(Channel.region)
    by_name = query.options(contains_eager(Channel.region))
    found = list(session.scalars(by_name.where(Channel.name == reference)))
    if not found and "/" in reference:
        code, _, name = reference.partition("/")
        found = list(session.scalars(by_name.where(Channel.name == name, Region.code == code)))
    if len(found) == 1:
        return found[0]
    if not found:
        raise DomainError(f"没有名为“{reference}”的群机器人，请核对。")
    candidates = "、".join(f"{channel.region.code}/{channel.name}" for channel in found)
    raise DomainError(f"“{reference}”对应多个群，请写全：{candidates}。")


def administered_regions(session: Session, actor: Actor) -> list[Region]:
    """Return the regions whose groups an administrator keeps."""
    query = select(Region).where(administers(actor, region=Region.id))
    return list(session.scalars(query.order_by(Region.sort_no, Region.id)))


def visible(actor: Actor, region: Any) -> ColumnElement[bool]:
    """Return the condition of what is sent by an office the actor works in, or whose robots the
    actor keeps."""
    if actor.role is Role.SYS_ADMIN:
        return administers(actor, region=region)
    return conducts(actor, region=region)


def _found(row: Found | None) -> Found:
    if row is None:
        raise NotVisibleError
    return row
