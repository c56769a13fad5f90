"""Carry prepared digests: for each part take a token, mark it sending → COMMIT → send → receipt.

These commits are the steps themselves, which is why they stand here and not in the job.
"""

import secrets
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from tracker.kernel.clock import Clock
from tracker.kernel.crypto import Sealer
from tracker.kernel.db import Database
from tracker.kernel.errors import ConfigError
from tracker.kernel.logs import get_logger
from tracker.notifications import claims, limiter
from tracker.notifications.books import Start, Taken, Written, write_down
from tracker.notifications.channels import ChannelError, ChannelSender, Receipt
from tracker.notifications.channels.personal import Letter, PersonalSender
from tracker.notifications.composing import frozen_mentions
from tracker.notifications.freezing import FrozenPart
from tracker.notifications.models import Channel, Delivery
from tracker.notifications.preparing import Ready
from tracker.notifications.receipts import (
    ANSWERABLE,
    Circumstances,
    write_receipt,
)
from tracker.notifications.rules import (
    WAYS,
    ChannelKind,
    Failure,
    Pace,
    Reason,
)
from tracker.notifications.together import Together
from tracker.notifications.voices import Mention

log = get_logger(__name__)


@dataclass(frozen=True, kw_only=True)
class Attempt:
    """One message about to travel. The address is secret.

    `until` is by the database's clock, `begun_at` by this machine's own.
    """

    ready: Ready
    part: FrozenPart
    address: str | ChannelError
    mentions: tuple[Mention, ...]
    until: datetime
    begun_at: datetime

    @property
    def no(self) -> int:
        """Return which attempt of this part it is, from 1."""
        return self.part.attempts + 1

    def __repr__(self) -> str:
        return f"Attempt({self.part.delivery_id})"


@dataclass(kw_only=True)
class Postman:
    """What every worker of one pass has at hand. `turn` lets one writer at a time in on SQLite;
    in `books` the workers write their steps down, together."""

    database: Database
    sender: ChannelSender
    clock: Clock
    holder: str
    sealer: Sealer
    pace: Pace
    turn: AbstractContextManager[Any]
    ways: Mapping[ChannelKind, PersonalSender]
    books: Together[Start | Taken, Written] = field(init=False)

    def __post_init__(self) -> None:
        self.books = Together(self._write_down, self.turn)

    def carry(self, digests: list[Ready]) -> int:
        """Send digests of one robot key, one after the other; return how many parts were taken."""
        return sum(self._carry(ready) for ready in digests)

    def _carry(self, ready: Ready) -> int:
        """Send a digest's parts in order. One channel's fault stops no other."""
        sent, is_released = 0, False
        try:
            for part in ready.parts:
                attempt = self._begin(ready, part)
                if attempt is None:
                    break
                outcome = self._send(attempt)
                is_released = self._finish(attempt, outcome)
                sent += isinstance(outcome, Receipt)
                if not isinstance(outcome, Receipt) and outcome.kind is not Failure.REFUSED:
                    break  # the next part would overtake this one
        except Exception:
            log.exception("channel failed", channel=ready.channel_id)
        finally:
            if not is_released:
                self._release(ready)
        return sent

    def _release(self, ready: Ready) -> None:
        with self.turn, self.database.writing() as session:
            claims.release_channels(session, [ready.channel_id], holder=self.holder)
            session.commit()

    def _begin(self, ready: Ready, part: FrozenPart) -> Attempt | None:
        """Take a token and mark a part as sending; None when it cannot go now."""
        until = self.books.ask(Start(ready=ready, part=part)).until
        return None if until is None else self._attempt(ready, part, until)

    def _write_down(self, entries: Sequence[Start | Taken]) -> list[Written]:
        with self.database.engine.begin() as connection:
            now = self.clock.shared(connection)
            return write_down(connection, entries, holder=self.holder, pace=self.pace, now=now)

    def _attempt(self, ready: Ready, part: FrozenPart, until: datetime) -> Attempt:
        try:
            sealed = ready.sealed_url  # the inbox has no address
            address: str | ChannelError = self.sealer.open(sealed) if sealed else ""
        except ConfigError:
            address = ChannelError(Failure.BROKEN, Reason.CANNOT_OPEN.label)
        mentions = frozen_mentions(part.mentions)
        return Attempt(
            ready=ready,
            part=part,
            address=address,
            mentions=mentions,
            until=until,
            begun_at=self.clock.now(),
        )

    def _send(self, attempt: Attempt) -> Receipt | ChannelError:
        if isinstance(attempt.address, ChannelError):
            return attempt.address
        if self.clock.now() - attempt.begun_at >= self.pace.lease:
            # Frozen meanwhile: somebody else may have sent it.
            return ChannelError(Failure.UNCERTAIN, Reason.WORKER_DIED.label)
        try:
            if attempt.ready.kind in WAYS:
                return self._send_letter(attempt, attempt.address)
            return self.sender.send(attempt.address, attempt.part.body, attempt.mentions)
        except ChannelError as error:
            return error
        except Exception as error:
            kind = type(error).__name__  # its text might hold the address
            log.warning("sender failed", delivery=attempt.part.delivery_id, kind=kind)
            return ChannelError(Failure.UNCERTAIN, kind)

    def _send_letter(self, attempt: Attempt, address: str) -> Receipt:
        ready, part = attempt.ready, attempt.part
        if not ready.to:
            raise ChannelError(Failure.PERSONAL, Reason.NO_WAY.label)
        letter = Letter(ready.to, part.body, ready.number, part.part_no, part.part_count)
        return self.ways[ready.kind].send(address, letter)

    def _finish(self, attempt: Attempt, outcome: Receipt | ChannelError) -> bool:
        """Write the receipt; return whether the lease has been given back with it."""
        is_released = False
        if isinstance(outcome, Receipt) and attempt.part.part_count == 1:
            ready, part = attempt.ready, attempt.part
            taken = Taken(ready=ready, part=part, until=attempt.until, receipt=outcome)
            is_released = self.books.ask(taken).is_released
        else:
            self._record(attempt, outcome)
        log.info(
            "message answered",
            delivery=attempt.part.delivery_id,
            channel=attempt.ready.key_mark[:8],
            outcome="sent" if isinstance(outcome, Receipt) else outcome.kind.value,
            errcode=outcome.errcode,
        )
        return is_released

    def _record(self, attempt: Attempt, outcome: Receipt | ChannelError) -> None:
        with self.turn, self.database.writing() as session:
            now = self.clock.shared(session.connection())
            limiter.land(session.connection(), attempt.ready.key_mark, until=attempt.until, at=now)
            part = session.get_one(Delivery, attempt.part.delivery_id)
            if part.attempts == attempt.no and part.state in ANSWERABLE:
                channel = session.get_one(Channel, attempt.ready.channel_id)
                jitter = secrets.randbelow(1000) / 1000
                at = Circumstances(now=now, pace=self.pace, jitter=jitter)
                write_receipt(session, part, outcome, channel, at)
            session.commit()
