"""Deliver the outbox. Every step is restartable; no transaction is open while a message travels.

Lease a channel → claim what is due into a digest, ask the voices, freeze the parts → COMMIT → for
each part in order: take a token, mark it sending → COMMIT → send → write the receipt → COMMIT.
These commits are the steps themselves, which is why they stand here and not in the job.
"""

import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast

from sqlalchemy import CursorResult, select, update
from sqlalchemy.orm import Session

from tracker.kernel.clock import Clock
from tracker.kernel.crypto import Sealer
from tracker.kernel.db import Database
from tracker.kernel.errors import ConfigError
from tracker.kernel.links import Links
from tracker.kernel.logs import get_logger
from tracker.notifications import claims, limiter
from tracker.notifications.channels import ChannelError, ChannelSender, Receipt
from tracker.notifications.composing import (
    Desk,
    compose_batch,
    frozen_mentions,
    is_unsent,
    refresh,
)
from tracker.notifications.models import Channel, Delivery, Digest
from tracker.notifications.receipts import (
    Circumstances,
    settle,
    settle_abandoned,
    write_receipt,
)
from tracker.notifications.rules import (
    OPEN_STATES,
    Failure,
    MessageState,
    Pace,
    Reason,
)
from tracker.notifications.voices import Mention, Voice

log = get_logger(__name__)
ANSWERABLE = (MessageState.SENDING, MessageState.UNCERTAIN)  # the lease may have run out meanwhile


def deliver(
    database: Database,
    voices: Iterable[Voice],
    *,
    channel_sender: ChannelSender,
    now_source: Clock,
    worker: str,
    links: Links,
    sealer: Sealer,
) -> int:
    """Send all that may be sent now; return how many messages the far end has taken.

    Never waits: a robot without a free token is left with the instant to come back at.
    """
    postman = _Postman(
        database=database,
        voices={voice.object_type: voice for voice in voices},
        sender=channel_sender,
        clock=now_source,
        holder=f"{worker}#{secrets.token_hex(4)}",
        links=links,
        sealer=sealer,
    )
    return sum(postman.serve(channel_id) for channel_id in postman.channels())


def recover(session: Session, *, now: datetime) -> int:
    """Take back the leases of senders that died; return how many channels. The job commits."""
    pace = limiter.pace_of(session)
    channel_ids = session.scalars(claims.expired_leases(now=now)).all()
    for channel_id in channel_ids:
        settle_abandoned(session, channel_id, now=now, pace=pace)
        claims.break_lease(session, channel_id, now=now)
    return len(channel_ids)


@dataclass(frozen=True)
class _Attempt:
    """One message about to travel. The address is secret."""

    delivery_id: int
    no: int
    key_mark: str
    address: str | ChannelError
    body: str
    mentions: tuple[Mention, ...]
    until: datetime

    def __repr__(self) -> str:
        return f"_Attempt({self.delivery_id})"


