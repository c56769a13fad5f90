"""How the group robots fare: last success and failure, backlog, allowance, messages a week."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import pairwise

from sqlalchemy import ColumnElement, case, func, select
from sqlalchemy.orm import Session, contains_eager, joinedload

from tracker.kernel.clock import at_local, local_date
from tracker.kernel.permissions import Actor
from tracker.notifications import claims, pacing
from tracker.notifications.models import (
    IS_BEGUN,
    IS_QUEUED,
    Channel,
    Delivery,
    Digest,
    Notification,
    RobotBudget,
)
from tracker.notifications.personal import FOR_GROUPS
from tracker.notifications.queries import used_tokens, visible
from tracker.notifications.rules import GROUPS, RESENDABLE, ChannelState, explain_answer
from tracker.organizations.models import Region

WEEKS = 4
A_WEEK = timedelta(days=7)


@dataclass(frozen=True)
class Backlog:
    """What waits for a group, and since when the oldest of it does."""

    count: int = 0
    oldest_at: datetime | None = None

    def and_also(self, count: int, oldest_at: datetime) -> "Backlog":
        """Return both together."""
        oldest = oldest_at if self.oldest_at is None else min(oldest_at, self.oldest_at)
        return Backlog(self.count + count, oldest)


@dataclass(frozen=True, kw_only=True)
class ChannelHealth:
    """How one group robot fares. `weeks`: messages the group took, the running week first;
    `unsettled`: messages of these weeks that failed, or of which nobody knows."""

    channel: Channel
    backlog: Backlog
    used: int
    allowance: int
    paused_until: datetime | None
    weeks: tuple[int, ...]
    unsettled: int

    @property
    def last_failure(self) -> str:
        """Return what the robot answered when it last did not take a message, and what to do."""
        return explain_answer(self.channel.last_errcode, self.channel.last_answer)

    @property
    def has_recovered(self) -> bool:
        """Return whether a message was taken after the last failure."""
        sent, failed = self.channel.last_sent_at, self.channel.last_failed_at
        return sent is not None and failed is not None and sent > failed


def channel_health(session: Session, actor: Actor, *, now: datetime) -> list[ChannelHealth]:
    """Return how the robots fare that the actor works with, or keeps; by region and kind."""
    query = (
        select(Channel)
        .join(Channel.region)
        .options(contains_eager(Channel.region), joinedload(Channel.unit))
        .where(visible(actor, Channel.region_id), Channel.kind.in_(GROUPS))
        .order_by(Region.sort_no, Channel.region_id, Channel.kind, Channel.id)
    )
    found = list(session.scalars(query))
    ids = [channel.id for channel in found]
    waiting = backlogs(session, {channel.region_id for channel in found}, now=now)
    used = used_tokens(session, now=now)
    allowance = pacing.pace_of(session).per_window
    paused = _paused(session, {channel.key_mark for channel in found}, now)
    weeks = _weeks(session, ids, monday_of(local_date(now)))
    return [
        ChannelHealth(
            channel=channel,
            backlog=waiting.get(channel.id, Backlog()),
            used=used.get(channel.key_mark, 0),
            allowance=allowance,
            paused_until=paused.get(channel.key_mark),
            weeks=weeks.get(channel.id, (0,) * (WEEKS + 1))[:WEEKS],
            unsettled=weeks.get(channel.id, (0,) * (WEEKS + 1))[WEEKS],
        )
        for channel in found
    ]


def monday_of(day: date) -> date:
    """Return the Monday of a day's week."""
    return day - timedelta(days=day.weekday())


def backlogs(session: Session, region_ids: Collection[int], *, now: datetime) -> dict[int, Backlog]:
    """Return what waits for each group of some regions: queued and due by now, or begun.

    What a broken robot would have been told counts as its own, unless another group hears it now.
    """
    found: dict[int, Backlog] = {}
    for channel_id, count, oldest_at in (
        *_queued(session, region_ids, now),
        *_begun(session, region_ids),
    ):
        found[channel_id] = found.get(channel_id, Backlog()).and_also(count, oldest_at)
    return found


def _queued(
    session: Session, region_ids: Collection[int], now: datetime
) -> Iterator[tuple[int, int, datetime]]:
    to_office = Notification.audience.in_(claims.IN_OFFICE)
    whom = (Notification.region_id, Notification.unit_id, to_office)
    rows = session.execute(
        select(*whom, func.count(), func.min(Notification.not_before))
        .where(IS_QUEUED, FOR_GROUPS, Notification.not_before <= now)
        .where(Notification.region_id.in_(region_ids))
        .group_by(*whom)
    ).all()
    if not rows:
        return
    ways = claims.routes(session)
    out_of_use = claims.routes(session, state=ChannelState.BROKEN)
    for region_id, unit_id, is_for_office, count, at in rows:
        for each in (ways, out_of_use):
            channel_id = each.of(
                region_id=region_id, unit_id=unit_id, is_for_office=bool(is_for_office)
            )
            if channel_id is not None:
                yield channel_id, count, at
                break


def _begun(session: Session, region_ids: Collection[int]) -> Iterator[tuple[int, int, datetime]]:
    rows = session.execute(
        select(Digest.channel_id, func.count(Notification.id), func.min(Digest.composed_at))
        .join(Notification, Notification.digest_id == Digest.id)
        .where(IS_BEGUN, Notification.region_id.in_(region_ids))
        .group_by(Digest.channel_id)
    )
    yield from ((channel_id, count, at) for channel_id, count, at in rows)


def _paused(
    session: Session, key_marks: Collection[str], now: datetime
) -> dict[str, datetime | None]:
    query = select(RobotBudget.key_mark, RobotBudget.paused_until).where(
        RobotBudget.key_mark.in_(key_marks), RobotBudget.paused_until > now
    )
    return {row.key_mark: row.paused_until for row in session.execute(query)}


def _weeks(
    session: Session, channel_ids: Collection[int], monday: date
) -> dict[int, tuple[int, ...]]:
    """Return by group how many messages it took in each week, the running one first, and last how
    many of them all are unsettled."""
    bounds = [at_local(monday - A_WEEK * back, 0) for back in range(-1, WEEKS)]
    taken = [
        (Delivery.sent_at >= begins) & (Delivery.sent_at < ends)
        for ends, begins in pairwise(bounds)
    ]
    unsettled = Delivery.state.in_(RESENDABLE) & Delivery.retry_at.is_(None)
    query = (
        select(Digest.channel_id, *(_count_of(which) for which in (*taken, unsettled)))
        .join(Delivery, Delivery.digest_id == Digest.id)
        .where(Digest.channel_id.in_(channel_ids), Digest.composed_at >= bounds[-1] - A_WEEK)
        .group_by(Digest.channel_id)
    )
    return {channel_id: tuple(counts) for channel_id, *counts in session.execute(query)}


def _count_of(which: ColumnElement[bool]) -> ColumnElement[int]:
    return func.sum(case((which, 1), else_=0))
