"""What follows from an answer: the receipt, the retry, the broken robot. One place."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from tracker.notifications import limiter
from tracker.notifications.channels import ChannelError, Receipt
from tracker.notifications.composing import is_unsent, put_back
from tracker.notifications.models import IS_BEGUN, Channel, Delivery, Digest
from tracker.notifications.rules import (
    SETTLED,
    UNCERTAIN_RESENDS,
    WAYS,
    ChannelKind,
    ChannelState,
    Failure,
    MessageState,
    Pace,
    Reason,
    explain,
    retry_delay,
)

ANSWERABLE = (MessageState.SENDING, MessageState.UNCERTAIN)  # the lease may have run out meanwhile


@dataclass(frozen=True, kw_only=True)
class Circumstances:
    """When an answer came, how fast robots may be used, and a number in [0, 1) to part ways."""

    now: datetime
    pace: Pace
    jitter: float


def write_receipt(
    session: Session,
    part: Delivery,
    outcome: Receipt | ChannelError,
    channel: Channel,
    at: Circumstances,
) -> None:
    """Write the far end's answer down, and what follows from it."""
    part.errcode, part.answer = outcome.errcode, outcome.answer[:400]
    if isinstance(outcome, ChannelError):
        mark_failed(session, channel.id, outcome, now=at.now)
    if isinstance(outcome, Receipt):
        part.state, part.sent_at, part.retry_at = MessageState.SENT, at.now, None
        mark_sent(session, channel.id, now=at.now)
    elif outcome.kind is Failure.BROKEN:
        put_out_of_use(session, channel, reason_of(outcome, channel.kind))
        part.state, part.retry_at = MessageState.QUEUED, None
        dissolve_open_digests(session, channel.id)
        return
    elif outcome.kind is Failure.PERSONAL:
        _look_for_another_way(part, now=at.now)
        return
    else:
        _fail(session, part, outcome.kind, channel, at)
    settle(part.digest, now=at.now)


def _fail(
    session: Session, part: Delivery, kind: Failure, channel: Channel, at: Circumstances
) -> None:
    if kind is Failure.PAUSED:
        until = at.now + at.pace.pause
        limiter.pause(session, channel.key_mark, until=until)
        part.state, part.retry_at = MessageState.RETRY_AT, until
    elif kind is Failure.UNCERTAIN:
        lose(part, now=at.now, pace=at.pace)
    else:
        part.failures += 1
        delay = retry_delay(kind, failures=part.failures, jitter=at.jitter)
        part.state = _given_up(part) if delay is None else MessageState.RETRY_AT
        part.retry_at = None if delay is None else at.now + delay


def _look_for_another_way(part: Delivery, *, now: datetime) -> None:
    """Put back what a person has not been told here: the next pass looks for another way."""
    digest = part.digest
    part.state, part.retry_at = MessageState.FAILED, None
    put_back([row for row in digest.notifications if row.part_no == part.part_no])
    for other in digest.deliveries:
        if is_unsent(other):
            put_back([row for row in digest.notifications if row.part_no == other.part_no])
            other.state, other.retry_at = MessageState.CANCELLED, None
            other.answer = Reason.NEXT_WAY.label
    digest.state, digest.retry_at, digest.refused_at = MessageState.FAILED, None, now


def _given_up(part: Delivery) -> MessageState:
    """A part that may have arrived earlier never becomes a plain failure."""
    return MessageState.UNCERTAIN if part.resends else MessageState.FAILED


def lose(part: Delivery, *, now: datetime, pace: Pace) -> None:
    """Note that a part may have arrived; it is sent once more at most, with the same number."""
    part.state = MessageState.UNCERTAIN
    part.answer = part.answer or Reason.NO_ANSWER.label
    again = part.resends < UNCERTAIN_RESENDS
    part.retry_at = now + pace.resend_after if again else None


def settle_abandoned(
    session: Session, channel_ids: Collection[int], *, now: datetime, pace: Pace
) -> int:
    """Note parts whose sender died between sending and the receipt; return how many."""
    parts = session.scalars(
        select(Delivery)
        .join(Delivery.digest)
        .where(Digest.channel_id.in_(channel_ids), IS_BEGUN, Delivery.state == MessageState.SENDING)
    ).all()
    for part in parts:
        part.answer = Reason.WORKER_DIED.label
        lose(part, now=now, pace=pace)
        settle(part.digest, now=now)
    return len(parts)


def settle(digest: Digest, *, now: datetime) -> None:
    """Let the digest and its notifications say what their parts say."""
    parts = {part.part_no: part for part in digest.deliveries}
    for row in digest.notifications:
        part = parts.get(row.part_no or 0)
        if part is not None and row.state is not MessageState.CANCELLED:
            row.state = MessageState.SENDING if part.state is MessageState.QUEUED else part.state
            row.settled_at = None if is_unsent(part) or part.state not in SETTLED else now
    unsent = [part for part in digest.deliveries if is_unsent(part)]
    if unsent:
        digest.state, digest.retry_at = MessageState.RETRY_AT, unsent[0].retry_at
    elif not any(part.state is MessageState.SENDING for part in digest.deliveries):
        digest.state, digest.retry_at = _worst(digest), None


def _worst(digest: Digest) -> MessageState:
    states = {part.state for part in digest.deliveries}
    order = (MessageState.FAILED, MessageState.UNCERTAIN, MessageState.SENT)
    return next((state for state in order if state in states), MessageState.CANCELLED)


def reason_of(error: ChannelError, kind: ChannelKind) -> str:
    """Return why a channel is out of use, and what to do, in Chinese."""
    if error.errcode is None or kind in WAYS:
        return error.answer
    return f"{explain(error.errcode)}。"


def put_out_of_use(session: Session, channel: Channel, reason: str) -> None:
    """Mark a robot broken. Its backlog waits for a new address, or goes to another group."""
    _set(session, channel.id, state=ChannelState.BROKEN, state_reason=reason)


def mark_sent(session: Session, channel_id: int, *, now: datetime) -> None:
    """Note when a robot last took a message; the version people edit by stays."""
    _set(session, channel_id, last_sent_at=now)


def mark_failed(session: Session, channel_id: int, error: ChannelError, *, now: datetime) -> None:
    """Note what a robot answered when it last did not take a message; it stays after a success."""
    words = error.answer[:400]
    _set(session, channel_id, last_failed_at=now, last_errcode=error.errcode, last_answer=words)


def _set(session: Session, channel_id: int, **values: object) -> None:
    session.execute(
        update(Channel)
        .where(Channel.id == channel_id)
        .values(**values)
        .execution_options(synchronize_session="fetch")
    )


def dissolve_open_digests(session: Session, channel_id: int) -> None:
    """Return everything a channel has not sent to the queue; nothing is dropped."""
    digests = session.scalars(select(Digest).where(Digest.channel_id == channel_id, IS_BEGUN))
    for digest in digests:
        _dissolve(digest)


def _dissolve(digest: Digest) -> None:
    for part in digest.deliveries:
        if part.state is MessageState.UNCERTAIN:
            part.retry_at = None
        elif is_unsent(part):
            put_back([row for row in digest.notifications if row.part_no == part.part_no])
            part.state, part.retry_at = MessageState.CANCELLED, None
            part.answer = part.answer or Reason.DISSOLVED.label
    digest.state, digest.retry_at = _worst(digest), None