@dataclass(frozen=True, kw_only=True)
class _Postman:
    """One process at work on one pass."""

    database: Database
    voices: dict[str, Voice]
    sender: ChannelSender
    clock: Clock
    holder: str
    links: Links
    sealer: Sealer

    def channels(self) -> list[int]:
        with self.database.reading() as session:
            return claims.channels_with_work(
                session,
                regions=claims.regions_that_push(session),
                object_types=list(self.voices),
                now=self.clock.now(),
            )

    def serve(self, channel_id: int) -> int:
        """Do a channel's work under its lease. One channel's fault stops no other."""
        now = self.clock.now()
        with self.database.writing() as session:
            pace = limiter.pace_of(session)
            until = now + pace.lease
            if not claims.claim_channel(
                session, channel_id, holder=self.holder, now=now, until=until
            ):
                return 0
            session.commit()
        try:
            return self._work(channel_id, pace)
        except Exception:
            log.exception("channel failed", channel=channel_id)
            return 0
        finally:
            self._release(channel_id)

    def _release(self, channel_id: int) -> None:
        with self.database.writing() as session:
            claims.release_channel(session, channel_id, holder=self.holder)
            session.commit()

    def _work(self, channel_id: int, pace: Pace) -> int:
        sent = 0
        while (digest_id := self._next_digest(channel_id, pace)) is not None:
            while (attempt := self._begin(channel_id, digest_id, pace)) is not None:
                outcome = self._send(attempt)
                self._finish(channel_id, attempt, outcome, pace)
                sent += isinstance(outcome, Receipt)
        return sent

    def _next_digest(self, channel_id: int, pace: Pace) -> int | None:
        """Return the digest to go on with, or a new one; None when the channel has to wait."""
        now = self.clock.now()
        with self.database.writing() as session:
            regions = claims.regions_that_push(session)
            channel = session.get_one(Channel, channel_id)
            desk = Desk(voices=self.voices, links=self.links, now=now)
            settle_abandoned(session, channel_id, now=now, pace=pace)
            if limiter.next_token_at(session, channel.key_mark, pace=pace, now=now) > now:
                digest = None
            elif (begun := _begun(session, channel_id)) is not None:
                digest = self._resumed(session, begun, channel, desk, regions)
            else:
                digest = compose_batch(session, channel, desk, regions=regions, holder=self.holder)
            session.commit()
            return None if digest is None else digest.id

    def _resumed(
        self, session: Session, digest: Digest, channel: Channel, desk: Desk, regions: list[int]
    ) -> Digest | None:
        """Go on with a digest once it is due; until then nothing overtakes it in its group."""
        due = claims.open_digest(regions=regions, now=desk.now)
        if session.scalar(select(Digest.id).where(Digest.id == digest.id, due)) is None:
            return None
        refresh(session, channel, digest, desk)
        settle(digest, now=desk.now)
        return digest

    def _begin(self, channel_id: int, digest_id: int, pace: Pace) -> _Attempt | None:
        """Take a token and mark the next part as sending; None when there is none to send now."""
        now = self.clock.now()
        until = now + pace.lease
        with self.database.writing() as session:
            ours = claims.keep_channel(session, channel_id, holder=self.holder, until=until)
            digest = session.get_one(Digest, digest_id)
            part = next((part for part in digest.deliveries if is_unsent(part)), None)
            if not ours or part is None or (part.retry_at is not None and part.retry_at > now):
                return None
            channel = session.get_one(Channel, channel_id)
            wait = limiter.take_token(session, channel.key_mark, pace=pace, now=now)
            if wait is not None:
                digest.state, digest.retry_at = MessageState.RETRY_AT, wait
            elif not _mark_sending(session, part, now=now):
                return None
            session.commit()
            return None if wait else self._attempt(part, channel, until)

    def _attempt(self, part: Delivery, channel: Channel, until: datetime) -> _Attempt:
        try:
            address: str | ChannelError = self.sealer.open(channel.sealed_url)
        except ConfigError:
            address = ChannelError(Failure.BROKEN, Reason.CANNOT_OPEN.label)
        mentions = frozen_mentions(part)
        no = part.attempts + 1
        return _Attempt(part.id, no, channel.key_mark, address, part.body, mentions, until)

    def _send(self, attempt: _Attempt) -> Receipt | ChannelError:
        if isinstance(attempt.address, ChannelError):
            return attempt.address
        if self.clock.now() >= attempt.until:  # frozen meanwhile: somebody else may have sent it
            return ChannelError(Failure.UNCERTAIN, Reason.WORKER_DIED.label)
        try:
            return self.sender.send(attempt.address, attempt.body, attempt.mentions)
        except ChannelError as error:
            return error
        except Exception as error:
            kind = type(error).__name__  # its text might hold the address
            log.warning("sender failed", delivery=attempt.delivery_id, kind=kind)
            return ChannelError(Failure.UNCERTAIN, kind)

    def _finish(
        self, channel_id: int, attempt: _Attempt, outcome: Receipt | ChannelError, pace: Pace
    ) -> None:
        at = Circumstances(now=self.clock.now(), pace=pace, jitter=secrets.randbelow(1000) / 1000)
        with self.database.writing() as session:
            part = session.get_one(Delivery, attempt.delivery_id)
            if part.attempts == attempt.no and part.state in ANSWERABLE:
                channel = session.get_one(Channel, channel_id)
                write_receipt(session, part, outcome, channel, at)
            session.commit()
        log.info(
            "message answered",
            delivery=attempt.delivery_id,
            channel=attempt.key_mark[:8],
            outcome="sent" if isinstance(outcome, Receipt) else outcome.kind.value,
            errcode=outcome.errcode,
        )


def _begun(session: Session, channel_id: int) -> Digest | None:
    return session.scalar(
        select(Digest)
        .where(Digest.channel_id == channel_id, Digest.state.in_(OPEN_STATES))
        .order_by(Digest.id)
        .limit(1)
    )


def _mark_sending(session: Session, part: Delivery, *, now: datetime) -> bool:
    """Mark a part as sending unless somebody else just did; a repeat of a lost one is counted."""
    resends = part.resends + (part.state is MessageState.UNCERTAIN)
    marked = session.execute(
        update(Delivery)
        .where(
            Delivery.id == part.id,
            Delivery.state == part.state,
            Delivery.attempts == part.attempts,
        )
        .values(
            state=MessageState.SENDING,
            attempts=part.attempts + 1,
            resends=resends,
            attempted_at=now,
        )
        .execution_options(synchronize_session=False)
    )
    return cast("CursorResult[Any]", marked).rowcount == 1
